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
    starts = OddStarts(
      self.cells.filter { !$0.isEmpty } + CSVOddRows.totals.map { String($0.prefix(5)) }, delimiter: delimiter)
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

  /// Whether the cell that starts there is a name or a word of totals.
  @inline(never)
  private func isOddCell(_ text: UnsafeRawBufferPointer, _ delimiter: UInt8) -> Bool {
    let isQuoted = text.first == UInt8(ascii: "\"")
    let cell = text.dropFirst(isQuoted ? 1 : 0).prefix(64).prefix {
      isQuoted ? $0 != UInt8(ascii: "\"") : $0 != delimiter && $0 != 0x0A && $0 != 0x0D
    }
    return cells.contains(CSVOddRows.folded(Array(cell))) || CSVOddRows.isTotals(Array(cell))
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

  /// Whether four bytes could start a line of totals: no more than a hint.
  @inline(__always)
  static func mayBeTotals(_ start: UnsafeRawPointer) -> Bool {
    // Most rows start with a digit.
    let lead = start.load(as: UInt8.self)
    guard lead > 0x40 || lead == 0x22 else { return false }
    let first = start.loadUnaligned(as: UInt32.self)
    let word = (first & 0xFF == 0x22 ? (start + 1).loadUnaligned(as: UInt32.self) : first) | 0x2020_2020
    // tota, subt, gran, summ, gesa, somm, zwis, suma
    switch UInt32(littleEndian: word) {
    case 0x6174_6F74, 0x7462_7573, 0x6E61_7267, 0x6D6D_7573, 0x6173_6567, 0x6D6D_6F73, 0x7369_777A, 0x616D_7573:
      return true
    default: return false
    }
  }

  /// Whether the first cell says that the row sums up others.
  static func isTotals(_ cell: [UInt8]) -> Bool {
    let text = String(decoding: cell, as: UTF8.self).lowercased()
    let trimmed = text.utf8.filter {
      !(0x30...0x39).contains($0) && $0 != 0x3A && $0 != 0x20 && $0 != 0x2C && $0 != 0x2E
    }
    return totals.contains(String(decoding: trimmed, as: UTF8.self))
  }

  private static let totals: Set<String> = [
    "total", "totals", "grandtotal", "subtotal", "subtotals", "summe", "gesamt", "gesamtsumme", "zwischensumme",
    "somme", "totalrows", "totalrecords", "totalcount", "totalpatients", "rowstotal", "sommetotale", "suma",
    "sumatotal",
    "totalgénéral", "average", "averages", "durchschnitt", "mittelwert", "moyenne", "promedio",
    "totale",
    "totaal", "totalt", "insgesamt", "celkem", "razem", "итого", "всего", "итог", "сумма",
  ]

  /// Whether a row behind an empty line looks like the names of another table.
  mutating func isSecondTable(_ row: SampleRow) -> Bool {
    blanksLeft -= 1
    return row.startsTable(below: names)
  }
}
