import ILSRecord
import ILSMapping
import Testing

/// Answers as a worker would: doubles texts, fails where it is told to, and keeps the batches.
private final class Doubler: ScriptEngine {
  var batches: [Int] = []
  let seesRecord: Bool

  init(seesRecord: Bool = false) { self.seesRecord = seesRecord }

  func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool] { scripts.map { _ in seesRecord } }

  func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError)
    -> Int
  {
    let lines = String(decoding: calls, as: UTF8.self).split(separator: "\n")
    batches.append(lines.count)
    for line in lines {
      let call = (try? JSONValue(parsing: Array(line.utf8)))?.array ?? []
      switch call.count > 1 ? call[1].string : nil {
      case "throw": replies.append("!TypeError (line 1)\tsecret\n")
      case "hang": replies.append("!time\n")
      case "gone": replies.append("=null\n")
      case let text?: replies.append("=" + JSONValue.string(text + text).text + "\n")
      case nil: replies.append("=\(call.count)\n")
      }
    }
    return lines.count
  }
}

@Suite struct ScriptTests {
  let mapping = #"""
    {"mappings":[{"sourceField":"a","targetField":"b","transform":["trim","custom","uppercase"],"customTransform":"x"},
     {"sourceField":"d","targetField":"e","transform":"date_format"}]}
    """#

  @Test func callsGoInOneBatchAndRecordsKeepTheirOrder() throws {
    let engine = Doubler()
    let records = (0..<500).map { #"{"_row":\#($0 + 2),"a":" x\#($0) ","d":"1/2/1990"}"# }
    let mapped = try map(mapping, records, engine: engine)
    #expect(mapped.lines == (0..<500).map { #"{"_row":\#($0 + 2),"b":"X\#($0)X\#($0)","e":"1990-01-02"}"# })
    #expect(engine.batches == [500])
    #expect(mapped.diagnostics.first { $0.code == "date.ambiguous" }?.message.hasPrefix("500 ") == true)
  }

  @Test func aScriptThatFailsCostsItsRecordAlone() throws {
    let records = [
      #"{"a":"throw"}"#, #"{"a":"q"}"#, #"{"a":"hang","d":"no date"}"#, #"{"a":"gone"}"#, #"{"a":"","d":"soon"}"#,
      #"{"a":"z"}"#,
    ]
    let mapped = try map(mapping, records, engine: Doubler())
    #expect(mapped.lines == [#"{"b":"QQ"}"#, #"{"b":null}"#, #"{"b":"ZZ"}"#])
    #expect(mapped.errors == ["b: script.error", "b: script.time", "e: date.unreadable", "e: date.unreadable"])
    #expect(mapped.diagnostics.allSatisfy { !$0.message.contains("secret") })
  }

  @Test func absentValuesAreCalledWithTheRecordOnly() throws {
    let blind = try map(mapping, [#"{"a":null}"#, "{}"], engine: Doubler())
    #expect(blind.lines == [#"{"b":null}"#, "{}"])
    let seeing = try map(mapping, [#"{"a":null}"#, "{}"], engine: Doubler(seesRecord: true))
    #expect(seeing.lines == [#"{"b":3}"#, #"{"b":3}"#])
  }

  @Test func aRefusalInFrontOfTheScriptCallsNothing() throws {
    let engine = Doubler()
    let mapped = try map(
      #"{"mappings":[{"sourceField":"a","targetField":"b","transform":["date_format","custom"],"customTransform":"x"}]}"#,
      [#"{"a":"soon"}"#, #"{"a":"1990-01-02"}"#, #"{"a":[1]}"#], engine: engine)
    #expect(mapped.errors == ["b: date.unreadable", "b: transform.nested"])
    #expect(mapped.lines == [#"{"b":"1990-01-021990-01-02"}"#])
    #expect(engine.batches == [1])
  }

  @Test func withoutAnEngineScriptsStopTheRun() throws {
    #expect(throws: StageError.self) { try map(mapping, [#"{"a":"x"}"#]) }
  }
}
