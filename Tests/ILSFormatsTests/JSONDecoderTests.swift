import ILSRecord
import Testing

@testable import ILSFormats

@Suite struct JSONDecoderTests {
  private func json(_ text: String, step: Int? = nil, _ layout: JSONLayout? = nil, flatten: String? = nil) -> Decoded {
    decode(Array(text.utf8), step: step, JSONDecoder(layout: layout, flatten: flatten))
  }

  @Test(
    arguments: [
      (#"{"a":1}"# + "\n" + #"{"a":{"b":[1,2]}}"# + "\n", nil), (#"[{"a":1} , {"a":"}],[{"},{"b":null}]"#, nil),
      ("[]", nil), ("{\n \"a\" : 1,\n \"b\" : [ 1,\n 2 ]\n}\n{ \"a\" : 2 }\n", nil),
      (#"[1,"x",true,null,[2],{"a":3}]"#, nil),
      (#"{"n":0,"data":{"x":[9],"rows":[{"a":"\"]}"},{"a":2}]},"next":"[{"}"#, JSONLayout.path("data.rows")),
      ("17", nil), (#""x""#, nil), ("{\"a\":1}\n{\"a\":\n{\"a\":3}\n", .lines),
    ] as [(String, JSONLayout?)])
  func recordsAreTheSameHoweverTheBytesAreSplit(text: String, layout: JSONLayout?) {
    let whole = json(text, layout)
    #expect(whole.stop == nil)
    for step in [1, 2, 3, 7, 16] { #expect(json(text, step: step, layout) == whole, "in steps of \(step)") }
  }

  @Test func recordsStandOnOneLineAndKeepTheirBytes() {
    #expect(
      json("[{\"a\": 1.50,\n  \"b\" : {\"c\":\n[1]}},\n{\"a\":12345678901234567890}]").lines == [
        #"{"_row":1,"a":1.50,"b":{"c":[1]}}"#, #"{"_row":2,"a":12345678901234567890}"#,
      ])
  }

  @Test func aBadLineCostsItselfAlone() {
    let decoded = json("{\"a\":1}\n{\"a\":\n\n{\"a\":3}")
    #expect(decoded.lines == [#"{"_row":1,"a":1}"#, #"{"_row":4,"a":3}"#])
    #expect(decoded.rejects.contains(#""_row":2"#))
  }

  @Test func envelopesMayFollowEachOther() {
    let pages = #"{"data":[{"x":1},{"x":2}],"next":{"data":[9]}} {"n":1,"data":[]}"# + "\n" + #"{"data":[{"x":3}]}"#
    #expect(json(pages, .path("data")).lines == [#"{"_row":1,"x":1}"#, #"{"_row":2,"x":2}"#, #"{"_row":3,"x":3}"#])
    #expect(json(#"{"data":[{"x":1}]}{"none":1}"#, .path("data")).stop == "json.no_path")
    #expect(json(#"{"none":1}{"data":[{"x":1}]}"#, .path("data")).stop == "json.no_path")
    #expect(json(#"{"data":[{"x":1}]}[2]"#, .path("data")).stop == "json.invalid")
    #expect(json(#"{"data":[{"x":1}]}{"data":[{"x":2}]"#, .path("data")).stop == "json.truncated")
  }

  @Test func pathsLeadIntoEnvelopes() {
    let text = #"{"meta":{"data":[9]},"data":{"a/b":[{"x":1}],"other":[{"x":2}]}}"#
    #expect(json(text, .path("/data/a~1b")).lines == [#"{"_row":1,"x":1}"#])
    #expect(json(text, .path("data.other")).lines == [#"{"_row":1,"x":2}"#])
    #expect(json(text, .path("data.none")).stop == "json.no_path")
    #expect(json(text, .path("meta")).stop == "json.no_path")
  }

  @Test func nestedObjectsCanBeFlattened() {
    #expect(
      json(#"{"a":{"b":{"c":1},"d":[{"e":2}]},"f":{}}"#, flatten: ".").lines == [
        #"{"_row":1,"a.b.c":1,"a.d":[{"e":2}],"f":{}}"#
      ])
  }

  @Test(arguments: [
    "[{\"a\":1},{\"a\"", "[{\"a\":1}", "[", "{\"a\":[1", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1]x", "[1],", "[][]",
    "1 2", "]", "[}",
    "{\"a\":1} \"x\"", " ", "[1:2]",
  ])
  func whatIsCutOffOrBrokenStops(text: String) {
    let decoded = json(text, .values)
    #expect(decoded.stop != nil || !decoded.rejects.isEmpty, "\(decoded)")
  }
}
