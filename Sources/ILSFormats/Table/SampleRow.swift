/// A row of a sample, cut into cells.
struct SampleRow {
  let cells: [[UInt8]]
  let kinds: [CellKind]
  /// The cells that a workbook keeps as numbers; empty for text.
  let numbers: Set<Int>
  /// Cells that hold something.
  let filled: Int
  /// Cells up to the last that holds something.
  let reach: Int

  init(_ cells: [[UInt8]], numbers: Set<Int> = []) {
    self.cells = cells
    self.numbers = numbers
    kinds = cells.map { CellKind($0) }
    filled = kinds.count { $0 != .empty }
    reach = (kinds.lastIndex { $0 != .empty } ?? -1) + 1
  }

  var width: Int { cells.count }
  /// No row at all: a line that is left out.
  var isGap: Bool { cells.isEmpty }
  var isBlank: Bool { filled == 0 }
  /// It starts with a number sign.
  var isMarked: Bool { cells.first?.first == UInt8(ascii: "#") }

  /// Whether the row could hold the names of `width` columns: nearly all are filled, and none with a value.
  func isNameLike(_ width: Int) -> Bool {
    filled * 10 >= width * 9 && filled > 0 && !kinds.contains { $0.isValue }
      && !cells.contains(where: SampleRow.isSigned)
  }

  private static func isSigned(_ cell: [UInt8]) -> Bool {
    let start = cell.first { $0 != 0x20 }
    return start == UInt8(ascii: "-") || start == UInt8(ascii: "+")
  }

  /// Whether the row, below an empty one, looks like the names of another table: some are among `names`, which are in lower
  /// case, or most are words that names of columns are made of.
  func startsTable(below names: Set<String>) -> Bool {
    guard filled > 1, !kinds.contains(where: \.isValue) else { return false }
    let shares = cells.contains { names.contains(String(decoding: $0, as: UTF8.self).lowercased()) }
    return shares && knownShare > 0.3 || knownShare >= 0.5
  }

  /// The share of filled cells that hold a word which names of columns are made of.
  var knownShare: Double {
    let known = cells.count { ColumnWords.isKnown($0) }
    return filled == 0 ? 0 : Double(known) / Double(filled)
  }
}
