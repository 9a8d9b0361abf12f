import ILSRecord

/// The directory of a binary workbook ([MS-XLSB] 2.1.7.61): its sheets, and how it counts days.
struct XLSBDirectory {
  private(set) var sheets: [(sheet: WorkbookSheet, relation: String)] = []
  private(set) var is1904 = false
  private(set) var asksToCalculate = false

  private static var sheetLimit: Int { 4096 }

  init(_ stream: PartStream) throws(StopError) {
    var records = XLSBRecords(stream)
    while try records.next() {
      let body = records.body
      switch records.type {
      case XLSB.properties: is1904 = (body.u32(0) ?? 0) & 1 != 0
      case XLSB.calculation: asksToCalculate = (body.u16(24) ?? 0) & 1 != 0
      case XLSB.sheet:
        guard let state = body.u32(0), let (relation, end) = XLSBText.string(body, 8),
          let (name, _) = XLSBText.string(body, end)
        else { throw XLSBRecords.truncated }
        let states: [WorkbookSheet.State] = [.visible, .hidden, .veryHidden]
        sheets.append((WorkbookSheet(name: name, state: states[min(state, 2)]), relation))
        guard sheets.count <= Self.sheetLimit else {
          throw StopError(
            .dataError, WorkbookFileFault.workbookSheetLimit, "the workbook has more than \(Self.sheetLimit) sheets")
        }
      default: break
      }
    }
  }
}

/// The styles of a binary workbook ([MS-XLSB] 2.1.7.50).
enum XLSBStyles {
  private static var limit: Int { 65_536 }

  /// - Returns: also which fonts strike text through.
  static func read(_ stream: PartStream, into table: inout StyleTable) throws(StopError) -> Set<Int> {
    var records = XLSBRecords(stream)
    var looks = XLSXLooks()
    var formats: [Int: CellStyle] = [:]
    var blanks: Set<Int> = []
    var isInCells = false
    while try records.next() {
      let body = records.body
      switch records.type {
      case XLSB.format:
        guard let number = body.u16(0), let (code, _) = XLSBText.string(body, 2), formats.count < limit else {
          continue
        }
        formats[number] = CellStyle(code: code)
        if CellStyle.isBlank(code) { blanks.insert(number) }
      case XLSB.font: looks.addFont(isStruck: (body.u16(2) ?? 0) & 8 != 0, colour: colour(body, 12))
      case XLSB.fill: looks.addFill(pattern: body.u32(0) ?? 0, colour: colour(body, 4))
      case XLSB.beginCellFormats: isInCells = true
      case XLSB.endCellFormats: isInCells = false
      case XLSB.cellFormat where isInCells:
        let number = body.u16(2) ?? 0
        var mark = looks.mark(font: body.u16(4) ?? 0, fill: body.u16(6) ?? 0)
        if blanks.contains(number) { mark.insert(.unseen) }
        table.append(formats[number] ?? CellStyle(builtIn: number), mark)
      default: break
      }
    }
    return looks.struck
  }

  /// A colour ([MS-XLSB] 2.5.19), in the spelling of `XLSXLooks`.
  private static func colour(_ body: UnsafeRawBufferPointer, _ at: Int) -> String? {
    guard let kind = body.u8(at), let index = body.u8(at + 1), let tint = body.u16(at + 2),
      let red = body.u8(at + 4), let green = body.u8(at + 5), let blue = body.u8(at + 6)
    else { return nil }
    switch kind >> 1 {
    case 1: return XLSXLooks.colour(indexed: "\(index)")
    case 2:
      return [red, green, blue].map {
        let digits = String($0, radix: 16, uppercase: true)
        return digits.utf8.count < 2 ? "0" + digits : digits
      }.joined()
    case 3: return XLSXLooks.colour(theme: "\(index)", tint: Double(Int16(truncatingIfNeeded: tint)))
    default: return nil
    }
  }
}

/// The shared strings of a binary workbook ([MS-XLSB] 2.1.7.45).
enum XLSBStrings {
  /// - Parameter struck: fonts that strike text through.
  static func read(_ stream: PartStream, struck: Set<Int>, into arena: StringArena) throws(StopError) {
    var records = XLSBRecords(stream)
    var text = OutputBuffer()
    while try records.next() {
      guard records.type == XLSB.string else { continue }
      guard let (units, end) = XLSBText.run(records.body, 1) else { throw XLSBRecords.truncated }
      text.removeAll()
      XLSBText.append(units, to: &text)
      if !struck.isEmpty, isStruck(records.body, runs: end, struck) { arena.strikeNext() }
      try arena.append(text.bytes)
    }
  }

  /// Whether a run of a rich text ([MS-XLSB] 2.5.122) is struck through.
  static func isStruck(_ body: UnsafeRawBufferPointer, runs at: Int, _ struck: Set<Int>) -> Bool {
    guard let flags = body.u8(0), flags & 1 != 0, let count = body.u32(at) else { return false }
    for index in 0..<min(count, 32_767) {
      guard let font = body.u16(at + 4 + index * 4 + 2) else { return false }
      if struck.contains(font) { return true }
    }
    return false
  }
}
