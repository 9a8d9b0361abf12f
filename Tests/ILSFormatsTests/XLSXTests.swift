import ILSDates
import ILSRecord
import Testing

@testable import ILSFormats

@Suite struct XLSXTests {
  private func options(_ change: (inout WorkbookOptions) -> Void) -> WorkbookOptions {
    var options = WorkbookOptions()
    change(&options)
    return options
  }

  /// One row of one column called `v`: what its value becomes.
  private func value(_ cell: String, strings: [String] = [], formats: [String] = [], is1904: Bool = false) -> String {
    var book = XLSXBuilder(
      "<row r=\"1\"><c r=\"A1\" t=\"str\"><v>v</v></c></row><row r=\"2\">\(cell)</row>", strings: strings,
      formats: formats)
    book.is1904 = is1904
    let sheets = read(book.file)
    return sheets.lines.first.map { String($0.dropFirst(#"{"_row":2,"v":"#.utf8.count).dropLast()) } ?? sheets.stop
      ?? ""
  }

  private func number(_ text: String, _ format: String, is1904: Bool = false) -> String {
    value("<c r=\"A2\" s=\"1\"><v>\(text)</v></c>", formats: [format], is1904: is1904)
  }

  @Test func everyKindOfCellHasItsJSON() {
    #expect(value("<c r=\"A2\"><v>1006209997</v></c>") == "1006209997")
    #expect(value("<c r=\"A2\"><v>-0.5</v></c>") == "-0.5")
    #expect(value("<c r=\"A2\"><v>1.006209997E9</v></c>") == "1006209997")
    #expect(value("<c r=\"A2\"><v>0.10000000000000001</v></c>") == "0.1")
    #expect(value("<c r=\"A2\"><v>7.0</v></c>") == "7")
    #expect(value("<c r=\"A2\"><v>1E+300</v></c>") == "1e300")
    #expect(value("<c r=\"A2\" t=\"b\"><v>1</v></c>") == "true")
    #expect(value("<c r=\"A2\" t=\"str\"><f>A1</f><v>x</v></c>") == "\"x\"")
    #expect(value("<c r=\"A2\" t=\"s\"><v>1</v></c>", strings: ["<t>a</t>", "<t>0012</t>"]) == "\"0012\"")
    #expect(value("<c r=\"A2\" t=\"inlineStr\"><is><t> a\"b </t></is></c>") == #"" a\"b ""#)
    #expect(value("<c r=\"A2\" t=\"d\"><v>2024-02-29T10:00:00</v></c>") == "\"2024-02-29T10:00:00\"")
    #expect(value("<c r=\"A2\" t=\"e\"><v>#N/A</v></c>") == "null")
  }

  @Test func errorsAndFormulasWithoutResultsAreTold() {
    let sheets = read(
      XLSXBuilder(
        "<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row><row><c t=\"e\"><v>#REF!</v></c><c><f>1+1</f></c></row>"
      ).file)
    #expect(sheets.lines == [#"{"_row":2,"a":null,"b":null}"#])
    #expect(sheets.told.contains("cell.error") && sheets.told.contains("cell.no_result"))
  }

  /// As programs write them that work out no formulas.
  @Test(arguments: ["<v/>", "<v></v>", "<v> </v>"]) func aFormulaWithAnEmptyNumberHasNoResult(value: String) {
    let start = "<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>b</v></c></row><row><c><v>1</v></c>"
    let number = read(XLSXBuilder(start + "<c><f>1+1</f>\(value)</c></row>").file)
    #expect(number.lines == [#"{"_row":2,"a":1,"b":null}"#] && number.told.contains("cell.no_result"))
    // An empty text is a result.
    let text = read(XLSXBuilder(start + "<c t=\"str\"><f>A1</f>\(value)</c></row>").file)
    #expect(!text.told.contains("cell.no_result"))
  }

  @Test func aNumberCellWithoutANumberIsText() {
    let sheets = read(XLSXBuilder("<row><c t=\"str\"><v>a</v></c></row><row><c><v>NaN</v></c></row>").file)
    #expect(sheets.lines == [#"{"_row":2,"a":"NaN"}"#])
    #expect(sheets.told.contains("cell.number"))
  }

  @Test func partsInOtherEncodingsAreRefused() {
    var zip = XLSXBuilder("<row><c><v>1</v></c></row>").zip
    let last = zip.parts.count - 1
    let text = String(decoding: zip.parts[last].bytes, as: UTF8.self)
    for (encoding, stop) in [("utf-8", nil), ("ISO-8859-1", "xml.encoding")] as [(String, String?)] {
      zip.parts[last].bytes = Array(
        text.replacing("<?xml version=\"1.0\"?>", with: "<?xml version='1.0' encoding='\(encoding)'?>").utf8)
      #expect(read(zip.archive()).stop == stop)
    }
  }

  /// The way in which nine cells of ten are spelled is read by code of its own.
  @Test func everySpellingOfACellGivesTheSame() {
    let texts = [
      "a", "", "Zoë &amp; Co", "&#x1F600;", "_x000D_", " x ", String(repeating: "long ", count: 40), "\\\"", "1\n2",
    ]
    var strings: [String] = []
    var data = ""
    var state: UInt64 = 3
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for row in 1...6000 {
      data += "<row r=\"\(row)\">"
      for column in 0..<6 where next(8) > 0 {
        let reference = "r=\"\(CellRange.columnName(column))\(row)\""
        let text = texts[next(texts.count)]
        switch next(7) {
        case 0: data += "<c \(reference) t=\"inlineStr\"><is><t>\(text)</t></is></c>"
        case 1:
          data += "<c \(reference) s=\"0\" t=\"s\"><v>\(strings.count)</v></c>"
          strings.append("<t>\(text)</t>")
        case 2: data += "<c \(reference) s=\"1\"><v>\(next(60_000))</v></c>"
        case 3: data += "<c \(reference) t=\"b\"><v>\(next(2))</v></c>"
        case 4: data += "<c \(reference)/>"
        case 5: data += "<c \(reference) t=\"str\"><f>x</f><v>\(text)</v></c>"
        default: data += "<c \(reference)><v>\(Double(next(1 << 30)) / 64)</v></c>"
        }
      }
      data += "</row>"
    }
    let usual = read(XLSXBuilder(data, strings: strings, formats: ["14"]).file)
    #expect(usual.lines.count > 5000 && usual.stop == nil)
    let spelled = data.replacing("<c r=\"", with: "<c  r=\"").replacing("<t>", with: "<t >")
    #expect(read(XLSXBuilder(spelled, strings: strings, formats: ["14"]).file) == usual)
    let split = data.replacing("</v>", with: "<!-- --></v>")
    #expect(read(XLSXBuilder(split, strings: strings.map { $0 + " " }, formats: ["14"]).file) == usual)
  }

  @Test func textIsAllRunsWithoutThePhoneticOnes() {
    let rich =
      "<r><t>To</t></r><r><rPr><b/></rPr><t xml:space=\"preserve\">kyo </t></r><rPh sb=\"0\" eb=\"1\"><t>xx</t></rPh>"
    #expect(value("<c r=\"A2\" t=\"s\"><v>0</v></c>", strings: [rich]) == "\"Tokyo \"")
    #expect(value("<c r=\"A2\" t=\"inlineStr\"><is>\(rich)</is></c>") == "\"Tokyo \"")
  }

  @Test func entitiesAndEscapesAreUndone() {
    let text = "&lt;&amp;&gt;&quot;&apos;&#233;&#x1F600; _x000D_ _x005F_x000D_ _x41 a\r\nb <![CDATA[<&amp;>]]>"
    #expect(
      value("<c r=\"A2\" t=\"str\"><v>\(text)</v></c>") == #""<&>\"'é😀 \r _x000D_ _x41 a\nb <&amp;>""#)
  }

  @Test func textOfEveryLengthIsCopiedWhole() {
    for length in 1...200 {
      let text = String((0..<length).map { "abcdé&_\"fgh"[$0 % 11] })
      let xml = text.replacing("&", with: "&amp;")
      let json = "\"" + text.replacing("\"", with: "\\\"") + "\""
      #expect(value("<c r=\"A2\" t=\"str\"><v>\(xml)</v></c>") == json)
      #expect(value("<c r=\"A2\" t=\"s\"><v>0</v></c>", strings: ["<t>\(xml)</t>"]) == json)
    }
  }

  @Test(arguments: [
    ("45352", "14", "\"2024-03-01\""), ("45352.5", "22", "\"2024-03-01T12:00:00\""), ("0.25", "20", "\"06:00:00\""),
    ("1.5", "46", "\"36:00:00\""), ("45352", "yyyy\\-mm\\-dd;@", "\"2024-03-01\""),
    ("45352", "[$-409]d\\-mmm\\-yy", "\"2024-03-01\""),
    ("45352.25", "dd/mm/yyyy hh:mm", "\"2024-03-01T06:00:00\""), ("0.5", "h:mm AM/PM", "\"12:00:00\""),
    ("0.0104166666666667", "mm:ss", "\"00:15:00\""), ("59", "14", "\"1900-02-28\""), ("61", "14", "\"1900-03-01\""),
    ("60", "14", "60"), ("1", "14", "\"1900-01-01\""), ("-1", "14", "-1"), ("2958465", "14", "\"9999-12-31\""),
    ("2958466", "14", "2958466"), ("45352.000011574", "22", "\"2024-03-01T00:00:01\""), ("0.123", "0.00%", "0.123"),
    ("1234567", "0.00E+00", "1234567"), ("12", "[Red]0", "12"), ("12", "\"day\" 0", "12"), ("7", "#,##0\\ \"d\"", "7"),
    ("45352", "General", "45352"), ("45352", "0\\m", "45352"), ("45352", "mmm", "\"2024-03-01\""),
  ]) func datesAreKnownByTheirFormat(text: String, format: String, json: String) {
    let escaped = format.replacing("\"", with: "&quot;")
    #expect(number(text, escaped) == json, "\(format)")
  }

  @Test func theOtherEpochIsHonoured() {
    #expect(number("0", "14", is1904: true) == "\"1904-01-01\"")
    #expect(number("43890", "14", is1904: true) == "\"2024-03-01\"")
  }

  @Test func everyDayOfTwoCenturiesIsRight() {
    let epoch = CivilDate(year: 1899, month: 12, day: 30)?.daysSinceEpoch ?? 0
    for serial in stride(from: 61, to: 73_051, by: 17) {
      var buffer = OutputBuffer()
      #expect(ExcelDate.append(Double(serial), .date(withTime: false), is1904: false, to: &buffer))
      var expected = OutputBuffer()
      if let date = CivilDate(daysSinceEpoch: epoch + serial) { expected.append(date) }
      #expect(buffer.string() == "\"\(expected.string())\"")
    }
  }

  @Test func everyNumberReadsBackTheSame() {
    var state: UInt64 = 7
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var number = Double(bitPattern: state)
      if state & 3 == 0 { number = Double(Int(truncatingIfNeeded: state >> 20) % 10_000_000) / 100 }
      guard number.isFinite else { continue }
      let text = Array("\(number)".utf8)
      #expect(text.withUnsafeBytes { NumberText.parse($0) } == number)
      var buffer = OutputBuffer()
      NumberText.append(number, to: &buffer)
      #expect(Double(buffer.string()) == number, "\(number)")
    }
  }

  @Test func referencesMayBeMissingAndRowsSparse() {
    let sheets = read(
      XLSXBuilder(
        """
        <row><c t="str"><v>a</v></c><c t="str"><v>b</v></c><c t="str"><v>c</v></c></row>
        <row><c><v>1</v></c><c/><c><v>3</v></c></row><row/><row r="9"><c r="B9"><v>2</v></c></row>
        <row r="12"><c r="A12" s="3"/></row>
        """
      ).file)
    #expect(sheets.lines == [#"{"_row":2,"a":1,"b":null,"c":3}"#, #"{"_row":9,"a":null,"b":2,"c":null}"#])
  }

  @Test func prefixesCaseAndSlashesOfPartsDoNotMatter() {
    var book = XLSXBuilder("<x:row><x:c t=\"str\"><x:v>a</x:v></x:c></x:row><x:row><x:c><x:v>1</x:v></x:c></x:row>")
    book.prefix = "x:"
    var zip = book.zip
    for index in zip.parts.indices { zip.parts[index].name = zip.parts[index].name.uppercased() }
    #expect(read(zip.archive()).lines == [#"{"_row":2,"a":1}"#])
    for index in zip.parts.indices { zip.parts[index].name = zip.parts[index].name.replacing("/", with: "\\") }
    #expect(read(zip.archive()).lines == [#"{"_row":2,"a":1}"#])
  }

  @Test func everyFormOfTheArchiveGivesTheSame() {
    let book = XLSXBuilder("<row><c t=\"s\"><v>0</v></c></row><row><c><v>1</v></c></row>", strings: ["<t>a</t>"])
    let plain = read(book.file)
    #expect(plain.lines == [#"{"_row":2,"a":1}"#])
    var zip = book.zip
    zip.describesBehind = true
    #expect(read(zip.archive()) == plain)
    zip.isWide = true
    #expect(read(zip.archive()) == plain)
    #expect(read(Array("bytes in front of it".utf8) + book.file).stop == "workbook.unknown")
    zip.parts.removeAll { $0.name == "[Content_Types].xml" || $0.name == "_rels/.rels" }
    #expect(read(zip.archive()) == plain)
  }

  @Test func duplicatesAndDisorderWithinARowEndInColumnOrder() {
    let sheets = read(
      XLSXBuilder(
        """
        <row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>
        <row r="2"><c r="B2"><v>2</v></c><c r="A2"><v>0</v></c><c r="A2"><v>1</v></c></row>
        """
      ).file)
    #expect(sheets.lines == [#"{"_row":2,"a":1,"b":2}"#])
  }

  @Test func aTableIsTheSameAsInDelimitedText() {
    let rows = [["id", "name", "note"], ["007", "Zoë \"Z\"", "a,b"], ["8", "", "x\ny"], ["9", "é😀", "_row"]]
    let xml = rows.map { row in
      "<row>" + row.map { "<c t=\"inlineStr\"><is><t>\($0)</t></is></c>" }.joined() + "</row>"
    }
    let text = rows.map { row in
      row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
    }
    let csv = decode(Array((text.joined(separator: "\n") + "\n").utf8), CSVDecoder(CSVOptions())).lines
    // An empty cell is null in a workbook, and an empty string in text; rows are numbered alike.
    #expect(
      read(XLSXBuilder(xml.joined()).file).lines == csv.map { $0.replacing("\"name\":\"\"", with: "\"name\":null") })
  }
}

extension String {
  fileprivate subscript(index: Int) -> Character { self[self.index(startIndex, offsetBy: index)] }
}
