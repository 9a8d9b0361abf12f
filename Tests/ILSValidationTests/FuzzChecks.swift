// What must hold of every schema and every record: a part of the fuzzers (scripts/fuzz), and of the tests.

import FuzzSupport
import ILSDates
import ILSRecord
import ILSValidation

/// A schema of drawn keywords, or any text for one, and records of drawn values: each passes as it came, or is refused.
func checkSchema(_ input: [UInt8]) -> String? {
  var choices = Choices(input)
  let isDrawn = choices.byte() & 3 != 0
  let records = (0..<choices.below(6)).map { _ in choices.object(depth: 2) }
  let text = isDrawn ? choices.schema(depth: 3) : String(decoding: choices.rest(), as: UTF8.self)
  guard let day = CivilDate(iso: "2026-11-23"), let json = try? JSONValue(parsing: Array(text.utf8)),
    let schema = try? RecordSchema(json, today: day)
  else { return nil }
  for isLenient in [false, true] {
    guard let (lines, rejects) = try? validated(schema, isLenient, records) else { continue }
    if lines.count + rejects != records.count {
      return "\(records.count) records are \(lines.count) and \(rejects) rejects"
    }
    for line in lines {
      if !isLenient, !records.contains(line) { return "a record was changed" }
      if (try? JSONValue(parsing: Array(line.utf8)))?.members == nil { return "a line is no record" }
    }
  }
  return nil
}

private func validated(_ schema: RecordSchema, _ isLenient: Bool, _ records: [String]) throws -> (
  lines: [String], rejects: Int
) {
  var options = ValidateStage.Options()
  options.isLenient = isLenient
  var stage = ValidateStage(schema, options)
  var emitter = Emitter(stage: "ils-validate")
  try feed(records, to: &stage, &emitter)
  return (emitter.output.string().split(separator: "\n").map(String.init), emitter.rejected)
}

extension Choices {
  fileprivate mutating func text() -> String {
    let parts = [
      "a", "B", "1980-01-02", "T", "Z", "@", ".", "example", "::1", "127.0.0.1", "é", "\u{1F600}", "\u{0}",
      "943 476 5919", "/",
      "~1", "%", "-", "[", "]", "(", ")", "*", "+", "?", "{2}", "\\d", "\\p{L}", "^", "$", "|", "xn--", "http:",
    ]
    return (0..<below(6)).map { _ in one(of: parts) }.joined()
  }

  private mutating func name() -> String { one(of: ["a", "b", "firstName", "é", "_row", "a\"b"]) }

  fileprivate mutating func object(depth: Int) -> String {
    var names: Set<String> = []
    let members = (0..<1 + below(4)).compactMap { _ -> String? in
      let name = name()
      guard names.insert(name).inserted else { return nil }
      return "\(JSONValue.string(name).text):\(name == "_row" ? "7" : value(depth: depth))"
    }
    return "{\(members.joined(separator: ","))}"
  }

  private mutating func value(depth: Int) -> String {
    switch below(depth > 0 ? 10 : 8) {
    case 0: one(of: ["null", "true", "0", "-0.0", "1e400", "1e-400", "0.1", "12345678901234567890"])
    case 8: "[\((0..<below(4)).map { _ in value(depth: depth - 1) }.joined(separator: ","))]"
    case 9: object(depth: depth - 1)
    default: JSONValue.string(text()).text
    }
  }

  /// A schema as JSON, with keywords that may contradict each other, and references that may go in a circle.
  fileprivate mutating func schema(depth: Int) -> String {
    if byte() == 1 { return one(of: ["true", "false"]) }
    var members: [String: String] = [:]
    for _ in 0..<1 + below(5) {
      let (keyword, value) = keyword(depth: depth)
      members[keyword] = value
    }
    return "{\(members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ","))}"
  }

  private mutating func keyword(depth: Int) -> (String, String) {
    let texts = ["pattern", "format", "$ref", "$anchor", "$id", "const"]
    let numbers = [
      "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "minItems", "maxItems",
      "minProperties", "maxProperties", "minContains",
    ]
    let schemas = [
      "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
      "unevaluatedProperties",
    ]
    let lists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    let maps = ["properties", "patternProperties", "$defs", "dependentSchemas"]
    switch below(depth > 0 ? 8 : 4) {
    case 0: return ("type", one(of: ["\"string\"", "\"object\"", "[\"string\",\"null\"]", "\"integer\"", "\"array\""]))
    case 1: return (one(of: numbers), one(of: ["0", "1", "2", "0.1", "1e3", "1e-400", "99999999999999999999"]))
    case 2:
      let formats = [
        "date", "date-time", "time", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid",
        "regex",
        "json-pointer", "duration", "nhs-number",
      ]
      return ("format", "\"\(one(of: formats))\"")
    case 3:
      let keyword = one(of: texts)
      let reference = one(of: ["#", "#/$defs/a", "#/properties/a", "#a", text()])
      return (keyword, JSONValue.string(keyword == "$ref" ? reference : text()).text)
    case 4: return ("required", "[\((0..<below(3)).map { _ in JSONValue.string(name()).text }.joined(separator: ","))]")
    case 5: return (one(of: schemas), schema(depth: depth - 1))
    case 6:
      return (one(of: lists), "[\((0..<1 + below(3)).map { _ in schema(depth: depth - 1) }.joined(separator: ","))]")
    default:
      let keyword = one(of: maps)
      var names: Set<String> = []
      let members = (0..<1 + below(3)).compactMap { _ -> String? in
        let name = keyword == "patternProperties" ? text() : name()
        guard names.insert(name).inserted else { return nil }
        return "\(JSONValue.string(name).text):\(schema(depth: depth - 1))"
      }
      return (keyword, "{\(members.joined(separator: ","))}")
    }
  }
}
