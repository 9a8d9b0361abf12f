import ILSRecord

/// Which rows of a table are looked at: those with the values that every row of the scope has.
struct VerifyScope {
  let table: TargetTable
  let source: String?
  /// All rows are looked at, whatever values they were given.
  var isWhole = false

  private var schema: LoadSchema { table.schema }

  /// SQL that holds for rows `t` of the scope.
  var condition: String {
    var conditions = (isWhole ? [] : schema.constants).map {
      "t.\($0.column.quotedIdentifier) = \($0.value.quotedLiteral)"
    }
    conditions += schema.identity.filter.map { filter in
      RowFilter.condition("t", schema.column(of: filter.name) ?? filter.name, filter.value)
    }
    if let source, let column = schema.sourceField.flatMap({ schema.column(of: $0) }) {
      conditions.append("t.\(column.quotedIdentifier) = \(source.quotedLiteral)")
    }
    return conditions.isEmpty ? "true" : conditions.joined(separator: " AND ")
  }

  /// SQL for the table with its schema's name.
  var name: String { schema.table.quotedIdentifier }
  /// SQL for a row's id, as text.
  var id: String { "t.\(schema.id.quotedIdentifier)::text" }

  /// The rows of the scope for which `test` holds.
  func rows(_ test: String) -> String { "SELECT \(id) AS id FROM \(name) t WHERE \(condition) AND (\(test))" }
}
