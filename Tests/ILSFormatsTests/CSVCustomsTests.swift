import ILSRecord
import Testing

@testable import ILSFormats

/// What stands above the table, and between its rows.
@Suite struct CSVPreambleTests {
  private func rows(_ text: String, _ change: (inout CSVOptions) -> Void = { _ in }) -> [String] {
    var options = CSVOptions()
    change(&options)
    let whole = decode(Array(text.utf8), CSVDecoder(options))
    return whole.lines + whole.rejects.split(separator: "\n").map { String($0.prefix { $0 != "," }) }
  }

  private let first = #"{"_row":4,"id":"1","name":"Ann","born":"1980-01-02"}"#

  @Test func remarksAboveTheHeaderAreNoHeader() {
    let text = "# made on Monday, by Ann\n#\nid,name,born\n1,Ann,1980-01-02\n# a remark\n#2,Bo,1981-01-02\n"
    #expect(rows(text) == [first, ##"{"_row":6,"id":"#2","name":"Bo","born":"1981-01-02"}"##])
  }

  @Test func aNumberSignIsNoRemarkWhereNoneStandsAboveTheHeader() {
    #expect(rows("id,name\n#1,Ann\n# a remark\n") == [##"{"_row":2,"id":"#1","name":"Ann"}"##, #"{"_row":3"#])
    #expect(rows("#,name\n1,Ann\n") == [##"{"_row":2,"#":"1","name":"Ann"}"##])
    #expect(rows("#id,name\n1,Ann\n") == [##"{"_row":2,"#id":"1","name":"Ann"}"##])
  }

  @Test func commentsAboveTheHeaderArePassedOver() {
    let text = "!made on Monday, by Ann\n!\nid,name,born\n1,Ann,1980-01-02\n!2,Bo,1981-01-02\n"
    #expect(rows(text) { $0.dialect.comment = UInt8(ascii: "!") } == [first])
  }

  @Test func notesOfSeveralCellsAreNoHeader() {
    let padded = "Clinic:,Acme,,,,\n,,,,,\nid,name,born,sex,city,zip\n1,Ann,1980-01-02,F,Rome,00100\n"
    #expect(rows(padded).first?.hasPrefix(#"{"_row":4,"id":"1","name":"Ann","#) == true)
    #expect(rows(padded.replacing("Clinic:,Acme,,,,\n,,,,,", with: "Clinic:,Acme\n")).count == 1)
  }

  @Test func dataIsNeverTakenForTheHeader() {
    // The header is shorter than the rows: they are refused, and none of them is called a header.
    #expect(rows("a,b\n1,2,3,4,5\n6,7,8,9,0\n").count == 2)
    #expect(rows("id,,,,,\n1,Ann,Lee,F,Rome,IT\n2,Bo,Ek,M,Oslo,NO\n").count == 2)
  }
}

/// Quotes as the world writes them, told from the text.
@Suite struct CSVQuotingTests {
  private func values(_ text: String, finds: Bool = true) -> [String] {
    var options = CSVOptions()
    options.findsQuoting = finds
    let whole = decode(Array(text.utf8), CSVDecoder(options))
    for step in [1, 2, 5] { #expect(decode(Array(text.utf8), step: step, CSVDecoder(options)) == whole, "\(text)") }
    #expect(whole.rejects == "")
    return whole.lines.map { String($0.drop { $0 != "," }.dropFirst().dropLast()) }
  }

  @Test(arguments: [0, 60]) func quotesBehindBackslashesAreToldFromDoubledOnes(rows: Int) {
    // With many rows, the fast way has to agree.
    let more = String(repeating: "9,plain\n", count: rows)
    #expect(values("id,note\n1,\"he said \\\"hi\\\"\"\n" + more).first == #""id":"1","note":"he said \"hi\"""#)
    #expect(values("id,dir\n1,\"C:\\x\\\"\n" + more).first == #""id":"1","dir":"C:\\x\\""#)
  }

  @Test(arguments: [0, 60]) func quotesBehindSpacesAreQuotes(rows: Int) {
    let more = String(repeating: "9, \"a, b\",z\n", count: rows)
    let text = "id, name, note\n1,  \"Lee, J\", \"x\"\n2, \"B\", y\n" + more
    #expect(
      values(text).prefix(2) == [
        #""id":"1","name":"Lee, J","note":"x""#, #""id":"2","name":"B","note":" y""#,
      ])
    // Where text follows such a quote, it is none.
    #expect(
      values("id,note\n1, \"odd\" one\n" + more.replacing(", b", with: "").replacing(",z", with: "")).first
        == #""id":"1","note":" \"odd\" one""#)
  }

  @Test func apostrophesQuoteWhereNothingElseDoes() {
    #expect(values("id,name\n1,'Lee, J'\n2,'Bo'\n") == [#""id":"1","name":"Lee, J""#, #""id":"2","name":"Bo""#])
    #expect(values("id,name\n'1,O'Hara\n'2,'tis\n") == [#""id":"'1","name":"O'Hara""#, #""id":"'2","name":"'tis""#])
    #expect(values("id,name\n1,'Lee'\n2,'Bo'\n", finds: false).first == #""id":"1","name":"'Lee'""#)
  }

  /// Cells, and what is read of them: nil where that is the cell itself.
  @Test(
    arguments: [
      ("=\"00123\"", "00123"), ("\"=\"\"00123\"\"\"", "00123"), ("=\"\"", ""), ("=\"Lee \"\"Bo\"\"\"", #"Lee \"Bo\""#),
      ("\"=\"\"Lee, Bo\"\"\"", "Lee, Bo"), (#"="C:\x""#, #"C:\\x"#), ("=\"é\"", "é"),
      ("=A1", nil), ("=\"a\"&B2", nil), ("=\"a\"b\"", nil), ("=T(\"a\")", nil), ("x=\"a\"", nil), (" =\"a\"", nil),
    ], [0, 60])
  func aFormulaThatSaysATextIsTheText(cell: (String, String?), rows: Int) {
    for isLast in [true, false] { readsFormula(cell.0, cell.1, rows, isLast: isLast) }
  }

  private func readsFormula(_ cell: String, _ text: String?, _ rows: Int, isLast: Bool) {
    let more = String(repeating: "9,plain,z\n", count: rows)
    let row = isLast ? "a,b,\(cell)" : "a,\(cell),c"
    let bytes = Array(("id,name,note\n" + more + row + "\n" + more + row).utf8)
    let value = text ?? cell.replacing("\"", with: "\\\"")
    let expected = isLast ? #""name":"b","note":"\#(value)"}"# : #""name":"\#(value)","note":"c"}"#
    for step in [nil, 1, 2, 5, 400] {
      let found = decode(bytes, step: step, CSVDecoder())
      #expect(
        found.lines.count == rows * 2 + 2 && found.lines.last?.hasSuffix(expected) == true, "\(found.lines.last ?? "")")
      #expect(found.lines[rows].hasSuffix(expected), "\(found.lines[rows])")
      #expect(found.told.contains { $0.hasPrefix("csv.formula 2 cells") } == (text != nil))
    }
  }

  @Test func formulasAreKeptWhereThatIsSaid() {
    var options = CSVOptions()
    options.dialect.readsFormulas = false
    let text = "=\"id\",name\n=\"01\",\"=\"\"Bo\"\"\"\n"
    let found = decode(Array(text.utf8), CSVDecoder(options))
    #expect(found.lines == [#"{"_row":2,"=\"id\"":"=\"01\"","name":"=\"Bo\""}"#] && found.told.count == 1)
    #expect(values(text) == [#""id":"01","name":"Bo""#])
    // Where apostrophes quote, or nothing does, a quote is a letter like others.
    #expect(values("id,name\n'1',=\"a\"\n'2','b'\n").first == #""id":"'1'","name":"a""#)
  }

  @Test func aTextOfDOSEndsWithItsMark() {
    #expect(values("a,b\r\n1,2\r\n\u{1A}") == [#""a":"1","b":"2""#])
  }

  @Test func namesOfColumnsAreStable() {
    #expect(CSVHeader(["a", "a", "a_2", "", "column_4"]).names == ["a", "a_3", "a_2", "column_4_2", "column_4"])
    #expect(CSVHeader(["x", "x", "x"]).names == ["x", "x_2", "x_3"])
    #expect(CSVHeader([String(repeating: "é", count: 300)]).names.first?.count == 255)
    // A cell too many is not given the name of a column.
    var options = CSVOptions()
    options.dialect.ragged = .keep
    let decoded = decode(Array("column_3,b\n1,2,3\n".utf8), CSVDecoder(options))
    #expect(decoded.lines == [#"{"_row":2,"column_3":"1","b":"2","column_3_2":"3"}"#])
  }
}
