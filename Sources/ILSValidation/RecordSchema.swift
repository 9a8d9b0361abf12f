import ILSDates
import ILSIdentity
import ILSRecord
import ILSSchema

/// What every record of an entity must meet: a JSON Schema, with the toolkit's `x-ils` annotations (ils-schema(5)).
public struct RecordSchema: Sendable {
  let root: SchemaNode
  /// Who is who among the records.
  public let identity: IdentityRules
  /// An entity: null, the empty string and white space alone count as absent in its records.
  public let isEntity: Bool
  /// Texts that empty the column of a row that is there (`clearWith`), by field.
  private let clearing: [String: String]
  /// What two fields of a record ask of each other.
  let checks: [FieldCheck]
  /// Which fields are looked at for values that are right and yet look wrong.
  let quality: [(field: String, kind: QualityKind)]

  /// - Parameter today: what `"notAfter": "today"` means.
  /// - Throws: every fault of the schema and of its annotations.
  public init(_ json: JSONValue, today: CivilDate) throws(JSONSchema.Faults) {
    var faults: [JSONSchema.Fault] = []
    root = JSONSchema.compile(json, today: today, &faults)
    isEntity = json["x-ils"] != nil
    faults += Annotations.faults(json).map { JSONSchema.Fault(place: $0.place, message: $0.message) }
    do throws(StopError) {
      identity = try IdentityRules(json)
    } catch {
      throw JSONSchema.Faults(faults: faults + [JSONSchema.Fault(place: "x-ils", message: error.message)])
    }
    clearing = Dictionary(
      (json["properties"]?.members ?? []).compactMap { name, property in
        property["x-ils"]?["clearWith"]?.string.map { (name, $0) }
      }, uniquingKeysWith: { first, _ in first })
    checks = FieldCheck.read(json, &faults)
    quality = QualityKind.read(json, &faults)
    if !faults.isEmpty { throw JSONSchema.Faults(faults: faults) }
  }

  /// Whether a value is the text by which a record empties a column.
  func clears(_ field: String, _ value: FieldValue) -> Bool {
    clearing[field].map { (try? value.string()) == $0 } ?? false
  }
}
