/// How many cells are marked in some way, and in which rows.
struct MarkedCells {
  private(set) var cells = 0
  private(set) var rows = 0
  /// Cells of the first rows, among which the names may stand.
  private var first: [(row: Int, cells: Int)] = []
  private var last = 0

  private static var firstLimit: Int { 64 }

  mutating func add(_ row: Int, _ count: Int = 1) {
    cells += count
    if row != last {
      (last, rows) = (row, rows + 1)
      if first.count < Self.firstLimit { first.append((row, 0)) }
    }
    if first.last?.row == row { first[first.count - 1].cells += count }
  }

  /// Those below row `header`.
  func below(_ header: Int) -> MarkedCells {
    var left = self
    let above = first.filter { $0.row <= header }
    left.first.removeAll { $0.row <= header }
    left.cells -= above.reduce(0) { $0 + $1.cells }
    left.rows -= above.count
    return left
  }

  /// `3 cells are crossed out, in 2 rows (4, 9)`
  func counted(_ what: String) -> String {
    let shown = first.prefix(3).map { "\($0.row)" }.joined(separator: ", ") + (rows > min(first.count, 3) ? " ..." : "")
    return
      "\(cells) \(cells == 1 ? "cell is" : "cells are") \(what), in \(rows) \(rows == 1 ? "row" : "rows") (\(shown))"
  }
}
