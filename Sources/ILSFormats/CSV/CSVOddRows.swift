import ILSRecord

/// Rows of a table that are no data, and what becomes of them: the names again, as joined files have them, lines of totals, and
/// the names of a second table behind an empty line.
struct CSVOddRows: ~Copyable {
  /// What is left out of the records; all are told.
  let leftOut: CSVOptions.LeftOut
  /// The row of names as it stands in the file, without its line end.
  let header: [UInt8]
  private let headerCount: Int
  /// The names, in lower case, and as they stand in the row of names.
  private let names: Set<String>
  private let cells: [String]
  private let starts: OddStarts
  /// Empty lines behind which a second table is looked for.
  private var blanksLeft = 100

  /// - Parameter cells: those of the row of names; none where there is no such row.
  init(header: UnsafeRawBufferPointer, cells: [[UInt8]], names: [String], delimiter: UInt8, leftOut: CSVOptions.LeftOut)
  {
    self.header = [UInt8](header)
    headerCount = header.count
    self.names = Set(names.map { $0.lowercased() })
    self.cells = cells.map(CSVOddRows.folded)
    // Totals may stand behind empty cells.
    let blank = String(Unicode.Scalar(delimiter))
    let behindBlanks =
      TotalsRow.starts.flatMap { [blank + $0, blank + blank + $0] } + [
        blank + blank, blank + "\"", blank + " ", "\"" + blank,
      ]
    starts = OddStarts(
      self.cells.filter { !$0.isEmpty } + TotalsRow.starts + behindBlanks, delimiter: delimiter)
    self.leftOut = leftOut
  }

  var looksBehindBlanks: Bool { blanksLeft > 0 }

  /// Whether a row of `count` bytes that starts at `start` is the row of names again.
  @inline(__always)
  func isHeader(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    count == headerCount && count > 0 && isSame(start)
  }

  @inline(never)
  private func isSame(_ start: UnsafeRawPointer) -> Bool {
    UnsafeRawBufferPointer(start: start, count: headerCount).elementsEqual(header)
  }

  /// A cell as it is compared: without spaces around it, in lower case.
  private static func folded(_ cell: [UInt8]) -> String {
    let bare = cell.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed()
    return String(decoding: bare, as: UTF8.self).lowercased()
  }

  /// Whether a row whose first bytes are `text` may be one of names or totals: its first cell says so.
  ///
  /// Five bytes are read, however short it is, and nine where they may be of such a row.
  @inline(__always)
  func mayBeOdd(_ text: UnsafeRawBufferPointer, _ delimiter: UInt8) -> Bool {
    guard let start = text.baseAddress else { return false }
    return mayBeOdd(start, text.count, delimiter)
  }

  @inline(__always)
  func mayBeOdd(_ start: UnsafeRawPointer, _ count: Int, _ delimiter: UInt8) -> Bool {
    starts.mayBegin(start) && isOddCell(UnsafeRawBufferPointer(start: start, count: count), delimiter)
  }

  /// Whether the cell that starts there, or the first behind empty ones, is a name or a word of totals.
  @inline(never)
  private func isOddCell(_ text: UnsafeRawBufferPointer, _ delimiter: UInt8) -> Bool {
    let rest = CSVOddRows.behindBlanks(text[...], delimiter)
    let isQuoted = rest.first == UInt8(ascii: "\"")
    let cell = rest.dropFirst(isQuoted ? 1 : 0).prefix(64).prefix {
      isQuoted ? $0 != UInt8(ascii: "\"") : $0 != delimiter && $0 != 0x0A && $0 != 0x0D
    }
    return rest.count == text.count && cells.contains(CSVOddRows.folded(Array(cell))) || TotalsRow.isNamed(Array(cell))
  }

  /// What follows the empty cells that `text` starts with.
  private static func behindBlanks(_ text: Slice<UnsafeRawBufferPointer>, _ delimiter: UInt8)
    -> Slice<UnsafeRawBufferPointer>
  {
    var rest = text
    for _ in 0..<TotalsRow.reach {
      let bare = rest.drop { $0 == 0x20 }
      if bare.first == delimiter {
        rest = bare.dropFirst()
      } else if rest.starts(with: [UInt8(ascii: "\""), UInt8(ascii: "\""), delimiter]) {
        rest = rest.dropFirst(3)
      } else {
        break
      }
    }
    return rest
  }

  /// How a row holds the names again.
  enum Again { case same, inAnotherOrder }

  /// nil where the row is none of names.
  func again(_ row: [[UInt8]]) -> Again? {
    guard row.count == cells.count, row.count > 1 else { return nil }
    let found = row.map(CSVOddRows.folded)
    if found == cells { return .same }
    return found.sorted() == cells.sorted() ? .inAnotherOrder : nil
  }

  /// Whether a row behind an empty line looks like the names of another table.
  mutating func isSecondTable(_ row: SampleRow) -> Bool {
    blanksLeft -= 1
    return row.startsTable(below: names)
  }
}
