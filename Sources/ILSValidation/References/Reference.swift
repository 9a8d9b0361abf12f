import ILSIdentity
import ILSRecord
import ILSSchema

/// A field of this entity that names a record of another.
public struct Reference: Sendable {
  public let field: String
  public let entity: String
  /// Keys of the other entity: what they find must be one record.
  public let by: [ReferenceRule]
  /// How the values are compared.
  let foldings: [Folding]
  /// The field that names the import source, here and there.
  let sourceName: String?
  let sourceNameThere: String?
  /// Who is who among the other entity's records.
  let rules: IdentityRules
  /// What an orphan is refused with.
  public let code: String

  /// The keys, for people.
  var told: String {
    by.map { ([$0.name] + $0.others.map(\.name)).joined(separator: " within ") }.joined(separator: ", no ")
  }
}

extension Reference {
  /// What `x-ils.references` of a schema says (ils-schema(5)).
  /// - Parameter other: the schema of another entity, by name.
  public static func read(
    _ json: JSONValue, other: (String) throws(StopError) -> JSONValue
  ) throws(StopError) -> [Reference] {
    var references: [Reference] = []
    for reference in json["x-ils"]?["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let entity = reference["entity"]?.string else { continue }
      let schema = try other(entity)
      let rules = try ReferenceRule.read(reference, json, ReferenceRule.constants(json), schema)
      references.append(
        Reference(
          field: field, entity: entity, by: rules,
          foldings: rules.map { schema["properties"]?[$0.name]?["x-ils"]?["fold"] == nil ? .none : .case },
          sourceName: json["x-ils"]?["source"]?.string, sourceNameThere: schema["x-ils"]?["source"]?.string,
          rules: try IdentityRules(schema), code: ReferenceRule.missingCode(reference)))
    }
    return references
  }
}
