import ILSRecord

/// What a later export of an import source comes to beside its records: rows that are not in it any more, and rows that people
/// have edited since and that it changes.
public struct LaterExport {
  /// Rows, and the ids of the first of them.
  public struct Rows: Sendable {
    public let count: Int
    public let ids: [String]
  }

  public let gone: Rows
  /// nil where it cannot be told who wrote a row last.
  public let edited: Rows?

  /// How many ids are told.
  private static let told = 20

  /// - Parameters:
  ///   - source: the import source whose rows are looked at.
  ///   - met: gives the ids of the rows that records of the later export came to, one after the other, and whether they change.
  public init(
    _ schema: LoadSchema, source: String, database: String,
    met: (_ add: (_ id: String, _ isChanged: Bool) -> Void) throws(StopError) -> Void
  ) throws(StopError) {
    guard let column = schema.sourceField.flatMap({ schema.column(of: $0) }) else {
      throw StopError(
        .configuration, DatabaseFault.dbNoColumn,
        "rows of \(schema.table) do not say which import source they are of: what is gone cannot be told")
    }
    let connection = try Connection(database)
    let table = try TargetTable(schema, connection, updates: false)
    let writers: RowWriters
    do throws(DatabaseError) {
      writers = try RowWriters(of: table, connection, hasJobs: true)
      try connection.run("CREATE TEMPORARY TABLE ils_met (id text, changes boolean)")
      try connection.startCopy("COPY ils_met FROM STDIN")
    } catch {
      throw error.stop("looking for rows that are gone")
    }
    var buffer = OutputBuffer()
    try met { id, isChanged in
      // An id is a number or a UUID; any other text is escaped.
      let text = id.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
      buffer.append("\(text)\t\(isChanged)\n")
      guard buffer.count > 1 << 16 else { return }
      connection.putCopy(buffer.bytes)
      buffer.removeAll()
    }
    connection.putCopy(buffer.bytes)
    do throws(DatabaseError) {
      try connection.endCopy()
      let id = "t.\(schema.id.quotedIdentifier)::text"
      let same = schema.constants.map { " AND t.\($0.column.quotedIdentifier)::text = \($0.value.quotedLiteral)" }
      gone = try Self.rows(
        "t.\(column.quotedIdentifier) = $1\(same.joined()) AND NOT EXISTS (SELECT FROM ils_met m WHERE m.id = \(id))",
        schema, connection, [source])
      edited = try writers.isEdited.map { (edited) throws(DatabaseError) in
        try Self.rows(
          "EXISTS (SELECT FROM ils_met m WHERE m.id = \(id) AND m.changes) AND \(edited)", schema, connection)
      }
    } catch {
      throw error.stop("looking for rows that are gone")
    }
  }

  /// The rows `t` for which a condition holds.
  private static func rows(
    _ condition: String, _ schema: LoadSchema, _ connection: Connection, _ parameters: [String?] = []
  ) throws(DatabaseError) -> Rows {
    let row = try connection.query(
      """
      WITH found AS MATERIALIZED (
        SELECT t.\(schema.id.quotedIdentifier)::text AS id FROM \(schema.table.quotedIdentifier) t WHERE \(condition))
      SELECT (SELECT count(*) FROM found) AS count,
        (SELECT string_agg(id, ' ') FROM (SELECT id FROM found ORDER BY id LIMIT \(told)) g) AS ids
      """, parameters)[0]
    return Rows(count: row.integer("count"), ids: (row["ids"] ?? "").split(separator: " ").map(String.init))
  }
}

extension JobCatalogue {
  /// The job that has applied an approved plan, and is not undone; nil where there is none.
  /// - Parameter sha256: the plan's.
  public func job(ofPlan sha256: String) throws(StopError) -> JobID? {
    do throws(DatabaseError) {
      return try connection.query(
        """
        SELECT id FROM ils.jobs WHERE kind = 'load' AND options->>'plan' = $1 AND status = 'completed'
        ORDER BY started_at DESC LIMIT 1
        """, [sha256]
      ).first.map { JobID(stored: $0["id"]) }
    } catch {
      throw error.stop("looking up the job of the plan")
    }
  }
}
