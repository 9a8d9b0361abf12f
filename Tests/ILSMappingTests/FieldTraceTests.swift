import ILSMapping
import ILSRecord
import Testing

/// A field's way through its mapping, one transform at a time.
@Suite struct FieldTraceTests {
  private func trace(_ mapping: String, _ record: String) throws -> FieldTrace? {
    let json = try JSONValue(parsing: Array(#"{"mappings":[\#(mapping)]}"#.utf8))
    return try MappingFile(json).trace("t", of: Array(record.utf8)) { Unused() }
  }

  /// No script is run where none is asked for.
  private struct Unused: ScriptEngine {
    mutating func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool] {
      throw StopError(.software, code: "test", "asked for an engine")
    }
    mutating func run(
      _ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer
    ) throws(StopError) -> Int { 0 }
  }

  private func steps(_ trace: FieldTrace?) -> [[String?]] {
    (trace?.steps ?? []).map { [$0.label, $0.before, $0.refusal == nil ? $0.after : "refused"] }
  }

  @Test func eachStepHasItsInAndOut() throws {
    let found = try trace(
      #"{"sourceField":"s","targetField":"t","transform":["trim",{"transform":"pad","width":5,"with":"0"},"lowercase"]}"#,
      #"{"_row":2,"s":" A7 "}"#)
    #expect(
      steps(found) == [
        ["trim", #"" A7 ""#, #""A7""#], [#"{"transform":"pad","width":5,"with":"0"}"#, #""A7""#, #""000A7""#],
        ["lowercase", #""000A7""#, #""000a7""#],
      ])
    #expect(found?.outcome == #""000a7""#)
    #expect(found?.sources.map(\.name) == ["s"] && found?.sources.map(\.value) == [#"" A7 ""#])
  }

  @Test func whatStandsInForAnAbsentValueIsTheOutcome() throws {
    let found = try trace(
      #"{"sourceField":"s","targetField":"t","transform":["trim","empty_to_null"],"defaultValue":"none"}"#,
      #"{"s":"  "}"#)
    #expect(steps(found).last == ["empty_to_null", #""""#, "null"])
    #expect(found?.outcome == #""none""#)
  }

  @Test func aRefusalEndsTheSteps() throws {
    let found = try trace(
      #"{"sourceField":"s","targetField":"t","transform":["trim","to_integer","to_string"],"onError":"keep"}"#,
      #"{"s":" many "}"#)
    #expect(steps(found).count == 2)
    #expect(found?.steps.last?.refusal?.hasSuffix("[number.unreadable]") == true)
    #expect(found?.outcome == #"" many ""#)
    let refused = try trace(
      #"{"sourceField":"s","targetField":"t","required":true}"#, #"{"s":null}"#)
    #expect(refused?.refusal?.hasSuffix("[map.required]") == true)
  }

  /// A table before the transform that reads what values mean settles what it holds.
  @Test func tablesAreSteps() throws {
    let table = #"{"sourceField":"s","targetField":"t","transform":"gender_normalize","values":{"K":"female"}}"#
    #expect(
      steps(try trace(table, #"{"s":"K"}"#)).map { [$0[0], $0[2]] } == [
        ["values", #""female""#], ["gender_normalize", #""female""#], ["values", #""female""#],
      ])
    #expect(steps(try trace(table, #"{"s":"M"}"#))[1] == ["gender_normalize", #""M""#, #""male""#])
  }

  @Test func severalSourcesAreNamed() throws {
    let found = try trace(
      #"{"sourceFields":["a","b","c"],"join":" ","targetField":"t","transform":"uppercase"}"#, #"{"a":"x","b":"y"}"#)
    #expect(found?.sources.map(\.value) == [#""x""#, #""y""#, nil])
    #expect(steps(found) == [["uppercase", #""x y""#, #""X Y""#]])
    #expect(try trace(#"{"constant":"US","targetField":"t"}"#, "{}")?.outcome == #""US""#)
    #expect(try trace(#"{"constant":"US","targetField":"other"}"#, "{}") == nil)
  }

  /// What the trace comes to is what the stage writes, for every transform and its examples.
  @Test func theOutcomeIsWhatTheStageWrites() throws {
    for transform in NamedTransform.all where transform.name != "custom" {
      for (options, value, _) in transform.examples {
        let members = [#""transform":"\#(transform.name)""#] + (options.isEmpty ? [] : [options])
        let mapping = #"{"sourceField":"s","targetField":"t","transform":{\#(members.joined(separator: ","))}}"#
        let record = Array(#"{"s":\#(JSONValue.string(value).text)}"#.utf8)
        let file = try MappingFile(try JSONValue(parsing: Array(#"{"mappings":[\#(mapping)]}"#.utf8)))
        let whole = try file.map(record, unmapped: .drop) { Unused() }
        let traced = try #require(try file.trace("t", of: record) { Unused() })
        let json = try whole.record.map { try JSONValue(parsing: $0) }
        #expect(traced.outcome == json?["t"]?.text, "\(transform.name) of \(value)")
        #expect((traced.steps.last?.refusal == nil) == (whole.refusal == nil))
      }
    }
  }
}
