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

  /// Puts other values in the place of those of row `index`.
  mutating func replace(_ index: Int, _ marks: borrowing RowMarks, _ bytes: UnsafeRawBufferPointer) {
    append(rows[index].number, isHidden: rows[index].isHidden, marks, bytes)
    rows[index] = rows.removeLast()
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

  /// The sheet's columns that hold a cell in the rows that are searched.
  var columns: [Int] {
    Set(cells[..<(rows.prefix(Self.scope).last?.cells.upperBound ?? 0)].map(\.column)).sorted()
  }

  /// Looks for the row that holds the names. A table is the same in a workbook and in delimited text: see `HeaderSearch`.
  func search() -> HeaderSearch {
    let columns = columns
    var slots: [Int: Int] = [:]
    for (slot, column) in columns.enumerated() { slots[column] = slot }
    var sampled: [SampleRow] = []
    var number = rows.first?.number ?? 1
    for row in rows.prefix(Self.scope) {
      // A gap in the numbers is an empty line.
      if row.number > number { sampled.append(SampleRow([])) }
      number = row.number + 1
      var texts = [[UInt8]](repeating: [], count: columns.count)
      var numbers: Set<Int> = []
      for cell in cells[row.cells] {
        let slot = slots[cell.column] ?? 0
        texts[slot] = Array(name(cell).utf8)
        if !isText(cell) { numbers.insert(slot) }
      }
      sampled.append(SampleRow(texts, numbers: numbers))
    }
    return HeaderSearch(sampled, width: sampled.map(\.filled).max() ?? 1)
  }

  /// The position in `rows` of row `index` of a search, in which gaps stand as empty lines.
  func position(_ index: Int, in search: HeaderSearch) -> Int {
    search.rows[..<index].count { !$0.isGap }
  }

  /// The row that an option names; nil for none.
  func header(_ row: Int) -> Int? { row == 0 ? nil : rows.firstIndex { $0.number >= row } }

  /// Rows that are looked at for a header.
  private static var scope: Int { 100 }
}
