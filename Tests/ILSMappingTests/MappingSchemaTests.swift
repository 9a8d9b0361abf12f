import Foundation
import ILSMapping
import ILSRecord
import Testing

/// The schema of mapping files says of transforms what the list of transforms says.
///
/// `ILS_ACCEPT=1 swift test --filter MappingSchemaTests` writes the schema's part anew.
@Suite struct MappingSchemaTests {
  static let path = "\(SuggestTests.data)/schemas/mapping.schema.json"

  @Test func theSchemaIsMadeOfTheListOfTransforms() throws {
    let schema = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: Self.path))))
    let right = Self.replacing(["transform": Self.transform, "name": Self.name], in: schema)
    if ProcessInfo.processInfo.environment["ILS_ACCEPT"] != nil {
      try (Self.pretty(right, indent: 0, room: 120) + "\n").write(toFile: Self.path, atomically: true, encoding: .utf8)
    } else {
      // The two are too long to be shown.
      let isRight = schema == right
      #expect(isRight, "the schema is not that of the list: write it with ILS_ACCEPT=1")
    }
  }

  @Test func thePageKnowsEveryTransformAndFault() throws {
    let page = try String(contentsOfFile: "\(SuggestTests.data)/../../man/ils-mapping.5", encoding: .utf8)
    let words = Set(page.split { !($0.isLetter || $0 == "_" || $0 == "." || $0.isNumber) }.map(String.init))
    let names =
      NamedTransform.all.flatMap { [$0.name] + $0.options.map(\.name) } + MappingFault.allCases.map(\.rawValue)
    let missing = names.filter { !words.contains($0) }
    #expect(missing.isEmpty)
  }

  @Test(arguments: MappingFault.allCases) func everyFaultHasAMeaningAndAMending(_ fault: MappingFault) {
    #expect(fault.texts.meaning.hasSuffix(".") && fault.texts.mending.hasSuffix("."))
  }

  // MARK: - What the list says

  private static var name: JSONValue {
    .object([("enum", .array(NamedTransform.all.filter(\.isUsableAlone).map(\.name).sorted().map { .string($0) }))])
  }

  private static var transform: JSONValue {
    let plain = NamedTransform.all.filter(\.options.isEmpty).map(\.name).sorted()
    let named = JSONValue.object([("enum", .array(plain.map { .string($0) }))])
    let others = NamedTransform.all.filter { !$0.options.isEmpty }.sorted { $0.name < $1.name }
    return .object([
      (
        "oneOf",
        .array(
          [.object([("$ref", .string("#/$defs/name"))]), object(named, [], required: [])]
            + others.map { transform in
              object(
                .object([("const", .string(transform.name))]), transform.options,
                required: transform.options.filter(\.isRequired).map(\.name), needsAnOption: transform.needsAnOption)
            })
      )
    ])
  }

  private static func object(
    _ name: JSONValue, _ options: [TransformOption], required: [String], needsAnOption: Bool = false
  ) -> JSONValue {
    .object(
      [
        ("type", .string("object")), ("required", .array((["transform"] + required).map { .string($0) })),
        ("properties", .object([("transform", name)] + options.map { ($0.name, schema(of: $0)) })),
        ("additionalProperties", .boolean(false)),
      ] + (needsAnOption ? [("minProperties", .number("2"))] : []))
  }

  private static func schema(of option: TransformOption) -> JSONValue {
    func type(_ name: String, _ more: [(name: String, value: JSONValue)] = []) -> JSONValue {
      .object([("type", .string(name))] + more + option.limits)
    }
    switch option.kind {
    case .text: return type("string")
    case .character: return type("string", [("minLength", .number("1")), ("maxLength", .number("1"))])
    case .integer(let range):
      return type(
        "integer", [("minimum", .number("\(range.lowerBound)")), ("maximum", .number("\(range.upperBound)"))])
    case .choice(let names) where names.count == 1: return .object([("const", .string(names[0]))])
    case .choice(let names): return .object([("enum", .array(names.map { .string($0) }))])
    case .words: return type("array", [("items", .object([("type", .string("string"))]))])
    }
  }

  // MARK: - Writing

  private static func replacing(_ parts: [String: JSONValue], in schema: JSONValue) -> JSONValue {
    .object(
      (schema.members ?? []).map { member in
        guard member.name == "$defs" else { return member }
        return (member.name, .object((member.value.members ?? []).map { ($0.name, parts[$0.name] ?? $0.value) }))
      })
  }

  /// JSON on one line where `room` characters are enough, else a member a line.
  private static func pretty(_ json: JSONValue, indent: Int, room: Int) -> String {
    let (open, close, parts): (String, String, [(name: String?, value: JSONValue)])
    switch json {
    case .object(let members): (open, close, parts) = ("{ ", " }", members.map { ($0.name, $0.value) })
    case .array(let items): (open, close, parts) = ("[", "]", items.map { (nil, $0) })
    default: return json.text
    }
    func member(_ part: (name: String?, value: JSONValue), indent: Int, room: Int) -> String {
      let name = part.name.map { JSONValue.string($0).text + ": " } ?? ""
      return name + pretty(part.value, indent: indent, room: room - name.count)
    }
    let line = open + parts.map { member($0, indent: 0, room: .max / 2) }.joined(separator: ", ") + close
    if line.count + indent < room { return line }
    let margin = String(repeating: " ", count: indent + 2)
    let lines = parts.map { margin + member($0, indent: indent + 2, room: 120) }
    return open.prefix(1) + "\n" + lines.joined(separator: ",\n") + "\n" + margin.dropLast(2) + close.suffix(1)
  }
}
