import ILSStore

/// A column that the record gives nothing to: what it holds is the database's doing, or somebody else's.
struct UnfedColumn {
  private let row: RowLineage
  private let column: RowLineage.Column
  private let isWrittenSince: Bool

  /// What the schema has the database make for it, in place of the table's default.
  private let computed: String?

  init(_ row: RowLineage, _ column: RowLineage.Column, _ setter: RowLineage.Setter, _ entity: LoadSchema) {
    (self.row, self.column, isWrittenSince) = (row, column, setter.isWrittenSince)
    computed = entity.computed.first { $0.column == column.name }?.sql
  }

  /// - Parameter nothing: that nothing goes to the column, as a sentence.
  func judge(_ nothing: String) -> (verdict: FieldAnswer.Verdict, says: String) {
    if let computed, column.value != nil {
      return (.fallback, "\(nothing): the database makes it, as the schema says: \(computed)\(doubt)")
    }
    guard let made = column.defaultValue else {
      return column.value == nil ? (.fallback, "\(nothing): it is empty") : other(nothing)
    }
    if column.isGenerated { return (.fallback, "\(nothing): the database makes it: \(made)") }
    if let constant = column.constantDefault {
      guard constant == column.value else { return other(nothing) }
      return (.fallback, "\(nothing): the database gives \(made)\(isWrittenSince ? Self.stillThere : "")")
    }
    if column.value == nil { return other(nothing) }
    return (.fallback, "\(nothing): the database makes it: \(made)\(doubt)")
  }

  private static let stillThere =
    "; the row was written since by something that is no job, and this value is still the database's"

  /// What else may have made a value that cannot be worked out again.
  private var doubt: String {
    if isWrittenSince { return "; the row was written since by something that is no job, which may have changed it" }
    if !row.knowsWriters { return "; whether somebody has edited the row since cannot be told" }
    return row.triggers.isEmpty ? "" : ", or a trigger does (\(row.triggers.joined(separator: ", ")))"
  }

  /// The value is not what the database gives.
  private func other(_ nothing: String) -> (verdict: FieldAnswer.Verdict, says: String) {
    let what = column.defaultValue.map { "\(nothing), and this is not what the database gives (\($0))" } ?? nothing
    if isWrittenSince {
      return (.edited, "\(what): the row was written since by something that is no job")
    }
    if !row.knowsWriters { return (.unexplained, "\(what); who wrote the row since cannot be told") }
    if !row.triggers.isEmpty {
      return (.trigger, "\(what): a trigger made it (\(row.triggers.joined(separator: ", ")))")
    }
    return (.unexplained, "\(what), and nobody has written the row since: the column may have had another default then")
  }
}
