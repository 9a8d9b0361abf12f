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

  @Test(
    arguments: [
      (#"{"total":3,"data":[{"a":1}]}"#, "data", true), (#"{"data":[{"a":1}],"total":1}"#, "data", false),
      (#"{"data":[{"a":1}],"meta":{"page":{"total_count":"3"}}}"#, "data", true),
      (#"{"hits":{"total":{"value":9},"hits":[{"a":1}]}}"#, "hits.hits", true),
      (#"{"data":[{"a":1}],"next":"http://x/2"}"#, "data", true), (#"{"data":[{"a":1}],"next":null}"#, "data", false),
      (#"{"data":[{"a":1}],"next":"x"} {"data":[{"a":2}],"next":null}"#, "data", false),
      (#"{"data":[{"a":1}],"has_more":true}"#, "data", true),
      (#"{"data":[{"a":1}],"links":{"self":"a","next":{"href":"b"}}}"#, "data", true),
      (#"{"total":3,"data":[{"a":1},{"a":2}]} {"total":3,"data":[{"a":3}]}"#, "data", false),
      (#"{"totalPages":2,"content":[{"a":1}],"last":false}"#, "content", true),
      (#"{"link":[{"relation":"self","url":"a"},{"relation":"next","url":"b"}],"entry":[{"a":1}]}"#, "entry", true),
      (#"{"patient":{"count":9,"name":"total"},"data":[{"total":7,"next":"x"}],"k":["total",9]}"#, "data", true),
      (#"{"x":{"y":{"z":{"count":9}}},"data":[{"total":7,"next":"x"}],"k":["total",9]}"#, "data", false),
    ])
  func anAnswerThatIsNotAllIsTold(text: String, path: String, isTold: Bool) {
    for step in [nil, 1, 5] {
      let decoded = json(text, step: step, .path(path.split(separator: ".").map(String.init)))
      #expect(decoded.stop == nil && decoded.rejects == "")
      #expect(
        decoded.told.contains { $0.hasPrefix("json.pages") } == isTold,
        "\(text) in steps of \(step ?? 0): \(decoded.told)")
    }
  }

  @Test func aPathMayLeadToTheOneRecord() {
    let text = #"{"n":1,"data":{"patient":{"id":7,"m":{"a":[]}},"x":{"id":8}}} {"data":{"patient":{"id":9}}}"#
    for step in [nil, 1, 5] {
      #expect(
        json(text, step: step, .path("data.patient")).lines == [
          #"{"_row":1,"id":7,"m":{"a":[]}}"#, #"{"_row":2,"id":9}"#,
        ])
    }
    #expect(json(#"[0,{"id":1}]"#, .path("/1")).lines == [#"{"_row":1,"id":1}"#])
    #expect(json(#"{"data":"id"}"#, .path("data")).stop == "json.no_path")
    // What it leads to may be an envelope itself.
    let inner = json(#"{"hits":{"hits":[{"a":1},{"a":2}]}}"#, .path("hits"))
    #expect(inner.told.contains { $0.hasPrefix("json.envelope") && $0.contains("--path /hits/hits") })
  }

  @Test(arguments: [
    (#"{"data":[{"id":1}],"next":2}"# + "\n" + #"{"data":[{"id":2}]}"#, "--path /data"),
    (#"{"a":{"id":1},"b":{"id":2}}"#, "jq '.[]'"),
    (#"{"reply":{"patient":{"id":1,"n":"x"}}}"#, "--path /reply/patient"),
    (#"{"1":{"n":"a"},"2":{"n":"b","x":1}}"#, "jq '.[]'"), (#"{"p":{"1":{"n":1},"2":{"n":2}}}"#, "jq '.p[]'"),
    (#"{"next":null,"data":[]}"#, "--path /data"), (#"{"error":"unauthorized","code":401}"#, "what went wrong"),
    (#"{"mrn":[1,2],"name":["a","b"]}"#, "holds 2 columns of 2 values each"),
    (#"{"mrn":[1],"name":["a"]}"#, "holds 2 columns of 1 value each"),
    (#"{"n":2,"mrn":[1,2],"name":["a","b"]}"#, "2 columns"),
    (#"{"ok":true,"my data":{"mrn":[1,2],"name":["a",null]}}"#, #"jq '.["my data"] | [keys_unsorted]"#),
    (#"{"mrn":[1,2],"name":["a","b"]}"# + "\n" + #"{"mrn":[3],"name":["c"]}"#, "holds columns side by side"),
    (#"{"mrn":{"0":1,"1":2},"name":{"0":"a","1":"b"}}"#, "jq '[keys_unsorted] + ([.[] | [.[]]] | transpose)'"),
    (#"{"columns":["mrn","name"],"index":[0,1],"data":[[1,"a"],[2,"b"]]}"#, "jq '[.columns] + .data'"),
  ]) func recordsThatHoldTheRecordsAreTold(text: String, mending: String) {
    #expect(json(text).told.contains { $0.hasPrefix("json.envelope") && $0.contains(mending) })
  }

  @Test(arguments: [
    #"{"id":1,"phones":[{"n":1}]}"# + "\n" + #"{"id":2,"phones":[{"n":1}]}"#, #"{"id":1,"name":{"a":1}}"#,
    #"{"code":1,"status":"x"}"#, #"{"id":1,"message":"x"}"#,
    #"{"id":1,"name":"x","notes":["a","b"],"codes":["c","d"]}"#, #"{"id":1,"a":["x"],"b":["y"]}"#,
  ]) func recordsThatHoldMoreAreRecords(text: String) {
    #expect(!json(text).told.contains { $0.hasPrefix("json.envelope") })
  }

  @Test(arguments: [1, 4, 1000]) func aFaultNamesLineAndColumn(step: Int) {
    let text = "[\n {\"a\":1},\n {\"a\":\n  2,\n  \"b\":}\n,{\"c\":3}, {\"d\":tru}]"
    let found = json(text, step: step)
    #expect(found.emitted == 2 && found.rejects.contains("line 5, column 7: "))
    // Of a value in portions the line is known, and most often the column.
    #expect(found.rejects.contains("line 6"))
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
    #expect(json(text, .path("meta")).lines == [#"{"_row":1,"data":[9]}"#])
  }

  @Test func pathsStepIntoArrays() {
    let text = #"[{"skip":[[8]]},{"rows":[[{"x":1}],[{"x":2},{"x":3}]],"n":[4]}]"#
    for step in [nil, 1, 3] {
      #expect(json(text, step: step, .path("/1/rows/1")).lines == [#"{"_row":1,"x":2}"#, #"{"_row":2,"x":3}"#])
    }
    #expect(json(text, .path("1.rows.0")).lines == [#"{"_row":1,"x":1}"#])
    for path in ["2.rows", "1.rows.2", "1.rows.0.0.x", "0.rows", "rows", "1.n.0"] {
      #expect(json(text, .path(path)).stop == "json.no_path", "\(path)")
    }
    #expect(json(#"{"a":5,"b":{"a":[1]}}"#, .path("a")).stop == "json.no_path")
  }

  @Test func pagesOfArraysMayFollowEachOther() {
    #expect(json(#"[{"x":1}]"# + "\n" + #"[] [{"x":2}]"#).lines == [#"{"_row":1,"x":1}"#, #"{"_row":2,"x":2}"#])
  }

  @Test func arraysUnderARowOfNamesAreRecords() {
    let text = #"[["id","born","note"],["7",1.50,null],["8",{"y":1960},"a"],["9"]]"#
    let rows = json(text)
    #expect(
      rows.lines == [
        #"{"_row":2,"id":"7","born":1.50,"note":null}"#, #"{"_row":3,"id":"8","born":{"y":1960},"note":"a"}"#,
      ])
    #expect(rows.rejects.contains("json.ragged"))
    // A record is not taken for the names.
    #expect(json(#"[["7","1960-01-02"],["8","1961-02-03"]]"#).lines.count == 2)
  }

  @Test func valuesAtAPathThatAreNoObjectsAreTold() {
    #expect(json(#"{"data":[1,2]}"#, .path("data")).told.contains { $0.hasPrefix("json.rows 2 of 2 values") })
    #expect(json(#"{"data":[[1],[2]]}"#, .path("data")).told.contains { $0.hasPrefix("json.rows 2 of the values") })
  }

  @Test(arguments: [nil, 1, 3]) func rowsMayBeArraysOneALine(step: Int?) {
    let found = json("[\"id\",\"name\"]\n[1,\"Ann\"]\n[2,\"Bo\"]\n", step: step)
    #expect(found.lines == [#"{"_row":2,"id":1,"name":"Ann"}"#, #"{"_row":3,"id":2,"name":"Bo"}"#])
    #expect(json("[{\"a\":1}]\n[{\"a\":2}]\n", step: step).lines == [#"{"_row":1,"a":1}"#, #"{"_row":2,"a":2}"#])
  }

  @Test(arguments: [nil, 1, 3]) func aByteOrderMarkBetweenValuesIsNoData(step: Int?) {
    let records = [#"{"_row":1,"a":1}"#, #"{"_row":2,"a":2}"#]
    for text in ["{\"a\":1}\n\u{FEFF}{\"a\":2}\n", "[{\"a\":1}]\n\u{FEFF}[{\"a\":2}]"] {
      let found = json(text, step: step)
      #expect(found.lines == records && found.rejects.isEmpty && found.stop == nil, "\(text)")
    }
  }

  @Test func flatteningMakesNoNameTwice() {
    let decoded = json(#"[{"a.b":1,"a":{"b":2}},{"a":{"b":3}},{"a":{"b.c":1,"b":{"c":2}}}]"#, flatten: ".")
    #expect(decoded.lines == [#"{"_row":2,"a.b":3}"#])
    #expect(decoded.rejects.split(separator: "\n").count == 2 && decoded.rejects.contains("json.name_twice"))
  }

  @Test(arguments: [
    (#"{"resourceType":"Bundle","entry":[{"resource":{"id":1}},{"resource":{"id":2}}]}"#, "/entry"),
    (#"{"type":"FeatureCollection","features":[{"id":1}]}"#, "/features"),
    (#"{"hits":{"total":1,"hits":[{"_source":{}}]}}"#, "/hits/hits"), (#"{"a/b":{"rows":[{"x":1}]}}"#, "/a~1b/rows"),
  ])
  func theArrayInAnEnvelopeIsNamed(text: String, path: String) {
    func told(_ text: String) -> [String] {
      var emitter = Emitter(stage: "test")
      var decoder = JSONDecoder()
      var buffer = OutputBuffer()
      buffer.append(text)
      try? decoder.decode(buffer.padded, emit: &emitter)
      try? decoder.finish(emit: &emitter)
      return emitter.takeDiagnostics().filter { $0.code == "json.envelope" }.map(\.message)
    }
    #expect(told(text).first?.contains("--path \(path)") == true)
    #expect(json(text, .path(path)).stop == nil)
    #expect(told(text + "\n" + text).first?.contains("--path \(path)") == true)
    #expect(told(#"{"id":1,"codes":["a"]}"#).isEmpty)
  }

  @Test func aFaultIsNamedByLineAndColumn() {
    var emitter = Emitter(stage: "test")
    var decoder = JSONDecoder()
    var message = ""
    for part in ["[{\"a\":1},\n {\"a\":2}", ",\n  {\"a\":3} 4]"] {
      var buffer = OutputBuffer()
      buffer.append(part)
      do throws(StopError) { try decoder.decode(buffer.padded, emit: &emitter) } catch { message = error.message }
    }
    do throws(StopError) { try decoder.finish(emit: &emitter) } catch { message = error.message }
    #expect(message.hasPrefix("line 3, column 11"), "\(message)")
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

  // MARK: - Fields that are odd beside each other

  @Test(arguments: [
    "{\"id\":1,\"Name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n{\"id\":3,\"name\":\"c\"}\n",
    #"[{"id":1,"first_name":"a"},{"id":2,"firstName":"b"},{"id":3,"firstName":"c"}]"#,
  ]) func namesThatAreSpelledAnewAreTold(text: String) {
    let told = json(text).told.filter { $0.hasPrefix("json.respelled") }
    #expect(told.count == 1 && told[0].contains("2 records have this name"), "\(told)")
  }

  @Test(arguments: [
    #"[{"Name":"a","name":"b"},{"Name":"c","name":"d"}]"#, #"[{"name":"a"},{"town":"b"},{"name":"c","town":"d"}]"#,
    #"[{"a-1":"a","_row":1},{"b_1":"b"}]"#,
  ]) func otherNamesAreNot(text: String) { #expect(!json(text).told.contains { $0.hasPrefix("json.respelled") }) }

  @Test(arguments: [
    #"[{"id":"1"},{"id":1.0}]"#, #"[{"id":"1"},{"id":1e3}]"#, #"[{"chartNo":1.5E2}]"#,
    #"[{"id":"007"},{"id":8}]"#, #"[["id","n"],[1.0,"a"]]"#,
  ]) func numbersThatAreNotFoundAsOthersAreTold(text: String) {
    #expect(json(text).told.contains { $0.hasPrefix("json.key_number") })
  }

  @Test(arguments: [
    #"[{"sph":1.0},{"sph":1e3}]"#, #"[{"id":1},{"id":"2"}]"#, #"[{"id":"007"},{"id":"08"}]"#, #"[{"number":1.25}]"#,
  ]) func otherNumbersAreNot(text: String) {
    #expect(!json(text).told.contains { $0.hasPrefix("json.key_number") })
  }
}
