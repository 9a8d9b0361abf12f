import ILSRecord

/// The rows of one sheet of a binary workbook ([MS-XLSB] 2.1.7.62), read as they are unpacked.
struct XLSBSheet {
  private var records: XLSBRecords
  private let arena: StringArena
  private let strings: StringTable
  private let styles: StyleTable
  private let struckFonts: Set<Int>
  private let hasStruckStrings: Bool
  private var row = 0
  private var column = -1
  private var isInRows = false
  private var isOpen = false
  private var isRead = false
  /// A row whose header was read, and whose cells come next.
  private var pending: (number: Int, isHidden: Bool)?
  private var hasToldOrder = false
  private(set) var merges: [CellRange] = []

  private static var mergeLimit: Int { 1 << 16 }

  init(_ stream: PartStream, strings: StringArena, styles: StyleTable, struckFonts: Set<Int>) {
    records = XLSBRecords(stream)
    arena = strings
    self.strings = strings.strings
    hasStruckStrings = !strings.struck.isEmpty
    self.styles = styles
    self.struckFonts = struckFonts
  }

  var position: Int { records.position }

  /// Reads rows into `table` until its output holds `limit` bytes.
  /// - Returns: false at the end of the sheet.
  mutating func read(into table: inout TableWriter, until limit: Int, emit: inout Emitter) throws(StopError) -> Bool {
    if let (number, isHidden) = pending {
      pending = nil
      beginRow(number, isHidden, &table, &emit)
    }
    while try records.next() {
      switch records.type {
      case XLSB.row where isInRows:
        let (number, isHidden) = try header()
        if isOpen, number == row { continue }
        endRow(&table, &emit)
        if emit.output.count >= limit || emit.hasNews {
          pending = (number, isHidden)
          return true
        }
        beginRow(number, isHidden, &table, &emit)
      case XLSB.beginRows: isInRows = true
      case XLSB.endRows:
        isInRows = false
        endRow(&table, &emit)
      case XLSB.columns: noteColumns(&table)
      case XLSB.merge:
        if merges.count < Self.mergeLimit, let range = XLSBSheet.range(records.body) { merges.append(range) }
      case 1...18, XLSB.richText: if isInRows, isOpen { try readCell(&table, &emit) }
      default: break
      }
    }
    if isInRows { throw XLSBRecords.truncated }
    return false
  }

  private func header() throws(StopError) -> (number: Int, isHidden: Bool) {
    guard let row = records.body.u32(0), let flags = records.body.u8(11) else { throw XLSBRecords.truncated }
    guard row < CellRange.lastRow else { throw XLSBSheet.badReference(nil) }
    return (row + 1, flags & 0x10 != 0)
  }

  private mutating func beginRow(_ number: Int, _ isHidden: Bool, _ table: inout TableWriter, _ emit: inout Emitter) {
    if number < row, !hasToldOrder {
      hasToldOrder = true
      table.tellOrder(number, emit: &emit)
    }
    (row, column, isOpen) = (number, -1, true)
    isRead = table.beginRow(number, isHidden: isHidden, emit: &emit)
  }

  private mutating func endRow(_ table: inout TableWriter, _ emit: inout Emitter) {
    if isOpen, isRead { table.endRow(emit: &emit) }
    isOpen = false
  }

  private func noteColumns(_ table: inout TableWriter) {
    let body = records.body
    guard let first = body.u32(0), let last = body.u32(4), let width = body.u32(8), let flags = body.u16(16),
      first <= last, first <= CellRange.lastColumn, flags & 1 != 0 || width == 0
    else { return }
    table.seen.hide(first...min(last, CellRange.lastColumn))
  }

  /// First and last row, first and last column.
  static func range(_ body: UnsafeRawBufferPointer) -> CellRange? {
    guard let top = body.u32(0), let bottom = body.u32(4), let left = body.u32(8), let right = body.u32(12),
      top <= bottom, left <= right, top < CellRange.lastRow, left <= CellRange.lastColumn
    else { return nil }
    return CellRange(
      rows: top + 1...min(bottom + 1, CellRange.lastRow), columns: left...min(right, CellRange.lastColumn))
  }

  static func badReference(_ row: Int?) -> StopError {
    StopError(
      .dataError, WorkbookFileFault.xlsxCellReference,
      "a cell lies outside every sheet, which ends at XFD1048576: the file is damaged", at: Position(row: row))
  }

  // MARK: - Cells

  /// Records 1 to 11 and 62 say their column; 12 to 18, the short ones of the first seven, stand behind the one before.
  private mutating func readCell(_ table: inout TableWriter, _ emit: inout Emitter) throws(StopError) {
    let body = records.body
    let isShort = (12...18).contains(records.type)
    let type = isShort ? records.type - 11 : records.type
    guard let style = body.u32(isShort ? 0 : 4), let said = isShort ? column + 1 : body.u32(0) else {
      throw XLSBRecords.truncated
    }
    guard said <= CellRange.lastColumn else { throw XLSBSheet.badReference(row) }
    column = said
    guard isRead, type != 1 else { return }
    try put(type, body, isShort ? 4 : 8, style & 0xFF_FFFF, &table, &emit)
    try table.checkSize(emit)
  }

  private mutating func put(
    _ type: Int, _ body: UnsafeRawBufferPointer, _ at: Int, _ style: Int, _ table: inout TableWriter,
    _ emit: inout Emitter
  ) throws(StopError) {
    if styles.hasMarks { note(styles.mark(style), &table) }
    switch type {
    case 2:
      guard let packed = body.u32(at) else { throw XLSBRecords.truncated }
      table.put(number: XLSCell.number(packed: packed), column, style, styles, emit: &emit)
    case 3, 11:
      guard let code = body.u8(at) else { throw XLSBRecords.truncated }
      table.put(error: CellError.name(code), column, emit: &emit)
    case 4, 10:
      guard let flag = body.u8(at) else { throw XLSBRecords.truncated }
      table.put(flag != 0, column, emit: &emit)
    case 5, 9:
      guard let bits = body.u64(at) else { throw XLSBRecords.truncated }
      table.put(number: Double(bitPattern: bits), column, style, styles, emit: &emit)
    case 6, 8: try putText(body, at, &table, &emit)
    case 7: try putShared(body, at, style, &table, &emit)
    default:
      try putText(body, at + 1, &table, &emit)
      noteRuns(body, at, style, &table)
    }
    if (8...11).contains(type) { table.noteFormula(column, isError: type == 11, emit) }
  }

  private func note(_ mark: StyleTable.Mark, _ table: inout TableWriter) {
    if !mark.isEmpty { table.seen.note(mark, row) }
  }

  private func putText(
    _ body: UnsafeRawBufferPointer, _ at: Int, _ table: inout TableWriter, _ emit: inout Emitter
  ) throws(StopError) {
    guard let (units, _) = XLSBText.run(body, at) else { throw XLSBRecords.truncated }
    var text = OutputBuffer(capacity: units.count * 2 + 64)
    XLSBText.append(units, to: &text)
    table.put(json: text.bytes, column, emit: &emit)
  }

  private func putShared(
    _ body: UnsafeRawBufferPointer, _ at: Int, _ style: Int, _ table: inout TableWriter, _ emit: inout Emitter
  ) throws(StopError) {
    guard let index = body.u32(at), let string = strings[index] else {
      throw StopError(
        .dataError, WorkbookFileFault.xlsxNoString,
        "a cell names a shared string that is not there (\(strings.count) are): the file is damaged", at: table.position
      )
    }
    if hasStruckStrings, arena.struck.contains(index), !styles.mark(style).isStruck { table.seen.strike(row) }
    table.put(json: string, column, emit: &emit)
  }

  private func noteRuns(_ body: UnsafeRawBufferPointer, _ at: Int, _ style: Int, _ table: inout TableWriter) {
    guard !struckFonts.isEmpty, !styles.mark(style).isStruck, let (_, end) = XLSBText.run(body, at + 1) else { return }
    let rich = UnsafeRawBufferPointer(rebasing: body[at...])
    if XLSBStrings.isStruck(rich, runs: end - at, struckFonts) { table.seen.strike(row) }
  }
}

/// What is found out about a sheet of a binary workbook before its rows are read.
struct XLSBSurvey {
  private(set) var merges: [CellRange] = []
  /// The cells that hold something.
  private(set) var extent: CellRange?

  init(_ stream: PartStream) throws(StopError) {
    var records = XLSBRecords(stream)
    var (row, column) = (0, -1)
    while try records.next() {
      let body = records.body
      switch records.type {
      case XLSB.row:
        row = (body.u32(0) ?? 0) + 1
        column = -1
      case XLSB.merge: if let range = XLSBSheet.range(body), merges.count < 1 << 20 { merges.append(range) }
      case 1...11, XLSB.richText: column = body.u32(0) ?? 0
      case 12...18: column += 1
      default: continue
      }
      let isCell = (2...18).contains(records.type) && records.type != 12 || records.type == XLSB.richText
      if isCell, row >= 1, row <= CellRange.lastRow, column <= CellRange.lastColumn { stretch(row, column) }
    }
  }

  private mutating func stretch(_ row: Int, _ column: Int) {
    let known = extent ?? CellRange(rows: row...row, columns: column...column)
    extent = CellRange(
      rows: min(known.rows.lowerBound, row)...max(known.rows.upperBound, row),
      columns: min(known.columns.lowerBound, column)...max(known.columns.upperBound, column))
  }
}
