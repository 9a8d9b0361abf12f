import ILSRecord

/// A key of another entity that a reference finds records by: the same for validation and for the database.
public struct ReferenceRule: Equatable, Sendable {
  /// The other entity's field that the reference's value is compared with.
  public let name: String
  /// What else must be equal: the key's other fields, and what it is unique within.
  public let others: [Other]
  /// How aliases of the key are listed; empty where it has none.
  public let aliasNames: [String]

  public struct Other: Equatable, Sendable {
    /// The other entity's field.
    public let name: String
    public let own: Own
    /// Where a record of the other entity has it.
    public let held: Own
  }

  /// Where a record has what the other's field must be equal to.
  public enum Own: Equatable, Sendable {
    case field(String)
    case constant(String)
    /// What `--source` says; nothing where it is not given.
    case source
    case none
  }

  /// The code of a record whose reference finds nothing.
  public static func missingCode(_ reference: JSONValue) -> String {
    reference["missing"]?.string ?? IdentityFault.referenceNotFound.rawValue
  }

  /// Reads `by` of a reference.
  /// - Parameters:
  ///   - json: the schema of the entity that points.
  ///   - constants: what columns have in each of its records.
  ///   - other: the schema of the entity that is pointed at.
  /// - Throws: `configuration`, for a name that is no field there.
  public static func read(
    _ reference: JSONValue, _ json: JSONValue, _ constants: [(column: String, value: String)], _ other: JSONValue
  ) throws(StopError) -> [ReferenceRule] {
    let rules = try IdentityRules(other)
    return try (reference["by"]?.array ?? []).map { key throws(StopError) in
      let names = (key.array ?? []).compactMap(\.string)
      guard let first = names.first else { throw fault(reference, key.text) }
      if let wrong = names.first(where: { other["properties"]?[$0] == nil }) { throw fault(reference, wrong) }
      let rule = rules.keys.first { $0.kind == .identifier && $0.fields.map { rules.terms[$0] } == [first] }
      var within = (rules.scope + (rule?.scope ?? [])).map { rules.terms[$0] }
      for name in names.dropFirst() where !within.contains(name) { within.append(name) }
      return ReferenceRule(
        name: first,
        others: within.map {
          Other(name: $0, own: own($0, json, constants, other), held: own($0, other, self.constants(other), other))
        },
        aliasNames: rule.map { rules.isOfSource($0) ? rules.aliasTerms($0).map { rules.terms[$0] } : [] } ?? [])
    }
  }

  /// What columns have in each record of a schema (`x-ils.set`).
  public static func constants(_ json: JSONValue) -> [(column: String, value: String)] {
    (json["x-ils"]?["set"]?.members ?? []).map { ($0.name, $0.value.string ?? $0.value.text) }
  }

  private static func fault(_ reference: JSONValue, _ name: String) -> StopError {
    StopError(
      .configuration, IdentityFault.schemaXIls,
      "x-ils.references.by names \(name), which \(reference["entity"]?.string ?? "the entity") does not have")
  }

  /// A constant of the same column, the import source by whatever name, or a field of the same name.
  private static func own(
    _ name: String, _ json: JSONValue, _ constants: [(column: String, value: String)], _ other: JSONValue
  ) -> Own {
    let column = Annotations.column(of: name, in: other) ?? name
    if let constant = constants.first(where: { $0.column == column }) { return .constant(constant.value) }
    if name == other["x-ils"]?["source"]?.string {
      return json["x-ils"]?["source"]?.string.map { .field($0) } ?? .source
    }
    if json["properties"]?[name] != nil { return .field(name) }
    return self.constants(other).first { $0.column == column }.map { .constant($0.value) } ?? .none
  }
}

extension Annotations {
  /// The column that a name of a schema stands for: a field's, or a reference's; nil for any other name.
  public static func column(of name: String, in json: JSONValue) -> String? {
    json["properties"]?[name]?["x-ils"]?["column"]?.string
      ?? (json["x-ils"]?["references"]?.array ?? []).first { $0["field"]?.string == name }?["column"]?.string
  }
}
