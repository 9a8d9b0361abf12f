import ILSRecord
import Testing

@testable import ILSFormats

@Suite struct XLSTests {
  typealias Build = XLSBuilder

  /// A header `a`, `b` ... over the given cells of row 1.
  private func file(_ cells: [Build.Record], columns: Int = 1, globals: [Build.Record] = []) -> [UInt8] {
    let header = (0..<columns).map { Build.label(0, $0, CellRange.columnName($0).lowercased()) }
    return Build(header + cells, globals: globals).file()
  }

  @Test func everyKindOfCellHasItsJSON() {
    let multiple = Build.body([(1, 2), (1, 2), (0, 2), (5 << 2 | 2, 4), (0, 2), (150 << 2 | 3, 4), (2, 2)])
    let formula = Build.body([(1, 2), (3, 2), (0, 2), (0, 1), (0, 1), (0, 4), (0xFFFF, 2), (0, 2), (0, 4), (0, 2)])
    let error = Build.body([(1, 2), (6, 2), (0, 2), (0x2A, 1), (1, 1)])
    let flag = Build.body([(1, 2), (7, 2), (0, 2), (1, 1), (0, 1)])
    let sheets = read(
      file(
        [
          Build.number(1, 0, 0.1), (0x00BD, multiple), (0x0006, formula), (0x04BC, [0, 0]),
          (0x0207, Build.unicode("Zoë \"é\" 漢😀")), Build.rk(1, 4, 0x3FF0_0000), Build.label(1, 5, "l"), (0x0205, error),
          (0x0205, flag),
        ], columns: 8))
    #expect(
      sheets.lines == [
        #"{"_row":2,"a":0.1,"b":5,"c":1.5,"d":"Zoë \"é\" 漢😀","e":1,"f":"l","g":null,"h":true}"#
      ])
    #expect(sheets.told.contains("cell.error"))
  }

  @Test func everyPackedNumberIsRight() {
    for number in [-3, 0, 1, 99, 12_345, -536_870_912, 536_870_911] {
      #expect(XLSCell.number(packed: (number << 2 | 2) & 0xFFFF_FFFF) == Double(number))
      #expect(XLSCell.number(packed: (number << 2 | 3) & 0xFFFF_FFFF) == Double(number) / 100)
    }
    for number in [0.0, 1, -2.5, 1024.125] {
      #expect(XLSCell.number(packed: Int(number.bitPattern >> 32)) == number)
    }
  }

  /// A text may go on in the next record at any character, there in other units; its header may be cut anywhere, too.
  @Test func sharedStringsMayBeSplitAnywhere() {
    let texts = ["plain", "Zoë", "漢字", "\u{1F600}x", "", "\"\\\n"]
    var all: [UInt8] = Build.body([(texts.count, 4), (texts.count, 4)])
    /// Where a character may be cut off, and whether it is wide.
    var cuts: [(at: Int, isWide: Bool?)] = []
    for (index, text) in texts.enumerated() {
      let units = Array(text.utf16)
      let isWide = units.contains { $0 > 0xFF }
      // One with fonts and one with phonetic text behind it.
      let flags = (isWide ? 1 : 0) | (index == 1 ? 8 : 0) | (index == 2 ? 4 : 0)
      cuts.append((all.count, nil))
      all += Build.body([(units.count, 2), (flags, 1)])
      if index == 1 { all.put(2, 2) }
      if index == 2 { all.put(6, 4) }
      for (position, unit) in units.enumerated() {
        if position > 0 { cuts.append((all.count, isWide)) }
        all.put(Int(unit), isWide ? 2 : 1)
      }
      if index == 1 { all += [1, 2, 3, 4, 5, 6, 7, 8] }
      if index == 2 { all += [1, 2, 3, 4, 5, 6] }
    }
    let cells = texts.indices.map { Build.shared(1, $0, $0) }
    let whole = read(file(cells, columns: 6, globals: [(0x00FC, all)])).lines
    #expect(whole == [#"{"_row":2,"a":"plain","b":"Zoë","c":"漢字","d":"😀x","e":null,"f":"\"\\\n"}"#])
    for cut in cuts {
      let rest = (cut.isWide.map { [$0 ? 1 : 0] } ?? []) + all[cut.at...]
      let split = read(file(cells, columns: 6, globals: [(0x00FC, Array(all[..<cut.at])), (0x003C, rest)])).lines
      #expect(split == whole, "cut at \(cut.at)")
    }
  }

  @Test func datesAreKnownByTheirFormat() {
    let format: Build.Record = (0x041E, Build.body([(164, 2)], Build.unicode("yyyy\\-mm\\-dd")))
    let styles: [Build.Record] = [0, 14, 164].map { (0x00E0, Build.body([(0, 2), ($0, 2), (0, 8), (0, 8)])) }
    let cells = [Build.number(1, 0, 45352, style: 1), Build.number(1, 1, 45352.5, style: 2), Build.number(1, 2, 45352)]
    #expect(
      read(file(cells, columns: 3, globals: [format] + styles)).lines == [
        #"{"_row":2,"a":"2024-03-01","b":"2024-03-01T12:00:00","c":45352}"#
      ])
    let epoch: Build.Record = (0x0022, [1, 0])
    #expect(
      read(file([Build.number(1, 0, 43890, style: 1)], globals: [epoch] + styles)).lines == [
        #"{"_row":2,"a":"2024-03-01"}"#
      ])
  }

  @Test func textOfOlderFilesHasACodePage() {
    let text: [UInt8] = [0xC6, 0xEE, 0xF0]
    let label: (Int, [UInt8]) -> Build.Record = { (0x0204, Build.body([($0, 2), (0, 2), (0, 2), ($1.count, 2)], $1)) }
    var book = Build([label(0, [0x61]), label(1, text)], globals: [(0x0042, [0xE3, 0x04])])
    book.version = 0x0500
    #expect(read(book.file(name: "Book")).lines == [#"{"_row":2,"a":"Жор"}"#])
    book.globals = []
    #expect(read(book.file(name: "Book")).lines == [#"{"_row":2,"a":"Æîð"}"#])
  }

  @Test func everyFormOfTheFileGivesTheSame() {
    let cells = [Build.label(0, 0, "a")] + (1..<200).map { Build.number($0, 0, Double($0)) }
    let small = Build(Array(cells.prefix(20)))
    #expect(read(small.file(padded: false)) == read(small.file()))
    #expect(read(small.stream).lines == read(small.file()).lines)
    let large = Build(cells)
    #expect(read(large.file()).lines.count == 199)
    #expect(read(large.file(scattered: true)) == read(large.file()))
  }

  @Test func recordsInDisorderEndInRowOrder() {
    let sheets = read(file([Build.number(2, 0, 2), Build.number(1, 1, 10), Build.number(1, 0, 1)], columns: 2))
    #expect(sheets.lines == [#"{"_row":2,"a":1,"b":10}"#, #"{"_row":3,"a":2,"b":null}"#])
  }

  @Test func chartsWithinASheetAreNoCells() {
    let begin: Build.Record = (0x0809, Build.body([(0x0600, 2), (0x20, 2), (0, 4), (0, 4), (0, 4)]))
    let sheets = read(file([begin, Build.number(1, 0, 99), (0x000A, []), Build.number(1, 0, 1)]))
    #expect(sheets.lines == [#"{"_row":2,"a":1}"#])
  }

  @Test func hiddenRowsSheetsAndMergedCellsAreKnown() {
    var book = Build([
      (0x0208, Build.body([(1, 2), (0, 10), (0x20, 4)])), Build.label(0, 0, "a"), Build.label(0, 1, "b"),
      Build.number(1, 0, 1), Build.number(1, 1, 2), Build.number(2, 1, 3),
      (0x00E5, Build.body([(1, 2), (1, 2), (2, 2), (0, 2), (0, 2)])),
    ])
    #expect(read(book.file()).told.contains("workbook.hidden_rows"))
    var options = WorkbookOptions()
    options.fillsMerged = true
    #expect(read(book.file(), options).lines.last == #"{"_row":3,"a":1,"b":3}"#)
    book.sheets[0].state = 1
    #expect(read(book.file()).told.contains("workbook.empty"))
    #expect(
      read(book.file(), lists: true).lines == [#"{"number":1,"name":"Sheet1","state":"hidden","dimensions":"A1:B3"}"#])
  }
}

/// Sheets of Excel 2 to 4.
@Suite struct OldSheetTests {
  typealias Build = XLSBuilder

  private func sheet(_ begin: Int, _ records: [Build.Record]) -> [UInt8] {
    let all: [Build.Record] =
      [(begin, Build.body([(0, 2), (0x10, 2)] + (begin > 9 ? [(0, 2)] : [])))] + records + [(0x000A, [])]
    return all.flatMap(Build.bytes)
  }

  private func cell(_ row: Int, _ column: Int, _ format: Int, _ value: [UInt8]) -> [UInt8] {
    Build.body([(row, 2), (column, 2), (0, 1), (format, 1), (0, 1)], value)
  }

  private func double(_ number: Double) -> [UInt8] { Build.body([(Int(bitPattern: UInt(number.bitPattern)), 8)]) }

  @Test func sheetsOfExcel2AreRead() {
    let names = ["n", "d", "t", "b", "f"].enumerated().map {
      (0x0004, cell(0, $0.offset, 0, [1] + Array($0.element.utf8)))
    }
    let records: [Build.Record] =
      names + [
        (0x0002, cell(1, 0, 0, [0x39, 0x30])), (0x0003, cell(1, 1, 12, double(45352))),
        (0x0004, cell(1, 2, 0, [3, 0x5A, 0x6F, 0xEB])), (0x0005, cell(1, 3, 0, [1, 0])),
        (0x0006, cell(1, 4, 0, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0])), (0x0007, [2, 0x6F, 0x6B]),
        (0x0003, cell(2, 0, 2, double(0.25))), (0x0003, cell(2, 1, 18, double(0.25))),
      ]
    #expect(
      read(sheet(0x0009, records)).lines == [
        #"{"_row":2,"n":12345,"d":"2024-03-01","t":"Zoë","b":true,"f":"ok"}"#,
        #"{"_row":3,"n":0.25,"d":"06:00:00","t":null,"b":null,"f":null}"#,
      ])
  }

  @Test(arguments: [(0x0209, 0x001E, 0x0243, 0x0206), (0x0409, 0x041E, 0x0443, 0x0406)])
  func sheetsOfExcel3And4AreRead(begin: Int, format: Int, style: Int, formula: Int) {
    func code(_ text: String) -> Build.Record {
      (format, (begin == 0x0409 ? [0, 0] : []) + [UInt8(text.utf8.count)] + Array(text.utf8))
    }
    let label: (Int, String) -> Build.Record = {
      (0x0204, Build.body([(0, 2), ($0, 2), (0, 2), ($1.utf8.count, 2)], Array($1.utf8)))
    }
    let result = Build.body([(1, 2), (1, 2), (0, 2)], double(2.5) + [0, 0, 0, 0])
    let records: [Build.Record] = [
      code("General"), code("yyyy-mm-dd"), (style, [0, 0, 0, 0]), (style, [0, 1, 0, 0]), label(0, "d"), label(1, "f"),
      Build.number(1, 0, 45352, style: 1), (formula, result),
    ]
    #expect(read(sheet(begin, records)).lines == [#"{"_row":2,"d":"2024-03-01","f":2.5}"#])
  }

  @Test func passwordsAreNamed() {
    #expect(read(sheet(0x0209, [(0x002F, [1, 2, 3, 4])])).stop == "workbook.encrypted")
  }
}
