import ILSIdentity
import ILSRecord

/// Reads what a table holds in the fields that references find its rows with.
public struct KeyReader {
  private let connection: Connection

  public init(database: String) throws(StopError) { connection = try Connection(database) }

  /// Calls `body` with the values of each row that is looked at: one for each field or constant column of `names`, and its id.
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
    columns.append("t.\(schema.id.quotedIdentifier)::text")
    let list = columns.joined(separator: ", ")
    let rows = "SELECT \(list) FROM \(schema.table.quotedIdentifier) t WHERE \(filter(schema))"
    do throws(DatabaseError) {
      try connection.copyOut("COPY (\(rows)) TO STDOUT (FORMAT binary)", columns: columns.count, body)
    } catch {
      throw error.stop("reading the \(schema.entity) that are there")
    }
  }

  /// Only rows for which this holds are looked at.
  private func filter(_ schema: LoadSchema) -> String {
    let conditions = schema.identity.filter.map {
      RowFilter.condition("t", schema.column(of: $0.name) ?? $0.name, $0.value)
    }
    return conditions.isEmpty ? "true" : conditions.joined(separator: " AND ")
  }

  /// Calls `body` with the values of each alias of a key under which a source knows a row that is looked at, and the row's id.
  /// - Parameter names: what aliases of the key are made of, in order; none: it has none.
  public func readAliases(
    _ schema: LoadSchema, of names: [String], _ body: ([UnsafeRawBufferPointer?]) -> Void
  ) throws(StopError) {
    if names.isEmpty { return }
    // The table may lack the column.
    let job = schema.jobColumn.map { "to_jsonb(t)->>\($0.quotedLiteral)" }
    let rows = """
      SELECT a.value, a.row_id FROM ils.aliases a JOIN \(schema.table.quotedIdentifier) t
      ON t.\(schema.id.quotedIdentifier)::text = a.row_id AND \(AliasSQL.isOfRow(in: schema.table, job: job)) AND \(filter(schema))
      WHERE a.target = \(schema.table.quotedLiteral) AND a.key = \(names.joined(separator: "+").quotedLiteral)
      """
    do throws(DatabaseError) {
      guard try connection.query("SELECT to_regclass('ils.aliases') AS made")[0]["made"] != nil else { return }
      try connection.copyOut("COPY (\(rows)) TO STDOUT (FORMAT binary)", columns: 2) { values in
        guard let value = values[0] else { return }
        let parts = value.split(separator: 0x1F, omittingEmptySubsequences: false)
        if parts.count == names.count {
          body(parts.map { $0.isEmpty ? nil : UnsafeRawBufferPointer(rebasing: $0) } + [values[1]])
        }
      }
    } catch {
      throw error.stop("reading under which ids sources know the \(schema.entity) that are there")
    }
  }
}
