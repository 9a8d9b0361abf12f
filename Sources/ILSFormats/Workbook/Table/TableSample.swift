import ILSRecord

/// The first rows of a sheet, kept until the header is known.
struct TableSample: ~Copyable {
  struct Row {
    var number: Int
    var isHidden: Bool
    var cells: Range<Int>
  }
  struct Cell {
    var column: Int
    var start: Int
    var end: Int
  }

  private(set) var rows: [Row] = []
  private(set) var cells: [Cell] = []
  private var text = OutputBuffer()

  private static var rowLimit: Int { 256 }
  private static var byteLimit: Int { 1 << 20 }

  var isFull: Bool { rows.count >= Self.rowLimit || text.count >= Self.byteLimit }

  mutating func append(_ number: Int, isHidden: Bool, _ marks: borrowing RowMarks, _ bytes: UnsafeRawBufferPointer) {
    let first = cells.count
    for index in 0..<marks.count {
      let mark = marks.storage[index]
      let start = text.count
      text.append(UnsafeRawBufferPointer(rebasing: bytes[mark.start..<mark.end]))
      cells.append(Cell(column: Int(mark.column), start: start, end: text.count))
    }
    rows.append(Row(number: number, isHidden: isHidden, cells: first..<cells.count))
  }

  /// Puts the values of `row` back where the writer expects them.
  func restore(_ row: Row, _ marks: inout RowMarks, _ scratch: inout OutputBuffer) {
    scratch.removeAll()
    marks.count = 0
    for cell in cells[row.cells] {
      _ = marks.begin(cell.column, at: scratch.count)
      scratch.append(value(cell))
      marks.end(at: scratch.count)
    }
  }

  func value(_ cell: Cell) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: text.bytes[cell.start..<cell.end])
  }

  private func isText(_ cell: Cell) -> Bool { value(cell).first == UInt8(ascii: "\"") }

  /// The text of a header cell: of a number, its digits.
  func name(_ cell: Cell) -> String {
    let value = value(cell)
    if value.elementsEqual("null".utf8) { return "" }
    guard isText(cell) else { return String(decoding: value, as: UTF8.self) }
    return XMLText.jsonText(UnsafeRawBufferPointer(rebasing: value[1..<(value.count - 1)]))
  }

  /// The position in `rows` of the row that holds the names; nil where there is none.
  func header(_ options: WorkbookOptions) -> Int? {
    if let row = options.headerRow { return row == 0 ? nil : rows.firstIndex(where: { $0.number >= row }) }
    return found()
  }

  /// Titles and notes above a table fill less than half of its columns. The first row that fills more is the header, if it
  /// looks like names and a row follows: as `CSVLayout` has it, so that a table is the same in both.
  private func found() -> Int {
    var width = 0
    for row in rows.prefix(Self.scope) { width = max(width, row.cells.count) }
    guard let first = rows.first, first.cells.count * 2 < width || first.cells.count == 1,
      let wide = rows.firstIndex(where: { $0.cells.count * 2 >= width && $0.cells.count > 1 }),
      wide + 1 < rows.count, isNameLike(rows[wide].cells, width)
    else { return 0 }
    return wide
  }

  /// Whether a row could hold names: every column but a few is filled, with text that starts as no number does, and no two
  /// are alike.
  private func isNameLike(_ header: Range<Int>, _ width: Int) -> Bool {
    guard header.count * 10 >= width * 9 else { return false }
    var names: Set<String> = []
    for cell in cells[header] {
      let name = name(cell)
      let start = name.utf8.first { $0 != 0x20 } ?? 0x30
      guard isText(cell), !(0x30...0x39).contains(start), start != UInt8(ascii: "-"), start != UInt8(ascii: "+"),
        names.insert(name).inserted
      else { return false }
    }
    return true
  }

  /// Rows that are looked at for a header.
  private static var scope: Int { 50 }
}
