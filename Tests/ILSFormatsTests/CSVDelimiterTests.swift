import ILSRecord
import Testing

@testable import ILSFormats

/// Delimiters of several bytes, and delimiters that are not looked for.
@Suite struct CSVDelimiterTests {
  private func options(_ delimiter: String) -> CSVOptions {
    var options = CSVOptions()
    let isTaken = options.separate(by: delimiter)
    #expect(isTaken)
    return options
  }

  /// The same, however the bytes are split.
  private func read(_ text: String, _ options: CSVOptions) -> Decoded {
    let whole = decode(Array(text.utf8), CSVDecoder(options))
    for step in [1, 2, 3, 7] {
      #expect(decode(Array(text.utf8), step: step, CSVDecoder(options)) == whole, "in steps of \(step)")
    }
    return whole
  }

  @Test(arguments: ["||", "¦", "|~|", "§§", "þ;", "\t|\t", "::"]) func severalBytesSeparateCells(delimiter: String) {
    let rows = [["Chart", "Name", "Town"], ["0012", "Vogt | Lang; \"x", "Ulm"], ["0013", "", "~ : § \u{C2}"]]
    let text = rows.map { $0.joined(separator: delimiter) + "\r\n" }.joined()
    #expect(
      read(text, options(delimiter)).lines == [
        #"{"_row":2,"Chart":"0012","Name":"Vogt | Lang; \"x","Town":"Ulm"}"#,
        "{\"_row\":3,\"Chart\":\"0013\",\"Name\":\"\",\"Town\":\"~ : § \u{C2}\"}",
      ])
  }

  @Test func insideQuotesTheDelimiterIsText() {
    let text = "a||\"b||c\"\n1||\"x||y \"\"||\"\" z\"\n\"\"||\"line||\n||end\"\n"
    #expect(
      read(text, options("||")).lines == [
        #"{"_row":2,"a":"1","b||c":"x||y \"||\" z"}"#, #"{"_row":3,"a":"","b||c":"line||\n||end"}"#,
      ])
  }

  @Test func behindABackslashItIsTextToo() {
    var backslash = options("::")
    backslash.dialect.escape = .backslash
    #expect(read("a::b\n1\\::2::\"x::\\\"\"\n", backslash).lines == [#"{"_row":2,"a":"1::2","b":"x::\""}"#])
  }

  @Test func aRefusedRowIsKeptAsItStoodInTheFile() {
    let found = read("a||b\n1||2||3\n4||\"open||5\n6||7\n", options("||"))
    #expect(found.lines == [#"{"_row":4,"a":"6","b":"7"}"#] && found.rejected == 2)
    #expect(found.rejects.contains(#""raw":"1||2||3""#) && found.rejects.contains(#""raw":"4||\"open||5""#))
  }

  @Test func whatStandsInForADelimiterIsNoText() {
    #expect(read("a||b\n1||\u{1F}\n", options("||")).stop == "csv.delimiter")
  }

  @Test(arguments: ["coma", "12", ";", "", "a\nb", "\"\"", String(repeating: "|", count: 33)])
  func aDelimiterThatCannotBeIsRefused(delimiter: String) {
    var options = CSVOptions()
    let isTaken = options.separate(by: delimiter)
    #expect(!isTaken)
  }

  @Test(arguments: [("a¦b\n1¦2\n", "'¦'"), ("a::b::c\nx::y::z\n1::2::3\n", "'::'"), ("a||b\n1||2\n3||4\n", "'||'")])
  func whatSeemsToSeparateIsTold(text: String, sign: String) {
    #expect(decode(Array(text.utf8), CSVDecoder()).told.contains { $0.hasPrefix("csv.delimiter") && $0.contains(sign) })
  }

  @Test(arguments: ["a\n5 %%\nb::c\n", "remark\n10 °\n12 °\n", "a,,b\n1,x,2\n"]) func signsInTextSeparateNothing(
    text: String
  ) {
    let told = decode(Array(text.utf8), CSVDecoder()).told
    #expect(!told.contains { $0.hasPrefix("csv.delimiter") && !$0.contains("nothing seems to") })
  }

  @Test func aNamedDelimiterThatIsNowhereIsTold() {
    var options = CSVOptions()
    options.delimiter = UInt8(ascii: ";")
    #expect(decode(Array("a,b\n1,2\n".utf8), CSVDecoder(options)).told.contains { $0.hasPrefix("csv.delimiter") })
    options.delimiter = CSVDialect.noDelimiter
    #expect(!decode(Array("a,b\n1,2\n".utf8), CSVDecoder(options)).told.contains { $0.hasPrefix("csv.delimiter") })
  }
}
