import ILSRecord
import Testing

@testable import ILSFormats

/// Which cells of a workbook become records, and what is told of them.
@Suite struct WorkbookTableTests {
  private func text(_ rows: [[String?]], from first: Int = 1) -> String {
    rows.enumerated().map { index, row in
      "<row r=\"\(first + index)\">"
        + row.enumerated().compactMap { column, cell in
          cell.map { "<c r=\"\(CellRange.columnName(column))\(first + index)\" t=\"str\"><v>\($0)</v></c>" }
        }.joined() + "</row>"
    }.joined()
  }

  private func book(_ sheets: [(String, String, String)]) -> XLSXBuilder {
    var book = XLSXBuilder("")
    book.sheets = sheets
    return book
  }

  private func with(_ change: (inout WorkbookOptions) -> Void) -> WorkbookOptions {
    var options = WorkbookOptions()
    change(&options)
    return options
  }

  private var three: XLSXBuilder {
    book([
      ("Empty", "visible", ""), ("Secret", "hidden", text([["s"], ["1"]])), ("Data", "visible", text([["d"], ["2"]])),
      ("More", "veryHidden", text([["m"], ["3"]])),
    ])
  }

  @Test func theFirstVisibleSheetWithDataIsReadAndStated() {
    let sheets = read(three.file)
    #expect(sheets.lines == [#"{"_row":2,"d":"2"}"#])
    #expect(sheets.told.contains("workbook.sheet"))
    #expect(sheets.tables == [.init(sheet: "Data", rows: 1)])
  }

  @Test func namesOfGroupsTellColumnsApart() {
    let rows = [
      [nil, "Right Eye", nil, "Left Eye", nil], ["Chart", "Sph", "Cyl", "Sph", "Cyl"],
      ["7", "-1.25", "-0.5", "-1.5", "-0.25"], ["8", "-1.5", "-0.75", "-1", "0.25"],
    ]
    let file = book([("S", "visible", text(rows))]).file
    let names =
      #"{"_row":3,"Chart":"7","Right Eye Sph":"-1.25","Right Eye Cyl":"-0.5","Left Eye Sph":"-1.5","Left Eye Cyl":"-0.25"}"#
    #expect(read(file).lines.first == names)
    #expect(read(file).told.contains("workbook.passed_over"))
    #expect(read(file, with { $0.headerRow = 2 }).lines.first?.contains(#""Sph_2":"-1.5""#) == true)
    #expect(read(file, with { ($0.headerRow, $0.joinsGroups) = (2, true) }).told.contains("workbook.header"))
  }

  @Test func aSheetIsFoundByNameAndByNumber() {
    #expect(read(three.file, with { $0.sheets = .named("secret") }).lines == [#"{"_row":2,"s":"1"}"#])
    #expect(read(three.file, with { $0.sheets = .named("3") }).lines == [#"{"_row":2,"d":"2"}"#])
    #expect(read(three.file, with { $0.sheets = .named("5") }).stop == "workbook.no_sheet")
  }

  @Test func allSheetsAreToldApart() {
    let sheets = read(three.file, with { $0.sheets = .all })
    #expect(
      sheets.lines == [
        #"{"_row":2,"_sheet":"Secret","s":"1"}"#, #"{"_row":2,"_sheet":"Data","d":"2"}"#,
        #"{"_row":2,"_sheet":"More","m":"3"}"#,
      ])
    #expect(sheets.told.filter { $0 == "workbook.hidden_sheet" }.count == 2)
  }

  @Test func sheetsAreListedWithTheirTrueSize() {
    let sheets = read(three.file, lists: true)
    #expect(sheets.lines.first == #"{"number":1,"name":"Empty","state":"visible","dimensions":null}"#)
    #expect(sheets.lines.last == #"{"number":4,"name":"More","state":"very-hidden","dimensions":"A1:A2"}"#)
  }

  @Test func aTitleAboveTheNamesIsPassedOver() {
    let rows: [[String?]] = [["Patients of 2024"], [], ["id", "name", "born"], ["1", "a", nil], ["2", nil, nil]]
    let sheets = read(XLSXBuilder(text(rows)).file)
    #expect(sheets.lines.first == #"{"_row":4,"id":"1","name":"a","born":null}"#)
    #expect(read(XLSXBuilder(text(rows)).file, with { $0.headerRow = 1 }).lines.count == 3)
  }

  @Test func aRangeCutsTheTableOut() {
    let rows = (0..<6).map { row in (0..<5).map { "\(CellRange.columnName($0))\(row)" as String? } }
    let sheets = read(XLSXBuilder(text(rows)).file, with { $0.range = CellRange("B3:C5") })
    #expect(sheets.lines == [#"{"_row":4,"B2":"B3","C2":"C3"}"#, #"{"_row":5,"B2":"B4","C2":"C4"}"#])
  }

  @Test(arguments: ["B3:H200", "$B$3:$H$200", "b3:h200"]) func rangesAreWrittenInManyWays(range: String) {
    #expect(CellRange(range)?.name == "B3:H200")
  }

  @Test(arguments: ["", "B", "3", "H3:B4", "B0:C1", "B3:H200:J1", "XFE1:XFE2", "A1048577:A1048578", "B-3"])
  func nonsenseIsNoRange(range: String) { #expect(CellRange(range) == nil) }

  @Test func mergedCellsAreFilledWhereAsked() {
    var book = XLSXBuilder(text([["a", "b", "c"], ["x", nil, "1"], [nil, nil, "2"], ["y", "z", "3"]]))
    book.tail = "<mergeCells><mergeCell ref=\"A2:B3\"/></mergeCells>"
    #expect(read(book.file).lines[1] == #"{"_row":3,"a":null,"b":null,"c":"2"}"#)
    #expect(
      read(book.file, with { $0.fillsMerged = true }).lines == [
        #"{"_row":2,"a":"x","b":"x","c":"1"}"#, #"{"_row":3,"a":"x","b":"x","c":"2"}"#,
        #"{"_row":4,"a":"y","b":"z","c":"3"}"#,
      ])
  }

  @Test func aTitleMergedOverTheTableIsNotFilledIntoTheNames() {
    var book = XLSXBuilder(
      text([
        ["Visits of May"], [], ["chart", "left", "right"], ["1", "a", "b"], ["2", nil, nil], [], ["3", "d", "e"],
      ]))
    book.tail =
      "<mergeCells><mergeCell ref=\"A1:C1\"/><mergeCell ref=\"B4:B6\"/></mergeCells>"
    #expect(read(book.file).told.contains("workbook.merged"))
    let filled = read(book.file, with { $0.fillsMerged = true })
    #expect(
      filled.lines == [
        #"{"_row":4,"chart":"1","left":"a","right":"b"}"#, #"{"_row":5,"chart":"2","left":"a","right":null}"#,
        #"{"_row":6,"chart":null,"left":"a","right":null}"#, #"{"_row":7,"chart":"3","left":"d","right":"e"}"#,
      ])
    #expect(!filled.told.contains("workbook.merged"))
  }

  @Test func rowsThatAreNoDataAreToldAndCanBeLeftOut() {
    let rows: [[String?]] = [
      ["chart", "town"], ["1", "Ely"], ["chart", "town"], ["Total", "1"], [], ["order", "town"], ["5", "Ulm"],
    ]
    let kept = read(XLSXBuilder(text(rows)).file)
    #expect(kept.lines.count == 5)
    #expect(Set(kept.told).isSuperset(of: ["workbook.header_again", "workbook.totals", "workbook.second_table"]))
    let left = read(XLSXBuilder(text(rows)).file, with { $0.leftOut = [.headers, .totals] })
    #expect(left.lines.count == 3 && left.tables == [.init(sheet: "Sheet1", rows: 3, passedOver: 2)])
  }

  @Test func aTitlePageInPlaceOfTheTableIsWarnedOf() {
    func read(_ first: [[String?]]) -> Sheets {
      var book = XLSXBuilder("")
      book.sheets = [("A", "visible", text(first)), ("B", "visible", text([["id", "name"], ["1", "Vogt"]]))]
      return ILSFormatsTests.read(book.file)
    }
    #expect(read([["List of May"], ["made on Monday"]]).warned.contains("workbook.sheet"))
    #expect(read([["id", "name"]]).warned.contains("workbook.sheet"))
    let table = read([["id", "name"], ["2", "Kern"]])
    #expect(table.told.contains("workbook.sheet") && !table.warned.contains("workbook.sheet"))
  }

  @Test func rowsOfOneCellAndASecondRowOfNamesAreTold() {
    let rows: [[String?]] = [
      ["rec", "weight", "born"], [nil, "kg", "date"], ["1", "70", "1980-01-02"], ["2", "80", "1981-02-03"],
      ["3", "90", "1982-03-04"], ["Printed on Monday"],
    ]
    let found = read(XLSXBuilder(text(rows)).file)
    #expect(found.told.contains("workbook.lone_cell") && found.told.contains("table.second_names"))
    let side = read(XLSXBuilder(text([["Name", "Vogt"], ["Birthday", "1980"], ["Sex", "F"]])).file)
    #expect(side.told.contains("table.on_its_side"))
  }

  @Test func rowsAndCellsThatOccurTwiceAreJoinedOrTold() {
    let data =
      text([["a", "b"]])
      + "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><v>9</v><is><t>x</t></is></c></row><row r=\"2\"><c r=\"B2\" t=\"b\"><v>\n 1 </v></c></row>"
      + "<row r=\"3\"><c r=\"A3\" t=\"b\"><v>yes</v></c><c r=\"A3\"><v> 7 </v></c></row><row r=\"2\"><c r=\"A2\"><v>8</v></c></row>"
    let sheets = read(XLSXBuilder(data).file)
    #expect(
      sheets.lines == [#"{"_row":2,"a":"x","b":true}"#, #"{"_row":3,"a":7,"b":null}"#, #"{"_row":2,"a":8,"b":null}"#])
    #expect(Set(sheets.told).isSuperset(of: ["workbook.cell_twice", "workbook.row_order", "cell.number"]))
  }

  @Test(arguments: ["hidden=\"1\"", "ht=\"0\" customHeight=\"1\""]) func hiddenRowsAreReadAndTold(attribute: String) {
    let sheets = read(
      XLSXBuilder(text([["a"], ["1"]]) + "<row r=\"3\" \(attribute)><c r=\"A3\" t=\"str\"><v>2</v></c></row>").file)
    #expect(sheets.lines.count == 2 && sheets.told.contains("workbook.hidden_rows"))
  }

  @Test func valuesBeyondTheHeaderGetAColumnOfTheirOwn() {
    let late = (0..<300).map { row in [row == 299 ? "x" : "1", nil, row == 299 ? "late" : nil] as [String?] }
    let sheets = read(XLSXBuilder(text([["a", "b"]] + late)).file)
    #expect(sheets.lines.last == #"{"_row":301,"a":"x","b":null,"column_3":"late"}"#)
    #expect(sheets.told.contains("workbook.extra_cell"))
  }

  @Test func aRecordIsNotTakenForTheNames() {
    let persons = XLSXBuilder(text([["007", "Ann"], ["008", "Bob"]])).file
    let numbered = read(persons)
    #expect(numbered.told.contains("table.header_data"))
    #expect(
      numbered.lines == [
        #"{"_row":1,"column_1":"007","column_2":"Ann"}"#, #"{"_row":2,"column_1":"008","column_2":"Bob"}"#,
      ])
    #expect(read(persons, with { $0.headerRow = 0 }).lines.count == 2)
    #expect(read(XLSXBuilder(text([["007", "1"], ["008", "2"]])).file).told.contains("table.header_data"))
    #expect(!read(XLSXBuilder(text([["id", "name"], ["008", "Bob"]])).file).told.contains("table.header_data"))
  }

  @Test func textAboveNumbersIsNames() {
    let rows = { (first: String) in
      "<row>\(first)<c t=\"str\"><v>mm</v></c></row><row><c><v>5</v></c><c><v>6</v></c><c t=\"str\"><v>x</v></c></row>"
    }
    let named = read(XLSXBuilder(rows("<c t=\"str\"><v>0</v></c><c t=\"str\"><v>0.00</v></c>")).file)
    #expect(named.lines == [#"{"_row":2,"0":5,"0.00":6,"mm":"x"}"#])
    #expect(named.told.contains("table.header_data"))
    #expect(read(XLSXBuilder(rows("<c><v>0</v></c><c><v>0.5</v></c>")).file).lines.count == 2)
    #expect(read(XLSXBuilder(rows("<c t=\"str\"><v>0</v></c><c><v>0.5</v></c>")).file).lines.count == 2)
  }

  @Test func tablesBesideEachOtherAreTold() {
    let beside = text([
      ["id", "name", nil, "id", "price"], ["a", "Vogt", nil, "b", "x"], ["c", "Lang", nil, "d", "y"],
    ])
    let told = read(book([("A", "visible", beside)]).file).told
    #expect(told.contains("table.side_by_side"))
    let one = text([["id", "name", nil, "item"], ["a", "Vogt", nil, "b"], ["c", "Lang", nil, "d"]])
    #expect(!read(book([("A", "visible", one)]).file).told.contains("table.side_by_side"))
  }

  @Test func namesMayBeGiven() {
    let sheets = read(
      XLSXBuilder(text([["1", "2"], ["3", "4"]])).file,
      with {
        $0.headerRow = 0
        $0.columns = ["x", "y"]
      })
    #expect(sheets.lines == [#"{"_row":1,"x":"1","y":"2"}"#, #"{"_row":2,"x":"3","y":"4"}"#])
  }

  @Test func paddedNumbersComeAsDisplayedWhereAsked() {
    let data =
      "<row><c t=\"str\"><v>id</v></c><c t=\"str\"><v>ssn</v></c></row><row><c s=\"1\"><v>123</v></c><c s=\"2\"><v>12345678</v></c></row>"
    let book = XLSXBuilder(data, formats: ["00000", "000-00-0000"])
    #expect(read(book.file).lines == [#"{"_row":2,"id":123,"ssn":12345678}"#])
    #expect(read(book.file).told.contains("workbook.padded"))
    #expect(read(book.file, with { $0.asDisplayed = true }).lines == [#"{"_row":2,"id":"00123","ssn":"012-34-5678"}"#])
  }

  @Test func postalCodesOfBothLengthsComeAsDisplayed() {
    let rows = ["1234", "12345678"].map { "<row><c s=\"1\"><v>\($0)</v></c></row>" }.joined()
    let book = XLSXBuilder("<row><c t=\"str\"><v>zip</v></c></row>" + rows, formats: ["[&lt;=99999]00000;00000\\-0000"])
    #expect(
      read(book.file, with { $0.asDisplayed = true }).lines == [
        #"{"_row":2,"zip":"01234"}"#, #"{"_row":3,"zip":"01234-5678"}"#,
      ])
  }

  @Test func whatExcelMayHaveChangedIsTold() {
    func column(_ name: String, _ cells: [String]) -> [String] {
      let rows = cells.map { "<row>\($0)</row>" }.joined()
      return read(XLSXBuilder("<row><c t=\"str\"><v>\(name)</v></c></row>\(rows)").file).told
    }
    #expect(column("zip", ["<c t=\"str\"><v>02134</v></c>", "<c><v>2135</v></c>"]).contains("workbook.leading_zeros"))
    #expect(column("policy", ["<c><v>1.2345678901234567E+19</v></c>"]).contains("workbook.long_number"))
    #expect(column("DOB", ["<c><v>23456</v></c>", "<c><v>34567</v></c>"]).contains("workbook.date_serial"))
    #expect(!column("id", ["<c><v>23456</v></c>", "<c><v>3</v></c>"]).contains { $0 != "workbook.table" })
  }

  @Test func aSheetOfManyRowsComesInPieces() {
    let rows = (0..<20_000).map { [String($0), "some text that takes room"] as [String?] }
    let sheets = read(XLSXBuilder(text([["n", "t"]] + rows)).file)
    #expect(sheets.lines.count == 20_000)
    #expect(sheets.lines.last == #"{"_row":20001,"n":"19999","t":"some text that takes room"}"#)
  }
}
