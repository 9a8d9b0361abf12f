import Testing

@testable import ILSRecord

@Suite struct RecordScannerTests {
  @Test func fieldsKeepTheirOrderAndTheirBytes() throws {
    #expect(
      try scanned(#"{"b":"x","a":12345678901234567890,"n":null,"t":true,"o":{"k":[1,{"z":"}"}]},"l":[]}"#) == [
        #"b="x""#, "a=12345678901234567890", "n=null", "t=true", #"o={"k":[1,{"z":"}"}]}"#, "l=[]",
      ])
  }

  @Test func spaceIsAllowedWhereJSONAllowsIt() throws {
    #expect(try scanned(" { \"a\" : 1 ,\t\"b\":\"x\" } \r") == ["a=1", "b=\"x\""])
    #expect(try scanned("{}") == [])
    #expect(try scanned("{ }") == [])
  }

  @Test func escapedNamesAreDecoded() throws {
    #expect(try scanned(#"{"caf\u00e9":1}"#) == ["café=1"])
  }

  @Test func recordsOfOneShapeShareIt() throws {
    var scanner = RecordScanner()
    func shape(_ line: String) throws -> Int {
      try withPadded(Array(line.utf8)) { try scanner.scan($0, number: 1).shape.id }
    }
    let first = try shape(#"{"a":1,"b":2}"#)
    #expect(try shape(#"{"a":"x","b":null}"#) == first)
    #expect(try shape(#"{"a": 1, "b": 2}"#) == first)
    let second = try shape(#"{"b":1,"a":2}"#)
    #expect(second != first)
    #expect(try shape(#"{"a":1}"#) != first)
    #expect(try shape(#"{"a":1,"b":2,"c":3}"#) != first)
    #expect(try shape(#"{"a":1,"b":2}"#) == first)
    #expect(try shape(#"{"b":1,"a":2}"#) == second)
  }

  /// A stage that reads several files keeps by a shape's number where its fields stand.
  @Test func shapesOfTwoInputsAreTwo() throws {
    func shapes() throws -> Set<Int> {
      var scanner = RecordScanner()
      return Set(
        try [#"{"a":1,"b":2}"#, #"{"b":1,"a":2}"#].map { line in
          try withPadded(Array(line.utf8)) { try scanner.scan($0, number: 1).shape.id }
        })
    }
    #expect(try shapes().isDisjoint(with: shapes()))
  }

  @Test func namesThatJoinAlikeAreDifferentShapes() throws {
    var scanner = RecordScanner()
    let names = try [#"{"ab":1,"c":2}"#, #"{"a":1,"bc":2}"#].map { line in
      try withPadded(Array(line.utf8)) { try scanner.scan($0, number: 1).shape.names }
    }
    #expect(names == [["ab", "c"], ["a", "bc"]])
  }

  @Test(arguments: [
    "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":-}", "{\"a\":1e}", "{\"a\":+1}", "{\"a\":0x1}", "{\"a\":1 2}",
    "{\"a\":tru}", "{\"a\":nulll}", "{\"a\":True}", "{\"a\":NaN}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\u{1}\"}", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}", "{a:1}", "{'a':1}", "{\"a\":1}}", "{\"a\":1} x",
    "{\"a\":[1,]}", "{\"a\":[1 2]}", "{\"a\":{\"b\"}}", "{\"a\":[}", "{\"a\":{]}",
  ])
  func whatIsNotJSONIsRefused(line: String) {
    #expect(refusal(line) == "json.invalid")
  }

  @Test(arguments: ["", " ", "[1]", "\"x\"", "12", "null", "x,y"])
  func whatIsNoObjectIsRefused(line: String) {
    #expect(refusal(line) == "json.not_object")
  }

  /// The bytes behind the line would complete it: they must not be looked at.
  @Test(arguments: [UInt8(ascii: "\""), UInt8(ascii: "}"), UInt8(ascii: "1"), UInt8(ascii: "\\"), 0, 0xFF])
  func everyCutOffRecordIsTruncated(padding: UInt8) {
    let whole = Array(#"{"name":"Ann\u00e9 \"x\"","n":-12.5e+3,"t":true,"o":{"k":["v",null]}}"#.utf8)
    for length in 1..<whole.count {
      #expect(refusal(Array(whole[..<length]), padding: padding) == "json.truncated", "first \(length) bytes")
    }
    #expect(refusal(whole, padding: padding) == nil)
  }

  @Test func aNameThatOccursTwiceIsRefused() {
    #expect(refusal(#"{"a":1,"a":2}"#) == "json.duplicate_key")
    #expect(refusal(#"{"a":1,"\u0061":2}"#) == "json.duplicate_key")
  }

  @Test func nestingHasALimit() {
    func nested(_ depth: Int) -> String {
      #"{"a":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    #expect(refusal(nested(512)) == nil)
    #expect(refusal(nested(513)) == "json.invalid")
  }

  @Test(
    arguments: [
      [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0x80], [0xC3],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func illFormedUTF8IsRefused(bytes: [UInt8]) {
    for filler in [0, 1, 15, 16, 17, 40] {
      let line = Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x61, count: filler) + bytes + Array("\"}".utf8)
      #expect(refusal(line) == "json.utf8", "behind \(filler) letters")
    }
  }

  @Test func wellFormedUTF8OfEveryLengthPasses() {
    #expect(refusal("{\"é\":\"aé漢😀\u{10FFFF}\u{7FF}\u{FFFF}" + String(repeating: "ß", count: 30) + "\"}") == nil)
  }

  @Test func stringsOfEveryLengthEndWhereTheyEnd() throws {
    for length in 0..<70 {
      let text = String(repeating: "x", count: length)
      #expect(try scanned("{\"a\":\"\(text)\",\"b\":\"\(text)\\n\"}") == ["a=\"\(text)\"", "b=\"\(text)\\n\""])
    }
  }

  @Test func manyFieldsFitInOneRecord() throws {
    let fields = (0..<1000).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
    #expect(try scanned("{\(fields)}").count == 1000)
  }

  @Test func positionComesFromTheRecordElseFromItsLine() throws {
    var scanner = RecordScanner()
    func position(_ line: String) throws -> Position {
      try withPadded(Array(line.utf8)) { try scanner.scan($0, number: 7).position }
    }
    #expect(
      try position(#"{"_row":12,"_file":"a.csv","_sheet":"S","x":1}"#) == Position(file: "a.csv", sheet: "S", row: 12))
    #expect(try position(#"{"x":1}"#) == Position(row: 7))
  }
}
