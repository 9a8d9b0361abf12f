import ILSRecord

/// The rows of one sheet of a BIFF workbook ([MS-XLS] 2.1.7.20.5), straight from its records.
struct XLSSheet {
  private let stream: StreamBytes
  private let arena: StringArena
  private let strings: StringTable
  private let styles: StyleTable
  private let text: BIFFText
  private let isUnicode: Bool
  private let hasStruckStrings: Bool
  private let survey: XLSSurvey
  /// Where the next record starts.
  private var at: Int
  /// The next of `survey.order`, where the records do not stand row by row.
  private var turn = 0
  private var row = -1
  private var isRead = false
  /// 1 in the sheet, more in a chart within it, whose cells are none of the sheet's.
  private var depth = 0

  /// - Throws: `xls.truncated`
  init(
    _ stream: StreamBytes, from offset: Int, _ strings: StringArena, _ styles: StyleTable, _ text: BIFFText,
    isUnicode: Bool
  ) throws(StopError) {
    self.stream = stream
    arena = strings
    self.strings = strings.strings
    hasStruckStrings = !strings.struck.isEmpty
    self.styles = styles
    self.text = text
    self.isUnicode = isUnicode
    survey = try stream.withBytes { (bytes) throws(StopError) in try XLSSurvey(bytes, from: offset) }
    at = offset
  }

  /// The byte of the workbook's stream that is read next.
  var position: Int { at }
  var merges: [CellRange] { survey.merges }
  var extent: CellRange? { survey.extent }

  /// Notes what people see of the sheet, and records do not have.
  func noteMarks(_ table: inout TableWriter) {
    for columns in survey.hiddenColumns { table.seen.hide(columns) }
    table.seen.comments = survey.comments
  }

  /// Reads rows into `table` until its output holds `limit` bytes.
  /// - Returns: false at the end of the sheet.
  mutating func read(into table: inout TableWriter, until limit: Int, emit: inout Emitter) throws(StopError) -> Bool {
    let stream = stream
    return try stream.withBytes { (bytes) throws(StopError) in
      try read(bytes, into: &table, until: limit, emit: &emit)
    }
  }

  private mutating func read(
    _ bytes: UnsafeRawBufferPointer, into table: inout TableWriter, until limit: Int, emit: inout Emitter
  ) throws(StopError) -> Bool {
    while let record = next(bytes) {
      guard let cell = XLSCell(bytes, record) else {
        noteNesting(bytes.u16(record))
        continue
      }
      if depth > 1, survey.order == nil { continue }
      try table.checkSize(emit)
      if cell.row != row {
        let isFull = isRead && (emit.output.count >= limit || emit.hasNews)
        endRow(&table, emit: &emit)
        if isFull {
          // The output is taken away between two calls: no row may have begun in it.
          goBack(to: record)
          return true
        }
        row = cell.row
        isRead = table.beginRow(row + 1, isHidden: survey.hiddenRows.contains(row), emit: &emit)
      }
      try put(cell, bytes, &table, emit: &emit)
    }
    endRow(&table, emit: &emit)
    return false
  }

  private mutating func noteNesting(_ type: Int?) {
    if type == BIFF.begin { depth += 1 } else if type == BIFF.endOfFile { depth -= 1 }
  }

  private mutating func endRow(_ table: inout TableWriter, emit: inout Emitter) {
    if isRead { table.endRow(emit: &emit) }
    isRead = false
  }

  /// Where the next record of the sheet starts; nil at its end.
  @inline(__always)
  private mutating func next(_ bytes: UnsafeRawBufferPointer) -> Int? {
    if let order = survey.order {
      guard turn < order.count else { return nil }
      turn += 1
      return order[turn - 1].offset
    }
    guard at < survey.end else { return nil }
    defer { at += 4 + (bytes.u16(at + 2) ?? 0) }
    return at
  }

  /// Makes `record`, the one that `next` gave last, the next again.
  private mutating func goBack(to record: Int) {
    if survey.order == nil { at = record } else { turn -= 1 }
  }

  // MARK: - Cells

  @inline(__always)
  private mutating func put(
    _ cell: XLSCell, _ bytes: UnsafeRawBufferPointer, _ table: inout TableWriter, emit: inout Emitter
  ) throws(StopError) {
    guard isRead else { return }
    let body = cell.body
    if styles.hasMarks { noteStyle(cell, bytes, &table) }
    switch cell.type {
    case BIFF.sharedLabel:
      guard let index = bytes.u32(body + 6), let string = strings[index] else { throw noString(table) }
      if hasStruckStrings, arena.struck.contains(index), !styles.mark(cell.style).isStruck {
        table.seen.strike(row + 1)
      }
      table.put(json: string, cell.column, emit: &emit)
    case BIFF.rk:
      guard let packed = bytes.u32(body + 6) else { return }
      table.put(number: XLSCell.number(packed: packed), cell.column, cell.style, styles, emit: &emit)
    case BIFF.number:
      guard let bits = bytes.u64(body + 6) else { return }
      table.put(number: Double(bitPattern: bits), cell.column, cell.style, styles, emit: &emit)
    case BIFF.multipleRK:
      for index in 0..<max((cell.length - 6) / 6, 0) {
        guard let style = bytes.u16(body + 4 + index * 6), let packed = bytes.u32(body + 6 + index * 6) else { return }
        table.put(number: XLSCell.number(packed: packed), cell.column + index, style, styles, emit: &emit)
      }
    case BIFF.label, BIFF.richString: try putText(cell.record, header: 6, cell.column, &table, emit: &emit)
    case BIFF.booleanOrError:
      guard let value = bytes.u8(body + 6) else { return }
      putFlag(value, isError: bytes.u8(body + 7) == 1, cell.column, &table, emit: &emit)
    default: try putResult(cell, &table, emit: &emit)
    }
  }

  /// Notes cells whose style strikes their text through, or lets nobody see it.
  @inline(never)
  private func noteStyle(_ cell: XLSCell, _ bytes: UnsafeRawBufferPointer, _ table: inout TableWriter) {
    let count = cell.type == BIFF.multipleRK ? max((cell.length - 6) / 6, 0) : 1
    for index in 0..<count {
      let mark = styles.mark(index == 0 ? cell.style : bytes.u16(cell.body + 4 + index * 6) ?? 0)
      if !mark.isEmpty { table.seen.note(mark, row + 1) }
    }
  }

  private func putFlag(
    _ value: Int, isError: Bool, _ column: Int, _ table: inout TableWriter, emit: inout Emitter
  ) {
    if isError {
      table.put(error: CellError.name(value), column, emit: &emit)
    } else {
      table.put(value != 0, column, emit: &emit)
    }
  }

  /// The result of a formula ([MS-XLS] 2.5.133).
  private func putResult(_ cell: XLSCell, _ table: inout TableWriter, emit: inout Emitter) throws(StopError) {
    let bytes = stream
    guard let bits = bytes.u64(cell.body + 6) else { return }
    guard bits >> 48 == 0xFFFF else {
      table.put(number: Double(bitPattern: bits), cell.column, cell.style, styles, emit: &emit)
      table.noteFormula(cell.column, isError: false, emit)
      return
    }
    defer { table.results.all += 1 }
    if bits & 0xFF < 3 { table.results.real += 1 }
    let value = Int(bits >> 16 & 0xFF)
    switch bits & 0xFF {
    case 0:
      guard let record = resultText(behind: cell.record) else { return table.tellNoResult(cell.column, emit: &emit) }
      try putText(record, header: 0, cell.column, &table, emit: &emit)
    case 1: table.put(value != 0, cell.column, emit: &emit)
    case 2: table.put(error: CellError.name(value), cell.column, emit: &emit)
    default: break
    }
  }

  /// The STRING record that belongs to the formula at `record`: what may stand between are parts of the formula.
  private func resultText(behind record: Int) -> Int? {
    let bytes = stream
    var at = record
    for _ in 0..<16 {
      guard let length = bytes.u16(at + 2) else { return nil }
      at += 4 + length
      switch bytes.u16(at) {
      case BIFF.string: return at
      case BIFF.sharedFormula, BIFF.array, BIFF.dataTable, 0x003C: continue
      default: return nil
      }
    }
    return nil
  }

  private func putText(
    _ record: Int, header: Int, _ column: Int, _ table: inout TableWriter, emit: inout Emitter
  ) throws(StopError) {
    var cursor = BIFFCursor(stream, record: record)
    guard cursor.skip(header), let count = cursor.u16() else { return }
    var buffer = OutputBuffer(capacity: count * 3 + 64)
    guard text.append(&cursor, count: count, to: &buffer) else {
      throw StopError(
        .dataError, WorkbookFileFault.xlsTruncated, "a cell's text is cut off: the file is damaged", at: table.position)
    }
    table.put(json: buffer.bytes, column, emit: &emit)
  }

  private func noString(_ table: borrowing TableWriter) -> StopError {
    StopError(
      .dataError, WorkbookFileFault.xlsNoString,
      "a cell names a shared string that is not there (\(strings.count) are): the file is damaged", at: table.position)
  }
}

/// A record that holds one cell, or several of a row.
struct XLSCell {
  let record: Int
  let type: Int
  let length: Int
  let row: Int
  let column: Int
  let style: Int
  var body: Int { record + 4 }

  /// nil for any other record.
  @inline(__always)
  init?(_ bytes: UnsafeRawBufferPointer, _ record: Int) {
    guard let type = bytes.u16(record), XLSCell.isCell(type), let length = bytes.u16(record + 2), length >= 6,
      let row = bytes.u16(record + 4), let column = bytes.u16(record + 6), let style = bytes.u16(record + 8)
    else { return nil }
    self.record = record
    self.type = type
    self.length = length
    self.row = row
    self.column = column & 0x3FFF
    self.style = style
  }

  @inline(__always)
  static func isCell(_ type: Int) -> Bool {
    switch type {
    case 0x00FD, 0x027E, 0x0203, 0x00BD, 0x0204, 0x00D6, 0x0205, 0x0006, 0x0206, 0x0406: true
    default: false
    }
  }

  /// Whether the record holds all that a cell of its kind has, in a column that a sheet has: what a shorter one would be read
  /// as stands in the record behind it.
  @inline(__always)
  func isWhole(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let least =
      switch type {
      case BIFF.number, BIFF.formula, 0x0206, 0x0406: 14
      case BIFF.multipleRK: 12
      case BIFF.rk, BIFF.sharedLabel: 10
      default: 8
      }
    return length >= least && bytes.u16(record + 6) == column
  }

  /// The number that an RkNumber stands for ([MS-XLS] 2.5.217).
  @inline(__always)
  static func number(packed: Int) -> Double {
    let number =
      packed & 2 != 0
      ? Double(Int32(truncatingIfNeeded: packed) >> 2) : Double(bitPattern: UInt64(packed & 0xFFFF_FFFC) << 32)
    return packed & 1 != 0 ? number / 100 : number
  }
}
