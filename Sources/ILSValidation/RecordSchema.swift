import ILSDates
import ILSRecord
import ILSSchema

/// What every record of an entity must meet: a JSON Schema, with the toolkit's `x-ils` annotations (ils-schema(5)).
public struct RecordSchema: Sendable {
  let root: SchemaNode
  /// Fields whose values must be unique within the input, in the order of `x-ils.identity`; empty for other schemas.
  public let identity: [[IdentityField]]
  /// An entity: null and the empty string count as absent in its records.
  public let isEntity: Bool
  /// What two fields of a record ask of each other.
  let checks: [FieldCheck]
  /// Which fields are looked at for values that are right and yet look wrong.
  let quality: [(field: String, kind: QualityKind)]

  /// A field of an identity key.
  public struct IdentityField: Equatable, Sendable {
    public let name: String
    /// Upper and lower case count as the same.
    public let foldsCase: Bool
  }

  /// - Parameter today: what `"notAfter": "today"` means.
  /// - Throws: every fault of the schema and of its annotations.
  public init(_ json: JSONValue, today: CivilDate) throws(JSONSchema.Faults) {
    var faults: [JSONSchema.Fault] = []
    root = JSONSchema.compile(json, today: today, &faults)
    isEntity = json["x-ils"] != nil
    identity = (json["x-ils"]?["identity"]?.array ?? []).map { key in
      (key.array ?? []).compactMap(\.string).map { name in
        IdentityField(name: name, foldsCase: json["properties"]?[name]?["x-ils"]?["fold"]?.string == "case")
      }
    }
    checks = FieldCheck.read(json, &faults)
    quality = QualityKind.read(json, &faults)
    if !faults.isEmpty { throw JSONSchema.Faults(faults: faults) }
  }
}
