/// The statements that take a staged batch into the target table, made once per job.
///
/// `ils_stage` holds the batch: `n` is a record's number within it, `c0`, `c1` ... its fields as text, null where absent.
/// A record is done once `outcome` says what became of it. Statements run in rounds, since a record may have the key of an
/// earlier one of the same batch: in each round only records without such a forerunner are inserted.
struct BatchSQL {
  let table: TargetTable
  let onDuplicate: OnDuplicate
  let job: String
  private let schema: LoadSchema
  private let target: String

  init(_ table: TargetTable, _ onDuplicate: OnDuplicate, job: String) {
    self.table = table
    self.onDuplicate = onDuplicate
    self.job = job
    schema = table.schema
    target = schema.table.quotedIdentifier
  }

  /// Staging columns: mapped fields first, then the fields that name other rows.
  var stagedFields: [String] { schema.fields.map(\.name) + schema.references.map(\.field) }

  private func staged(_ field: LoadSchema.Field) -> String {
    "s.c\(schema.fields.firstIndex(of: field) ?? 0)"
  }

  private func reference(_ index: Int) -> String { "s.c\(schema.fields.count + index)" }

  /// Made once per session. Unlogged by nature, emptied by each commit.
  var createStage: String {
    let texts = stagedFields.indices.map { "c\($0) text" }
    let keys = schema.identity.indices.map { "k\($0) \(table.type(schema.id))" }
    let references = schema.references.indices.map { "r\($0) text" }
    return """
      CREATE TEMPORARY TABLE IF NOT EXISTS ils_stage (n integer NOT NULL, source_row bigint, source_file text, \(texts.joined(separator: ", ")),
        \((keys + references).map { $0 + ", " }.joined())
        target \(table.type(schema.id)), outcome text, code text, field text, matched text, changed text
      ) ON COMMIT DELETE ROWS
      """
  }

  var copyStage: String {
    "COPY ils_stage (n, source_row, source_file, \(stagedFields.indices.map { "c\($0)" }.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
  }

  // MARK: - References

  /// Finds the rows that records point at, by the first key that finds one; more than one is ambiguous, none an orphan.
  var resolveReferences: [String] {
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
        UPDATE ils_stage s SET outcome = 'refused', code = \(reference.missing.quotedLiteral),
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

  /// Finds the row that each identity key of each open record stands for.
  var resolveIdentity: [String] {
    let id = "t.\(schema.id.quotedIdentifier)"
    let reset = "UPDATE ils_stage s SET target = NULL, matched = NULL WHERE s.outcome IS NULL AND s.target IS NOT NULL"
    let keys = schema.identity.enumerated().map { index, key in
      """
      WITH found AS (
        SELECT s.n, min(\(id)::text) AS id, count(*) AS hits, bool_or(\(id) = s.target) AS agrees
        FROM ils_stage s JOIN \(target) t ON \(match(key, "t"))
        WHERE s.outcome IS NULL GROUP BY s.n)
      UPDATE ils_stage s SET k\(index) = CASE WHEN f.agrees THEN s.target ELSE f.id::\(table.type(schema.id)) END,
        outcome = CASE WHEN f.hits > 1 AND s.target IS NULL THEN 'refused' END,
        code = CASE WHEN f.hits > 1 AND s.target IS NULL THEN 'identity.ambiguous' END,
        field = \((key.first?.name ?? "").quotedLiteral),
        matched = coalesce(s.matched, \(key.map(\.name).joined(separator: "+").quotedLiteral)),
        target = coalesce(s.target, f.id::\(table.type(schema.id)))
      FROM found f WHERE f.n = s.n
      """
    }
    return [reset] + keys + conflicts
  }

  /// Two keys that find two rows; and a row found by one key whose value of an earlier key is another one.
  private var conflicts: [String] {
    guard schema.identity.count > 1 else { return [] }
    let different = schema.identity.indices.map { "(s.k\($0) IS NOT NULL AND s.k\($0) <> s.target)" }
    let ambiguous = """
      UPDATE ils_stage s SET outcome = 'refused', code = 'identity.ambiguous'
      WHERE s.outcome IS NULL AND (\(different.joined(separator: " OR ")))
      """
    guard let first = schema.identity.first, first.count == 1, let field = first.first else { return [ambiguous] }
    let conflict = """
      UPDATE ils_stage s SET outcome = 'refused', code = 'identity.conflict', field = \(field.name.quotedLiteral)
      FROM \(target) t
      WHERE s.outcome IS NULL AND s.target = t.\(schema.id.quotedIdentifier) AND s.k0 IS NULL
        AND \(staged(field)) IS NOT NULL AND t.\(field.column.quotedIdentifier) IS NOT NULL
      """
    return [ambiguous, conflict]
  }

  // MARK: - Rows that are there already

  /// What becomes of records whose row is there already.
  var settleMatched: [String] {
    switch onDuplicate {
    case .fail:
      [
        "UPDATE ils_stage s SET outcome = 'refused', code = 'duplicate', field = s.matched WHERE s.outcome IS NULL AND s.target IS NOT NULL"
      ]
    case .skip: ["UPDATE ils_stage s SET outcome = 'skipped' WHERE s.outcome IS NULL AND s.target IS NOT NULL"]
    case .update: updateMatched
    }
  }

  private var changes: [(field: String, column: String, value: String)] {
    let fields = schema.fields.map { field in
      (field.name, field.column.quotedIdentifier, table.cast(staged(field), to: field.column))
    }
    let references = schema.references.enumerated().map { index, reference in
      (reference.field, reference.column.quotedIdentifier, "s.r\(index)::\(table.type(reference.column))")
    }
    return (fields + references).map { (field: $0.0, column: $0.1, value: $0.2) }
  }

  /// One record a row and round: the first. Fields that a record does not have stay as they are.
  private var updateMatched: [String] {
    let id = "t.\(schema.id.quotedIdentifier)"
    let differs = changes.map {
      "CASE WHEN \($0.value) IS DISTINCT FROM t.\($0.column) AND \($0.value) IS NOT NULL THEN \($0.field.quotedLiteral) END"
    }
    let touch = table.columns["updated_at"] == nil ? "" : ", updated_at = now()"
    return [
      """
      UPDATE ils_stage s SET changed = concat_ws(',', \(differs.joined(separator: ", "))), outcome = 'updated'
      FROM \(target) t
      WHERE s.outcome IS NULL AND \(id) = s.target
        AND s.n = (SELECT min(e.n) FROM ils_stage e WHERE e.outcome IS NULL AND e.target = s.target)
      """,
      "UPDATE ils_stage s SET outcome = 'skipped' WHERE s.outcome = 'updated' AND s.changed = ''",
      """
      INSERT INTO ils.before_images (job_id, batch, row_id, before)
      SELECT \(job.quotedLiteral), $BATCH, \(id)::text, to_jsonb(t.*)
      FROM ils_stage s JOIN \(target) t ON \(id) = s.target
      WHERE s.outcome = 'updated' AND s.code IS NULL
        AND t.\(schema.jobColumn.quotedIdentifier) IS DISTINCT FROM \(job.quotedLiteral)
      ON CONFLICT DO NOTHING
      """,
      """
      UPDATE \(target) t SET \(changes.map { "\($0.column) = coalesce(\($0.value), t.\($0.column))" }.joined(separator: ", "))\(touch)
      FROM ils_stage s WHERE s.outcome = 'updated' AND s.code IS NULL AND \(id) = s.target
      """,
      "UPDATE ils_stage s SET code = 'done' WHERE s.outcome = 'updated' AND s.code IS NULL",
    ]
  }

  // MARK: - New rows

  /// Inserts the open records that no earlier open record of the batch shares a key with.
  var insertNew: [String] {
    let forerunners = schema.identity.map { key -> String in
      let values = key.map { field -> String in
        let value = "c\(schema.fields.firstIndex(of: field) ?? 0)"
        return field.foldsCase ? "lower(\(value))" : value
      }
      let present = key.map { "c\(schema.fields.firstIndex(of: $0) ?? 0) IS NOT NULL" }.joined(separator: " AND ")
      return "CASE WHEN \(present) THEN min(n) OVER (PARTITION BY \(values.joined(separator: ", "))) END"
    }
    let first = forerunners.isEmpty ? "n" : "least(\(forerunners.joined(separator: ", ")), n)"
    let columns = changes.map(\.column) + [schema.jobColumn.quotedIdentifier]
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
      INSERT INTO \(target) (\(columns.joined(separator: ", ")))
      SELECT \(values.joined(separator: ", ")), \(job.quotedLiteral)
      FROM ils_stage s WHERE s.outcome = 'inserting' ORDER BY s.n
      """,
      "UPDATE ils_stage s SET outcome = 'inserted' WHERE s.outcome = 'inserting'",
    ]
  }

  /// Keeps why records were refused; never a value.
  var keepErrors: String {
    let messages = Refusal.messages.map { "WHEN \($0.key.quotedLiteral) THEN \($0.value.quotedLiteral)" }.sorted()
    return """
      INSERT INTO ils.job_errors (job_id, record, source_row, source_file, code, field, message)
      SELECT \(job.quotedLiteral), $FIRST + n, source_row, source_file, code, field,
        CASE code \(messages.joined(separator: " ")) ELSE \(Refusal.message("").quotedLiteral) END
      FROM ils_stage WHERE outcome = 'refused'
      """
  }

  /// What a person must see, in the input's order.
  static let outcomes = """
    SELECT n, outcome, code, field, matched, changed FROM ils_stage WHERE outcome <> 'inserted' ORDER BY n
    """

  static let counts = """
    SELECT count(*) FILTER (WHERE outcome = 'inserted'), count(*) FILTER (WHERE outcome = 'updated'),
      count(*) FILTER (WHERE outcome = 'skipped'), count(*) FILTER (WHERE outcome = 'refused'),
      count(*) FILTER (WHERE outcome IS NULL)
    FROM ils_stage
    """
}

/// What becomes of a record whose row is in the table already.
public enum OnDuplicate: String, CaseIterable, Sendable {
  /// It is refused.
  case fail
  case skip
  /// The row gets the fields that the record has.
  case update
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
