import Testing

@testable import ILSRecord

@Suite struct JSONTextTests {
  private func encoded(_ text: [UInt8]) -> String {
    var buffer = OutputBuffer(capacity: 1)
    text.withUnsafeBytes { buffer.appendJSONString($0) }
    return buffer.string()
  }

  private func decoded(_ json: String) throws -> String {
    guard case .string(let text) = try JSONValue(parsing: Array(json.utf8)) else { return "not a string" }
    return text
  }

  @Test func onlyWhatMustBeEscapedIs() {
    #expect(encoded(Array("a\"b\\c/\u{1}\n\t\u{7F}é😀".utf8)) == #""a\"b\\c/\u0001\n\t"# + "\u{7F}é😀\"")
  }

  @Test func decodeUndoesEncodeAtEveryLength() throws {
    let awkward: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{0}", "\u{1F}", "é", "😀", "\u{2028}", "\r"]
    for length in 0..<50 {
      let text = String(String.UnicodeScalarView((0..<length).map { awkward[($0 * 7 + length) % awkward.count] }))
      #expect(try decoded(encoded(Array(text.utf8))) == text)
    }
  }

  @Test func everyEscapeIsUndone() throws {
    #expect(try decoded(#""\"\\\/\b\f\n\r\tA😀""#) == "\"\\/\u{8}\u{C}\n\r\tA😀")
    #expect(try decoded(#""\u0041\ud83d\ude00\u00E9""#) == "A😀é")
  }

  @Test(arguments: [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud83d\ud83d""#])
  func halfOfASurrogatePairIsRefused(json: String) {
    #expect(throws: RecordError.self) { try decoded(json) }
  }

  @Test func treesKeepOrderAndNumbers() throws {
    let text = #"{"z":1.50,"a":[true,false,null,{"n":12345678901234567890}],"s":"x"}"#
    #expect(try JSONValue(parsing: Array(text.utf8)).text == text)
    #expect(try JSONValue(parsing: [0xEF, 0xBB, 0xBF] + Array(" [ ] ".utf8)) == .array([]))
  }

  @Test func faultsNameLineAndByte() {
    func message(_ text: String) -> String {
      do throws(RecordError) {
        _ = try JSONValue(parsing: Array(text.utf8))
        return "none"
      } catch {
        return error.message
      }
    }
    #expect(message("{\n  \"a\": tru\n}") == "line 2, byte 8: not true, false or null")
    #expect(message("{\n  \"a\": 1,\n  b: 2}").hasPrefix("line 3, byte 3"))
    #expect(message("{\"a\":1,\"a\":2}").contains("occurs twice"))
    #expect(message("[1,2") == "line 1, byte 5: the text ends too early")
    #expect(message("") == "the text is empty")
  }

  @Test func base64PadsAsTheStandardSays() {
    func base64(_ text: String) -> String {
      var buffer = OutputBuffer()
      Array(text.utf8).withUnsafeBytes { buffer.appendBase64($0) }
      return buffer.string()
    }
    // RFC 4648, 10
    #expect(
      ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(base64) == [
        "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
      ])
  }

  @Test func decimalsOfAnySignAreWritten() {
    func decimal(_ number: Int) -> String {
      var buffer = OutputBuffer()
      buffer.append(decimal: number)
      return buffer.string()
    }
    for number in [0, 7, -7, 10, 1_006_209_997, Int.max, Int.min] { #expect(decimal(number) == "\(number)") }
  }

  @Test func anUnfinishedRecordIsTakenFromBehindTheWholeOnes() {
    var buffer = OutputBuffer()
    buffer.append("{}\n{\"a\"")
    #expect(buffer.takeBehindLastLineFeed() == Array("{\"a\"".utf8))
    #expect(buffer.string() == "{}\n")
    #expect(buffer.takeBehindLastLineFeed() == [])
  }
}
