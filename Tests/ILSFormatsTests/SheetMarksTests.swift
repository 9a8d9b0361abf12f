import ILSRecord
import Testing

@testable import ILSFormats

/// What people see of a workbook and records do not have, and what programs write in place of values.
@Suite struct SheetMarksTests {
  private typealias Build = XLSBuilder

  /// Rows of texts and of cells given as XML, which start with `<`.
  private func rows(_ rows: [[String]], _ attributes: String = "") -> String {
    rows.enumerated().map { index, row in
      "<row r=\"\(index + 1)\">"
        + row.enumerated().map { column, cell in
          let place = CellRange.columnName(column) + "\(index + 1)"
          if cell.isEmpty { return "" }
          if let value = Double(cell) {
            return "<c r=\"\(place)\"><v>\(value == value.rounded() ? cell : "\(value)")</v></c>"
          }
          return cell.hasPrefix("<")
            ? cell.replacing("<c", with: "<c r=\"\(place)\"", maxReplacements: 1)
            : "<c r=\"\(place)\" t=\"inlineStr\"><is><t>\(cell)</t></is></c>"
        }.joined() + "</row>"
    }.joined()
  }

  /// A book with parts of one's own beside the sheet.
  private func file(_ book: XLSXBuilder, _ parts: [(String, String)] = [], change: (inout String) -> Void = { _ in })
    -> [UInt8]
  {
    var zip = book.zip
    for index in zip.parts.indices where zip.parts[index].name == "xl/worksheets/sheet1.xml" {
      var text = String(decoding: zip.parts[index].bytes, as: UTF8.self)
      change(&text)
      zip.parts[index].bytes = Array(text.utf8)
    }
    for (name, text) in parts {
      zip.parts.removeAll { $0.name == name }
      zip.parts.append(.init(name: name, bytes: Array(text.utf8)))
    }
    return zip.archive()
  }

  private let persons = [
    ["id", "name", "town"], ["1", "Vogt", "Ulm"], ["2", "Kern", "Bonn"], ["3", "Lang", "Bath"],
  ]

  // MARK: - Hidden columns

  @Test(arguments: ["hidden=\"1\"", "hidden=\"true\" width=\"9\"", "width=\"0\" customWidth=\"1\""])
  func hiddenColumnsAreReadAndTold(attributes: String) {
    let columns = "<cols><col min=\"1\" max=\"1\" width=\"9\"/><col min=\"2\" max=\"16384\" \(attributes)/></cols>"
    let found = read(
      file(XLSXBuilder(rows(persons))) { $0.replace("<sheetData>", with: columns + "<sheetData>") })
    #expect(found.lines.first == #"{"_row":2,"id":1,"name":"Vogt","town":"Ulm"}"#)
    #expect(found.told.contains("workbook.hidden_columns"))
    #expect(!read(XLSXBuilder(rows(persons)).file).told.contains("workbook.hidden_columns"))
    // Nothing stands in those that are hidden.
    let right = columns.replacing("min=\"2\"", with: "min=\"4\"")
    let empty = read(file(XLSXBuilder(rows(persons))) { $0.replace("<sheetData>", with: right + "<sheetData>") })
    #expect(!empty.told.contains("workbook.hidden_columns"))
  }

  @Test func hiddenColumnsOfOldWorkbooksAreTold() {
    let cells = [Build.label(0, 0, "id"), Build.label(0, 1, "name"), Build.number(1, 0, 1), Build.label(1, 1, "Vogt")]
    let hidden: Build.Record = (0x007D, Build.body([(1, 2), (1, 2), (0, 2), (15, 2), (1, 2), (0, 2)]))
    #expect(read(Build([hidden] + cells).file()).told.contains("workbook.hidden_columns"))
    #expect(!read(Build(cells).file()).told.contains("workbook.hidden_columns"))
  }

  // MARK: - Crossed out

  private let styles =
    "<styleSheet><fonts><font/><font><strike/></font><font><strike val=\"0\"/></font></fonts><cellXfs><xf/><xf fontId=\"1\"/><xf fontId=\"2\"/></cellXfs></styleSheet>"

  private func struck(_ cell: String, strings: [String] = []) -> Sheets {
    var book = XLSXBuilder(rows([persons[0], persons[1], ["2", cell, "Bonn"], persons[3]]), strings: strings)
    book.formats = ["0"]
    return read(file(book, [("xl/styles.xml", styles)]))
  }

  @Test(arguments: [
    "<c s=\"1\" t=\"inlineStr\"><is><t>Kern</t></is></c>", "<c s=\"1\" t=\"s\"><v>0</v></c>",
    "<c t=\"s\"><v>1</v></c>",
    "<c t=\"inlineStr\"><is><r><rPr><b/><strike/></rPr><t>Ke</t></r><r><t>rn</t></r></is></c>",
    "<c s=\"1\" t=\"str\"><f>x</f><v>Kern</v></c>",
  ]) func whatIsCrossedOutIsReadAndTold(cell: String) {
    let strings = ["<t>Kern</t>", "<r><rPr><strike val=\"1\"/></rPr><t>Ke</t></r><r><t>rn</t></r>"]
    let found = struck(cell, strings: strings)
    #expect(found.lines[1] == #"{"_row":3,"id":2,"name":"Kern","town":"Bonn"}"#)
    #expect(found.warned.contains("workbook.struck"))
  }

  @Test(arguments: [
    "Kern", "<c s=\"2\" t=\"s\"><v>0</v></c>", "<c s=\"1\"/>",
    "<c t=\"inlineStr\"><is><r><rPr><strike val=\"false\"/></rPr><t>Kern</t></r></is></c>",
  ]) func whatIsNotIsNot(cell: String) {
    #expect(!struck(cell, strings: ["<t>Kern</t>"]).told.contains("workbook.struck"))
  }

  @Test func whatIsCrossedOutInOldWorkbooksIsTold() {
    let fonts: [Build.Record] = (0..<5).map { (0x0031, Build.body([(200, 2), ($0 == 4 ? 8 : 0, 2), (0, 4)])) }
    let styles: [Build.Record] = [0, 5, 4].map { (0x00E0, Build.body([($0, 2), (0, 2)])) }
    func read(_ style: Int) -> Sheets {
      let cells = [
        Build.label(0, 0, "id"), Build.label(0, 1, "name"), Build.number(1, 0, 1, style: style),
        Build.label(1, 1, "Vogt"),
      ]
      return ILSFormatsTests.read(Build(cells, globals: fonts + styles).file())
    }
    #expect(read(1).warned.contains("workbook.struck"))
    #expect(!read(0).told.contains("workbook.struck") && !read(2).told.contains("workbook.struck"))
  }

  /// A mixed text names the font of each part behind the first; one of them strikes it through.
  @Test func partsThatAreCrossedOutInOldWorkbooksAreTold() {
    let fonts: [Build.Record] = (0..<5).map { (0x0031, Build.body([(200, 2), ($0 == 4 ? 8 : 0, 2), (0, 4)])) }
    func read(_ font: Int) -> Sheets {
      let texts =
        Build.body([(2, 4), (2, 4), (4, 2), (0, 1)], Array("name".utf8))
        + Build.body([(4, 2), (8, 1), (1, 2)], Array("Vogt".utf8)) + Build.body([(2, 2), (font, 2)])
      let cells = [
        Build.label(0, 0, "id"), Build.shared(0, 1, 0), Build.number(1, 0, 1), Build.shared(1, 1, 1),
      ]
      return ILSFormatsTests.read(Build(cells, globals: fonts + [(0x00FC, texts)]).file())
    }
    #expect(read(5).lines == [#"{"_row":2,"id":1,"name":"Vogt"}"#])
    #expect(read(5).warned.contains("workbook.struck"))
    #expect(!read(0).told.contains("workbook.struck"))
  }

  // MARK: - What nobody sees

  private func unseen(_ cell: String, font: String, fill: String = "", format: String = "0") -> Sheets {
    var book = XLSXBuilder(rows([persons[0], persons[1], ["2", cell, "Bonn"], persons[3]]))
    book.formats = ["0"]
    let styles =
      "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"\(format)\"/></numFmts><fonts><font/><font>\(font)</font></fonts>"
      + "<fills><fill><patternFill patternType=\"none\"/></fill><fill>\(fill)</fill></fills>"
      + "<cellXfs><xf/><xf fontId=\"1\" fillId=\"1\" numFmtId=\"170\"/></cellXfs></styleSheet>"
    return read(file(book, [("xl/styles.xml", styles)]))
  }

  private static let solid = "<patternFill patternType=\"solid\"><fgColor "

  @Test(arguments: [
    ("<color rgb=\"FFFFFFFF\"/>", "", "0"), ("<color theme=\"0\"/>", "", "0"), ("<color indexed=\"9\"/>", "", "0"),
    ("<color rgb=\"ff4472c4\"/>", solid + "rgb=\"FF4472C4\"/></patternFill>", "0"),
    ("", solid + "rgb=\"FF000000\"/></patternFill>", "0"), ("", "", ";;;"),
  ]) func whatNobodySeesIsReadAndTold(font: String, fill: String, format: String) {
    let found = unseen("<c s=\"1\" t=\"inlineStr\"><is><t>Kern</t></is></c>", font: font, fill: fill, format: format)
    #expect(found.lines[1] == #"{"_row":3,"id":2,"name":"Kern","town":"Bonn"}"#)
    #expect(found.warned.contains("workbook.unseen"))
  }

  @Test(arguments: [
    ("", "", "0"), ("<color rgb=\"FFFFFFFF\"/>", solid + "rgb=\"FF4472C4\"/></patternFill>", "0"),
    ("<color theme=\"1\"/>", "", "0"), ("<color rgb=\"FFFFFFFF\"/>", "<gradientFill/>", "0"),
    ("<color theme=\"0\" tint=\"-0.5\"/>", "", "0"), ("", "", "0;;;@"),
  ]) func whatIsSeenIsNot(font: String, fill: String, format: String) {
    let found = unseen("<c s=\"1\" t=\"inlineStr\"><is><t>Kern</t></is></c>", font: font, fill: fill, format: format)
    #expect(!found.told.contains("workbook.unseen"))
  }

  @Test func whiteNamesAreNoValues() {
    var book = XLSXBuilder(rows([["<c s=\"1\" t=\"inlineStr\"><is><t>id</t></is></c>", "name"], ["1", "Vogt"]]))
    book.formats = ["0"]
    let styles =
      "<styleSheet><fonts><font/><font><color theme=\"0\"/></font></fonts><cellXfs><xf/><xf fontId=\"1\"/></cellXfs></styleSheet>"
    #expect(!read(file(book, [("xl/styles.xml", styles)])).told.contains("workbook.unseen"))
  }

  @Test func whatNobodySeesInOldWorkbooksIsTold() {
    let fonts: [Build.Record] = [8, 9].map { (0x0031, Build.body([(200, 2), (0, 2), ($0, 2), (0, 2)])) }
    func style(_ font: Int, _ fill: Int, _ colours: Int) -> Build.Record {
      (0x00E0, Build.body([(font, 2), (0, 2), (0, 4), (0, 4), (0, 4), (fill << 10, 2), (colours, 2)]))
    }
    func read(_ number: Int) -> Sheets {
      let styles = [style(0, 0, 0), style(1, 0, 0), style(1, 1, 12), style(0, 1, 8)]
      let cells = [
        Build.label(0, 0, "id"), Build.label(0, 1, "name"), Build.number(1, 0, 1, style: number),
        Build.label(1, 1, "Vogt"),
      ]
      return ILSFormatsTests.read(Build(cells, globals: fonts + styles).file())
    }
    #expect(read(1).warned.contains("workbook.unseen") && read(3).warned.contains("workbook.unseen"))
    #expect(!read(0).told.contains("workbook.unseen") && !read(2).told.contains("workbook.unseen"))
  }

  // MARK: - Comments

  @Test func commentsAreTold() {
    let relation =
      "<Relationships><Relationship Id=\"r\" Type=\"http://x/comments\" Target=\"../comments1.xml\"/></Relationships>"
    let comments =
      "<comments><commentList><comment ref=\"B2\"><text><t>died</t></text></comment></commentList></comments>"
    let found = read(
      file(
        XLSXBuilder(rows(persons)),
        [("xl/worksheets/_rels/sheet1.xml.rels", relation), ("xl/comments1.xml", comments)]))
    #expect(found.lines.count == 3 && found.warned.contains("workbook.comments"))
    // A part that is damaged costs no rows.
    let damaged = read(
      file(
        XLSXBuilder(rows(persons)),
        [("xl/worksheets/_rels/sheet1.xml.rels", relation), ("xl/comments1.xml", "<comments><!DOCTYPE x")]))
    #expect(damaged.lines.count == 3)
    let cells = [Build.label(0, 0, "id"), Build.number(1, 0, 1), (0x001C, Build.body([(1, 2), (0, 2), (0, 4)]))]
    #expect(read(Build(cells).file()).warned.contains("workbook.comments"))
  }

  // MARK: - Formulas

  @Test func textThatIsAFormulaOfATextIsThatText() {
    let written = "=&quot;00123&quot;"
    let data = rows([
      ["id", "zip"], ["1", written], ["2", "<c t=\"s\"><v>0</v></c>"], ["3", "=&quot;&quot;"], ["4", "=A1&amp;B1"],
    ])
    let book = XLSXBuilder(data, strings: ["<t>\(written)</t>"])
    let found = read(book.file)
    #expect(
      found.lines.map { $0.split(separator: ":").last.map(String.init) } == [
        #""00123"}"#, #""00123"}"#, "null}", #""=A1&B1"}"#,
      ])
    #expect(found.told.contains("workbook.formula"))
    var options = WorkbookOptions()
    options.readsFormulas = false
    let kept = read(book.file, options)
    #expect(kept.lines.first == #"{"_row":2,"id":1,"zip":"=\"00123\""}"# && !kept.told.contains("workbook.formula"))
  }

  @Test(arguments: [
    ("<f>A2</f><v>0</v>", true), ("<f>A2</f><v>7</v>", false), ("<f>A2</f><v>0.0</v>", true), ("<v>0</v>", false),
  ]) func formulasThatWereNeverWorkedOutAreTold(value: String, isTold: Bool) {
    let data = rows([["id", "age"], ["1", "<c>\(value)</c>"], ["2", "<c>\(value)</c>"]])
    func told(_ calculation: String) -> Bool {
      var zip = XLSXBuilder(data).zip
      for index in zip.parts.indices where zip.parts[index].name == "xl/workbook.xml" {
        let text = String(decoding: zip.parts[index].bytes, as: UTF8.self)
        zip.parts[index].bytes = Array(text.replacing("</workbook>", with: calculation + "</workbook>").utf8)
      }
      return read(zip.archive()).warned.contains("workbook.formula")
    }
    #expect(told("<calcPr fullCalcOnLoad=\"1\"/>") == isTold)
    // Excel works them out itself: 0 is what they come to.
    #expect(!told(""))
  }

  @Test func formulasOfNothingAreTold() {
    let empty = "<c t=\"str\"><f>A2</f><v></v></c>"
    #expect(
      read(XLSXBuilder(rows([["id", "x"], ["1", empty], ["2", empty]])).file).warned.contains("workbook.formula"))
    let one = "<c t=\"str\"><f>A2</f><v>y</v></c>"
    #expect(
      !read(XLSXBuilder(rows([["id", "x"], ["1", empty], ["2", one]])).file).told.contains("workbook.formula"))
    let blank = Build.body([(1, 2), (1, 2), (0, 2), (3, 1), (0, 1), (0, 4), (0xFFFF, 2), (0, 2), (0, 4), (0, 2)])
    let cells = [Build.label(0, 0, "id"), Build.label(0, 1, "x"), Build.number(1, 0, 1), (0x0006, blank)]
    #expect(read(Build(cells).file()).warned.contains("workbook.formula"))
    let text = Build.body([(1, 2), (1, 2), (0, 2), (0, 1), (0, 1), (0, 4), (0xFFFF, 2), (0, 2), (0, 4), (0, 2)])
    #expect(read(Build(cells.dropLast() + [(0x0006, text)]).file()).warned.contains("cell.no_result"))
  }

  // MARK: - What Excel has done to values

  private func told(_ name: String, _ values: [String], formats: [String] = []) -> Set<String> {
    Set(
      read(
        XLSXBuilder(rows([["id", name]] + values.enumerated().map { ["\($0.offset)", $0.element] }), formats: formats)
          .file
      ).told)
  }

  @Test(arguments: [
    ("birth", ["9221", "29618"]), ("geboren", ["29221", "29618"]), ("last visit", ["45292.5", "45293.25"]),
    ("Geb.-Datum", ["29221", "29618"]), ("date de naissance", ["29221", "29618"]), ("", ["29221", "29618"]),
  ]) func daysWithoutADateFormatAreTold(name: String, values: [String]) {
    #expect(told(name, values).contains("workbook.date_serial"))
  }

  @Test(arguments: [
    ("candidate", ["29221", "29618"]), ("zip", ["29221", "29618"]), ("", ["29221", "90210"]), ("birth", ["1", "2"]),
  ]) func otherNumbersAreNone(name: String, values: [String]) {
    #expect(!told(name, values).contains("workbook.date_serial"))
  }

  @Test func shortPostalCodesAreToldUnderAnyNameOfThem() {
    #expect(told("zip", ["2134", "90210"]).contains("workbook.leading_zeros"))
    #expect(told("PLZ", ["1067", "53111"]).contains("workbook.leading_zeros"))
    #expect(!told("visits", ["2134", "90210"]).contains("workbook.leading_zeros"))
  }

  @Test func numbersThatAreShownOtherwiseAreTold() {
    #expect(told("share", ["<c s=\"1\"><v>0.8</v></c>"], formats: ["0%"]).contains("workbook.shown"))
    #expect(told("share", ["<c s=\"1\"><v>0.8</v></c>"], formats: ["10"]).contains("workbook.shown"))
    for format in ["&quot;yes&quot;;;&quot;no&quot;", ";;;"] {
      #expect(told("state", ["<c s=\"1\"><v>1</v></c>"], formats: [format]).contains("workbook.shown"))
    }
    for format in ["#,##0.00_);(#,##0.00)", "&quot;P-&quot;0", "General", "@", "?/?", "0.0E+0", "[Red]0"] {
      #expect(!told("paid", ["<c s=\"1\"><v>1</v></c>"], formats: [format]).contains("workbook.shown"), "\(format)")
    }
  }

  @Test(arguments: [
    ("sum", "#,##0,", "2000"), ("sum", "0.0,,&quot;M&quot;", "2000000"), ("sum", "#,##0.00,", "2000"),
    ("cyl", "-0.00", "1.25"), ("cyl", "\\-0.00", "1.25"), ("cyl", "&quot;-&quot;0.00", "1.25"),
    ("patient id", "&quot;P-&quot;0", "7"), ("VA right", "&quot;6/&quot;0", "9"),
  ]) func numbersThatAreAnotherOnPaperAreTold(name: String, format: String, value: String) {
    #expect(told(name, ["<c s=\"1\"><v>\(value)</v></c>"], formats: [format]).contains("workbook.shown"))
  }

  @Test(arguments: [
    "#,##0", "#,##0.00", "0;-0", "_-* #,##0.00_-;\\-* #,##0.00_-", "[$-409]0.00", "0.00&quot;, &quot;", "-0.00",
  ]) func numbersThatAreTheSameOnPaperAreNot(format: String) {
    #expect(!told("sum", ["<c s=\"1\"><v>-2000</v></c>"], formats: [format]).contains("workbook.shown"), "\(format)")
  }

  @Test func rowsThatGoOnWithTheRowAboveAreTold() {
    let names = ["id", "name", "seen", "sph"]
    let visits = [
      ["1", "Vogt", "2020", "1"], ["", "", "2021", "2"], ["", "", "2022", "3"], ["2", "Kern", "2020", "1"],
    ]
    #expect(read(XLSXBuilder(rows([names] + visits)).file).warned.contains("table.blank_start"))
    let sparse = [["1", "Vogt", "2020", "1"], ["", "", "2021", "2"], ["", "Lang", "2022", "3"]]
    let unkeyed = [["flag", "name", "seen", "sph"]] + sparse
    #expect(!read(XLSXBuilder(rows(unkeyed)).file).told.contains("table.blank_start"))
    let totals = [["1", "Vogt", "2020", "1"], ["", "", "Total", "2"]]
    #expect(!read(XLSXBuilder(rows([names] + totals)).file).told.contains("table.blank_start"))
    #expect(!read(XLSXBuilder(rows([names, visits[0], visits[3]])).file).told.contains("table.blank_start"))
  }

  @Test func namesOfAnotherTableBelowItsTitleAreTold() {
    let two = [["id", "name"], ["1", "Vogt"], ["2", "Kern"], [""], ["Orders"], ["order", "patient"], ["7", "1"]]
    #expect(read(XLSXBuilder(rows(two)).file).warned.contains("workbook.second_table"))
    let one = [["id", "name"], ["1", "Vogt"], ["2", "Kern"], [""], ["Orders"], ["3", "Lang"]]
    #expect(!read(XLSXBuilder(rows(one)).file).told.contains("workbook.second_table"))
  }

  /// Excel makes a date of what was typed as 6/9 (an eye that sees at 6 metres what others do at 9), and of the code MAR1.
  @Test(arguments: [("va right", "6/18"), ("va right", ""), ("room", "SEPT"), ("room", "12"), ("chart no", "")])
  func datesAmongOtherValuesAreTold(name: String, other: String) {
    let date = "<c s=\"1\"><v>45450</v></c>"
    #expect(told(name, [date, other], formats: ["d-mmm"]).contains("workbook.mixed_dates"))
    #expect(!told("date of visit", [date, "unknown"], formats: ["d-mmm"]).contains("workbook.mixed_dates"))
    #expect(!told("seen on", [date, ""], formats: ["d-mmm"]).contains("workbook.mixed_dates"))
  }

  @Test func textBesideDatesIsTold() {
    let date = "<c s=\"1\"><v>29221</v></c>"
    #expect(told("dob", [date, "13.02.1980"], formats: ["dd/mm/yyyy"]).contains("workbook.mixed_dates"))
    #expect(!told("dob", [date, "unknown", "1980-02-13"], formats: ["dd/mm/yyyy"]).contains("workbook.mixed_dates"))
  }

  // MARK: - Totals

  @Test(arguments: [
    ["", "Total", "7"], ["", "", "Subtotal:"], ["Moyenne", "", "3.5"], ["Итого", "", "7"], ["ИТОГО", "", "7"],
    ["Total for Ulm", "", "7"], ["Sum", "", "7"],
  ])
  func totalsAreToldAndLeftOut(row: [String]) {
    let book = XLSXBuilder(rows([["id", "name", "visits"], ["1", "Vogt", "3"], ["2", "Kern", "4"], row]))
    #expect(read(book.file).warned.contains("workbook.totals"))
    var options = WorkbookOptions()
    options.leftOut = .totals
    #expect(read(book.file, options).lines.count == 2)
  }

  @Test(arguments: [
    ["", "Totalis", "7"], ["Total Eye Care", "Ulm", "7"], ["Sum", "Ann", "7"], ["Vogt", "Total", "7"],
    ["Summers", "", "7"],
  ])
  func otherRowsAreNone(row: [String]) {
    let book = XLSXBuilder(rows([["clinic", "name", "visits"], ["a", "Vogt", "3"], ["b", "Kern", "4"], row]))
    #expect(!read(book.file).told.contains("workbook.totals"))
  }
}
