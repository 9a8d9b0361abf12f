import ILSRecord

/// What people see of a sheet and records do not have: hidden columns, cells that are crossed out, comments.
struct SheetMarks {
  /// Columns that are hidden or have no width, from 0.
  private(set) var hiddenColumns: [ClosedRange<Int>] = []
  /// Comments on cells.
  var comments = 0
  private var struck = MarkedCells()
  /// Cells whose text has the colour of what is behind it, or whose format shows nothing.
  private var unseen = MarkedCells()

  private static var rangeLimit: Int { 1 << 14 }

  mutating func hide(_ columns: ClosedRange<Int>) {
    if hiddenColumns.count < Self.rangeLimit { hiddenColumns.append(columns) }
  }

  /// Counts a cell of row `row` whose text is struck through.
  mutating func strike(_ row: Int) { struck.add(row) }

  /// Counts `count` cells of row `row` by what their style does to them.
  mutating func note(_ mark: StyleTable.Mark, _ row: Int, count: Int = 1) {
    if mark.isStruck { struck.add(row, count) }
    if mark.isUnseen { unseen.add(row, count) }
  }

  /// - Parameter header: the row of names.
  func tell(_ columns: borrowing TableColumns, below header: Int, _ position: Position, _ emit: inout Emitter) {
    tellHidden(columns, position, &emit)
    if struck.cells > 0 {
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookStruck,
          struck.counted("crossed out")
            + ", and read like the others: if that says who left or died, take those rows out first", at: position))
    }
    let unseen = unseen.below(header)
    if unseen.cells > 0 {
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookUnseen,
          unseen.counted("seen by nobody")
            + ": their text has the colour of what is behind it, or a format that shows nothing; they are read like the others: look whether they are meant",
          at: position))
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
