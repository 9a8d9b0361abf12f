import ILSRecord

/// Records of BIFF ([MS-XLS] 2.3), by number: those that matter here.
enum BIFF {
  static var formula: Int { 0x0006 }
  static var endOfFile: Int { 0x000A }
  static var note: Int { 0x001C }
  static var dateMode: Int { 0x0022 }
  static var filePass: Int { 0x002F }
  static var font: Int { 0x0031 }
  static var codePage: Int { 0x0042 }
  static var columns: Int { 0x007D }
  static var boundSheet: Int { 0x0085 }
  static var multipleRK: Int { 0x00BD }
  static var richString: Int { 0x00D6 }
  static var format: Int { 0x041E }
  static var cellFormat: Int { 0x00E0 }
  static var mergedCells: Int { 0x00E5 }
  static var sharedStrings: Int { 0x00FC }
  static var sharedLabel: Int { 0x00FD }
  static var number: Int { 0x0203 }
  static var label: Int { 0x0204 }
  static var booleanOrError: Int { 0x0205 }
  static var string: Int { 0x0207 }
  static var row: Int { 0x0208 }
  static var array: Int { 0x0221 }
  static var dataTable: Int { 0x0236 }
  static var rk: Int { 0x027E }
  static var sharedFormula: Int { 0x04BC }
  static var begin: Int { 0x0809 }
}

/// A workbook of Excel 5 to 2003 (BIFF5, BIFF7, BIFF8), or a sheet of Excel 2 to 4: its directory of sheets, its styles and strings.
struct XLSWorkbook {
  private let stream: StreamBytes
  private(set) var sheets: [WorkbookSheet] = []
  private var offsets: [Int] = []
  private var styles = StyleTable()
  private let strings: StringArena
  private var text: BIFFText
  private let isUnicode: Bool
  private var formats: [Int: CellStyle] = [:]
  /// Fonts, and those of them that strike text through.
  private var fonts = 0
  private var struckFonts: Set<Int> = []
  private var fontColours: [Int: Int] = [:]
  /// Formats that show nothing of whatever a cell holds.
  private var blankFormats: Set<Int> = []

  private static var sheetLimit: Int { 4096 }

  /// - Throws: `workbook.encrypted`, `xls.too_old`, `xls.no_workbook`, `xls.truncated`, `ole2.*`
  init(_ bytes: UnsafeRawBufferPointer) throws(StopError) {
    let found = try XLSWorkbook.stream(bytes)
    stream = OldBIFF.isOld(found) ? try found.withBytes(OldBIFF.modern) : found
    strings = StringArena(packed: stream.count)
    guard let type = stream.u16(0), let length = stream.u16(2), let version = stream.u16(4) else {
      throw XLSWorkbook.fault(.xlsNoWorkbook, "the file holds no workbook")
    }
    guard type == BIFF.begin, length >= 4, version == 0x0600 || version == 0x0500 else {
      throw XLSWorkbook.fault(.xlsNoWorkbook, "the file holds no workbook that is known")
    }
    isUnicode = version == 0x0600
    text = BIFFText(transcoder: isUnicode ? nil : try Transcoder(from: "CP1252", replacesErrors: true))
    // A sheet on its own has no workbook around it: what is said of styles stands in the sheet.
    if stream.u16(6) == 0x0010 {
      sheets = [WorkbookSheet(name: "Sheet 1", state: .visible)]
      offsets = [0]
    }
    try readGlobals()
    if sheets.isEmpty { throw XLSWorkbook.fault(.xlsNoSheets, "the workbook names no sheet: the file is damaged") }
  }

  /// The stream that holds the workbook.
  private static func stream(_ bytes: UnsafeRawBufferPointer) throws(StopError) -> StreamBytes {
    guard WorkbookFormat(bytes) == .compound else { return StreamBytes(bytes) }
    let file = try CompoundFile(bytes)
    for name in ["Workbook", "Book"] {
      if let stream = try file.stream(name) { return stream }
    }
    if try file.stream("EncryptedPackage") != nil { throw encrypted(try kind(of: file.stream("EncryptionInfo"))) }
    throw fault(.xlsNoWorkbook, "the file holds no workbook: Word, Outlook and others use such files too")
  }

  /// The encryption of an Office Open XML file ([MS-OFFCRYPTO] 2.3.4).
  private static func kind(of info: StreamBytes?) -> String {
    switch (info?.u16(0) ?? 0, info?.u16(2) ?? 0) {
    case (4, 4): "agile encryption"
    case (2...4, 2): "standard encryption"
    default: "extensible encryption"
    }
  }

  static func encrypted(_ kind: String) -> StopError {
    fault(.workbookEncrypted, "encrypted workbook (\(kind)): save it without a password")
  }

  func sheet(_ index: Int) throws(StopError) -> XLSSheet {
    guard stream.u16(offsets[index]) == BIFF.begin else {
      throw XLSWorkbook.fault(.xlsNoSheet, "the workbook names the sheet and does not hold it: the file is damaged")
    }
    return try XLSSheet(stream, from: offsets[index], strings, styles, text, isUnicode: isUnicode)
  }

  // MARK: - Globals

  private mutating func readGlobals() throws(StopError) {
    let stream = stream
    return try stream.withBytes { (bytes) throws(StopError) in try readGlobals(bytes) }
  }

  private mutating func readGlobals(_ bytes: UnsafeRawBufferPointer) throws(StopError) {
    var at = 0
    while let type = bytes.u16(at), let length = bytes.u16(at + 2), let body = bytes.run(at + 4, length) {
      switch type {
      case BIFF.endOfFile: return
      case BIFF.filePass: throw XLSWorkbook.encrypted(protection(body))
      case BIFF.dateMode: styles.is1904 = body.u16(0) == 1
      case BIFF.codePage: if !isUnicode, let page = body.u16(0) { useCodePage(page) }
      case BIFF.format: readFormat(at)
      case BIFF.cellFormat:
        let number = body.u16(2) ?? 0
        styles.append(formats[number] ?? CellStyle(builtIn: number), mark(body, format: number))
      case BIFF.font: noteFont(body)
      case BIFF.boundSheet: try readSheet(at, body)
      case BIFF.sharedStrings: try readStrings(at)
      default: break
      }
      at += 4 + length
    }
    throw XLSWorkbook.fault(.xlsTruncated, "the workbook ends too early: the file was cut off; get it again")
  }

  private func protection(_ body: UnsafeRawBufferPointer) -> String {
    guard isUnicode, body.u16(0) == 1 else { return "XOR" }
    return body.u16(2) == 1 ? "RC4" : "RC4 CryptoAPI"
  }

  private mutating func useCodePage(_ page: Int) {
    if let transcoder = try? Transcoder(from: BIFFText.encodingName(page), replacesErrors: true) {
      text = BIFFText(transcoder: transcoder)
    }
  }

  /// There is no font 4 ([MS-XLS] 2.5.129).
  private mutating func noteFont(_ body: UnsafeRawBufferPointer) {
    let number = fonts < 4 ? fonts : fonts + 1
    if body.u16(2).map({ $0 & 8 != 0 }) ?? false { struckFonts.insert(number) }
    if fonts < 65_536 { fontColours[number] = body.u16(4) }
    fonts += 1
  }

  /// What a style says of what its cells hold ([MS-XLS] 2.4.353).
  private func mark(_ body: UnsafeRawBufferPointer, format: Int) -> StyleTable.Mark {
    let font = body.u16(0) ?? 0
    var mark: StyleTable.Mark = struckFonts.contains(font) ? .struck : []
    if blankFormats.contains(format) { mark.insert(.unseen) }
    guard isUnicode, let fill = body.u16(16), let colours = body.u16(18) else { return mark }
    let text = XLSWorkbook.colour(fontColours[font] ?? 0x7FFF, isText: true)
    let ground: Int? =
      switch fill >> 10 {
      case 0: 9
      case 1: XLSWorkbook.colour(colours & 0x7F, isText: false)
      default: nil
      }
    if text == ground { mark.insert(.unseen) }
    return mark
  }

  /// A number of the palette ([MS-XLS] 2.5.161), in one spelling: text is black, and a sheet white, where nothing is said.
  private static func colour(_ index: Int, isText: Bool) -> Int {
    switch index {
    case 0..<8: index + 8
    case 0x7FFF: isText ? 8 : 9
    case 0x40: 8
    case 0x41: 9
    default: index
    }
  }

  private mutating func readFormat(_ at: Int) {
    var cursor = BIFFCursor(stream, record: at)
    guard formats.count < 65_536, let number = cursor.u16(), let count = isUnicode ? cursor.u16() : cursor.byte(),
      let code = text.string(&cursor, count: count)
    else { return }
    formats[number] = CellStyle(code: code)
    if CellStyle.isBlank(code) { blankFormats.insert(number) }
  }

  private mutating func readSheet(_ at: Int, _ body: UnsafeRawBufferPointer) throws(StopError) {
    var cursor = BIFFCursor(stream, record: at)
    guard let offset = cursor.u32(), let state = cursor.byte(), let type = cursor.byte(), let count = cursor.byte(),
      let name = text.string(&cursor, count: count)
    else { throw XLSWorkbook.fault(.xlsCorrupt, "the workbook's list of sheets is damaged") }
    let states: [WorkbookSheet.State] = [.visible, .hidden, .veryHidden]
    sheets.append(
      WorkbookSheet(name: name, state: state & 3 < 3 ? states[state & 3] : .veryHidden, isTable: type == 0))
    offsets.append(offset)
    guard sheets.count <= Self.sheetLimit else {
      throw XLSWorkbook.fault(.workbookSheetLimit, "the workbook has more than \(Self.sheetLimit) sheets")
    }
  }

  /// The shared strings ([MS-XLS] 2.4.265). Their number is not believed.
  private func readStrings(_ at: Int) throws(StopError) {
    var cursor = BIFFCursor(stream, record: at)
    guard cursor.u32() != nil, let said = cursor.u32() else { return }
    var buffer = OutputBuffer(capacity: 1 << 12)
    var met = 0
    while cursor.left > 0 || cursor.nextPiece() {
      guard let count = cursor.u16() else { return }
      buffer.removeAll()
      met += 1
      guard text.append(&cursor, count: count, to: &buffer) else {
        // Behind the strings that there should be, anything may stand.
        if met > said { return }
        throw XLSWorkbook.fault(.xlsTruncated, "a shared string is cut off: the file is damaged")
      }
      if cursor.fonts.contains(where: struckFonts.contains) { strings.strikeNext() }
      cursor.fonts.removeAll(keepingCapacity: true)
      try strings.append(buffer.bytes)
    }
  }

  static func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message)
  }
}
