import ILSRecord

/// Rows that begin with empty cells where others have what they are known by: they go on with the row above, or belong to
/// it, as in reports that print a person once above their visits.
struct BlankStarts {
  /// Rows whose first cell is empty, and those of them whose second is, too.
  private var first = 0
  private var second = 0
  private var rows: [Int] = []
  private var last = (row: 0, isDeep: false)

  /// Counts row `row`, whose first cell is empty. - Parameter isDeep: the second one is, too.
  mutating func add(_ row: Int, isDeep: Bool) {
    last = (row, isDeep)
    first += 1
    if isDeep { second += 1 }
    if rows.count < 3 { rows.append(row) }
  }

  /// Takes row `row` back, if it was counted last: it was told to be none of data.
  mutating func drop(_ row: Int) {
    guard last.row == row, first > 0 else { return }
    first -= 1
    if last.isDeep { second -= 1 }
    if rows.last == row { rows.removeLast() }
  }

  /// Says how many there were, unless they are how the table is: cells of which now this one is empty and now that one.
  func tell(of all: Int, _ names: [String], _ position: Position, _ emit: inout Emitter) {
    guard first > 0, first < all, let name = names.first, !ColumnMeaning.isNameless(name) else { return }
    let isDeep = second == first && names.count > 2
    guard isDeep || ColumnMeaning.isKey(name) && names.count > 1 else { return }
    let numbers = rows.map(String.init).joined(separator: ", ") + (first > rows.count ? " ..." : "")
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableBlankStart,
        "\(first) \(first == 1 ? "row" : "rows") (\(numbers)) of \(all) \(first == 1 ? "begins" : "begin") with \(isDeep ? "empty cells" : "an empty cell") where the others have values, "
          + "and \(first == 1 ? "is a record of its" : "are records of their") own: if they go on with the rows above, or belong to them, fill those cells in first",
        field: name, at: position))
  }
}
