// What must hold of every mapping file and every value: a part of the fuzzers (scripts/fuzz), and of the tests.

import FuzzSupport
import ILSMapping
import ILSRecord

/// A mapping of drawn transforms, or any text for one, and records of drawn values: each becomes a record or a reject.
func checkMapping(_ input: [UInt8]) -> String? {
  var choices = Choices(input)
  let isDrawn = choices.byte() & 3 != 0
  let records = (0..<choices.below(6)).map { _ in choices.record() }
  let mapping = isDrawn ? choices.mapping() : String(decoding: choices.rest(), as: UTF8.self)
  guard let json = try? JSONValue(parsing: Array(mapping.utf8)), let file = try? MappingFile(json) else { return nil }
  let unmapped: UnmappedFields = input.count % 2 == 0 ? .keep : .gather(into: "extra")
  guard let (lines, rejects) = try? mapped(file, unmapped, records) else { return nil }
  if lines.count + rejects != records.count {
    return "\(records.count) records are \(lines.count) and \(rejects) rejects"
  }
  for line in lines where (try? JSONValue(parsing: Array(line.utf8)))?.members == nil { return "a line is no record" }
  // One that comes alone is mapped as it is among others.
  for record in records {
    guard let (alone, _) = try? mapped(file, unmapped, [record]) else { return "a record stops the run alone" }
    if let line = alone.first, !lines.contains(line) { return "a record comes out in another way alone" }
  }
  return nil
}

private func mapped(_ file: MappingFile, _ unmapped: UnmappedFields, _ records: [String]) throws -> (
  lines: [String], rejects: Int
) {
  var stage = MapStage(file, unmapped: unmapped)
  var emitter = Emitter(stage: "ils-map")
  try feed(records, to: &stage, &emitter)
  return (emitter.output.string().split(separator: "\n").map(String.init), emitter.rejected)
}

extension Choices {
  /// A text of what transforms look for.
  fileprivate mutating func text() -> String {
    let parts = [
      "1980", "01", "31", "/", "-", ".", " ", "am", "Jan", "März", "+", "44", "(0)", "20", "7946", "ext", "M", "Dr",
      "O'",
      "é", "\u{1F600}", "\u{0}", "'", "\"", "sph", "-2.50", "x", "180", "6/9", "LogMAR", "PL", "e", "1e9", "Ł", "ß",
      "\u{301}",
      "DD", "YYYY", ":", ",", "99999999999999999999",
    ]
    return (0..<below(7)).map { _ in one(of: parts) }.joined()
  }

  private mutating func value() -> String {
    switch below(8) {
    case 0: one(of: ["null", "true", "0", "-0.0", "1e400", "12345678901234567890", "[1]", "{\"a\":1}"])
    default: JSONValue.string(text()).text
    }
  }

  fileprivate mutating func record() -> String {
    let names = order(4)[...below(4)].map { ["a", "b", "é", "_row"][$0] }
    let fields = names.map { name in
      "\"\(name)\":\(name == "_row" ? "7" : value())"
    }
    return "{\(fields.joined(separator: ","))}"
  }

  fileprivate mutating func mapping() -> String {
    let mappings = (0..<1 + below(3)).map { number -> JSONValue in
      var members: [(String, JSONValue)] = [
        ("sourceField", .string(one(of: ["a", "b", "é", "none"]))), ("targetField", .string("t\(number)")),
      ]
      let transforms = (0..<1 + below(3)).map { _ in transform() }
      members.append(("transform", transforms.count == 1 ? transforms[0] : .array(transforms)))
      if byte() == 1 { members.append(("default", .string(text()))) }
      if byte() == 2 { members.append(("values", .object([(text(), .string(text()))]))) }
      if byte() == 3 { members.append(("required", .boolean(true))) }
      return .object(members)
    }
    return JSONValue.object([("mappings", .array(mappings))]).text
  }

  private mutating func transform() -> JSONValue {
    let transform = one(of: NamedTransform.all.filter { $0.name != "custom" })
    let options = transform.options.filter { $0.isRequired || flag() }
    if options.isEmpty { return .string(transform.name) }
    return .object([("transform", .string(transform.name))] + options.map { ($0.name, value(of: $0)) })
  }

  private mutating func value(of option: TransformOption) -> JSONValue {
    switch option.kind {
    case .text: .string(text())
    case .character: .string(one(of: ["0", " ", ",", "\"", "\\"]))
    case .integer(let range): .number("\(range.lowerBound + below(min(range.count, 300)))")
    case .choice(let names): .string(one(of: names))
    case .words: .array((0..<below(4)).map { _ in .string(text()) })
    }
  }
}
