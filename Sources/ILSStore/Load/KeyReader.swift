import ILSIdentity
import ILSRecord

/// Reads what a table holds in the fields that references find its rows with.
public struct KeyReader {
  private let connection: Connection

  public init(database: String) throws(StopError) { connection = try Connection(database) }

  /// Calls `body` with the values of each row that is looked at, one for each field or constant column of `names`.
  /// - Throws: `configuration` where the entity has no column for a field.
  /// - Complexity: the table is read once, and not kept.
  public func read(
    _ schema: LoadSchema, fields names: [String], _ body: ([UnsafeRawBufferPointer?]) -> Void
  ) throws(StopError) {
    var columns: [String] = []
    for name in names {
      guard let column = schema.column(of: name) else {
        throw StopError(.configuration, IdentityFault.schemaXIls, "\(schema.entity): \(name) has no column")
      }
      columns.append("t.\(column.quotedIdentifier)::text")
    }
    let filter = schema.identity.filter.map {
      RowFilter.condition("t", schema.column(of: $0.name) ?? $0.name, $0.value)
    }
    let conditions = filter.isEmpty ? "" : " WHERE " + filter.joined(separator: " AND ")
    let sql =
      "COPY (SELECT \(columns.joined(separator: ", ")) FROM \(schema.table.quotedIdentifier) t\(conditions)) TO STDOUT (FORMAT binary)"
    do throws(DatabaseError) {
      try connection.copyOut(sql, columns: columns.count, body)
    } catch {
      throw error.stop("reading the \(schema.entity) that are there")
    }
  }
}
