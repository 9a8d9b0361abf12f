// Part of the tests and, with FuzzChecks.swift, of the fuzzers (scripts/fuzz): no more than what is public.

/// Records of a binary workbook, and the archive around them.
struct XLSBBuilder {
  typealias Record = (type: Int, body: [UInt8])

  var sheets: [(name: String, state: Int, cells: [Record])]
  var strings: [Record] = []
  var styles: [Record] = []
  var properties = 0
  /// Behind the rows.
  var tail: [Record] = []
  /// In front of the rows.
  var lead: [Record] = []

  init(_ cells: [Record], strings: [String] = [], formats: [String] = []) {
    sheets = [("Sheet1", 0, cells)]
    self.strings = strings.map { (19, [0] + Self.text($0)) }
    styles = formats.enumerated().map { (44, Self.body([(164 + $0.offset, 2)], Self.text($0.element))) }
    styles.append((617, []))
    styles += ([0] + formats.indices.map { 164 + $0 }).map { Self.style(format: $0) }
    styles.append((618, []))
  }

  static func body(_ numbers: [(Int, Int)], _ tail: [UInt8] = []) -> [UInt8] { XLSBuilder.body(numbers, tail) }

  static func style(format: Int, font: Int = 0, fill: Int = 0) -> Record {
    (47, body([(0xFFFF, 2), (format, 2), (font, 2), (fill, 2), (0, 8)]))
  }

  static func text(_ text: String) -> [UInt8] {
    let units = Array(text.utf16)
    var bytes = body([(units.count, 4)])
    for unit in units { bytes.put(Int(unit), 2) }
    return bytes
  }

  /// Row from 1.
  static func row(_ number: Int, isHidden: Bool = false) -> Record {
    (0, body([(number - 1, 4), (0, 4), (0x12C, 2), (isHidden ? 0x1000 : 0, 2), (0, 5)]))
  }

  static func cell(_ type: Int, _ column: Int, _ value: [UInt8] = [], style: Int = 0) -> Record {
    (type, body([(column, 4), (style, 4)], value))
  }

  static func number(_ column: Int, _ number: Double, style: Int = 0) -> Record {
    cell(5, column, body([(Int(bitPattern: UInt(number.bitPattern)), 8)]), style: style)
  }

  static func label(_ column: Int, _ text: String) -> Record { cell(6, column, Self.text(text)) }

  /// A record behind its number and its length, seven bits a byte.
  static func bytes(_ record: Record) -> [UInt8] {
    var bytes: [UInt8] =
      record.type < 128 ? [UInt8(record.type)] : [UInt8(record.type & 0x7F | 0x80), UInt8(record.type >> 7)]
    var length = record.body.count
    repeat {
      bytes.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
      length >>= 7
    } while length > 0
    return bytes + record.body
  }

  static func part(_ records: [Record]) -> [UInt8] { records.flatMap(bytes) }

  var zip: ZipBuilder {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    func relations(_ all: [(String, String, String)]) -> String {
      "<Relationships>"
        + all.map { "<Relationship Id=\"\($0.0)\" Type=\"\(office)/\($0.1)\" Target=\"\($0.2)\"/>" }.joined()
        + "</Relationships>"
    }
    let targets = sheets.indices.map { ("rId\($0 + 1)", "worksheet", "worksheets/sheet\($0 + 1).bin") }
    var zip = ZipBuilder([
      ("[Content_Types].xml", "<Types/>"), ("_rels/.rels", relations([("r", "officeDocument", "xl/workbook.bin")])),
      (
        "xl/_rels/workbook.bin.rels",
        relations(targets + [("rS", "sharedStrings", "sharedStrings.bin"), ("rT", "styles", "styles.bin")])
      ),
    ])
    let directory: [Record] =
      [(153, Self.body([(properties, 4), (0, 4)]))]
      + sheets.enumerated().map {
        (
          156,
          Self.body(
            [($0.element.state, 4), ($0.offset + 1, 4)], Self.text("rId\($0.offset + 1)") + Self.text($0.element.name))
        )
      }
    zip.parts.append(.init(name: "xl/workbook.bin", bytes: Self.part(directory)))
    zip.parts.append(.init(name: "xl/styles.bin", bytes: Self.part(styles)))
    if !strings.isEmpty { zip.parts.append(.init(name: "xl/sharedStrings.bin", bytes: Self.part(strings))) }
    for (index, sheet) in sheets.enumerated() {
      let records = lead + [(145, [])] + sheet.cells + [(146, [])] + tail
      zip.parts.append(.init(name: "xl/worksheets/sheet\(index + 1).bin", bytes: Self.part(records)))
    }
    return zip
  }

  var file: [UInt8] { zip.archive() }
}
