import ILSRecord

/// Rows that an import source has brought, and that a later export of it does not have any more.
public struct GoneRows {
  public let count: Int
  /// The ids of the first of them.
  public let ids: [String]

  /// How many ids are told.
  private static let told = 20

  /// - Parameters:
  ///   - source: the import source whose rows are looked at.
  ///   - met: gives the ids of the rows that records of the later export came to, one after the other.
  public init(
    _ schema: LoadSchema, source: String, database: String, met: (_ add: (String) -> Void) throws(StopError) -> Void
  ) throws(StopError) {
    guard let column = schema.sourceField.flatMap({ schema.column(of: $0) }) else {
      throw StopError(
        .configuration, DatabaseFault.dbNoColumn,
        "rows of \(schema.table) do not say which import source they are of: what is gone cannot be told")
    }
    let connection = try Connection(database)
    do throws(DatabaseError) {
      try connection.run("CREATE TEMPORARY TABLE ils_met (id text)")
      try connection.startCopy("COPY ils_met FROM STDIN")
    } catch {
      throw error.stop("looking for rows that are gone")
    }
    var buffer = OutputBuffer()
    try met { id in
      // An id is a number or a UUID; any other text is escaped.
      buffer.append(id.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n") + "\n")
      guard buffer.count > 1 << 16 else { return }
      connection.putCopy(buffer.bytes)
      buffer.removeAll()
    }
    connection.putCopy(buffer.bytes)
    do throws(DatabaseError) {
      try connection.endCopy()
      let same = schema.constants.map { " AND t.\($0.column.quotedIdentifier)::text = \($0.value.quotedLiteral)" }
      let row = try connection.query(
        """
        WITH gone AS MATERIALIZED (
          SELECT t.\(schema.id.quotedIdentifier)::text AS id FROM \(schema.table.quotedIdentifier) t
          WHERE t.\(column.quotedIdentifier) = $1\(same.joined())
            AND NOT EXISTS (SELECT FROM ils_met m WHERE m.id = t.\(schema.id.quotedIdentifier)::text))
        SELECT (SELECT count(*) FROM gone) AS count,
          (SELECT string_agg(id, ' ') FROM (SELECT id FROM gone ORDER BY id LIMIT \(Self.told)) g) AS ids
        """, [source])[0]
      count = row.integer("count")
      ids = (row["ids"] ?? "").split(separator: " ").map(String.init)
    } catch {
      throw error.stop("looking for rows that are gone")
    }
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
