import ILSIdentity
import ILSRecord

/// Makes the row, and says in it what became of the job.
extension JobRow {
  /// The row that the schema of a job speaks of, as the job's record keeps it.
  init?(of job: JobID, _ connection: Connection) throws {
    let rows = try connection.query(
      "SELECT document->'schema'->'x-ils'->>'job' AS job FROM ils.jobs WHERE id = $1", [job.text])
    guard let text = rows.first?["job"], text.hasPrefix("{") else { return nil }
    try self.init(JSONValue(parsing: Array(text.utf8)), []) { StopError(.configuration, IdentityFault.schemaXIls, $0) }
  }

  /// What a row takes of the job `i` that has ended, as SQL.
  private static let taken = [
    "status": "i.status", "endedAt": "i.ended_at AT TIME ZONE 'UTC'", "progress": Job.progressSQL,
  ]

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
    let values = ends.map { "\($0.column.quotedLiteral), \(Self.taken[$0.from] ?? "NULL")" }.joined(separator: ", ")
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
      reaching(
        job,
        """
        UPDATE \(table.quotedIdentifier) t SET (\(endColumns.written)) = (
          SELECT \(endColumns.read) FROM ils.jobs i, \(ending) WHERE i.id = \(job.quotedLiteral))
        """)
    ]
  }

  /// Fails where the row cannot be told later how the job ended: policies may let a role insert what it then does not see.
  func probing(_ job: JobID) -> Question {
    let name = (ends.first?.column ?? id).quotedIdentifier
    return reaching(
      job,
      ends.isEmpty
        ? "PERFORM FROM \(table.quotedIdentifier) t"
        : "UPDATE \(table.quotedIdentifier) t SET \(name) = t.\(name)")
  }

  /// Does something with the row, and fails where it is not seen.
  private func reaching(_ job: JobID, _ statement: String) -> Question {
    let message =
      "the job's row in \(table), where the application lists its imports, is not there, or this role does not reach it: "
      + "set what the policies of \(table) ask for"
    return Question(
      """
      DO $ils_row$ BEGIN
        \(statement) WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral);
        IF NOT FOUND THEN RAISE insufficient_privilege USING MESSAGE = \(message.quotedLiteral); END IF;
      END $ils_row$
      """)
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
}
