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
  private let references: ReferenceSQL
  private let keptInserted: KeptKeys?
  private let keptUpdated: KeptKeys?

  init(_ table: TargetTable, _ options: JobOptions, _ job: Job) {
    self.table = table
    onDuplicate = options.onDuplicate
    parksOrphans = options.parksOrphans
    self.job = job
    schema = table.schema
    target = schema.table.quotedIdentifier
    keptInserted = KeptKeys(table, options)
    keptUpdated = KeptKeys(table, options, updated: true)
    references = ReferenceSQL(table, source: options.source, parksOrphans: options.parksOrphans)
  }

  private var id: String { schema.id.quotedIdentifier }

  /// Staging columns: fields with a column first; those that name other rows, and what a person decided, last.
  var stagedFields: [String] { schema.stagedFields }

  private func staged(_ field: LoadSchema.Field) -> String { "s." + column(field.name) }

  private func column(_ field: String) -> String { "c\(stagedFields.firstIndex(of: field) ?? 0)" }

  /// What every connection of a loader needs.
  func setup(_ options: JobOptions) -> Session.Setup {
    var setup = Session.Setup()
    setup.lock = job.loaderLock
    // A batch is small beside the table: keys are to be looked up by index, wherever there is one.
    let settings = "SET enable_seqscan = off; SET random_page_cost = 1.1; SET jit = off"
    setup.connection = [
      BeforeImage.settings, "SET lock_timeout = \(Int(options.lockTimeout * 1000)); \(settings)", createStage,
    ]
    if keptInserted != nil { setup.connection.append(KeptKeys.create(idType: table.type(schema.id))) }
    setup.lockTimeout = options.lockTimeout == 0 ? Self.lockPatience : min(options.lockTimeout, Self.lockPatience)
    if job.isShared { setup.connection.append(AdvisoryLock.presence(job.id).share) }
    if options.disablesTriggers {
      setup.begin = "ALTER TABLE \(target) DISABLE TRIGGER USER"
      setup.end = "ALTER TABLE \(target) ENABLE TRIGGER USER"
    }
    return setup
  }

  /// A batch waits for a lock no longer than this, in seconds: others wait for those that it has. Then it begins anew.
  private static let lockPatience = 0.8

  /// Made once per session. Unlogged by nature, emptied by each commit.
  private var createStage: String {
    let texts = stagedFields.indices.map { "c\($0) text" }
    let references = schema.references.indices.map { "r\($0) text, " }.joined()
    return """
      CREATE TEMPORARY TABLE IF NOT EXISTS ils_stage (n integer NOT NULL, record bigint, source_row bigint, source_file text,
        source_sheet text, probes integer, \(texts.joined(separator: ", ")),
        \(references)
        target \(table.type(schema.id)), outcome text, code text, field text, matched text, changed text,
        candidates text, agreed text, differed text, fault_table text, fault_constraint text, fault_text text
      ) ON COMMIT DELETE ROWS
      """
  }

  var copyStage: String {
    "COPY ils_stage (n, record, source_row, source_file, source_sheet, probes, \(stagedFields.indices.map { "c\($0)" }.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
  }

  static let lookUpAll = "UPDATE ils_stage SET probes = \(NewcomerFilter.all)"

  /// What comes first: what every row gets, the rows that records point at, and the moments that clocks show.
  var begin: [String] { refuseGainsaying + references.statements + schema.derived.flatMap(zoneTests) }

  /// Refuses records that say something else of a column than every row gets: they are another company's.
  private var refuseGainsaying: [String] {
    schema.settled.map { field, value in
      """
      UPDATE ils_stage s SET outcome = 'refused', code = \(RefusalFault.valueGainsaid.rawValue.quotedLiteral),
        field = \(field.quotedLiteral)
      WHERE s.outcome IS NULL AND s.\(column(field)) <> \(value.quotedLiteral)
      """
    }
  }

  // MARK: - Rows that are there already

  /// A part of a round.
  enum Step {
    case prepare([String])
    case write(Write)
  }

  /// A statement that writes rows of the table.
  struct Write {
    let all: String
    /// What is kept of the rows before they are written.
    let before: [String]
    /// Asks behind it whether the rows are found again by what was sent; nil where that is certain.
    let kept: KeptKeys.Question?
    /// Tries rows alone, and refuses those that the table does not take: all, or those that look so.
    let probe: (Tries.Care) -> String
    /// Says of the same rows that they are written: it touches as many.
    let done: String

    /// - Parameter rows: which staged rows `s` are written; SQL.
    /// - Parameter suspects: a query for the numbers of staged rows that look as if they were refused; nil for no such.
    /// - Parameter one: the statement for a single row, whose place is `r.place`; nil where it is the same.
    init(
      _ rows: String, suspects: String? = nil, before: [String] = [], done: String, _ values: [ProbeSQL.Value],
      kept: KeptKeys.Question?, one: String? = nil, _ statement: (String) -> String
    ) {
      all = statement(rows)
      (self.before, self.kept) = (before, kept)
      let one = one ?? statement("s.ctid = r.place")
      probe = { ProbeSQL.writes(rows, suspects: $0 < .all ? suspects : nil, one, checking: kept?.one ?? "", values) }
      self.done = "UPDATE ils_stage s SET \(done) WHERE \(rows)"
    }
  }

  /// One round: of what is new the first of each kind is inserted, and what is known is settled: last, since whoever edits
  /// such a row waits from then on.
  var round: [Step] { insertNew + (onDuplicate == .update ? updateMatched : []) }

  /// What the columns of the staged fields would change in silence.
  var checks: [(check: ValueCheck, type: String)?] {
    let parts = schema.derived.filter { $0.zone != nil }
    return stagedFields.enumerated().map { place, name in
      let column = place < schema.fields.count ? table.columns[schema.fields[place].column] : nil
      let own = column.flatMap { column in column.check.map { (check: $0, type: column.type) } }
      guard let derived = parts.first(where: { $0.parts.contains(name) }) else { return own }
      let clock = ClockTime.check(derived.parts, name)
      return (own.map { .both(clock, $0.check) } ?? clock, table.type(derived.column))
    }
  }

  /// Refuses staged records with values that their columns' types cannot read.
  var probeCasts: [String] {
    let casts = schema.fields.compactMap { field -> (field: String, value: String)? in
      let value = "r." + column(field.name)
      let cast = table.cast(value, to: field.column)
      return cast == value ? nil : (field.name, cast)
    }
    return casts.isEmpty ? [] : [ProbeSQL.casts(casts, emptying: stagedFields.indices.map { "c\($0)" })]
  }

  /// What fields give their columns, for refusals of which the database does not say what column they are about.
  private var assigned: [ProbeSQL.Value] {
    schema.fields.compactMap { field in
      guard let column = table.columns[field.column] else { return nil }
      return ProbeSQL.Value(
        field: field.name, column: field.column, type: column.type, value: table.cast(staged(field), to: field.column))
    }
  }

  private typealias Change = (field: String, column: String, value: String)

  /// What goes into a row that is inserted.
  private var changes: [Change] {
    fieldChanges + schema.derived.map { joined($0, JoinedColumn.whole($0, parts($0))) } + referenceChanges
  }

  /// What goes into a row that is there: all but how sources know it, which says who made it.
  private var updates: [Change] {
    let marks = schema.sourceColumns
    return fieldChanges.filter { change in !marks.contains { $0.quotedIdentifier == change.column } }
      + schema.derived.map { derived in
        joined(derived, JoinedColumn.completed(derived, parts(derived), "t.\(derived.column.quotedIdentifier)"))
      } + referenceChanges
  }

  private var fieldChanges: [Change] {
    schema.fields.map { ($0.name, $0.column.quotedIdentifier, table.cast(kept($0), to: $0.column)) }
  }

  private var referenceChanges: [Change] {
    schema.references.enumerated().map { index, reference in
      (reference.field, reference.column.quotedIdentifier, "s.r\(index)::\(table.type(reference.column))")
    }
  }

  /// The text that empties the column of each staged field.
  var clears: [String?] {
    stagedFields.map { name in schema.fields.first { $0.name == name }?.clear }
  }

  /// A staged text, but for the one that empties the column.
  private func kept(_ field: LoadSchema.Field) -> String {
    field.clear.map { "NULLIF(\(staged(field)), \($0.quotedLiteral))" } ?? staged(field)
  }

  private func parts(_ derived: LoadSchema.Derived) -> [String] { derived.parts.map { "s." + column($0) } }

  private func joined(_ derived: LoadSchema.Derived, _ text: String) -> Change {
    (derived.parts.joined(separator: "+"), derived.column.quotedIdentifier, table.cast(text, to: derived.column))
  }

  /// Refuses records that have some parts of a column whose other parts cannot be told.
  private var refuseParts: [String] {
    schema.derived.filter { $0.parts.count > 1 && $0.zone == nil }.map { derived in
      let test = JoinedColumn.isTorn(derived.separator, parts(derived), "t.\(derived.column.quotedIdentifier)")
      return """
        UPDATE ils_stage s SET outcome = 'refused', code = 'update.joined', field = \(derived.parts.joined(separator: "+").quotedLiteral)
        FROM \(target) t WHERE s.outcome IS NULL AND t.\(id) = s.target AND \(test)
        """
    }
  }

  /// Refuses days without a time, and times that the clocks of a zone skipped, or showed twice.
  private func zoneTests(_ derived: LoadSchema.Derived) -> [String] {
    guard let zone = derived.zone else { return [] }
    let parts = parts(derived)
    let field = derived.parts.joined(separator: "+").quotedLiteral
    func refuse(_ code: RefusalFault, _ test: String) -> String {
      """
      UPDATE ils_stage s SET outcome = 'refused', code = \(code.rawValue.quotedLiteral), field = \(field)
      WHERE s.outcome IS NULL AND \(test)
      """
    }
    let unclear = refuse(.timeUnclear, ClockTime.isUnclear(parts, zone))
    return parts.count == 1 ? [unclear] : [refuse(.updateJoined, JoinedColumn.isPartial(parts)), unclear]
  }

  /// The columns that records empty, and where.
  private var clearings: [(field: String, column: String, test: String)] {
    schema.fields.compactMap { field in
      field.clear.map { (field.name, field.column.quotedIdentifier, "\(staged(field)) = \($0.quotedLiteral)") }
    }
  }

  /// SQL that holds where an update changes its column.
  private func test(_ update: Change, _ image: BeforeImage) -> String {
    let differs = image.differs(update.value, update.column)
    guard let clearing = clearings.first(where: { $0.column == update.column }) else { return differs }
    return "(\(differs) OR (\(clearing.test) AND t.\(update.column) IS NOT NULL))"
  }

  private var assignments: [String] {
    updates.map { update in
      let value = "coalesce(\(update.value), t.\(update.column))"
      let clearing = clearings.first { $0.column == update.column }
      return "\(update.column) = " + (clearing.map { "CASE WHEN \($0.test) THEN NULL ELSE \(value) END" } ?? value)
    }
  }

  /// One record a row and round: the first. Fields that a record does not have stay as they are.
  private var updateMatched: [Step] {
    let id = "t.\(id)"
    let image = BeforeImage(table)
    let differs = updates.map { "CASE WHEN \(test($0, image)) THEN \($0.field.quotedLiteral) END" }
    let touch = table.columns["updated_at"] == nil ? "" : ", updated_at = now()"
    let rows = "s.outcome = 'updated' AND s.code IS NULL"
    let mark =
      [
        // From here on nobody else changes the rows: what is read of them is what will be overwritten. By an array, since
        // to join them in order, the planner would go through the whole table.
        """
        WITH held AS (
          SELECT 1 FROM \(target) t
          WHERE \(id) = ANY (ARRAY(SELECT target FROM ils_stage WHERE outcome IS NULL AND target IS NOT NULL))
          ORDER BY \(id) FOR NO KEY UPDATE OF t)
        SELECT count(*) FROM held
        """
      ] + refuseParts + references.torn + [
        """
        UPDATE ils_stage s SET changed = concat_ws(',', \(differs.joined(separator: ", "))), outcome = 'updated'
        FROM \(target) t, (
          SELECT min(n) AS n FROM ils_stage WHERE outcome IS NULL AND target IS NOT NULL GROUP BY target) first
        WHERE s.n = first.n AND \(id) = s.target
        """,
        "UPDATE ils_stage s SET outcome = 'skipped' WHERE s.outcome = 'updated' AND s.changed = ''",
      ]
    let keepImage = """
      INSERT INTO ils.before_images (job_id, row_id, turn, before, xid)
      SELECT \(job.id.quotedLiteral), \(id)::text,
        (SELECT count(*) FROM ils.before_images i WHERE i.job_id = \(job.id.quotedLiteral) AND i.row_id = \(id)::text),
        \(image.sql(updates.map { (test($0, image), $0.column) })), \(image.writer)
      FROM ils_stage s JOIN \(target) t ON \(id) = s.target
      WHERE s.outcome = 'updated' AND s.code IS NULL
        AND NOT coalesce(\(schema.isInserted(by: job.id, "t")) AND \(BeforeImage.isOwn("t", job.id)), false)
      """
    let write = Write(
      rows, before: [keepImage], done: "code = 'done'", assigned, kept: keptUpdated?.afterUpdate(of: rows)
    ) { rows in
      "UPDATE \(target) t SET \(assignments.joined(separator: ", "))\(touch) FROM ils_stage s WHERE \(rows) AND \(id) = s.target"
    }
    return [.prepare(mark), .write(write)]
  }

  /// Which ids of subtransactions rows of a batch carry: triggers of the table may have written them again under one; nil
  /// where it has none.
  func ownSubxids(_ options: JobOptions) -> OwnSubxids? {
    guard table.hasAfterTriggers, !options.disablesTriggers else { return nil }
    return OwnSubxids(table, job.id)
  }

  // MARK: - New rows

  /// Inserts the records that are found to be new.
  private var insertNew: [Step] {
    let constants = schema.constants.map { (column: $0.column, value: $0.value.quotedLiteral) }
    let marks = constants + (schema.jobColumn.map { [(column: $0, value: job.id.quotedLiteral)] } ?? [])
    let fed = Set(changes.map(\.column) + marks.map(\.column.quotedIdentifier))
    let computed = schema.computed.filter { !fed.contains($0.column.quotedIdentifier) }
      .map { (column: $0.column, value: table.columns[$0.column]?.defaultValue ?? "NULL") }
    let columns = changes.map(\.column) + (marks + computed).map(\.column.quotedIdentifier)
    // Who points at nobody is nobody's: a column of a reference gets what the schema computes, but no default of the table.
    let filled = schema.fields.map(\.column) + schema.computed.map(\.column)
    let values = changes.map { change in
      let name = filled.first { $0.quotedIdentifier == change.column }
      return name.flatMap { table.columns[$0]?.defaultValue }.map { "coalesce(\(change.value), \($0))" } ?? change.value
    }
    let rows = "s.outcome = 'inserting'"
    let given = zip(columns, values + (marks + computed).map(\.value)).map { (column: $0, value: $1) }
    func insert(_ rows: String) -> String {
      """
      INSERT INTO \(target) AS t (\(columns.joined(separator: ", ")))
      SELECT \((values + (marks + computed).map(\.value)).joined(separator: ", ")) FROM ils_stage s WHERE \(rows) ORDER BY s.n
      """
    }
    let kept = keptInserted
    let write = Write(
      rows, suspects: table.suspects(given, rows), before: kept?.before ?? [], done: "outcome = 'inserted'", assigned,
      kept: kept?.afterInsert(of: rows), one: kept?.keepingOne(insert("s.ctid = r.place"))
    ) { rows in
      if let kept { return kept.keeping(insert(rows), listing: listing) }
      guard let listing else { return insert(rows) }
      return "WITH made AS (\(insert(rows)) RETURNING t.\(id))\n\(listing)"
    }
    return refuseOutside + [.write(write)]
  }

  /// Refuses new records that are none of the rows which are looked at (`where`): nothing would find them again.
  private var refuseOutside: [Step] {
    let statements = schema.identity.filter.compactMap { filter -> String? in
      let name = schema.column(of: filter.name) ?? filter.name
      guard let field = schema.fields.first(where: { $0.column == name }) else { return nil }
      let given = table.cast(kept(field), to: name)
      let value = table.columns[name]?.defaultValue.map { "coalesce(\(given), \($0))" } ?? given
      let test = filter.value.map { "(\(value)) = \($0.quotedLiteral)" } ?? "(\(value)) IS NULL"
      return """
        UPDATE ils_stage s SET outcome = 'refused', code = \(RefusalFault.identityOutside.rawValue.quotedLiteral),
          field = \(field.name.quotedLiteral)
        WHERE s.outcome = 'inserting' AND (\(test)) IS NOT TRUE
        """
    }
    return statements.isEmpty ? [] : [.prepare(statements)]
  }

  /// Lists the rows `made` of a table that has no column for the job.
  private var listing: String? {
    if schema.jobColumn != nil { return nil }
    return "INSERT INTO ils.inserted (job_id, row_id) SELECT \(job.id.quotedLiteral), \(id)::text FROM made"
  }

  /// What people said of the batch's records, as JSON: the record's number in the input, and the row or `new`; null for nothing.
  var decisions: String {
    """
    SELECT jsonb_agg(jsonb_build_object('record', s.record, 'part', nullif(\(job.part.quotedLiteral), ''),
      'row', coalesce(s.target::text, 'new')) ORDER BY s.n)::text AS decisions
    FROM ils_stage s WHERE s.\(column(LoadSchema.decision)) IS NOT NULL AND s.outcome IN ('inserted', 'updated', 'skipped')
    """
  }

  /// Keeps why records were refused; never a value.
  var keepErrors: String {
    let messages = Refusal.messages.map { "WHEN \($0.key.rawValue.quotedLiteral) THEN \($0.value.quotedLiteral)" }
      .sorted()
    return """
      INSERT INTO ils.job_errors (
        job_id, part, record, source_row, source_file, source_sheet, code, field, candidates, agreed, differed, message)
      SELECT \(job.id.quotedLiteral), \(job.part.quotedLiteral), record, source_row, source_file, source_sheet, code, field,
        candidates, agreed, differed, CASE code \(messages.joined(separator: " ")) ELSE \(Refusal.message("").quotedLiteral) END
      FROM ils_stage WHERE outcome = 'refused' AND code NOT LIKE 'db.%' AND code NOT LIKE 'row.%'
      """
  }

  /// Forgets the parked records that are parked no more.
  var unpark: String {
    """
    SELECT ils.unpark(\(job.id.quotedLiteral), \(job.part.quotedLiteral),
      (SELECT array_agg(record) FROM ils_stage WHERE outcome <> 'parked'))
    """
  }

  /// What a person must see, in the input's order.
  static let outcomes = """
    SELECT n, outcome, code, field, matched, changed, candidates, agreed, differed, fault_table, fault_constraint, fault_text,
      target::text AS target
    FROM ils_stage WHERE outcome <> 'inserted' ORDER BY n
    """

  static let counts = """
    SELECT count(*) FILTER (WHERE outcome = 'inserted') AS inserted,
      count(*) FILTER (WHERE outcome = 'updated') AS updated, count(*) FILTER (WHERE outcome = 'skipped') AS skipped,
      count(*) FILTER (WHERE outcome = 'refused') AS refused, count(*) FILTER (WHERE outcome = 'parked') AS parked,
      count(*) FILTER (WHERE outcome IS NULL) AS open
    FROM ils_stage
    """
}
