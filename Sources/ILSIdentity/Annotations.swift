import ILSRecord

/// The words that may stand under `x-ils` (ils-schema(5)): any other is a typing error that would switch something off.
public enum Annotations {
  private static let ofField: Set = [
    "column", "fold", "notBefore", "notAfter", "clearWith", "synonyms", "looksLike", "suggest", "derived", "several",
    "words",
  ]
  private static let ofEntity: Set = [
    "table", "id", "job", "source", "identity", "agreement", "scope", "where", "checks", "quality", "references",
    "columns", "set", "prefixes",
  ]
  private static let ofReference: Set = ["field", "column", "entity", "by", "missing", "notBefore"]

  /// Every word that is none, with its place: `x-ils.identitys`.
  public static func faults(_ json: JSONValue) -> [(place: String, message: String)] {
    var faults = unknown(json["x-ils"], ofEntity, "x-ils")
    for (name, property) in json["properties"]?.members ?? [] {
      faults += unknown(property["x-ils"], ofField, "properties.\(name).x-ils")
    }
    for reference in json["x-ils"]?["references"]?.array ?? [] {
      faults += unknown(reference, ofReference, "x-ils.references")
    }
    return faults
  }

  /// - Throws: `configuration` with the first such word.
  public static func check(_ json: JSONValue, _ entity: String) throws(StopError) {
    guard let fault = faults(json).first else { return }
    throw StopError(.configuration, IdentityFault.schemaXIls, "\(entity): \(fault.place) \(fault.message)")
  }

  private static func unknown(
    _ object: JSONValue?, _ words: Set<String>, _ place: String
  ) -> [(place: String, message: String)] {
    (object?.members ?? []).filter { !words.contains($0.name) }.map { word, _ in
      ("\(place).\(word)", "is no word of a schema: one of \(words.sorted().joined(separator: ", "))")
    }
  }
}
