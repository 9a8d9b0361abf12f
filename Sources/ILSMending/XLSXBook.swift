import ILSRecord
import ILSStream

/// Tables as sheets of a workbook (ECMA-376), each cell a text: no zero, date or sign is anything but what it says, and no
/// cell is a formula.
struct XLSXBook: SheetWriter, ~Copyable {
  private var archive: ZipArchive
  private var names: [String] = []
  private var sheet: Deflater?
  private var buffer = OutputBuffer()
  private var columns = 0
  private var row = 0

  /// Rows of a sheet, characters of a cell: what spreadsheets take.
  private static let mostRows = 1 << 20
  static let mostCharacters = 32_767

  init(_ path: String) throws(StopError) { archive = try ZipArchive(path) }

  mutating func begin(_ name: String, headers: [String]) throws(StopError) {
    try end()
    names.append(name)
    sheet = try Deflater()
    (columns, row) = (headers.count, 0)
    buffer.append(
      """
      \(Self.declaration)<worksheet xmlns="\(Self.main)"><sheetViews><sheetView workbookViewId="0">\
      <pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>\
      <cols><col min="1" max="1" width="8" style="1" customWidth="1"/>\
      <col min="2" max="3" width="9" style="1" customWidth="1"/>\
      <col min="4" max="5" width="48" style="3" customWidth="1"/>\
      <col min="6" max="\(max(headers.count, 6))" width="18" style="1" customWidth="1"/></cols><sheetData>
      """)
    try write(headers)
  }

  mutating func write(_ cells: [String]) throws(StopError) {
    row += 1
    guard row <= Self.mostRows else {
      throw StopError(
        .dataError, MendFault.mendTable, "more refused records than a sheet has rows: write .csv, a stage a file")
    }
    buffer.append("<row r=\"\(row)\">")
    for (number, cell) in cells.enumerated() where !cell.isEmpty {
      let style = row == 1 ? 2 : (3...4).contains(number) ? 3 : 1
      buffer.append(
        "<c r=\"\(Self.column(number))\(row)\" s=\"\(style)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">")
      Self.escape(Self.shown(cell), &buffer)
      buffer.append("</t></is></c>")
    }
    buffer.append("</row>")
    if buffer.count > 1 << 16 { flush(isLast: false) }
  }

  mutating func close() throws(StopError) {
    try end()
    let sheets = names.enumerated()
    try archive.add(
      "[Content_Types].xml",
      """
      \(Self.declaration)<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
      <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
      <Override PartName="/xl/workbook.xml" ContentType="\(Self.kind).sheet.main+xml"/>\
      <Override PartName="/xl/styles.xml" ContentType="\(Self.kind).styles+xml"/>\
      \(sheets.map { "<Override PartName=\"/xl/worksheets/sheet\($0.offset + 1).xml\" ContentType=\"\(Self.kind).worksheet+xml\"/>" }.joined())\
      </Types>
      """)
    try archive.add(
      "_rels/.rels",
      "\(Self.declaration)<Relationships xmlns=\"\(Self.links)\">\(Self.link(1, "officeDocument", "xl/workbook.xml"))</Relationships>"
    )
    try archive.add(
      "xl/workbook.xml",
      """
      \(Self.declaration)<workbook xmlns="\(Self.main)" xmlns:r="\(Self.relations)"><sheets>\
      \(sheets.map { "<sheet name=\"\($0.element)\" sheetId=\"\($0.offset + 1)\" r:id=\"rId\($0.offset + 1)\"/>" }.joined())\
      </sheets></workbook>
      """)
    try archive.add(
      "xl/_rels/workbook.xml.rels",
      """
      \(Self.declaration)<Relationships xmlns="\(Self.links)">\
      \(sheets.map { Self.link($0.offset + 1, "worksheet", "worksheets/sheet\($0.offset + 1).xml") }.joined())\
      \(Self.link(names.count + 1, "styles", "styles.xml"))</Relationships>
      """)
    try archive.add("xl/styles.xml", Self.styles)
    try archive.close()
  }

  private mutating func end() throws(StopError) {
    guard let open = sheet else { return }
    buffer.append("</sheetData><autoFilter ref=\"A1:\(Self.column(columns - 1))\(row)\"/></worksheet>")
    flush(isLast: true)
    try archive.add("xl/worksheets/sheet\(names.count).xml", open)
    sheet = nil
  }

  private mutating func flush(isLast: Bool) {
    sheet?.append(buffer.bytes, isLast: isLast)
    buffer.removeAll()
  }

  // MARK: - Text

  /// What a cell holds of a text: all of it, but for one that is longer than any cell, which cannot be mended there, and for
  /// what XML has no way to write.
  static func shown(_ text: String) -> String {
    if text.utf16.count > mostCharacters {
      return "(\(text.utf16.count) characters, more than a cell takes: leave this as it is)"
    }
    guard text.unicodeScalars.contains(where: { $0.value & ~1 == 0xFFFE }) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value & ~1 == 0xFFFE ? "\u{FFFD}" : $0 }))
  }

  /// A column's letters: A for 0, AA for 26.
  private static func column(_ number: Int) -> String {
    let letter = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(number % 26)))
    return number < 26 ? letter : column(number / 26 - 1) + letter
  }

  /// Appends a text; what XML cannot hold, and what looks like that, in the way of ECMA-376, 22.9.2.19.
  private static func escape(_ text: String, _ buffer: inout OutputBuffer) {
    let bytes = Array(text.utf8)
    for (place, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "&"): buffer.append("&amp;" as StaticString)
      case UInt8(ascii: "<"): buffer.append("&lt;" as StaticString)
      case UInt8(ascii: ">"): buffer.append("&gt;" as StaticString)
      case 0x09, 0x0A: buffer.append(byte)
      case 0..<0x20: buffer.append("_x00\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))_")
      case UInt8(ascii: "_") where bytes.count > place + 6 && bytes[place + 1] == UInt8(ascii: "x"):
        buffer.append("_x005F_" as StaticString)
      default: buffer.append(byte)
      }
    }
  }

  // MARK: - Parts

  private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
  private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  private static let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
  private static let links = "http://schemas.openxmlformats.org/package/2006/relationships"
  private static let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"

  private static func link(_ number: Int, _ type: String, _ target: String) -> String {
    "<Relationship Id=\"rId\(number)\" Type=\"\(relations)/\(type)\" Target=\"\(target)\"/>"
  }

  /// 0: as is; 1: text; 2: a bold text; 3: a text in several lines. 49 is the number of the format "text".
  private static let styles = """
    \(declaration)<styleSheet xmlns="\(main)"><fonts count="2"><font/><font><b/></font></fonts>\
    <fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
    <borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/>\
    <xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/>\
    <xf numFmtId="49" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs>\
    <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>\
    </styleSheet>
    """
}
