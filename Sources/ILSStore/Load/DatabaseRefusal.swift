import ILSRecord

/// Why the database itself refuses a record, by the record's field and its column's type.
struct DatabaseRefusal {
  private let table: TargetTable

  init(_ table: TargetTable) { self.table = table }

  /// The refusal of a row of outcomes, whose `field` is a record's field, or a column that no field feeds; nil where it was
  /// not the database that refused it.
  func error(_ row: Row) -> RecordError? {
    guard let state = DatabaseError.state(of: row.text("code")) else { return nil }
    let field = table.schema.fields.first { $0.name == row["field"] }
    let error = DatabaseError(
      state: state, table: row["fault_table"], column: field?.column ?? row["field"],
      constraint: row["fault_constraint"], text: row.text("fault_text"))
    return self.error(error, field: row["field"])
  }

  /// The refusal of the one record that a statement failed with.
  /// - Parameter field: the record's, where it is known.
  func error(_ error: DatabaseError, of field: String?) -> RecordError {
    let named = table.schema.fields.first { $0.column == error.column }
    return self.error(error, field: field ?? named?.name ?? error.column)
  }

  private func error(_ error: DatabaseError, field: String?) -> RecordError {
    RecordError(
      code: error.recordCode, field: field, message: error.explanation(by: error.column.flatMap { table.columns[$0] }),
      value: error.text)
  }
}

extension DatabaseError {
  /// What the state means for a value of a column, with the names that help to find it.
  fileprivate func explanation(by column: TargetTable.Column?) -> String {
    // A constraint of the table, and a trigger, speak of the row.
    guard let column, table == nil else { return explanation }
    let type = "a column of type \(column.type)"
    switch state {
    case "23514": return explanation("a check of the column's type \(column.type) forbids it")
    case "23502": return explanation("the column's type \(column.type) requires a value")
    case "22001": return explanation("a value is too long for \(type)")
    case "22003": return explanation("a number is out of range for \(type)")
    case "22026": return explanation("a bit string has another length than \(type)")
    case "22021", "22P05": return explanation
    default: return explanation(column.takes.map { "\(type) takes \($0)" } ?? "a value does not fit \(type)")
    }
  }
}
