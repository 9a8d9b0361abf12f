import ILSRecord
import ILSSchema

extension FaultCode {
  /// The codes that a schema brings with it: of identity keys, cross-field checks and references.
  public static func own(_ schema: JSONValue) -> [FaultCode] {
    let annotations = schema["x-ils"]
    let identity = (annotations?["identity"]?.array ?? []).map { key in
      let names = (key.array ?? []).compactMap(\.string)
      return FaultCode(
        ofIdentity(names),
        "An earlier record has the same \(names.joined(separator: " and ")).",
        "Keep one of the two, or correct the key; --no-unique does not look.")
    }
    var ignored: [JSONSchema.Fault] = []
    let checks = FieldCheck.read(schema, &ignored).map { check in
      FaultCode(
        check.code, "\(check.field) \(check.message).",
        check.isWarning
          ? "A warning: look whether it is meant." : "Correct one of the two in the source, or in the mapping.")
    }
    let references = (annotations?["references"]?.array ?? []).compactMap { reference -> FaultCode? in
      guard let field = reference["field"]?.string, let entity = reference["entity"]?.string else { return nil }
      return FaultCode(
        reference["missing"]?.string ?? ValidationFault.referenceNotFound.rawValue,
        "\(field) names none of the \(entity).",
        "Load the \(entity) first, or correct the field; ils-load --park-orphans keeps such records until then.")
    }
    return identity + checks + references
  }

  /// Whether a code is one of an identity key: those have the names of their fields in them.
  public static func isOfIdentity(_ code: String) -> Bool { code.hasPrefix(identityPrefix) }

  /// The code of an identity key of these fields.
  static func ofIdentity(_ fields: [String]) -> String { identityPrefix + fields.joined(separator: "_") }

  private static let identityPrefix = "unique."
}
