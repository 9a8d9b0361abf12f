import ILSRecord

/// What is said of the row of names, in delimited text and workbooks alike.
enum TableDoubt {
  /// Why the row of names cannot be told from the others; nil where it can. No name is repeated: it may be a patient's.
  /// - Parameter row: the number that the file has for a row of the search.
  static func about(_ search: HeaderSearch, row: (Int) -> Int, _ position: Position) -> StopError? {
    if search.isUnsure, let first = search.passed.first {
      return StopError(
        .dataError, code: "table.header_row",
        "the names may stand in row \(row(first)) or in row \(row(search.header)), and nothing decides: say which with --header-row",
        at: position)
    }
    guard search.likeness == .record else { return nil }
    var position = position
    position.row = row(search.header)
    return StopError(
      .dataError, code: "table.header_data",
      "the row of names looks like data: if there is none, say --no-header (columns are numbered then, or named by --columns); if it is one, say --header-row \(row(search.header))",
      at: position)
  }

  /// Says where the names could be values.
  static func tellLikeness(_ search: HeaderSearch, _ position: Position, _ emit: inout Emitter) {
    guard search.likeness == .values else { return }
    emit.tell(
      Diagnostic(
        .warning, code: "table.header_data",
        "the row of names holds values, and is no record: if there are no names, say --no-header", at: position))
  }

  /// Says which rows above the names are no records.
  /// - Parameter rows: the number of each, and whether it is plainly a title: one cell, or a remark.
  static func tellPassed(
    _ format: String, _ rows: [(number: Int, isPlain: Bool)], hasGroups: Bool, joins: Bool, _ position: Position,
    _ emit: inout Emitter
  ) {
    let isPlain = rows.allSatisfy(\.isPlain)
    let numbers = rows.prefix(10).map { "\($0.number)" }.joined(separator: ", ") + (rows.count > 10 ? " ..." : "")
    let groups =
      joins
      ? ": the last holds names of groups, which stand in front of the columns' now"
      : ": the last holds names of groups; --join-groups puts them in front of the columns'"
    emit.tell(
      Diagnostic(
        isPlain ? .info : .warning, code: "\(format).passed_over",
        "\(rows.count) \(rows.count == 1 ? "row" : "rows") above the names passed over (\(numbers))"
          + (hasGroups ? groups : isPlain ? "" : ": if they hold data, say --header-row"), at: position))
  }
}
