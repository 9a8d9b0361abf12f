// What must hold of every workbook: a part of the fuzzers (scripts/fuzz), and of the tests that run what those found.
//
// The same cells must give the same records in every spelling; where then something lies, nothing may trap, and each line that
// comes out is whole.

import CZlib
import FuzzSupport
import ILSFormats
import ILSRecord

/// A cell, whatever it is spelled in.
enum BookCell {
  case number(Int)
  case text(String)
  case flag(Bool)
  case none
}

extension Choices {
  mutating func text() -> String {
    let units = ["a", "Z", " ", "7", "é", "\"", "&", "<", "漢", "\u{1F600}", "_x41_", "\t", "\u{2028}", ";"]
    let text = (0..<below(6)).map { _ in one(of: units) }.joined()
    return byte() == 255 ? String(repeating: text + "b", count: 300) : text
  }

  /// Rows of cells below a row of names.
  mutating func table() -> [[BookCell]] {
    let columns = 1 + below(4)
    let names: [BookCell] = (0..<columns).map { .text("n\($0)") }
    return [names]
      + (0..<below(40)).map { _ in
        (0..<columns).map { _ in
          switch below(6) {
          case 0, 1: .number(word() - 32768)
          case 2, 3: .text(text())
          case 4: .flag(flag())
          default: .none
          }
        }
      }
  }

  mutating func options() -> WorkbookOptions {
    var options = WorkbookOptions()
    let choice = byte()
    options.fillsMerged = choice & 1 != 0
    options.asDisplayed = choice & 2 != 0
    options.headerRow = choice & 4 != 0 ? 1 : nil
    options.sheets = choice & 8 != 0 ? .all : .firstWithData
    return options
  }

  /// Changes some numbers of a file, most of them where its structure is.
  mutating func lie(in file: inout [UInt8], near places: [Int]) {
    for _ in 0..<below(8) {
      let place = flag() && !places.isEmpty ? one(of: places) : below(file.count)
      let size = one(of: [1, 2, 4, 4])
      let number = one(of: [word(), 0, 0xFFFF_FFFF, 0xFFFF_FFFE, 0x7FFF_FFFF, 1, file.count, file.count / 512])
      for at in place..<place + size where file.indices.contains(at) {
        file[at] = UInt8(truncatingIfNeeded: number >> (8 * (at - place)))
      }
    }
    if byte() == 1 { file.removeLast(below(file.count)) }
  }
}

private func difference(_ a: Sheets, _ b: Sheets, _ what: String) -> String? {
  if a.stop != b.stop { return "\(what): stopped by \(a.stop ?? "nothing") and \(b.stop ?? "nothing")" }
  for (one, other) in zip(a.lines, b.lines) where one != other { return "\(what): \(one) is \(other)" }
  if a.lines.count != b.lines.count { return "\(what): \(a.lines.count) records are \(b.lines.count)" }
  return a.told == b.told ? nil : "\(what): told \(a.told) and \(b.told)"
}

private func wholeLines(_ file: [UInt8], _ options: WorkbookOptions) -> String? {
  for lists in [false, true] {
    let sheets = read(file, options, lists: lists)
    guard sheets.bytes.last ?? 0x0A == 0x0A else { return "the last line does not end" }
    for line in sheets.lines where (try? JSONValue(parsing: Array(line.utf8)))?.members == nil {
      return "a line is no record"
    }
  }
  return nil
}

// MARK: - .xls

/// Cells in records of BIFF8, in a compound file of any layout.
func checkXLS(_ input: [UInt8]) -> String? {
  var choices = Choices(input)
  let options = choices.options()
  var book = DrawnXLS(choices.table(), &choices)
  let whole = read(book.stream(cut: false), options)
  if let fault = difference(whole, read(book.stream(cut: true), options), "texts in pieces") { return fault }
  let stream = book.stream(cut: true)
  var file = CompoundFileBuilder(stream, &choices)
  if let fault = difference(whole, read(file.bytes, options), "sectors in disorder") { return fault }
  var places = file.places
  // What the records say of their length, of texts and of cells.
  places += (0..<16).map { _ in file.place(ofStreamByte: choices.below(stream.count)) }
  choices.lie(in: &file.bytes, near: places)
  var bare = stream
  choices.lie(in: &bare, near: book.lengths)
  return wholeLines(file.bytes, options) ?? wholeLines(bare, options)
}

/// A workbook's stream, of which each text may stand in shared strings, in its cell or behind a formula.
private struct DrawnXLS {
  private var strings: [String] = []
  private var cells: [XLSBuilder.Record] = []
  private var cuts: [Int]
  /// Where lengths of records stand in the stream that was made last.
  private(set) var lengths: [Int] = []

  init(_ table: [[BookCell]], _ choices: inout Choices) {
    cuts = []
    for (row, line) in table.enumerated() {
      for (column, cell) in line.enumerated() { add(cell, row, column, &choices) }
    }
    cuts = (0..<8).map { _ in choices.word() }
  }

  private mutating func add(_ cell: BookCell, _ row: Int, _ column: Int, _ choices: inout Choices) {
    typealias Build = XLSBuilder
    switch cell {
    case .none: break
    case .flag(let flag):
      cells.append((0x0205, Build.body([(row, 2), (column, 2), (0, 2), (flag ? 1 : 0, 1), (0, 1)])))
    case .number(let number):
      switch choices.below(3) {
      case 0: cells.append(Build.number(row, column, Double(number)))
      case 1: cells.append(Build.rk(row, column, (number << 2 | 2) & 0xFFFF_FFFF))
      default:
        let packed = (number << 2 | 2) & 0xFFFF_FFFF
        cells.append((0x00BD, Build.body([(row, 2), (column, 2), (0, 2), (packed, 4), (column, 2)])))
      }
    case .text(let text):
      switch choices.below(3) {
      case 0: cells.append(Build.label(row, column, text))
      case 1:
        let result = [(row, 2), (column, 2), (0, 2), (0, 4), (0, 2), (0xFFFF, 2), (0, 2), (0, 4), (0, 2)]
        cells.append((0x0006, Build.body(result)))
        cells.append((0x0207, Build.unicode(text)))
      default:
        cells.append(Build.shared(row, column, strings.count))
        strings.append(text)
      }
    }
  }

  /// - Parameter cut: shared strings go on in other records, at any character.
  mutating func stream(cut: Bool) -> [UInt8] {
    var book = XLSBuilder(cells, globals: shared(cut: cut))
    if cells.isEmpty { book.sheets = [("Sheet1", 0, [])] }
    let stream = book.stream
    lengths = []
    var at = 0
    while at + 4 <= stream.count {
      lengths += [at, at + 2, at + 4, at + 8]
      at += 4 + Int(stream[at + 2]) + Int(stream[at + 3]) << 8
    }
    return stream
  }

  private func shared(cut: Bool) -> [XLSBuilder.Record] {
    var pieces: [[UInt8]] = [XLSBuilder.body([(strings.count, 4), (strings.count, 4)])]
    var turn = 0
    for text in strings {
      let units = Array(text.utf16)
      let isWide = units.contains { $0 > 0xFF }
      // A header stays in one piece; a character, too.
      if pieces[pieces.count - 1].count > 8000 { pieces.append([]) }
      pieces[pieces.count - 1] += XLSBuilder.body([(units.count, 2), (isWide ? 1 : 0, 1)])
      for unit in units {
        turn += 1
        if cut && cuts.contains(turn) || pieces[pieces.count - 1].count > 8200 { pieces.append([isWide ? 1 : 0]) }
        pieces[pieces.count - 1].put(Int(unit), isWide ? 2 : 1)
      }
    }
    return pieces.enumerated().map { ($0.offset == 0 ? 0x00FC : 0x003C, $0.element) }
  }
}

/// A compound file whose sectors stand in any order, with unused ones between them.
private struct CompoundFileBuilder {
  var bytes: [UInt8] = []
  /// Numbers of the header, the table and the directory.
  private(set) var places: [Int] = []
  private let unit: Int
  private let isSmall: Bool
  private var sectors: [[UInt8]] = []
  private var place: [Int] = []
  private var streamStart = 0
  private var smallOrder: [Int] = []

  init(_ stream: [UInt8], _ choices: inout Choices) {
    let isLarge = choices.flag()
    unit = isLarge ? 4096 : 512
    isSmall = stream.count < 4096
    // The logical sectors: the directory, the small table, then the stream or what holds it.
    var content = stream
    var smallTable: [Int] = []
    if isSmall {
      let count = (stream.count + 63) / 64
      smallOrder = choices.order(count)
      content = [UInt8](repeating: 0, count: count * 64)
      smallTable = [Int](repeating: 0xFFFF_FFFE, count: count)
      for (piece, slot) in smallOrder.enumerated() {
        let from = piece * 64
        for at in from..<min(from + 64, stream.count) { content[slot * 64 + at - from] = stream[at] }
        if piece + 1 < count { smallTable[slot] = smallOrder[piece + 1] }
      }
    }
    let name = choices.flag() ? "Workbook" : "WORKBOOK"
    let others = choices.below(6)
    let directory = sector(of: entries(name, stream.count, content.count, others))
    let small = sector(of: smallTable.flatMap { number -> [UInt8] in [UInt8](number, 4) }, filled: 0xFF)
    streamStart = directory.count + small.count
    sectors = directory + small + sector(of: content)
    lay(chains: [directory.count, small.count, sectors.count - streamStart], contentSize: content.count, &choices)
  }

  private func sector(of bytes: [UInt8], filled: UInt8 = 0) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: unit).map { at in
      let part = bytes[at..<min(at + unit, bytes.count)]
      return Array(part) + [UInt8](repeating: filled, count: unit - part.count)
    }
  }

  /// The root, other streams, and the workbook as the last: found by way of its left or right neighbours.
  private func entries(_ name: String, _ size: Int, _ held: Int, _ others: Int) -> [UInt8] {
    var all = entry("Root Entry", 5, right: nil, child: 1, start: 0, size: isSmall ? held : 0)
    for other in 0..<others {
      all += entry("\u{1}Other \(other)", 2, right: other + 2, child: nil, start: 0xFFFF_FFFE, size: 0)
    }
    return all + entry(name, 2, right: nil, child: nil, start: isSmall ? smallOrder.first ?? 0 : 0, size: size)
  }

  private func entry(_ name: String, _ type: Int, right: Int?, child: Int?, start: Int, size: Int) -> [UInt8] {
    var bytes = name.utf16.flatMap { [UInt8](Int($0), 2) }
    bytes += [UInt8](repeating: 0, count: 64 - bytes.count)
    bytes.put(name.utf16.count * 2 + 2, 2)
    for number in [type, 1] { bytes.put(number, 1) }
    for number in [0xFFFF_FFFF, right ?? 0xFFFF_FFFF, child ?? 0xFFFF_FFFF] { bytes.put(number, 4) }
    bytes += [UInt8](repeating: 0, count: 36)
    for number in [start, size, 0] { bytes.put(number, 4) }
    return bytes
  }

  /// Puts the sectors anywhere, and writes the table that leads through them.
  private mutating func lay(chains: [Int], contentSize: Int, _ choices: inout Choices) {
    let perTable = unit / 4
    let free = choices.below(4)
    var tables = 1
    while tables * perTable < sectors.count + free + tables { tables += 1 }
    let count = sectors.count + free + tables
    let slots = choices.order(count)
    place = Array(slots[..<sectors.count])
    let tablePlaces = Array(slots[(count - tables)...])
    var table = [Int](repeating: 0xFFFF_FFFF, count: tables * perTable)
    for slot in tablePlaces { table[slot] = 0xFFFF_FFFD }
    var at = 0
    for length in chains {
      for piece in at..<at + length { table[place[piece]] = piece + 1 < at + length ? place[piece + 1] : 0xFFFF_FFFE }
      at += length
    }
    bytes = header(chains, tablePlaces)
    var body = [UInt8](repeating: 0xEE, count: count * unit)
    func set(_ slot: Int, _ sector: [UInt8]) { body.replaceSubrange(slot * unit..<(slot + 1) * unit, with: sector) }
    for (piece, sector) in sectors.enumerated() { set(place[piece], sector) }
    for (part, slot) in tablePlaces.enumerated() {
      set(slot, table[part * perTable..<(part + 1) * perTable].flatMap { [UInt8]($0, 4) })
    }
    bytes += body
    setStarts(contentSize)
    places =
      [30, 32, 44, 48, 56, 60, 64, 68, 72, 76, 80]
      + tablePlaces.flatMap { slot in (0..<count).map { (slot + 1) * unit + $0 * 4 } }
    places +=
      chains[0] > 0
      ? (0..<8).flatMap { entry in [64, 66, 68, 72, 76, 116, 120].map { (place[0] + 1) * unit + entry * 128 + $0 } }
      : []
  }

  private func header(_ chains: [Int], _ tablePlaces: [Int]) -> [UInt8] {
    var head: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 16)
    for number in [0x3E, unit == 512 ? 3 : 4, 0xFFFE, unit == 512 ? 9 : 12, 6] { head.put(number, 2) }
    head += [UInt8](repeating: 0, count: 10)
    let small = chains[1] > 0 ? place[chains[0]] : 0xFFFF_FFFE
    for number in [tablePlaces.count, place[0], 0, 4096, small, chains[1], 0xFFFF_FFFE, 0] { head.put(number, 4) }
    for number in 0..<109 { head.put(number < tablePlaces.count ? tablePlaces[number] : 0xFFFF_FFFF, 4) }
    return head + [UInt8](repeating: 0, count: unit - 512)
  }

  /// Where the streams start is known only now.
  private mutating func setStarts(_ contentSize: Int) {
    let start = streamStart < place.count ? place[streamStart] : 0xFFFF_FFFE
    let entries = (sectors[..<streamStart].count * unit) / 128
    for entry in 0..<entries {
      let at = (place[entry * 128 / unit] + 1) * unit + entry * 128 % unit
      guard at + 128 <= bytes.count else { return }
      let type = bytes[at + 66]
      let isRoot = type == 5
      let isBook = type == 2 && bytes[at] != 1
      guard isRoot && isSmall || isBook && !isSmall else { continue }
      for byte in 0..<4 { bytes[at + 116 + byte] = UInt8(truncatingIfNeeded: start >> (8 * byte)) }
    }
  }

  /// Where a byte of the stream stands in the file.
  func place(ofStreamByte byte: Int) -> Int {
    let at = isSmall ? smallOrder[byte / 64] * 64 + byte % 64 : byte
    let piece = streamStart + at / unit
    return piece < place.count ? (place[piece] + 1) * unit + at % unit : 0
  }
}

extension [UInt8] {
  /// `number` in `count` little-endian bytes.
  fileprivate init(_ number: Int, _ count: Int) {
    self = []
    put(number, count)
  }
}

// MARK: - .xlsx

/// Cells in parts of XML, spelled in any way, in an archive of any kind.
func checkXLSX(_ input: [UInt8]) -> String? {
  var choices = Choices(input)
  let options = choices.options()
  let table = choices.table()
  let whole = read(XLSXBuilder(SpelledSheet.usual(table)).file, options)
  var speller = SpelledSheet(choices)
  let data = speller.data(table)
  var book = XLSXBuilder(data, strings: speller.strings)
  choices = speller.choices
  book.prefix = choices.flag() ? "x:" : ""
  var zip = book.zip
  zip.describesBehind = choices.flag()
  zip.isWide = choices.flag()
  for part in zip.parts.indices where choices.flag() { zip.parts[part].pack() }
  if choices.flag() { zip.parts.reverse() }
  var file = zip.archive()
  if let fault = difference(whole, read(file, options), "another spelling") { return fault }
  let directory = Int(file[file.count - 6]) | Int(file[file.count - 5]) << 8
  choices.lie(in: &file, near: (0..<60).map { directory + $0 * 2 } + (1...30).map { file.count - $0 })
  return wholeLines(file, options)
}

/// A sheet's data, in which each cell is spelled as the choices have it.
private struct SpelledSheet {
  var choices: Choices
  private(set) var strings: [String] = []

  init(_ choices: Choices) { self.choices = choices }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("_x41_", with: "_x005F_x41_")
  }

  /// As Excel writes it.
  static func usual(_ table: [[BookCell]]) -> String {
    let rows = table.enumerated().map { row, cells in
      let each = cells.enumerated().map { column, cell in
        let at = "r=\"\(CellRange.columnName(column))\(row + 1)\""
        switch cell {
        case .none: return ""
        case .number(let number): return "<c \(at)><v>\(number)</v></c>"
        case .flag(let flag): return "<c \(at) t=\"b\"><v>\(flag ? 1 : 0)</v></c>"
        case .text(let text): return "<c \(at) t=\"inlineStr\"><is><t>\(escaped(text))</t></is></c>"
        }
      }
      return "<row r=\"\(row + 1)\">\(each.joined())</row>"
    }
    return rows.joined()
  }

  private mutating func blank() -> String { ["", "", " ", "\n", "<!-- > -->", "<?p?>"][choices.below(6)] }

  mutating func data(_ table: [[BookCell]]) -> String {
    var data = ""
    for (row, cells) in table.enumerated() {
      data += blank() + "<row" + (choices.flag() ? " r='\(row + 1)'" : " spans=\"1:9\"") + ">"
      var last = -1
      for (column, cell) in cells.enumerated() {
        if case .none = cell { continue }
        data += blank() + self.cell(cell, row, column, isNext: column == last + 1) + blank()
        last = column
      }
      data += "</row>"
    }
    return data
  }

  private mutating func cell(_ cell: BookCell, _ row: Int, _ column: Int, isNext: Bool) -> String {
    var attributes = isNext && choices.flag() ? [] : ["r=\"\(CellRange.columnName(column))\(row + 1)\""]
    let value: String
    switch cell {
    case .none: return ""
    case .number(let number):
      value = "<v>\(["", " "][choices.below(2)])\(number)</v>"
      if choices.flag() { attributes.append("t='n'") }
    case .flag(let flag):
      attributes.append("t=\"b\"")
      value = "<v>\(choices.flag() ? "\(flag)" : flag ? "1" : "0")</v>"
    case .text(let text): (attributes, value) = self.text(text, attributes)
    }
    if choices.flag() { attributes.reverse() }
    if choices.flag() { attributes.append("s=\"0\"") }
    let gap = ["", " "][choices.below(2)]
    return "<c \(attributes.joined(separator: ["  ", " "][choices.below(2)]))\(gap)>\(value)</c>"
  }

  private mutating func text(_ text: String, _ attributes: [String]) -> ([String], String) {
    switch choices.below(3) {
    case 0:
      strings.append(self.pieces(text, raw: false))
      return (attributes + ["t=\"s\""], "<v>\(strings.count - 1)</v>")
    case 1: return (attributes + ["t=\"inlineStr\""], "<is>\(pieces(text, raw: false))</is>")
    default: return (attributes + ["t=\"str\""], "<v>\(spelled(text))</v>")
    }
  }

  /// One `t`, or several runs and how they are spoken.
  private mutating func pieces(_ text: String, raw: Bool) -> String {
    guard choices.flag() else { return "<t>\(spelled(text))</t>" }
    let scalars = Array(text.unicodeScalars)
    let at = choices.below(scalars.count + 1)
    func part(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
    // An escape that would be cut in two stays whole.
    let cut = text.contains("_x") ? 0 : at
    let (first, second) = (spelled(part(0..<cut)), spelled(part(cut..<scalars.count)))
    return
      "<r><rPr><b/></rPr><t xml:space=\"preserve\">\(first)</t></r><r><t>\(second)</t></r><rPh sb=\"0\" eb=\"1\"><t>x</t></rPh>"
  }

  private mutating func spelled(_ text: String) -> String {
    if choices.flag(), !text.isEmpty, !text.contains("_x") { return "<![CDATA[\(text)]]>" }
    var result = ""
    for scalar in Self.escaped(text).unicodeScalars {
      // No program spells a part of an entity, or of an escape, by a number.
      let isPlain = !"&;<_".unicodeScalars.contains(scalar) && !["&", "<", "_x"].contains { text.contains($0) }
      if isPlain, choices.byte() > 200 {
        result += choices.flag() ? "&#\(scalar.value);" : "&#x\(String(scalar.value, radix: 16));"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension ZipBuilder.Part {
  /// Deflates the part.
  mutating func pack() {
    guard !bytes.isEmpty else { return }
    var stream = z_stream()
    deflateInit2_(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    var packed = [UInt8](repeating: 0, count: bytes.count + 1024)
    let room = packed.count
    var input = bytes
    input.withUnsafeMutableBufferPointer { from in
      packed.withUnsafeMutableBufferPointer { to in
        (stream.next_in, stream.avail_in) = (from.baseAddress, uInt(from.count))
        (stream.next_out, stream.avail_out) = (to.baseAddress, uInt(room))
        _ = deflate(&stream, Z_FINISH)
      }
    }
    packed.removeLast(Int(stream.avail_out))
    deflateEnd(&stream)
    (unpacked, bytes, method) = (bytes, packed, 8)
  }
}
