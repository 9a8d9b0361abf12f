import ILSRecord

/// Reads what a table holds in the fields that references find its rows with.
public struct KeyReader {
  private let connection: Connection

  public init(database: String) throws(StopError) { connection = try Connection(database) }

  /// Calls `body` with each value of a field that is not null, and the field's number in `names`.
  /// - Throws: `configuration` where the entity has no column for a field.
  /// - Complexity: the table is read once, and not kept.
  public func read(
    _ schema: LoadSchema, fields names: [String], _ body: (UnsafeRawBufferPointer, Int) -> Void
  ) throws(StopError) {
    var columns: [String] = []
    for name in names {
      guard let field = schema.fields.first(where: { $0.name == name }) else {
        throw StopError(.configuration, code: "schema.x_ils", "\(schema.entity): \(name) has no column")
      }
      columns.append("\(field.column.quotedIdentifier)::text")
    }
    let sql =
      "COPY (SELECT \(columns.joined(separator: ", ")) FROM \(schema.table.quotedIdentifier)) TO STDOUT (FORMAT binary)"
    do throws(DatabaseError) {
      try connection.copyOut(sql, columns: columns.count) { values in
        for (number, value) in values.enumerated() { if let value { body(value, number) } }
      }
    } catch {
      throw error.stop("reading the \(schema.entity) that are there")
    }
  }
}
