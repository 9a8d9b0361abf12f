import ILSIdentity
import ILSRecord
import ILSSchema

extension FaultCode {
  /// The codes that a schema brings with it: of identity keys, cross-field checks and references.
  public static func own(_ schema: JSONValue) -> [FaultCode] {
    let annotations = schema["x-ils"]
    let keys = (try? IdentityRules(schema))?.keys ?? []
    let identity = keys.map { key in
      FaultCode(
        ofIdentity(key.names),
        "An earlier record has the same \(key.names.joined(separator: " and "))"
          + (key.kind == .contact ? ", the same name or birth date, and no identifier tells the two apart." : "."),
        "Keep one of the two, correct the key, or say with \"_is\": \"new\" that it is another; --no-unique does not look."
      )
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
        ReferenceRule.missingCode(reference),
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
