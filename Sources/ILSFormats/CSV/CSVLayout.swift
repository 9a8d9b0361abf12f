import ILSRecord

/// What the rows of a sample look like when they are cut in one way.
struct CSVLayout {
  struct Row {
    let width: Int
    /// Cells that hold something.
    let filled: Int
    /// It starts with a number sign.
    let isMarked: Bool
    /// It could hold names: every cell but a few is filled, no two are alike, and none starts as numbers and dates do.
    let isNameLike: Bool
  }

  private(set) var rows: [Row] = []
  /// The width that most rows have, and the share of rows that have it.
  private(set) var width = 1
  private(set) var share = 0.0

  /// Cells in quotes, and quotes that stand where none should.
  private(set) var quoted = 0
  private(set) var oddities = 0

  private static let rowLimit = 200

  /// - Parameter isWhole: the sample is the whole text.
  init(_ sample: UnsafeRawBufferPointer, _ dialect: CSVDialect, isWhole: Bool) {
    var splitter = CSVSplitter(sample, dialect)
    while rows.count < Self.rowLimit, let cells = splitter.next(isWhole: isWhole) { rows.append(Row(cells)) }
    quoted = splitter.quoted
    oddities = splitter.oddities
    // Remarks above a table say nothing of how it is cut.
    let table = rows.drop { $0.isMarked }
    let counted = (table.isEmpty ? rows[...] : table).filter { $0.width > 1 || $0.filled > 0 }
    var counts: [Int: Int] = [:]
    for row in counted { counts[row.width, default: 0] += 1 }
    guard let usual = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return }
    width = usual.key
    share = Double(usual.value) / Double(counted.count)
  }

  /// Rows that agree outweigh rows that are wide; among layouts that agree alike, the wider one is no accident.
  func isBetter(than other: CSVLayout) -> Bool {
    let (agrees, otherAgrees) = (share > 0.9, other.share > 0.9)
    if agrees != otherAgrees { return agrees }
    return agrees ? width > other.width : share * Double(width) > other.share * Double(other.width)
  }

  /// The number of the row that holds the names, from 1.
  ///
  /// Titles and notes above a table fill one cell of one; the header is the first row that has more. A row of the table's
  /// width, or of more cells than one, that fills less than half of the table is a note too if one that looks like names
  /// follows it: never because data does.
  var headerRow: Int {
    let first = rows.firstIndex { !$0.isMarked || $0.width == width } ?? 0
    guard width > 1 else { return (rows[first...].firstIndex { $0.filled > 0 } ?? 0) + 1 }
    let isHeader: (Row) -> Bool = { $0.filled > ($0.width == width ? 0 : 1) }
    guard let header = rows[first...].firstIndex(where: isHeader) else { return 1 }
    if rows[header].filled * 2 < width || rows[header].filled == 1,
      let names = rows[header...].firstIndex(where: { $0.filled * 2 >= width && $0.filled > 1 }),
      rows[names].isNameLike, rows[names].width == width, rows.count > names + 1
    {
      return names + 1
    }
    return header + 1
  }

  /// Whether lines that start with a number sign stand above the header, so that others like them may be remarks too.
  var hasRemarks: Bool { rows[..<(headerRow - 1)].contains { $0.isMarked } }
}

extension CSVLayout.Row {
  init(_ cells: [[UInt8]]) {
    let filled = cells.filter { !$0.isEmpty }
    width = cells.count
    self.filled = filled.count
    isMarked = cells.first?.first == UInt8(ascii: "#")
    isNameLike =
      filled.count * 10 >= cells.count * 9 && Set(filled).count == filled.count
      && !filled.contains { cell in
        let start = cell.first { $0 != 0x20 } ?? 0x30
        return (0x30...0x39).contains(start) || start == UInt8(ascii: "-") || start == UInt8(ascii: "+")
      }
  }
}
