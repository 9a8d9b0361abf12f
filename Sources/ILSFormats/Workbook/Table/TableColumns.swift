import ILSRecord

/// The columns of a sheet's table: which of the sheet's they are, and what stands in front of their values.
struct TableColumns: ~Copyable {
  /// The sheet's columns, from 0, in order.
  private var numbers: [Int] = []
  private(set) var names: [String] = []
  /// What was changed of the names.
  private(set) var notes: [String] = []
  /// `,"name":null` of each column, one behind the other.
  private var members = OutputBuffer()
  private var ends: [Int] = []
  private var taken: Set<String> = []

  init() {}

  /// The columns that have a name in the header or a value in the sample's rows below it.
  /// - Parameter groups: what stands in front of the names, column by column of those that the sample has.
  init(_ sample: borrowing TableSample, header: Int?, groups: [[UInt8]]? = nil, _ options: WorkbookOptions) {
    var found: [Int: String] = [:]
    for row in sample.rows[(header ?? 0)...] {
      for cell in sample.cells[row.cells] where found[cell.column] == nil { found[cell.column] = "" }
    }
    if let header {
      for cell in sample.cells[sample.rows[header].cells] { found[cell.column] = sample.name(cell) }
    }
    numbers = found.keys.sorted()
    let sampled = Set(sample.cells.map(\.column)).sorted()
    var cells = numbers.map { number in
      var name = found[number] ?? ""
      if let groups, let slot = sampled.firstIndex(of: number), slot < groups.count, !groups[slot].isEmpty {
        name = String(decoding: groups[slot], as: UTF8.self) + " " + name
      }
      return name.unicodeScalars.allSatisfy({ $0.value <= 0x20 }) ? ColumnMeaning.nameless(number + 1) : name
    }
    if let given = options.columns {
      for (index, name) in given.enumerated() where index < cells.count { cells[index] = name }
      if given.count != cells.count { notes.append("\(given.count) names were given for \(cells.count) columns") }
    }
    let header = CSVHeader(cells)
    names = header.names
    notes += header.notes
    taken = Set(names)
    for name in names {
      members.append("," as StaticString)
      members.appendJSONString(name)
      members.append(":null" as StaticString)
      ends.append(members.count)
    }
    _ = members.reserve(64)
    firstValue = ends.isEmpty ? 0 : prefix(0).count
    firstColumn = numbers.first ?? 0
  }

  @inline(__always)
  var count: Int { numbers.count }

  @inline(__always)
  func column(_ slot: Int) -> Int { numbers.withUnsafeBufferPointer { $0[slot] } }

  /// Bytes in front of the first column's value.
  private(set) var firstValue = 0
  /// The sheet's column that is the first of the table.
  private(set) var firstColumn = 0

  /// Writes the fields of `row` as a record has them behind its `_row`, with the brace that ends it.
  func write(_ sample: borrowing TableSample, _ row: TableSample.Row, to buffer: inout OutputBuffer) {
    var cells: [Int: TableSample.Cell] = [:]
    for cell in sample.cells[row.cells] { cells[cell.column] = cell }
    for slot in 0..<count {
      if let cell = cells[column(slot)] {
        buffer.append(prefix(slot))
        buffer.append(sample.value(cell))
      } else {
        buffer.append(null(slot))
      }
    }
    buffer.append(UInt8(ascii: "}"))
  }

  /// `,"name":null`
  @inline(__always)
  func null(_ slot: Int) -> UnsafeRawBufferPointer {
    let (start, end) = ends.withUnsafeBufferPointer { (slot == 0 ? 0 : $0[slot - 1], $0[slot]) }
    return UnsafeRawBufferPointer(start: members.bytes.baseAddress! + start, count: end - start)
  }

  /// `,"name":`
  @inline(__always)
  func prefix(_ slot: Int) -> UnsafeRawBufferPointer {
    let whole = null(slot)
    return UnsafeRawBufferPointer(start: whole.baseAddress, count: whole.count - 4)
  }

  /// The name of a column that is none of the table's, so that no field has it.
  func extraName(_ column: Int) -> String {
    var name = ColumnMeaning.nameless(column + 1)
    while taken.contains(name) { name += "_2" }
    return name
  }

  /// The name that a column of the sheet has in records.
  func name(ofColumn column: Int) -> String {
    numbers.firstIndex(of: column).map { names[$0] } ?? extraName(column)
  }
}
