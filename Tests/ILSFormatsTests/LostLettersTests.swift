import ILSRecord
import Testing

@testable import ILSFormats

/// Letters that did not survive what was done with a file before it came here.
@Suite struct LostLettersTests {
  private func told(_ text: String, rows: Int = 1) -> [String] {
    let filler = (0..<rows).map { "\($0),Vogt,the lens is fine\n" }.joined()
    let bytes = Array(("id,name,note\n" + filler + text + "\n" + filler).utf8)
    let whole = decode(bytes, TextDecoder()).told
    for step in [1, 7, 100, 4096] { #expect(decode(bytes, step: step, TextDecoder()).told == whole) }
    return whole
  }
  @Test(
    arguments: [
      ("7,Jos\u{FFFD},x", "text.lost 1 letter "), ("7,\u{FFFD}\u{FFFD}mer,ж", "text.lost 2 letters"),
      ("7,Jos\u{221A}\u{A9},x", "text.mojibake 1 letter "),
      ("7,M\u{251C}\u{255D}ller,G\u{251C}\u{C2}tz", "text.mojibake 2 letters"),
      ("7,Jos\u{C3}\u{A9},x", "text.mojibake 1 letter "),
      (
        "7,\u{FEFF}Vogt,x", "text.unseen signs that nobody sees, of no width or of direction, are kept as they came (1)"
      ),
      (
        "7,Vo\u{200B}gt\u{200E},\u{2066}x",
        "text.unseen signs that nobody sees, of no width or of direction, are kept as they came (3)"
      ),
    ], [1, 300]) func theyAreToldWithTheirNumber(row: (String, String), rows: Int)
  {
    #expect(told(row.0, rows: rows).contains { $0.hasPrefix(row.1) }, "\(told(row.0, rows: rows))")
  }

  @Test(arguments: [
    "7,\u{221A}2,x", "7,\u{251C}\u{2500}\u{2500} a,x", "7,José,“fine” – he says’…", "\u{FEFF}7,a,b",
    "7,a\u{200D}b,x",
  ])
  func whatIsMeantIsNot(row: String) {
    #expect(!told(row, rows: 300).contains { $0.hasPrefix("text.") })
  }

  @Test(
    arguments: [
      (
        "7,Jos&eacute;,O&#39;Neil &amp; Co",
        "text.spelled signs are written as web pages write them, like &eacute; or &#39; (3)"
      ),
      ("7,Mu\u{308}ller,Jose\u{301}", "text.decomposed letters are written as a letter and a mark behind it (2)"),
      (
        "7,Iris\u{B}Maria,a\u{2028}b\u{C}",
        "text.unseen controls such as vertical tabs and form feeds stand among the text (3)"
      ),
      ("7,M?ller,Bj?rn's", "text.lost ? stands between letters, as in M?ller (2)"),
      ("7,M+APw-ller,x", "text.spelled letters seem to be written in UTF-7 or HZ (1)"),
      ("7,~{Mu~},x", "text.spelled letters seem to be written in UTF-7 or HZ (1)"),
    ], [1, 300]) func thoseThatAreSpelledInASCIIAreTold(row: (String, String), rows: Int)
  {
    #expect(told(row.0, rows: rows).contains { $0.hasPrefix(row.1) }, "\(told(row.0, rows: rows))")
  }

  @Test(arguments: [
    "7,AT&T;R&D,Who? me", "7,http://x/a?b=c&d=e,why?No", "7,+49301-234,+1555-1234", "7,A+B-C,&Sons;", "7,~,a~b",
    "7,Müller,a\tb", "7,\u{301},x",
  ]) func whatIsNoLetterIsNotTold(row: String) {
    #expect(!told(row, rows: 2).contains { $0.hasPrefix("text.") }, "\(told(row, rows: 2))")
  }

  @Test(arguments: [nil, 1, 5, 100]) func theyAreToldAndMendedWhereJSONEscapesThem(step: Int?) {
    let text =
      "["
      + (0..<50).map { #"{"id":\#($0),"n":"Jos\u00c3\u00a9 \\u00c3\u00a9","x":"\ud83d\ude00\u0041\ud83d"}"# }.joined(
        separator: ",")
      + #",{"n":"Jos\ufffd\ufeffx"}]"#
    let told = decode(Array(text.utf8), step: step, TextDecoder()).told
    #expect(
      told.contains { $0.hasPrefix("text.mojibake 50 letters") } && told.contains { $0.hasPrefix("text.lost 1 ") })
    #expect(told.contains { $0.hasPrefix("text.unseen") })
    var options = TextOptions()
    options.mendsMojibake = true
    let lines = decode(Array(text.utf8), step: step, TextDecoder(options)).lines
    #expect(lines.first == #"{"_row":1,"id":0,"n":"José \\u00c3\#u{A9}","x":"\#u{1F600}\u0041\ud83d"}"#, "\(lines)")
  }

  @Test func theyAreToldOfWorkbooksToo() {
    var book = XLSXBuilder("")
    func cell(_ name: String, _ text: String) -> String { "<c r=\"\(name)\" t=\"str\"><v>\(text)</v></c>" }
    book.sheets = [
      (
        "A", "visible",
        "<row r=\"1\">\(cell("A1", "name"))</row><row r=\"2\">\(cell("A2", "Jos\u{C3}\u{A9}"))</row>"
          + "<row r=\"3\">\(cell("A3", "Jos\u{FFFD}"))</row><row r=\"4\">\(cell("A4", "\u{FEFF}Kay"))</row>"
      )
    ]
    let told = read(book.file).told
    #expect(told.contains("text.mojibake") && told.contains("text.lost") && told.contains("text.unseen"))
  }

  @Test func theyAreMendedInWorkbooksToo() {
    var book = XLSXBuilder("")
    func row(_ number: Int, _ text: String) -> String {
      "<row r=\"\(number)\"><c r=\"A\(number)\" t=\"str\"><v>\(text)</v></c></row>"
    }
    let rows = (2...6000).map { row($0, "M\u{C3}\u{BC}ller \"\($0)\"") }.joined()
    book.sheets = [("A", "visible", row(1, "Pr\u{C3}\u{A9}nom") + rows)]
    var options = WorkbookOptions()
    options.mendsMojibake = true
    let found = read(book.file, options)
    #expect(found.lines == (2...6000).map { #"{"_row":\#($0),"Pr\#u{E9}nom":"M\#u{FC}ller \"\#($0)\""}"# })
    #expect(found.emitted == 5999 && found.told.contains("text.mojibake"))
  }
}
