/// The statements that take a staged batch into the target table, made once per job.
///
/// `ils_stage` holds the batch: `n` is a record's number within it, `c0`, `c1` ... its fields as text, null where absent.
/// A record is done once `outcome` says what became of it. Statements run in rounds, since a record may have the key of an
/// earlier one of the same batch: in each round only records without such a forerunner are inserted.
struct BatchSQL {
  let table: TargetTable
  let onDuplicate: OnDuplicate
  let parksOrphans: Bool
  let job: Job
  private let schema: LoadSchema
  private let target: String

  init(_ table: TargetTable, _ options: JobOptions, _ job: Job) {
    self.table = table
    onDuplicate = options.onDuplicate
    parksOrphans = options.parksOrphans
    self.job = job
    schema = table.schema
    target = schema.table.quotedIdentifier
  }

  /// Staging columns: mapped fields first, then the fields that name other rows.
  var stagedFields: [String] { schema.stagedFields }

  private func staged(_ field: LoadSchema.Field) -> String { "s." + column(field.name) }

  private func column(_ field: String) -> String { "c\(stagedFields.firstIndex(of: field) ?? 0)" }

  private func reference(_ index: Int) -> String { "s.c\(stagedFields.count - schema.references.count + index)" }

  /// What every connection of a loader needs.
  func setup(_ options: JobOptions) -> Session.Setup {
    var setup = Session.Setup()
    setup.lock = job.loaderLock
    // A batch is small beside the table: keys are to be looked up by index, wherever there is one.
    let settings = "SET enable_seqscan = off; SET random_page_cost = 1.1; SET jit = off"
    setup.connection = [
      BeforeImage.settings, "SET lock_timeout = \(Int(options.lockTimeout * 1000)); \(settings)", createStage,
    ]
    if job.isShared { setup.connection.append(AdvisoryLock.presence(job.id).share) }
    if options.disablesTriggers {
      setup.begin = "ALTER TABLE \(target) DISABLE TRIGGER USER"
      setup.end = "ALTER TABLE \(target) ENABLE TRIGGER USER;"
    }
    return setup
  }

  /// Made once per session. Unlogged by nature, emptied by each commit.
  private var createStage: String {
    let texts = stagedFields.indices.map { "c\($0) text" }
    let references = schema.references.indices.map { "r\($0) text, " }.joined()
    return """
      CREATE TEMPORARY TABLE IF NOT EXISTS ils_stage (n integer NOT NULL, record bigint, source_row bigint, source_file text,
        \(texts.joined(separator: ", ")),
        \(references)
        target \(table.type(schema.id)), outcome text, code text, field text, matched text, changed text
      ) ON COMMIT DELETE ROWS
      """
  }

  var copyStage: String {
    "COPY ils_stage (n, record, source_row, source_file, \(stagedFields.indices.map { "c\($0)" }.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
  }

  /// Waits for the job's lock: loaders of the same job must see each other's rows.
  var turn: String { AdvisoryLock.turn(job.id).holdInTransaction }

  /// What comes first.
  var begin: [String] { (job.isShared ? [turn] : []) + resolveReferences }

  // MARK: - References

  /// Finds the rows that records point at, by the first key that finds one; more than one is ambiguous, none an orphan.
  private var resolveReferences: [String] {
    schema.references.enumerated().flatMap { index, reference in
      let other = reference.table.quotedIdentifier
      let id = "o.\(reference.id.quotedIdentifier)"
      let steps = reference.by.compactMap(\.first).map { key in
        let column = "o.\(key.column.quotedIdentifier)"
        let value = self.reference(index)
        let condition = key.foldsCase ? "lower(\(column)) = lower(\(value))" : "\(column) = \(value)"
        return """
          WITH found AS (
            SELECT s.n, min(\(id)::text) AS id, count(*) AS hits
            FROM ils_stage s JOIN \(other) o ON \(condition)
            WHERE s.r\(index) IS NULL AND s.outcome IS NULL GROUP BY s.n)
          UPDATE ils_stage s SET r\(index) = CASE WHEN f.hits = 1 THEN f.id END,
            outcome = CASE WHEN f.hits > 1 THEN 'refused' END,
            code = CASE WHEN f.hits > 1 THEN 'reference.ambiguous' END, field = \(reference.field.quotedLiteral)
          FROM found f WHERE f.n = s.n
          """
      }
      let orphans = """
        UPDATE ils_stage s SET outcome = \(parksOrphans ? "'parked'" : "'refused'"), code = \(reference.missing.quotedLiteral),
          field = \(reference.field.quotedLiteral)
        WHERE s.r\(index) IS NULL AND s.outcome IS NULL
        """
      return steps + [orphans]
    }
  }

  // MARK: - Identity

  private func match(_ key: [LoadSchema.Field], _ alias: String) -> String {
    key.map { field in
      let column = "\(alias).\(field.column.quotedIdentifier)"
      let value = staged(field)
      return field.foldsCase
        ? "lower(\(column)) = lower(\(value))" : "\(column) = \(table.cast(value, to: field.column))"
    }.joined(separator: " AND ")
  }

  /// Finds the rows that the identity keys of each open record stand for, and settles all records that found any, but for
  /// those that update theirs.
  ///
  /// The first key that finds a row decides. More than one row, or another one by a later key, is ambiguous; so is, as a
  /// conflict, a row whose first key has another value than the record's.
  private var resolveIdentity: [String] {
    guard !schema.identity.isEmpty else { return [] }
    let keys = schema.identity.enumerated().map { index, key in
      """
      k\(index) AS (
        SELECT s.n, array_agg(t.\(id)) AS ids FROM ils_stage s JOIN \(target) t ON \(match(key, "t"))
        WHERE s.outcome IS NULL GROUP BY s.n)
      """
    }
    let places = schema.identity.indices
    let first = "(coalesce(\(places.map { "k\($0).ids" }.joined(separator: ", "))))"
    let others = places.map { " OR NOT \(first)[1] = ANY (k\($0).ids)" }.joined()
    let by = places.map { "WHEN k\($0).ids IS NOT NULL THEN \(name(schema.identity[$0]).quotedLiteral)" }
    let joins = places.map { " LEFT JOIN k\($0) ON k\($0).n = x.n" }.joined()
    let (outcome, code) =
      switch onDuplicate {
      case .fail: ("'refused'", "'duplicate'")
      case .skip: ("'skipped'", "NULL")
      case .update: ("NULL", "NULL")
      }
    let test = conflict.test
    return [
      """
      WITH \(keys.joined(separator: ", ")), found AS (
        SELECT x.n, \(first)[1] AS row_id, CASE \(by.joined(separator: " ")) END AS key,
          coalesce(cardinality(\(first)) > 1\(others), false) AS ambiguous
        FROM ils_stage x\(joins) WHERE x.outcome IS NULL AND \(first) IS NOT NULL)
      UPDATE ils_stage s SET target = f.row_id, matched = f.key,
        field = CASE WHEN NOT ambiguous AND \(test) THEN \(conflict.field) ELSE f.key END,
        outcome = CASE WHEN ambiguous OR \(test) THEN 'refused' ELSE \(outcome) END,
        code = CASE WHEN ambiguous THEN 'identity.ambiguous' WHEN \(test) THEN 'identity.conflict' ELSE \(code) END
      FROM found f JOIN \(target) t ON t.\(id) = f.row_id WHERE s.n = f.n
      """
    ]
  }

  private var id: String { schema.id.quotedIdentifier }

  private func name(_ key: [LoadSchema.Field]) -> String { key.map(\.name).joined(separator: "+") }

  /// SQL that holds where a row that a later key found has another value of the first key.
  private var conflict: (test: String, field: String) {
    guard schema.identity.count > 1, let key = schema.identity.first, key.count == 1, let field = key.first else {
      return ("false", "NULL")
    }
    let column = "t.\(field.column.quotedIdentifier)"
    let test = "(f.key <> \(field.name.quotedLiteral) AND \(staged(field)) IS NOT NULL AND \(column) IS NOT NULL)"
    return (test, field.name.quotedLiteral)
  }

  // MARK: - Rows that are there already

  /// One round: what is known is settled, and of what is new the first of each kind is inserted.
  var round: String {
    let matched = onDuplicate == .update ? updateMatched : []
    return (resolveIdentity + matched + insertNew).joined(separator: ";\n")
  }

  private var changes: [(field: String, column: String, value: String)] {
    let fields = schema.fields.map { field in
      (field.name, field.column.quotedIdentifier, table.cast(staged(field), to: field.column))
    }
    let references = schema.references.enumerated().map { index, reference in
      (reference.field, reference.column.quotedIdentifier, "s.r\(index)::\(table.type(reference.column))")
    }
    let derived = schema.derived.map { derived in
      let parts = derived.parts.map { "s." + column($0) }.joined(separator: ", ")
      let text = "NULLIF(concat_ws(\(derived.separator.quotedLiteral), \(parts)), '')"
      return (
        derived.parts.joined(separator: "+"), derived.column.quotedIdentifier, table.cast(text, to: derived.column)
      )
    }
    return (fields + derived + references).map { (field: $0.0, column: $0.1, value: $0.2) }
  }

  /// One record a row and round: the first. Fields that a record does not have stay as they are.
  private var updateMatched: [String] {
    let id = "t.\(id)"
    let image = BeforeImage(table)
    let differs = changes.map {
      "CASE WHEN \(image.differs($0.value, $0.column)) THEN \($0.field.quotedLiteral) END"
    }
    let touch = table.columns["updated_at"] == nil ? "" : ", updated_at = now()"
    return [
      // From here on nobody else changes the rows: what is read of them is what will be overwritten.
      """
      WITH held AS (
        SELECT 1 FROM \(target) t WHERE \(id) IN (SELECT target FROM ils_stage WHERE outcome IS NULL)
        ORDER BY \(id) FOR NO KEY UPDATE OF t)
      SELECT count(*) FROM held
      """,
      """
      UPDATE ils_stage s SET changed = concat_ws(',', \(differs.joined(separator: ", "))), outcome = 'updated'
      FROM \(target) t, (
        SELECT min(n) AS n FROM ils_stage WHERE outcome IS NULL AND target IS NOT NULL GROUP BY target) first
      WHERE s.n = first.n AND \(id) = s.target
      """,
      "UPDATE ils_stage s SET outcome = 'skipped' WHERE s.outcome = 'updated' AND s.changed = ''",
      """
      INSERT INTO ils.before_images (job_id, row_id, turn, before, xid)
      SELECT \(job.id.quotedLiteral), \(id)::text,
        (SELECT count(*) FROM ils.before_images i WHERE i.job_id = \(job.id.quotedLiteral) AND i.row_id = \(id)::text),
        \(image.sql(changes.map { ($0.value, $0.column) })), t.xmin::text::bigint
      FROM ils_stage s JOIN \(target) t ON \(id) = s.target
      WHERE s.outcome = 'updated' AND s.code IS NULL
        AND NOT coalesce(\(schema.isInserted(by: job.id, "t")) AND \(BeforeImage.isOwn("t", job.id)), false)
      """,
      """
      UPDATE \(target) t SET \(changes.map { "\($0.column) = coalesce(\($0.value), t.\($0.column))" }.joined(separator: ", "))\(touch)
      FROM ils_stage s WHERE s.outcome = 'updated' AND s.code IS NULL AND \(id) = s.target
      """,
      "UPDATE ils_stage s SET code = 'done' WHERE s.outcome = 'updated' AND s.code IS NULL",
    ]
  }

  /// The ids of this transaction's subtransactions that rows of the batch carry: triggers of the table may have written
  /// them again under one; nil where it has none.
  func ownSubxids(_ options: JobOptions) -> String? {
    guard table.hasAfterTriggers, !options.disablesTriggers else { return nil }
    return BeforeImage.ownSubxids(
      """
      SELECT t.xmin FROM \(target) t WHERE \(schema.isInserted(by: job.id, "t"))
      UNION ALL
      SELECT t.xmin FROM ils_stage s JOIN \(target) t ON t.\(id) = s.target WHERE s.outcome = 'updated'
      """)
  }

  // MARK: - New rows

  /// Inserts the open records that no earlier open record of the batch shares a key with.
  private var insertNew: [String] {
    let forerunners = schema.identity.map { key -> String in
      let values = key.map { field -> String in
        // As the column's value, not as its text: a date may be written in several ways.
        let value = column(field.name)
        return field.foldsCase ? "lower(\(value))" : table.cast(value, to: field.column)
      }
      let present = key.map { "\(column($0.name)) IS NOT NULL" }.joined(separator: " AND ")
      return "CASE WHEN \(present) THEN min(n) OVER (PARTITION BY \(values.joined(separator: ", "))) END"
    }
    let first = forerunners.isEmpty ? "n" : "least(\(forerunners.joined(separator: ", ")), n)"
    let constants = schema.constants.map { (column: $0.column, value: $0.value.quotedLiteral) }
    let marks = constants + (schema.jobColumn.map { [(column: $0, value: job.id.quotedLiteral)] } ?? [])
    let columns = changes.map(\.column) + marks.map(\.column.quotedIdentifier)
    let values = zip(changes, changes.map(\.column)).map { change, column in
      let name = schema.fields.first { $0.name == change.field }?.column
      return name.flatMap { table.columns[$0]?.defaultValue }.map { "coalesce(\(change.value), \($0))" } ?? change.value
    }
    return [
      """
      UPDATE ils_stage s SET outcome = 'inserting'
      FROM (SELECT n, \(first) AS forerunner FROM ils_stage WHERE outcome IS NULL) f
      WHERE s.n = f.n AND f.forerunner = s.n AND s.target IS NULL
      """,
      """
      \(listed.start)INSERT INTO \(target) (\(columns.joined(separator: ", ")))
      SELECT \((values + marks.map(\.value)).joined(separator: ", "))
      FROM ils_stage s WHERE s.outcome = 'inserting' ORDER BY s.n\(listed.end)
      """,
      "UPDATE ils_stage s SET outcome = 'inserted' WHERE s.outcome = 'inserting'",
    ]
  }

  /// Around an INSERT: lists the rows of a table that has no column for the job.
  private var listed: (start: String, end: String) {
    if schema.jobColumn != nil { return ("", "") }
    return (
      "WITH made AS (",
      """
       RETURNING \(id))
      INSERT INTO ils.inserted (job_id, row_id) SELECT \(job.id.quotedLiteral), \(id)::text FROM made
      """
    )
  }

  /// Keeps why records were refused; never a value.
  var keepErrors: String {
    let messages = Refusal.messages.map { "WHEN \($0.key.quotedLiteral) THEN \($0.value.quotedLiteral)" }.sorted()
    return """
      INSERT INTO ils.job_errors (job_id, part, record, source_row, source_file, code, field, message)
      SELECT \(job.id.quotedLiteral), \(job.part.quotedLiteral), record, source_row, source_file, code, field,
        CASE code \(messages.joined(separator: " ")) ELSE \(Refusal.message("").quotedLiteral) END
      FROM ils_stage WHERE outcome = 'refused'
      """
  }

  /// Forgets the parked records that are parked no more.
  var unpark: String {
    """
    DELETE FROM ils.parked p USING ils_stage s
    WHERE p.job_id = \(job.id.quotedLiteral) AND p.part = \(job.part.quotedLiteral) AND p.record = s.record
      AND s.outcome <> 'parked'
    """
  }

  /// What a person must see, in the input's order.
  static let outcomes = """
    SELECT n, outcome, code, field, matched, changed FROM ils_stage WHERE outcome <> 'inserted' ORDER BY n
    """

  static let counts = """
    SELECT count(*) FILTER (WHERE outcome = 'inserted') AS inserted,
      count(*) FILTER (WHERE outcome = 'updated') AS updated, count(*) FILTER (WHERE outcome = 'skipped') AS skipped,
      count(*) FILTER (WHERE outcome = 'refused') AS refused, count(*) FILTER (WHERE outcome = 'parked') AS parked,
      count(*) FILTER (WHERE outcome IS NULL) AS open
    FROM ils_stage
    """
}

/// Why the database side refuses a record, for people.
enum Refusal {
  static let messages: [String: String] = [
    "duplicate":
      "its row is there already: skip such records with --skip-duplicates, or update them with --update-existing",
    "identity.ambiguous": "its identity keys find more than one row: mend the keys, nothing is guessed",
    "identity.conflict": "a row with another value of this key has its other keys: say which of the two is right",
    "reference.ambiguous": "it finds more than one row: name one that is unique",
  ]

  static func message(_ code: String) -> String {
    messages[code] ?? "what it points at is not in the database: load that first"
  }
}
