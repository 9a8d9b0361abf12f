import ILSIdentity
import ILSRecord

/// A row that an application keeps of each of its imports, which the job's column of the loaded rows points at (`x-ils.job`).
///
/// It is made with the job, has the job's id, and goes with the last of the job's rows.
struct JobRow: Sendable {
  let table: String
  let id: String
  /// Columns that have the same value in each such row, and those that take one of the load's.
  private let values: [(column: String, value: String)]
  private let borrowed: [(column: String, from: String)]
  /// Columns that take what became of the job, once it ends.
  private let ends: [(column: String, from: String)]

  /// Nil where a schema's `job` is no more than the name of a column.
  /// - Parameter constants: what the load puts into every row, and behind the table's name and a point into this one.
  init?(
    _ job: JSONValue?, _ constants: [(column: String, value: String)], _ fault: (String) -> StopError
  ) throws(StopError) {
    guard let job, job.members != nil else { return nil }
    guard job["column"]?.string != nil, let table = job["table"]?.string else {
      throw fault("needs column, and table: whose rows the column points at")
    }
    self.table = table
    id = job["id"]?.string ?? "id"
    var values = (job["set"]?.members ?? []).map { (column: $0.name, value: $0.value.string ?? $0.value.text) }
    var borrowed: [(column: String, from: String)] = []
    for (column, from) in job["from"]?.members ?? [] {
      guard let name = from.string else { throw fault("takes names under from") }
      if Self.ofJob.contains(name) {
        borrowed.append((column, name))
      } else if let constant = constants.first(where: { $0.column == name }) {
        values.append((column, constant.value))
      } else {
        // Only a load must know it: a schema that is read for another reason need not.
        borrowed.append((column, name))
      }
    }
    for (name, value) in constants where name.hasPrefix(table + ".") {
      let column = String(name.dropFirst(table.count + 1))
      values.removeAll { $0.column == column }
      borrowed.removeAll { $0.column == column }
      values.append((column, value))
    }
    (self.values, self.borrowed) = (values, borrowed)
    ends = try (job["end"]?.members ?? []).map { column, from throws(StopError) in
      guard let name = from.string, Self.ofEnd[name] != nil else {
        throw fault("takes status, endedAt, progress under end")
      }
      return (column, name)
    }
  }

  /// The row that the schema of a job speaks of, as the job's record keeps it.
  init?(of job: JobID, _ connection: Connection) throws {
    let rows = try connection.query(
      "SELECT document->'schema'->'x-ils'->>'job' AS job FROM ils.jobs WHERE id = $1", [job.text])
    guard let text = rows.first?["job"], text.hasPrefix("{") else { return nil }
    try self.init(JSONValue(parsing: Array(text.utf8)), []) { StopError(.configuration, IdentityFault.schemaXIls, $0) }
  }

  private static let ofJob: Set = ["job", "source", "entity"]

  /// What a row takes of the job `i` that has ended, as SQL.
  private static let ofEnd = [
    "status": "i.status", "endedAt": "i.ended_at AT TIME ZONE 'UTC'", "progress": Job.progressSQL,
  ]

  /// - Throws: `usage` where the load was not given what the row takes of it.
  func check() throws(StopError) {
    guard let (column, from) = borrowed.first(where: { !Self.ofJob.contains($0.from) }) else { return }
    throw StopError(
      .usage, UsageFault.usage,
      "column \(column) of \(table), where the application lists its imports, takes what --set \(from)=VALUE says: give it"
    )
  }

  /// Makes the row, unless it is there.
  func making(_ job: JobID, source: String?, entity: String) -> Question {
    let taken = borrowed.compactMap { column, from -> (column: String, value: String?)? in
      switch from {
      case "job": (column, job.text)
      case "entity": (column, entity)
      case "source": (column, source)
      default: nil
      }
    }
    var all: [(column: String, value: String?)] = [(id, job.text)]
    all += values.map { (column: $0.column, value: $0.value) }
    all += taken
    return Question(
      """
      INSERT INTO \(table.quotedIdentifier) (\(all.map(\.column.quotedIdentifier).joined(separator: ", ")))
      VALUES (\(all.map { $0.value.map(\.quotedLiteral) ?? "NULL" }.joined(separator: ", ")))
      ON CONFLICT (\(id.quotedIdentifier)) DO NOTHING
      """, [])
  }

  /// SQL for the columns that take what became of a job `i`, as values of their types.
  private var ending: String {
    let values = ends.map { "\($0.column.quotedLiteral), \(Self.ofEnd[$0.from] ?? "NULL")" }.joined(separator: ", ")
    return "jsonb_populate_record(NULL::\(table.quotedIdentifier), jsonb_build_object(\(values))) r"
  }

  private var endColumns: (written: String, read: String) {
    let names = ends.map(\.column.quotedIdentifier)
    return (names.joined(separator: ", "), names.map { "r.\($0)" }.joined(separator: ", "))
  }

  /// Says in the row what became of the job; none where the schema does not ask for it.
  func telling(_ job: JobID) -> [Question] {
    if ends.isEmpty { return [] }
    return [
      Question(
        """
        UPDATE \(table.quotedIdentifier) t SET (\(endColumns.written)) = (
          SELECT \(endColumns.read) FROM ils.jobs i, \(ending) WHERE i.id = \(job.quotedLiteral))
        WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)
        """)
    ]
  }

  /// Checks that the row can be told how a job ended, however it ends: behind the last record it would be too late.
  /// - Throws: `configuration` where a column takes something else, `noPermission` where the role may not write it.
  func checkEnd(_ connection: Connection) throws(StopError) {
    if ends.isEmpty { return }
    let denied: String?
    do throws(DatabaseError) {
      _ = try connection.query(
        """
        SELECT \(endColumns.read)
        FROM (VALUES ('completed', now(), 0, 0, 0, 0, 0, 0, 0), ('failed', now(), 0, 0, 0, 0, 0, 0, 0), ('cancelled', now(), 0, 0, 0, 0, 0, 0, 0))
          AS i (status, ended_at, rows, processed, inserted, updated, failed, skipped, parked), \(ending)
        """)
      denied = try connection.query(
        "SELECT name FROM unnest($2::text[]) AS n (name) WHERE NOT has_column_privilege(to_regclass($1)::oid, name, 'UPDATE')",
        [table.quotedIdentifier, "{\(ends.map(\.column.quotedIdentifier).joined(separator: ","))}"]
      ).first?["name"]
    } catch {
      if error.isDisconnected { throw error.stop("reading the catalogue") }
      throw StopError(
        .configuration, IdentityFault.schemaXIls,
        "x-ils.job.end: \(table) cannot be told how a job ended: \(error.explanation)")
    }
    guard let denied else { return }
    throw StopError(
      .noPermission, DatabaseFault.dbPermission,
      "the role may not say in \(table) how a job ended: GRANT UPDATE (\(denied.quotedIdentifier)) ON \(table.quotedIdentifier) to it"
    )
  }

  /// Takes the row away, unless rows of `target` have the job's id, or the deletion would reach rows of other tables.
  func remove(_ job: JobID, from target: String, jobColumn: String, _ connection: Connection) throws(DatabaseError) {
    let oid = try connection.query("SELECT to_regclass($1)::oid AS oid", [table.quotedIdentifier])[0].text("oid")
    let references = try References(to: oid, connection)
    // What is not seen may be there.
    if references.hidden != nil { return }
    _ = try connection.query(
      """
      DELETE FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)
        AND NOT EXISTS (SELECT FROM \(target) o WHERE o.\(jobColumn.quotedIdentifier) = \(job.quotedLiteral))
        \(references.isFree(oid))
      """)
  }

  /// SQL for whether the row is there, as `listed`.
  func isThere(_ job: JobID) -> String {
    "SELECT EXISTS (SELECT FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)) AS listed"
  }
}
