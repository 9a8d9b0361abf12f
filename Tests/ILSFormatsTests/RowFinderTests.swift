import ILSFormats
import ILSRecord
import Testing

/// Rows and cells that are found again in the stored bytes: what stands there is what was parsed.
@Suite struct RowFinderTests {
  /// The layout that a decoder comes to, with its records.
  private func parse(_ text: [UInt8], _ options: TextOptions) throws -> (layout: TextLayout, records: [JSONValue]) {
    var decoder = TextDecoder(options)
    var emitter = Emitter(stage: "test")
    let padded = text + [UInt8](repeating: 0, count: 64)
    try padded.withUnsafeBytes { bytes in
      try decoder.decode(PaddedBytes(0..<text.count, of: bytes), emit: &emitter)
    }
    try decoder.finish(emit: &emitter)
    let records = emitter.output.string().split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    return (decoder.layout(), records)
  }

  /// The cells of a row, with what is found when the text comes `step` bytes at a time.
  private func find(_ row: Int, _ text: [UInt8], _ layout: TextLayout, step: Int) throws -> (
    offset: Int, lines: [Int], bytes: [UInt8], cells: [String], raw: [[UInt8]], places: [Int]
  )? {
    guard var finder = RowFinder(row: row, in: layout) else { return nil }
    var at = 0
    var isFound = false
    while at < text.count, !isFound {
      let part = Array(text[at..<min(at + step, text.count)])
      isFound = part.withUnsafeBytes { finder.read($0) }
      at += step
    }
    guard isFound || finder.finish() else { return nil }
    let cells = try finder.cells.indices.map { try finder.text(ofCell: $0) ?? "" }
    let raw = finder.cells.map { Array(finder.bytes[$0]) }
    return (finder.offset, finder.lines, finder.bytes, cells, raw, finder.cells.map { finder.offset + $0.lowerBound })
  }

  private static func options(_ change: (inout TextOptions) -> Void) -> TextOptions {
    var options = TextOptions()
    options.format = .csv
    change(&options)
    return options
  }

  /// Texts that are hard to count rows in, and how they are read.
  static let texts: [(name: String, text: String, options: TextOptions)] = [
    ("plain", "a,b\n1,2\n3,4\n", options { _ in }),
    ("no end, CRLF, empty lines", "a,b\r\n\r\n1,2\r\n\r\n\r\n3,4", options { _ in }),
    ("formulas", "a,b\n=\"01\",\"=\"\"x, y\"\"\"\n=A1,=\"\"\n", options { _ in }),
    ("CR alone", "a,b\r1,2\r3,4\r", options { _ in }),
    (
      "quotes over lines", "a,b\n\"x\ny\r\nz\",\"say \"\"no\"\", please\"\n1,\"\"\n,\n\"only\",x\n",
      options { _ in }
    ),
    (
      "backslashes", "a;b\n\"x \\\"y\\\" z\";p\\;q\n\"back\\\\\";2\n",
      options {
        $0.csv.delimiter = 0x3B
        $0.csv.dialect.escape = .backslash
      }
    ),
    ("apostrophes", "a,b\n'x,y',it is\n'',''\n", options { $0.csv.dialect.quote = 0x27 }),
    (
      "nothing quotes", "a\tb\n\"x\ty\"\n6\" pipe\tz\n",
      options {
        $0.csv.dialect.quote = nil; $0.csv.delimiter = 9
      }
    ),
    ("comments", "#first \"odd\na,b\n1,2\n# \"another, one\n3,4\n", options { $0.csv.dialect.comment = 0x23 }),
    ("skipped lines", "a \"title, with\nits subtitle\na,b\n1,2\n", options { $0.csv.skip = 2 }),
    ("a header further down", "Report\n\na,b\n1,2\n3,4\n", options { $0.csv.headerRow = 3 }),
    ("cells too many", "a,b\n1,2,3\n4\n5,6\n", options { $0.csv.dialect.ragged = .keep }),
    ("spaces before quotes", "a, b\n1, \"x, y\"\n2, \"z\"\n3, \"u, v\"\n", options { _ in }),
    ("a mark", "\u{FEFF}a,b\n1,2\n", options { _ in }),
    (
      "a delimiter of two characters", "a||b||c\n1||2|3||\n\"x||y\"||\"l\ni\"||z|\n|||||\n",
      options { _ = $0.csv.separate(by: "||") }
    ),
    (
      "a delimiter beyond ASCII", "a¦b¦c\r\nZoë¦\"x¦ \"\"y\"\"\"¦Â\r\n¦¦¬\r\n", options { _ = $0.csv.separate(by: "¦") }
    ),
    ("a delimiter in part at the end", "a|~|b\n1|~|2|~", options { _ = $0.csv.separate(by: "|~|") }),
    ("nothing separates", "a\nx,y|z\n\"p\"\n", options { $0.csv.delimiter = CSVDialect.noDelimiter }),
    (
      "backslashes before delimiters of several", "a::b\nx\\::y::z\\\\\n:::p\\:\n",
      options {
        _ = $0.csv.separate(by: "::")
        $0.csv.dialect.escape = .backslash
      }
    ),
    ("letters beyond ASCII", "a,b\nZoë,\"Žižek, 東京\"\n😀,ß\n", options { _ in }),
  ]

  @Test(arguments: texts.indices, [1, 2, 3, 7, 4096]) func cellsSayWhatWasParsed(_ index: Int, step: Int) throws {
    let (_, text, options) = Self.texts[index]
    let bytes = Array(text.utf8)
    let (layout, records) = try parse(bytes, options)
    #expect(!records.isEmpty)
    for record in records {
      let row = try #require(record["_row"]?.integer)
      let found = try #require(try find(row, bytes, layout, step: step))
      let values = (record.members ?? []).dropFirst().compactMap(\.value.string)
      #expect(found.cells == values, "row \(row)")
      #expect(Array(bytes[found.offset..<(found.offset + found.bytes.count)]) == found.bytes)
      for (place, line) in zip(found.places, found.lines) {
        let ends = String(decoding: bytes[..<place], as: UTF8.self).count { $0.isNewline }
        #expect(line == ends + 1, "row \(row)")
      }
      #expect(bytes[..<found.offset].last.map { $0 == 0x0A || $0 == 0x0D } ?? true)
    }
  }

  /// The same text in other encodings: the offset counts stored bytes, and what stands there is the cell.
  @Test(arguments: ["UTF-16LE", "UTF-16BE", "UTF-32LE"], [1, 3, 4096])
  func wideLettersAreCountedInBytes(_ encoding: String, step: Int) throws {
    for delimiter in [",", "¦", "|~|"] { try countWide(encoding, delimiter, step) }
  }

  private func countWide(_ encoding: String, _ delimiter: String, _ step: Int) throws {
    let width = encoding.hasPrefix("UTF-32") ? 4 : 2
    func wide(_ text: String) -> [UInt8] {
      let units: [UInt32] = width == 4 ? text.unicodeScalars.map(\.value) : text.utf16.map { UInt32($0) }
      return units.flatMap { unit -> [UInt8] in
        let bytes = (0..<width).map { UInt8(unit >> (8 * UInt32($0)) & 0xFF) }
        return encoding.hasSuffix("BE") ? bytes.reversed() : bytes
      }
    }
    // U+2C22 and U+0A0D have the bytes of a comma, a quote and line ends in them.
    let text = "\u{FEFF}a\(delimiter)b\r\nx\u{2C22}\u{0A0D}\(delimiter)\"1\r\n2\"\r\nlast\(delimiter)😀\r\n"
    let bytes = wide(text)
    let (layout, records) = try parse(
      bytes, Self.options { if delimiter != "," { _ = $0.csv.separate(by: delimiter) } })
    #expect(layout.encoding == encoding && layout.mark == width)
    #expect(records.count == 2)
    for record in records {
      let found = try #require(try find(record["_row"]?.integer ?? 0, bytes, layout, step: step))
      #expect(found.cells == [record["a"]?.string, record["b"]?.string])
      #expect(found.offset % width == 0)
      #expect(found.raw[0] == wide(record["a"]?.string ?? ""))
    }
  }

  /// One byte a letter, and several where a byte of a letter means something by itself.
  @Test func otherEncodingsAreReadBack() throws {
    var options = Self.options { $0.encoding = "CP1252" }
    let western: [UInt8] = Array("a,b\nZo".utf8) + [0xEB] + Array(",2\n".utf8)
    var (layout, records) = try parse(western, options)
    var found = try #require(try find(2, western, layout, step: 2))
    #expect(found.cells == ["Zoë", "2"] && records[0]["a"]?.string == "Zoë")
    #expect(found.raw[0] == [0x5A, 0x6F, 0xEB])
    // A delimiter beyond ASCII is stored in the text's own way.
    _ = options.csv.separate(by: "¦")
    let broken: [UInt8] = Array("a".utf8) + [0xA6] + Array("b\nZo".utf8) + [0xEB, 0xA6] + Array("2\n".utf8)
    (layout, records) = try parse(broken, options)
    found = try #require(try find(2, broken, layout, step: 1))
    #expect(found.raw == [[0x5A, 0x6F, 0xEB], [0x32]] && records[0]["b"]?.string == "2")
    options = Self.options { $0.encoding = "SHIFT_JIS" }
    options.csv.delimiter = 0x7C
    // The second byte of U+30DD is a pipe: whoever counts cells by bytes is wrong, and must see that.
    let japanese: [UInt8] = Array("a|b\n".utf8) + [0x83, 0x7C] + Array("|2\n".utf8)
    (layout, records) = try parse(japanese, options)
    found = try #require(try find(2, japanese, layout, step: 4096))
    #expect(records[0]["a"]?.string == "ポ")
    #expect(found.cells != ["ポ", "2"])
  }

  @Test func aRowThatIsNotThereIsNotFound() throws {
    let bytes = Array("a,b\n1,2\n".utf8)
    let (layout, _) = try parse(bytes, Self.options { _ in })
    #expect(try find(9, bytes, layout, step: 4096) == nil)
    #expect(try find(0, bytes, layout, step: 4096) == nil)
  }

  @Test(arguments: [1, 5, 4096]) func aJSONValueHasItsPlace(step: Int) throws {
    let text = "{\"meta\": [1,\n {\"no\": 2}], \"rows\": [\n  {\"a\": 1}, {\"a\":\n 2},\n\n [3] ]}\n"
    let bytes = Array(text.utf8)
    var options = TextOptions()
    options.path = "rows"
    for (number, value, line) in [(1, "{\"a\": 1}", 3), (2, "{\"a\":\n 2}", 3), (3, "[3]", 6)] {
      var decoder = TextDecoder(options)
      decoder.sought = number
      var emitter = Emitter(stage: "test")
      var at = 0
      while at < bytes.count {
        let part = Array(bytes[at..<min(at + step, bytes.count)])
        try (part + [UInt8](repeating: 0, count: 64)).withUnsafeBytes {
          try decoder.decode(PaddedBytes(0..<part.count, of: $0), emit: &emitter)
        }
        at += step
      }
      try decoder.finish(emit: &emitter)
      guard case .values(let place?, _) = decoder.layout().kind else {
        Issue.record("value \(number) has no place")
        continue
      }
      #expect(place.line == line)
      #expect(place.bytes == Array(value.utf8))
      #expect(Array(bytes[place.offset..<(place.offset + value.utf8.count)]) == Array(value.utf8))
    }
  }
}
