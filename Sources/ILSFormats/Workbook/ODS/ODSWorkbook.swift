import ILSRecord

/// An OpenDocument spreadsheet (.ods): its directory of sheets and its styles.
struct ODSWorkbook {
  private let archive: ZipArchive
  private let content: ZipArchive.Entry
  private(set) var sheets: [WorkbookSheet] = []
  private(set) var styles = ODSStyles()

  private static let types = [
    "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.spreadsheet-template",
  ]
  private static var sheetLimit: Int { 4096 }

  /// Whether the archive holds an OpenDocument file of any kind.
  static func isOne(_ archive: ZipArchive) -> Bool {
    archive.entry("[Content_Types].xml") == nil
      && (archive.entry("content.xml") != nil || archive.entry("encrypted-package") != nil)
  }

  /// - Throws: `workbook.encrypted`, `ods.unsupported`, `ods.no_sheets`, `xml.*`, `zip.*`
  init(_ archive: ZipArchive) throws(StopError) {
    self.archive = archive
    try ODSWorkbook.checkType(archive)
    try ODSWorkbook.checkEncryption(archive)
    guard let content = archive.entry("content.xml") else {
      throw ODSWorkbook.fault(.odsNoSheets, "the spreadsheet has no content: the file is damaged")
    }
    self.content = content
    if let common = archive.entry("styles.xml") {
      var tokens = XMLTokens(try PartStream(archive, common))
      try styles.read(&tokens)
    }
    var tokens = XMLTokens(try PartStream(archive, content))
    try styles.read(&tokens)
    styles.number()
    try readDirectory(&tokens)
  }

  private static func checkType(_ archive: ZipArchive) throws(StopError) {
    guard let entry = archive.entry("mimetype") else { return }
    let stream = try PartStream(archive, entry)
    _ = try stream.refill(keeping: 0)
    let type = String(
      decoding: UnsafeRawBufferPointer(start: stream.base, count: min(stream.count, 256)), as: UTF8.self)
    guard !types.contains(type.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "") else { return }
    throw type.hasPrefix("application/vnd.oasis.opendocument")
      ? fault(.odsUnsupported, "the file is an OpenDocument text, drawing or database, and no spreadsheet")
      : fault(.odsUnsupported, "the file is of OpenOffice 1 or another program: save it as .ods or .xlsx")
  }

  /// The manifest says which parts are encrypted (OpenDocument 1.3 part 2, 4.8).
  private static func checkEncryption(_ archive: ZipArchive) throws(StopError) {
    let refused = XLSWorkbook.encrypted("OpenDocument")
    if archive.entry("encrypted-package") != nil { throw refused }
    guard let entry = archive.entry("META-INF/manifest.xml") else { return }
    var tokens = XMLTokens(try PartStream(archive, entry))
    let key = XMLName.key("encryption-data")
    while true {
      let kind = try tokens.next()
      if kind == .end { return }
      if kind == .open || kind == .empty, tokens.name == key { throw refused }
    }
  }

  /// Sheets are the tables of the body that stand in no other.
  private mutating func readDirectory(_ tokens: inout XMLTokens) throws(StopError) {
    let names = ODSNames()
    var depth = 0
    while true {
      let kind = try tokens.next()
      if kind == .end { break }
      guard tokens.name == names.table else { continue }
      if kind == .close { depth -= 1 }
      if kind == .open { depth += 1 }
      guard kind == .empty && depth == 0 || kind == .open && depth == 1 else { continue }
      let isHidden = tokens.attribute("style-name").map { styles.hiddenTables.contains($0) } ?? false
      sheets.append(
        WorkbookSheet(
          name: tokens.attribute("name") ?? "Sheet\(sheets.count + 1)", state: isHidden ? .hidden : .visible))
      guard sheets.count <= Self.sheetLimit else {
        throw ODSWorkbook.fault(.workbookSheetLimit, "the workbook has more than \(Self.sheetLimit) sheets")
      }
    }
    if depth != 0 { throw ODSWorkbook.fault(.xmlTruncated, "the spreadsheet ends inside a sheet: the file is damaged") }
    if sheets.isEmpty {
      throw ODSWorkbook.fault(
        .odsNoSheets, "the spreadsheet has no sheet: the file is damaged, or another kind of document")
    }
  }

  /// The rows of sheet `index`, from where the sheet before ended where that is known.
  /// - Parameter last: the number of a sheet, and what stands behind it.
  func rows(_ index: Int, behind last: (index: Int, rest: XMLTokens)? = nil) throws(StopError) -> ODSRows {
    var tokens: XMLTokens
    var at = 0
    if let last, last.index < index {
      (tokens, at) = (last.rest, last.index + 1)
    } else {
      tokens = XMLTokens(try PartStream(archive, content))
      try ODSWorkbook.passStyles(&tokens)
    }
    let names = ODSNames()
    var depth = 0
    while true {
      let kind = try tokens.next()
      if kind == .end { throw ODSWorkbook.fault(.xmlTruncated, "a sheet is not there: the file is damaged") }
      guard tokens.name == names.table else { continue }
      if kind == .close { depth -= 1 }
      if kind == .open { depth += 1 }
      guard kind == .empty && depth == 0 || kind == .open && depth == 1 else { continue }
      if at == index { return ODSRows(tokens, styles, isEmpty: kind == .empty) }
      at += 1
    }
  }

  private static func passStyles(_ tokens: inout XMLTokens) throws(StopError) {
    let body = XMLName.key("body")
    while true {
      let kind = try tokens.next()
      if kind == .end || kind == .open && tokens.name == body { return }
    }
  }

  private static func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message)
  }
}
