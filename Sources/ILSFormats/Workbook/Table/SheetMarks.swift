import ILSRecord

/// What people see of a sheet and records do not have: hidden columns, cells that are crossed out, comments.
struct SheetMarks {
  /// Columns that are hidden or have no width, from 0.
  private(set) var hiddenColumns: [ClosedRange<Int>] = []
  /// Comments on cells.
  var comments = 0
  private var struckCells = 0
  private var struckRows = 0
  private var firstStruck: [Int] = []
  private var lastStruck = 0

  private static var rangeLimit: Int { 1 << 14 }

  mutating func hide(_ columns: ClosedRange<Int>) {
    if hiddenColumns.count < Self.rangeLimit { hiddenColumns.append(columns) }
  }

  /// Counts a cell of row `row` whose text is struck through.
  mutating func strike(_ row: Int) {
    struckCells += 1
    guard row != lastStruck else { return }
    (lastStruck, struckRows) = (row, struckRows + 1)
    if firstStruck.count < 3 { firstStruck.append(row) }
  }

  func tell(_ columns: borrowing TableColumns, _ position: Position, _ emit: inout Emitter) {
    tellHidden(columns, position, &emit)
    if struckCells > 0 {
      let rows = firstStruck.map(String.init).joined(separator: ", ") + (struckRows > firstStruck.count ? " ..." : "")
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookStruck,
          "\(struckCells) \(struckCells == 1 ? "cell is" : "cells are") crossed out, in \(struckRows) \(struckRows == 1 ? "row" : "rows") (\(rows)), "
            + "and read like the others: if that says who left or died, take those rows out first", at: position))
    }
    if comments > 0 {
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookComments,
          "\(comments) \(comments == 1 ? "cell has a comment" : "cells have comments"), which no record holds: if they matter, copy them into a column",
          at: position))
    }
  }

  private func tellHidden(_ columns: borrowing TableColumns, _ position: Position, _ emit: inout Emitter) {
    guard !hiddenColumns.isEmpty else { return }
    var letters: [String] = []
    for slot in 0..<columns.count {
      let column = columns.column(slot)
      if hiddenColumns.contains(where: { $0.contains(column) }) { letters.append(CellRange.columnName(column)) }
    }
    guard !letters.isEmpty else { return }
    let list = letters.prefix(10).joined(separator: ", ") + (letters.count > 10 ? " ..." : "")
    emit.tell(
      Diagnostic(
        .info, WorkbookFault.workbookHiddenColumns,
        "\(letters.count) hidden \(letters.count == 1 ? "column was" : "columns were") read like the others (\(list))",
        at: position))
  }
}
