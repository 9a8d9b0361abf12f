import ILSRecord
import Testing

@testable import ILSFormats

@Suite struct CSVDecoderTests {
  private func csv(_ text: String, step: Int? = nil, _ options: CSVOptions = CSVOptions()) -> Decoded {
    decode(Array(text.utf8), step: step, CSVDecoder(options))
  }

  static let texts: [String] = [
    "a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4", "a,b\r1,2\r3,4\r", "a,b\n\n1,2\n\r\n\r\n3,4\n\n",
    "a,b\n\"1\",\"x \"\"y\"\" z\"\n\"multi\nline\r\ncell\",\"\"\n", "a,b\n1,he said \"no\"\n", "a,b\n\"x\"y,2\n",
    "a,b\n1,2,3\n4\n5,6\n", "a,b\n1,\"never closed\n2,3\n4,5\n", "a,b\n1,\"open\n2,3\n4,\"x\",5\n6,7\n",
    "a;b\n1;é漢😀\n2;\u{1}\t\n", "a,b\n1,\u{0}\n2,3\n", "a,b\n1,\\\"\n", "name\nx\ny\n", "a,b\n1,\"\n",
    "a,b\n\"\"\"\",\"\"\n",
    "a\tb\n1,5\t2\n", "a,b\n1,2\n\"\n", "\u{FEFF}a,b\n1,2\n", "Title\n\na,b\n1,2\n", "sep=;\na;b\n1;2\n", "a,b\n1,",
    "a,a,,_row\n1,2,3,4\n",
    "a,b\n" + String(repeating: "1234567,", count: 1) + "\"" + String(repeating: "q\"\"", count: 40) + "\"\n",
  ]

  @Test(arguments: texts) func recordsAreTheSameHoweverTheBytesAreSplit(text: String) {
    // The mark is the business of whoever knows the encoding.
    let whole = csv(text)
    for step in [1, 2, 3, 5, 7, 16, 17] { #expect(csv(text, step: step) == whole, "in steps of \(step)") }
  }

  @Test func valuesAreStringsAsTheyCame() {
    #expect(
      csv("id,zip,n\n007, 02134 ,1e5\n,\"\",NA\n").lines == [
        #"{"_row":2,"id":"007","zip":" 02134 ","n":"1e5"}"#, #"{"_row":3,"id":"","zip":"","n":"NA"}"#,
      ])
  }

  @Test func quotedCellsKeepTheirLineEnds() {
    #expect(csv("a,b\n\"x\r\ny\",\"p,\"\"q\"\"\"\n").lines == [#"{"_row":2,"a":"x\r\ny","b":"p,\"q\""}"#])
  }

  @Test func everyCellWidthIsCopiedWhole() {
    for width in 0..<80 {
      let cell = String(repeating: "x", count: width)
      #expect(csv("a,b\n\(cell),\"\(cell)\"\n").lines == ["{\"_row\":2,\"a\":\"\(cell)\",\"b\":\"\(cell)\"}"])
    }
  }

  @Test func emptyLinesCountAndGiveNothing() {
    #expect(csv("a,b\n\n1,2\n\n\n3,4\n").lines == [#"{"_row":3,"a":"1","b":"2"}"#, #"{"_row":6,"a":"3","b":"4"}"#])
  }

  @Test func aRaggedRowIsRefusedWithItsText() {
    let decoded = csv("a,b\n1,2,3\n\"4\nx\"\n5,6\n")
    #expect(decoded.lines == [#"{"_row":4,"a":"5","b":"6"}"#])
    #expect(decoded.rejects.contains(#""_row":2,"stage":"test","errors":[{"code":"csv.ragged""#))
    #expect(decoded.rejects.contains(#""raw":"1,2,3""#) && decoded.rejects.contains(#""raw":"\"4\nx\"""#))
  }

  @Test func raggedRowsCanBePaddedOrKept() {
    var options = CSVOptions()
    options.dialect.ragged = .pad
    let text = "a,b,c\n1\n1,2,3,4,5\n"
    #expect(
      csv(text, options).lines == [
        #"{"_row":2,"a":"1","b":"","c":""}"#, #"{"_row":3,"a":"1","b":"2","c":"3","column_4":"4","column_5":"5"}"#,
      ])
    options.dialect.ragged = .keep
    #expect(csv(text, options).lines.first == #"{"_row":2,"a":"1"}"#)
  }

  @Test func anUnclosedQuoteCostsItsLineAlone() {
    let decoded = csv("a,b\n1,2\n3,\"open\n5,6\n7,8\n")
    #expect(
      decoded.lines.map { $0.contains("\"_row\":2") || $0.contains("\"_row\":4") || $0.contains("\"_row\":5") } == [
        true, true, true,
      ])
    #expect(decoded.rejects.contains(#""_row":3,"stage":"test","errors":[{"code":"csv.unclosed_quote""#))
    #expect(decoded.rejects.contains(#""raw":"3,\"open""#))
  }

  @Test func aQuoteClosedByTheNextOneDoesNotMergeRows() {
    let decoded = csv("a,b,c\n4,\"open,6\n7,8,9\n10,\"ok\",12\n13,14,15\n")
    #expect(decoded.lines.count == 3)
    #expect(decoded.lines.last == #"{"_row":5,"a":"13","b":"14","c":"15"}"#)
  }

  @Test func bytesThatAreNoTextCostTheirRowAlone() {
    let decoded = decode(Array("a,b\n1,".utf8) + [0xC3, 0x28] + Array("\n2,\u{0}\n3,4\n".utf8), CSVDecoder())
    #expect(decoded.lines == [#"{"_row":4,"a":"3","b":"4"}"#])
    #expect(decoded.rejects.contains("csv.encoding") && decoded.rejects.contains("byte 3 of the row"))
    #expect(decoded.rejects.contains("csv.nul"))
  }

  @Test func namesAreMadeFitAndThatIsSaid() {
    let header = CSVHeader(["a", " a ", "", "_row", "a_2", String(repeating: "x", count: 300)])
    #expect(header.names.prefix(5) == ["a", "a_3", "column_3", "x_row", "a_2"])
    #expect(header.names[5].count == 255)
    #expect(header.notes.count == 4)
  }

  @Test(
    arguments: [
      ("a,b\n1,2\n", ",", 1), ("a;b\n1,5;2,5\n", ";", 1), ("a\tb\n1,2\t3,4\n", "\t", 1), ("a|b|c\n1|2|3\n", "|", 1),
      ("Report of May\n\na,b\n1,2\n", ",", 3), ("a,b,c\n1,2,3,4\n1,2,3,4\n", ",", 1), ("sep=|\na|b\n", "|", 2),
      ("name\nx\n", nil, 1), ("\"a;b\";c\n\"1;2\";3\n", ";", 1),
    ] as [(String, Character?, Int)])
  func theDialectIsToldFromTheText(text: String, delimiter: Character?, headerRow: Int) {
    Array(text.utf8).withUnsafeBytes { bytes in
      let sniffed = CSVSniffer(bytes, dialect: CSVDialect(), given: nil, findsQuoting: true, isWhole: true)
      #expect(sniffed.delimiter == delimiter?.asciiValue)
      #expect(sniffed.headerRow == headerRow)
    }
  }

  @Test func optionsSayOtherwise() {
    var options = CSVOptions()
    options.headerRow = 0
    #expect(csv("1,2\n3,4\n", options).lines.first == #"{"_row":1,"column_1":"1","column_2":"2"}"#)
    options.columns = ["x", "y"]
    #expect(csv("1,2\n", options).lines == [#"{"_row":1,"x":"1","y":"2"}"#])
    options = CSVOptions()
    options.skip = 1
    options.dialect.comment = UInt8(ascii: "#")
    #expect(csv("junk \"\na,b\n#note\n1,2\n", options).lines == [#"{"_row":4,"a":"1","b":"2"}"#])
    options = CSVOptions()
    options.dialect.escape = .backslash
    #expect(csv("a,b\n\"x\\\"y\",p\\,q\n", options).lines == [#"{"_row":2,"a":"x\"y","b":"p,q"}"#])
    options = CSVOptions()
    options.dialect.quote = UInt8(ascii: "'")
    #expect(csv("a,b\n'x, ''y''',\"\n", options).lines == [#"{"_row":2,"a":"x, 'y'","b":"\""}"#])
  }

  @Test func aRowBeyondTheLimitIsPassedOver() {
    let monster = [UInt8](repeating: 0x78, count: CSVRows.rowLimit + 1_000_000)
    let decoded = decode(Array("a,b\n1,".utf8) + monster + Array("\n3,4\n".utf8), step: 1 << 18, CSVDecoder())
    #expect(decoded.lines == [#"{"_row":3,"a":"3","b":"4"}"#])
    #expect(decoded.rejects.contains("csv.too_long"))
  }

  @Test func manyOpenQuotesTakeNoTimeToSpeakOf() {
    let text = "a,b\n" + String(repeating: "1,\"x\n", count: 20_001)
    let decoded = csv(text, step: 1 << 14)
    #expect(decoded.lines.count + decoded.rejects.split(separator: "\n").count > 10_000)
  }
}
