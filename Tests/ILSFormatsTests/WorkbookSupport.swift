// Part of the tests and, with FuzzChecks.swift, of the fuzzers (scripts/fuzz): no more than what is public.

import CZlib
import ILSFormats
import ILSRecord

/// What a workbook gave.
struct Sheets: Equatable {
  var lines: [String] = []
  /// The codes of what was told, sorted.
  var told: [String] = []
  /// Those of warnings.
  var warned: Set<String> = []
  var stop: String?
  var message: String?
  var tables: [WorkbookDecoder.Table] = []
  var emitted = 0
  var bytes: [UInt8] = []
}

/// Reads all of a workbook, or lists its sheets.
func read(_ file: [UInt8], _ options: WorkbookOptions = WorkbookOptions(), lists: Bool = false) -> Sheets {
  var emitter = Emitter(stage: "test")
  var sheets = Sheets()
  let padded = file + [UInt8](repeating: 0, count: 64)
  padded.withUnsafeBytes { bytes in
    do throws(StopError) {
      var decoder = try WorkbookDecoder(UnsafeRawBufferPointer(rebasing: bytes[..<file.count]), options)
      if lists { try decoder.list(emit: &emitter) } else { while try decoder.read(emit: &emitter) {} }
      sheets.tables = decoder.tables
    } catch {
      sheets.stop = error.code
      sheets.message = error.message
      _ = emitter.output.takeBehindLastLineFeed()
    }
  }
  sheets.bytes = [UInt8](emitter.output.bytes)
  sheets.lines = String(decoding: sheets.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  let told = emitter.takeDiagnostics()
  sheets.told = told.map(\.code).sorted()
  sheets.warned = Set(told.filter { $0.severity == .warning }.map(\.code))
  sheets.emitted = emitter.emitted
  return sheets
}

extension [UInt8] {
  /// Appends `number` in `count` little-endian bytes.
  mutating func put(_ number: Int, _ count: Int) {
    for byte in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
  }
}

/// A zip archive whose parts are stored as they are.
struct ZipBuilder {
  struct Part {
    var name: String
    var bytes: [UInt8]
    var method = 0
    /// What the bytes unpack to, where they are packed.
    var unpacked: [UInt8]?
  }

  var parts: [Part] = []
  /// Sizes stand behind the bytes, as a writer has it that cannot go back.
  var describesBehind = false
  var isWide = false

  init(_ parts: [(String, String)] = []) {
    self.parts = parts.map { Part(name: $0.0, bytes: Array($0.1.utf8)) }
  }

  static func checksum(_ bytes: [UInt8]) -> Int { Int(crc32(0, bytes, uInt(bytes.count))) }

  func archive() -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for part in parts {
      let at = file.count
      let plain = part.unpacked ?? part.bytes
      let sum = ZipBuilder.checksum(plain)
      let flags = describesBehind ? 8 : 0
      file.put(0x0403_4B50, 4)
      for number in [20, flags, part.method, 0, 0] { file.put(number, 2) }
      for number in describesBehind ? [0, 0, 0] : [sum, part.bytes.count, plain.count] { file.put(number, 4) }
      file.put(part.name.utf8.count, 2)
      file.put(0, 2)
      file += Array(part.name.utf8) + part.bytes
      if describesBehind { for number in [0x0807_4B50, sum, part.bytes.count, plain.count] { file.put(number, 4) } }

      directory.put(0x0201_4B50, 4)
      for number in [20, 20, flags, part.method, 0, 0] { directory.put(number, 2) }
      directory.put(sum, 4)
      for number in [part.bytes.count, plain.count] { directory.put(isWide ? 0xFFFF_FFFF : number, 4) }
      for number in [part.name.utf8.count, isWide ? 28 : 0, 0, 0, 0] { directory.put(number, 2) }
      directory.put(0, 4)
      directory.put(isWide ? 0xFFFF_FFFF : at, 4)
      directory += Array(part.name.utf8)
      if isWide {
        directory.put(1, 2)
        directory.put(24, 2)
        for number in [plain.count, part.bytes.count, at] { directory.put(number, 8) }
      }
    }
    return finish(file, directory)
  }

  private func finish(_ body: [UInt8], _ directory: [UInt8]) -> [UInt8] {
    var file = body + directory
    if isWide {
      let at = file.count
      file.put(0x0606_4B50, 4)
      file.put(44, 8)
      for number in [45, 45] { file.put(number, 2) }
      for number in [0, 0] { file.put(number, 4) }
      for number in [parts.count, parts.count, directory.count, body.count] { file.put(number, 8) }
      file.put(0x0706_4B50, 4)
      file.put(0, 4)
      file.put(at, 8)
      file.put(1, 4)
    }
    file.put(0x0605_4B50, 4)
    for number in isWide ? [0, 0, 0xFFFF, 0xFFFF] : [0, 0, parts.count, parts.count] { file.put(number, 2) }
    for number in isWide ? [0xFFFF_FFFF, 0xFFFF_FFFF] : [directory.count, body.count] { file.put(number, 4) }
    file.put(0, 2)
    return file
  }
}

/// An .xlsx file of one sheet or more, given as the insides of their `sheetData`.
struct XLSXBuilder {
  var sheets: [(name: String, state: String, data: String)]
  /// The insides of `si` elements.
  var strings: [String] = []
  /// Format codes of the styles from 1 on; style 0 is General. A number stands for a built-in format.
  var formats: [String] = []

  private func builtIn(_ format: String) -> Int? { format.hasPrefix("0") ? nil : Int(format) }

  var is1904 = false
  /// Behind `sheetData`.
  var tail = ""
  /// In front of element names.
  var prefix = ""

  init(_ data: String, strings: [String] = [], formats: [String] = []) {
    sheets = [("Sheet1", "visible", data)]
    self.strings = strings
    self.formats = formats
  }

  private static var main: String { "http://schemas.openxmlformats.org/spreadsheetml/2006/main" }
  private static var office: String { "http://schemas.openxmlformats.org/officeDocument/2006/relationships" }

  private func relations(_ all: [(String, String, String)]) -> String {
    let each = all.map { "<Relationship Id=\"\($0.0)\" Type=\"\(Self.office)/\($0.1)\" Target=\"\($0.2)\"/>" }
    return "<?xml version=\"1.0\"?><Relationships>\(each.joined())</Relationships>"
  }

  private var styles: String {
    let custom = formats.enumerated().filter { builtIn($0.element) == nil }
      .map { "<numFmt numFmtId=\"\(164 + $0.offset)\" formatCode=\"\($0.element)\"/>" }
    let cells = formats.enumerated().map { "<xf numFmtId=\"\(builtIn($0.element) ?? 164 + $0.offset)\"/>" }
    return
      "<styleSheet><numFmts>\(custom.joined())</numFmts><cellXfs><xf numFmtId=\"0\"/>\(cells.joined())</cellXfs></styleSheet>"
  }

  var zip: ZipBuilder {
    let entries = sheets.enumerated().map {
      "<\(prefix)sheet name=\"\($0.element.name)\" sheetId=\"\($0.offset + 1)\" state=\"\($0.element.state)\" r:id=\"rId\($0.offset + 1)\"/>"
    }
    let targets = sheets.indices.map { ("rId\($0 + 1)", "worksheet", "worksheets/sheet\($0 + 1).xml") }
    var parts = [
      ("[Content_Types].xml", "<Types/>"),
      ("_rels/.rels", relations([("rId1", "officeDocument", "xl/workbook.xml")])),
      (
        "xl/workbook.xml",
        "<\(prefix)workbook><\(prefix)workbookPr date1904=\"\(is1904 ? 1 : 0)\"/><\(prefix)sheets>\(entries.joined())</\(prefix)sheets></\(prefix)workbook>"
      ),
      (
        "xl/_rels/workbook.xml.rels",
        relations(targets + [("rS", "sharedStrings", "sharedStrings.xml"), ("rT", "styles", "styles.xml")])
      ),
    ]
    if !formats.isEmpty { parts.append(("xl/styles.xml", styles)) }
    if !strings.isEmpty {
      parts.append(("xl/sharedStrings.xml", "<sst count=\"1\">\(strings.map { "<si>\($0)</si>" }.joined())</sst>"))
    }
    for (index, sheet) in sheets.enumerated() {
      parts.append(
        (
          "xl/worksheets/sheet\(index + 1).xml",
          "<?xml version=\"1.0\"?>\n<\(prefix)worksheet xmlns=\"\(Self.main)\"><\(prefix)sheetData>\(sheet.data)</\(prefix)sheetData>\(tail)</\(prefix)worksheet>"
        ))
    }
    return ZipBuilder(parts)
  }

  var file: [UInt8] { zip.archive() }
}

/// Records of a BIFF8 workbook, and the compound file around them.
struct XLSBuilder {
  typealias Record = (type: Int, body: [UInt8])

  /// Records behind the workbook's BOF.
  var globals: [Record] = []
  var sheets: [(name: String, state: Int, cells: [Record])] = []
  var version = 0x0600

  init(_ cells: [Record] = [], globals: [Record] = []) {
    self.globals = globals
    if !cells.isEmpty { sheets = [("Sheet1", 0, cells)] }
  }

  static func bytes(_ record: Record) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(record.type, 2)
    bytes.put(record.body.count, 2)
    return bytes + record.body
  }

  static func body(_ numbers: [(Int, Int)], _ tail: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    for (number, count) in numbers { bytes.put(number, count) }
    return bytes + tail
  }

  /// Row and column from 0.
  static func number(_ row: Int, _ column: Int, _ number: Double, style: Int = 0) -> Record {
    (0x0203, body([(row, 2), (column, 2), (style, 2), (Int(bitPattern: UInt(number.bitPattern)), 8)]))
  }

  static func rk(_ row: Int, _ column: Int, _ packed: Int, style: Int = 0) -> Record {
    (0x027E, body([(row, 2), (column, 2), (style, 2), (packed, 4)]))
  }

  static func shared(_ row: Int, _ column: Int, _ index: Int) -> Record {
    (0x00FD, body([(row, 2), (column, 2), (0, 2), (index, 4)]))
  }

  static func label(_ row: Int, _ column: Int, _ text: String) -> Record {
    (0x0204, body([(row, 2), (column, 2), (0, 2)], unicode(text)))
  }

  /// A text behind its length in two bytes, as UTF-16 where that is needed.
  static func unicode(_ text: String) -> [UInt8] {
    let units = Array(text.utf16)
    let isWide = units.contains { $0 > 0xFF }
    var bytes = body([(units.count, 2), (isWide ? 1 : 0, 1)])
    for unit in units { bytes.put(Int(unit), isWide ? 2 : 1) }
    return bytes
  }

  private func begin(_ kind: Int) -> [UInt8] {
    XLSBuilder.bytes((0x0809, XLSBuilder.body([(version, 2), (kind, 2), (0, 4), (0, 4), (0, 4)])))
  }

  private static var end: [UInt8] { bytes((0x000A, [])) }

  /// The workbook's stream.
  var stream: [UInt8] {
    let substreams = sheets.map { begin(0x10) + $0.cells.flatMap(XLSBuilder.bytes) + Self.end }
    func directory(_ offsets: [Int]) -> [UInt8] {
      zip(sheets, offsets).flatMap { sheet, offset in
        let name = sheet.name.utf8
        let text = version == 0x0600 ? XLSBuilder.body([(name.count, 1), (0, 1)]) : XLSBuilder.body([(name.count, 1)])
        return XLSBuilder.bytes((0x0085, XLSBuilder.body([(offset, 4), (sheet.state, 1), (0, 1)], text + Array(name))))
      }
    }
    let head = begin(0x05) + globals.flatMap(XLSBuilder.bytes)
    var at = head.count + directory(sheets.map { _ in 0 }).count + Self.end.count
    var offsets: [Int] = []
    for substream in substreams {
      offsets.append(at)
      at += substream.count
    }
    return head + directory(offsets) + Self.end + substreams.joined()
  }

  /// The stream in a compound file. Below 4096 bytes it is a small stream, unless it is made longer.
  func file(name: String = "Workbook", padded: Bool = true, scattered: Bool = false, cyclic: Bool = false) -> [UInt8] {
    var content = stream
    if padded { content += [UInt8](repeating: 0, count: max(4096 - content.count, 0)) }
    let isSmall = content.count < 4096
    let size = content.count
    let unit = 512
    content += [UInt8](repeating: 0, count: (unit - content.count % unit) % unit)
    let count = content.count / unit
    // Sector 0 is the table, 1 the directory, 2 the table of small sectors; the stream follows.
    var order = Array(0..<count)
    if scattered { order = order.filter { $0 % 2 == 0 }.reversed() + order.filter { $0 % 2 == 1 } }
    var table = [Int](repeating: 0xFFFF_FFFF, count: 128)
    table[0] = 0xFFFF_FFFD
    (table[1], table[2]) = (0xFFFF_FFFE, 0xFFFF_FFFE)
    var place = [Int](repeating: 0, count: count)
    for (slot, piece) in order.enumerated() { place[piece] = 3 + slot }
    for piece in 0..<count where 3 + piece < 128 {
      table[place[piece]] = piece + 1 < count ? place[piece + 1] : cyclic ? place[0] : 0xFFFF_FFFE
    }
    var file: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 16)
    for number in [0x3E, 3, 0xFFFE, 9, 6] { file.put(number, 2) }
    file += [UInt8](repeating: 0, count: 10)
    for number in [1, 1, 0, 4096, isSmall ? 2 : 0xFFFF_FFFE, isSmall ? 1 : 0, 0xFFFF_FFFE, 0, 0] { file.put(number, 4) }
    for _ in 1..<109 { file.put(0xFFFF_FFFF, 4) }
    for number in table { file.put(number, 4) }
    let root = entry("Root Entry", 5, child: 1, start: isSmall ? 3 : 0xFFFF_FFFE, size: isSmall ? content.count : 0)
    let start = isSmall ? 0 : place.first ?? 0
    file += root + entry(name, 2, child: 0xFFFF_FFFF, start: start, size: cyclic ? 1 << 30 : size)
    file += [UInt8](repeating: 0, count: 256)
    for index in 0..<128 { file.put(index + 1 < (size + 63) / 64 ? index + 1 : 0xFFFF_FFFE, 4) }
    for piece in order { file += content[(piece * unit)..<(piece * unit + unit)] }
    return file
  }

  private func entry(_ name: String, _ type: Int, child: Int, start: Int, size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for unit in name.utf16 { bytes.put(Int(unit), 2) }
    bytes += [UInt8](repeating: 0, count: 64 - bytes.count)
    bytes.put(name.utf16.count * 2 + 2, 2)
    for number in [type, 1] { bytes.put(number, 1) }
    for number in [0xFFFF_FFFF, 0xFFFF_FFFF, child] { bytes.put(number, 4) }
    bytes += [UInt8](repeating: 0, count: 36)
    for number in [start, size, 0] { bytes.put(number, 4) }
    return bytes
  }
}
