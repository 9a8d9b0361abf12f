import ILSRecord

/// One mapping that is proposed, and why.
public struct Suggestion: Sendable {
  /// The source fields; of several, the first that holds a value is taken.
  public let sources: [String]
  public let target: String
  /// As a mapping file has it.
  public let transform: JSONValue?
  /// A table of old and new values; empty for none.
  public let values: [(name: String, value: JSONValue)]
  public let isRequired: Bool
  /// 0 to 1: how sure the name is, and at most the share of values that are read.
  public let confidence: Double
  public let reason: String
  /// What stands between the values of several source fields that are taken together.
  public var join: String?

  /// As an entry of a mapping file's `mappings`.
  public var json: JSONValue {
    var members: [(name: String, value: JSONValue)] = [
      sources.count == 1
        ? ("sourceField", .string(sources[0])) : ("sourceFields", .array(sources.map { .string($0) })),
      ("targetField", .string(target)),
    ]
    if let join { members.append(("join", .string(join))) }
    if let transform { members.append(("transform", transform)) }
    if !values.isEmpty { members.append(("values", .object(values))) }
    if isRequired { members.append(("required", .boolean(true))) }
    members.append(("confidence", .number(hundredths)))
    members.append(("reason", .string(reason)))
    return .object(members)
  }

  /// With two decimals; nothing below 1 is rounded up to it.
  private var hundredths: String {
    let rounded = Int(confidence * 100 + 0.5)
    let share = confidence < 1 ? min(rounded, 99) : 100
    return "\(share / 100).\(share % 100 < 10 ? "0" : "")\(share % 100)"
  }
}

/// A proposed mapping file: what feeds what, what found no source, and what found no use.
public struct SuggestedMapping: Sendable {
  public let suggestions: [Suggestion]
  /// Required fields of the entity that nothing feeds.
  public let missing: [String]
  public let unmapped: [String]
  /// Fields that hold a state's numbers for its people, and so feed nothing.
  public let national: [String]

  /// The mapping file.
  public var json: JSONValue {
    .object([
      ("mappings", .array(suggestions.map(\.json))), ("missing", .array(missing.map { .string($0) })),
      ("unmapped", .array(unmapped.map { .string($0) })),
    ])
  }
}
