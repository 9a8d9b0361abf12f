import ILSFormats
import ILSRecord
import Testing

@Suite struct ODSTests {
  /// A spreadsheet of one sheet, given as the inside of its table, and the inside of its automatic styles.
  static func file(_ rows: String, styles: String = "", common: String = "", manifest: String = "") -> [UInt8] {
    book("<table:table table:name=\"One\">\(rows)</table:table>", styles: styles, common: common, manifest: manifest)
  }

  static func book(_ tables: String, styles: String = "", common: String = "", manifest: String = "") -> [UInt8] {
    ZipBuilder([
      ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
      ("META-INF/manifest.xml", "<manifest:manifest>\(manifest)</manifest:manifest>"),
      ("styles.xml", "<office:document-styles><office:styles>\(common)</office:styles></office:document-styles>"),
      (
        "content.xml",
        "<?xml version=\"1.0\"?><office:document-content><office:automatic-styles>\(styles)</office:automatic-styles><office:body><office:spreadsheet>\(tables)</office:spreadsheet></office:body></office:document-content>"
      ),
    ]).archive()
  }

  static func row(_ cells: String..., attributes: String = "") -> String {
    "<table:table-row\(attributes)>\(cells.joined())</table:table-row>"
  }

  static func text(_ text: String, _ attributes: String = "") -> String {
    "<table:table-cell office:value-type=\"string\"\(attributes)><text:p>\(text)</text:p></table:table-cell>"
  }

  static func number(_ value: String, _ attributes: String = "", type: String = "float", shown: String? = nil) -> String
  {
    "<table:table-cell office:value-type=\"\(type)\" office:value=\"\(value)\"\(attributes)><text:p>\(shown ?? value)</text:p></table:table-cell>"
  }

  private let header = row(text("a"), text("b"))

  @Test func typedValuesAreRead() {
    let rows = Self.row(
      Self.number("0.8", type: "percentage", shown: "80 %"),
      Self.number("12.50", " office:currency=\"EUR\"", type: "currency", shown: "12,50 EUR"),
      "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"><text:p>WAHR</text:p></table:table-cell>",
      "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-03-01\"><text:p>1.3.24</text:p></table:table-cell>",
      "<table:table-cell office:value-type=\"date\" office:date-value=\"2024-03-01T08:30:15.250000000\"><text:p>x</text:p></table:table-cell>",
      "<table:table-cell office:value-type=\"time\" office:time-value=\"PT30H05M00S\"><text:p>30:05</text:p></table:table-cell>"
    )
    let names = Self.row(["pct", "cost", "flag", "day", "when", "time"].map { Self.text($0) }.joined())
    let sheets = read(Self.file(names + rows))
    #expect(
      sheets.lines == [
        #"{"_row":2,"pct":0.8,"cost":12.5,"flag":true,"day":"2024-03-01","when":"2024-03-01T08:30:15.250","time":"30:05:00"}"#
      ])
    #expect(sheets.told.contains("workbook.shown"))
  }

  @Test func spacesTabsAndParagraphsAreText() {
    let cell =
      "<table:table-cell office:value-type=\"string\"><text:p> two <text:s text:c=\"2\"/>&amp;<text:tab/><text:span> x  y</text:span>\n </text:p><text:p>next<text:line-break/>line</text:p></table:table-cell>"
    #expect(
      read(Self.file(header + Self.row(cell, Self.text("1")))).lines == [
        #"{"_row":2,"a":" two   &\t x  y\nnext\nline","b":"1"}"#
      ])
    let given =
      "<table:table-cell office:value-type=\"string\" office:string-value=\" a  b\"><text:p>a b</text:p></table:table-cell>"
    #expect(read(Self.file(header + Self.row(given, Self.text("1")))).lines == [#"{"_row":2,"a":" a  b","b":"1"}"#])
  }

  @Test func commentsAndShapesAreNoText() {
    let cell =
      "<table:table-cell office:value-type=\"string\"><office:annotation><dc:date>2026</dc:date><text:p>hush</text:p></office:annotation><text:p>seen<text:note><text:note-body><text:p>foot</text:p></text:note-body></text:note></text:p><draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame></table:table-cell>"
    let sheets = read(Self.file(header + Self.row(cell, Self.text("1"))))
    #expect(sheets.lines == [#"{"_row":2,"a":"seen","b":"1"}"#])
    #expect(sheets.told.contains("workbook.comments"))
  }

  @Test func rowsAndCellsRepeat() {
    let rows =
      Self.row(
        "<table:table-cell table:number-columns-repeated=\"3\"/>", attributes: " table:number-rows-repeated=\"2\"")
      + Self.row(
        Self.number("7", " table:number-columns-repeated=\"2\""), attributes: " table:number-rows-repeated=\"2\"")
      + Self.row(
        "<table:table-cell table:number-columns-repeated=\"16384\"/>",
        attributes: " table:number-rows-repeated=\"1048576\"")
    #expect(
      read(Self.file(header + rows)).lines == [#"{"_row":4,"a":7,"b":7}"#, #"{"_row":5,"a":7,"b":7}"#])
  }

  @Test func whatRepeatsWithoutEndIsRefused() {
    let wide = Self.row(
      Self.number("7", " table:number-columns-repeated=\"16384\""),
      attributes: " table:number-rows-repeated=\"1000000\"")
    var emitter = Emitter(stage: "test")
    let file = Self.file(header + wide) + [UInt8](repeating: 0, count: 64)
    var stop: String?
    file.withUnsafeBytes { bytes in
      do throws(StopError) {
        var decoder = try WorkbookDecoder(UnsafeRawBufferPointer(rebasing: bytes[..<(file.count - 64)]))
        while try decoder.read(emit: &emitter) { emitter.output.removeAll() }
      } catch { stop = error.code }
    }
    #expect(stop == "zip.bomb")
    let long = Self.row(
      Self.text(String(repeating: "y", count: 10_000), " table:number-columns-repeated=\"16384\""))
    #expect(read(Self.file(header + long)).stop == "workbook.row_limit")
    let spaces = Self.text(String(repeating: "<text:s text:c=\"99999999\"/>", count: 100))
    #expect(read(Self.file(header + Self.row(spaces))).stop == "xml.token_limit")
    let columns = String(repeating: "<table:table-column table:number-columns-repeated=\"16384\"/>", count: 3)
    #expect(read(Self.file(columns + header + Self.row(Self.text("x"), Self.text("y")))).stop == nil)
    let far = Self.row(Self.number("7"), attributes: " table:number-rows-repeated=\"99999999999\"")
    #expect(read(Self.file(header + far)).stop == "ods.cell_reference")
  }

  /// Programs from before calcext say 0 where a formula has failed.
  @Test func failedFormulasAreNoNumbers() {
    for cell in [
      "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"float\" office:value=\"0\"><text:p>#DIV/0!</text:p></table:table-cell>",
      "<table:table-cell table:formula=\"of:=X\" office:value-type=\"float\" office:value=\"0\"><text:p>Err:508</text:p></table:table-cell>",
      "<table:table-cell table:formula=\"of:=1/0\" office:value-type=\"string\" office:string-value=\"\" calcext:value-type=\"error\"><text:p>#DIV/0!</text:p></table:table-cell>",
    ] {
      let sheets = read(Self.file(header + Self.row(cell, Self.text("1"))))
      #expect(sheets.lines == [#"{"_row":2,"a":null,"b":"1"}"#])
      #expect(sheets.told.contains("cell.error"))
    }
    let none = "<table:table-cell table:formula=\"of:=1+1\"/>"
    #expect(read(Self.file(header + Self.row(none, Self.text("1")))).told.contains("cell.no_result"))
  }

  @Test func hiddenStruckAndUnseenPartsAreTold() {
    let styles = """
      <style:style style:name="s" style:family="table-cell" style:parent-style-name="p"/>\
      <style:style style:name="w" style:family="table-cell"><style:text-properties fo:color="#FFFFFF"/></style:style>\
      <style:style style:name="d" style:family="table-cell"><style:text-properties fo:color="#ffffff"/>\
      <style:table-cell-properties fo:background-color="#000000"/></style:style>
      """
    let common =
      "<style:style style:name=\"p\" style:family=\"table-cell\"><style:text-properties style:text-line-through-style=\"solid\"/></style:style>"
    let columns = "<table:table-column/><table:table-column table:visibility=\"collapse\"/>"
    func told(_ style: String, attributes: String = "") -> Set<String> {
      let rows = Self.row(Self.text("x", " table:style-name=\"\(style)\""), Self.text("y"), attributes: attributes)
      return Set(read(Self.file(columns + header + rows, styles: styles, common: common)).told)
    }
    #expect(told("s").contains("workbook.struck"))
    #expect(told("w").contains("workbook.unseen"))
    #expect(told("d").isDisjoint(with: ["workbook.struck", "workbook.unseen"]))
    #expect(told("d").contains("workbook.hidden_columns"))
    #expect(told("d", attributes: " table:visibility=\"filter\"").contains("workbook.hidden_rows"))
  }

  /// A cell that names no style has that of its column.
  @Test func columnsHaveStyles() {
    let styles =
      "<style:style style:name=\"s\" style:family=\"table-cell\"><style:text-properties style:text-line-through-type=\"single\"/></style:style>"
    let columns = "<table:table-column table:default-cell-style-name=\"s\"/><table:table-column/>"
    #expect(
      read(Self.file(columns + header + Self.row(Self.text("x"), Self.text("y")), styles: styles)).told.contains(
        "workbook.struck"))
  }

  @Test func whatIsShownOtherwiseIsTold() {
    func told(_ format: String, _ value: String, type: String = "float") -> Sheets {
      let styles = format + "<style:style style:name=\"c\" style:family=\"table-cell\" style:data-style-name=\"N\"/>"
      let rows = header + Self.row(Self.number(value, " table:style-name=\"c\"", type: type), Self.text("y"))
      var options = WorkbookOptions()
      options.asDisplayed = true
      return read(Self.file(rows, styles: styles), options)
    }
    let padded =
      "<number:number-style style:name=\"N\"><number:number number:decimal-places=\"0\" number:min-integer-digits=\"5\"/></number:number-style>"
    #expect(told(padded, "7").lines == [#"{"_row":2,"a":"00007","b":"y"}"#])
    for format in [
      "<number:number-style style:name=\"N\"><number:number number:display-factor=\"1000\"/></number:number-style>",
      "<number:boolean-style style:name=\"N\"><number:boolean/></number:boolean-style>",
      "<number:number-style style:name=\"N\"><number:text>none</number:text></number:number-style>",
    ] {
      #expect(told(format, "2").told.contains("workbook.shown"), "\(format)")
    }
  }

  /// LibreOffice makes formulas of the booleans of an .xlsx.
  @Test func booleansOfOtherWorkbooksStayBooleans() {
    func flag(_ formula: String) -> Sheets {
      let cell =
        "<table:table-cell table:formula=\"\(formula)\" office:value-type=\"float\" office:value=\"1\"><text:p>TRUE</text:p></table:table-cell>"
      return read(Self.file(header + Self.row(cell, Self.text("x"))))
    }
    #expect(flag("of:=TRUE()").lines == [#"{"_row":2,"a":true,"b":"x"}"#])
    // Of another formula, 1 is told to be shown as a word.
    #expect(flag("of:=ISODD([.B2])").lines == [#"{"_row":2,"a":1,"b":"x"}"#])
    #expect(flag("of:=ISODD([.B2])").told.contains("workbook.shown"))
  }

  @Test func amountsOfSeveralCurrenciesAreTold() {
    let rows = ["EUR", "USD"].map {
      Self.row(Self.number("5", " office:currency=\"\($0)\"", type: "currency"), Self.text("x"))
    }
    #expect(read(Self.file(header + rows.joined())).told.contains("workbook.shown"))
    #expect(!read(Self.file(header + rows[0] + rows[0])).told.contains("workbook.shown"))
  }

  @Test func mergedCellsAreToldAndFilled() {
    let merged =
      Self.row(Self.text("x", " table:number-rows-spanned=\"2\" table:number-columns-spanned=\"1\""), Self.text("1"))
      + Self.row("<table:covered-table-cell/>", Self.text("2"))
    #expect(read(Self.file(header + merged)).told.contains("workbook.merged"))
    var options = WorkbookOptions()
    options.fillsMerged = true
    #expect(read(Self.file(header + merged), options).lines.last == #"{"_row":3,"a":"x","b":"2"}"#)
    // What stands below a merged cell is seen by nobody.
    let buried =
      Self.row(
        Self.text("x", " table:number-columns-spanned=\"2\""),
        "<table:covered-table-cell office:value-type=\"string\"><text:p>y</text:p></table:covered-table-cell>")
    #expect(read(Self.file(header + buried)).told.contains("workbook.unseen"))
  }

  @Test func sheetsAreListedAndChosen() {
    let hidden =
      "<style:style style:name=\"h\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style>"
    let one = header + Self.row(Self.text("x"), Self.text("y"))
    let book = Self.book(
      "<table:tracked-changes><table:table-cell office:value-type=\"string\"><text:p>old</text:p></table:table-cell></table:tracked-changes>"
        + "<table:table table:name=\"Hidden\" table:style-name=\"h\">\(one)</table:table><table:table table:name=\"Empty\"/>"
        + "<table:table table:name=\"Two &amp; more\">\(one + Self.row(Self.number("3")))</table:table>", styles: hidden
    )
    #expect(
      read(book, lists: true).lines == [
        #"{"number":1,"name":"Hidden","state":"hidden","dimensions":"A1:B2"}"#,
        #"{"number":2,"name":"Empty","state":"visible","dimensions":null}"#,
        #"{"number":3,"name":"Two & more","state":"visible","dimensions":"A1:B3"}"#,
      ])
    #expect(read(book).lines.count == 2)
    var options = WorkbookOptions()
    options.sheets = .all
    #expect(read(book, options).lines.count == 3)
    options.sheets = .named("hidden")
    #expect(read(book, options).lines == [#"{"_row":2,"a":"x","b":"y"}"#])
  }

  @Test func encryptedAndOtherDocumentsAreRefusedByName() {
    let one = header + Self.row(Self.text("x"), Self.text("y"))
    #expect(
      read(Self.file(one, manifest: "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>")).stop
        == "workbook.encrypted")
    let text = ZipBuilder([("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")]).archive()
    #expect(read(text).stop == "ods.unsupported")
    #expect(read(ZipBuilder([("content.xml", "<x/>")]).archive()).stop == "ods.no_sheets")
  }

  @Test func aSheetThatIsCutOffStopsTheRun() {
    let content =
      "<office:document-content><office:body><table:table table:name=\"x\">" + header + Self.row(Self.text("x"))
    for length in [0, 8, 30] {
      #expect(read(ZipBuilder([("content.xml", String(content.dropLast(length)))]).archive()).stop == "xml.truncated")
    }
  }

  @Test func aTypeWithoutItsValueIsWhatIsShown() {
    let cell = "<table:table-cell office:value-type=\"float\"><text:p>7</text:p></table:table-cell>"
    let day =
      "<table:table-cell office:value-type=\"date\" office:date-value=\"2023-02-29\"><text:p>x</text:p></table:table-cell>"
    let sheets = read(Self.file(header + Self.row(cell, day)))
    #expect(sheets.lines == [#"{"_row":2,"a":"7","b":"2023-02-29"}"#])
    #expect(sheets.told.contains("cell.no_date"))
  }
}
