import ILSRecord

/// The words that may stand under `x-ils` (ils-schema(5)): any other is a typing error that would switch something off.
public enum Annotations {
  private static let ofField: Set = [
    "column", "fold", "notBefore", "notAfter", "clearWith", "synonyms", "looksLike", "suggest", "derived", "joined",
    "several",
    "words",
  ]
  private static let ofEntity: Set = [
    "table", "id", "job", "source", "identity", "agreement", "scope", "where", "checks", "quality", "references",
    "columns", "set", "compute", "prefixes",
  ]
  private static let ofReference: Set = ["field", "column", "entity", "by", "missing", "notBefore", "agrees"]

  private static let lists = ["identity", "agreement", "scope", "references", "columns"]
  private static let objects = ["where", "set", "compute"]
  private static let ofJob: Set = ["column", "table", "id", "set", "from", "end"]
  private static let ofColumns: Set = ["column", "join", "with", "zone"]
  private static let texts = ["table", "id", "source"]

  /// Every word that is none, or that has a value of another kind than it takes, with its place: `x-ils.identitys`.
  public static func faults(_ json: JSONValue) -> [(place: String, message: String)] {
    var faults = unknown(json["x-ils"], ofEntity, "x-ils")
    faults += misshapen(json["x-ils"], lists, "a list") { $0.array != nil }
    faults += misshapen(json["x-ils"], objects, "an object") { $0.members != nil }
    faults += misshapen(json["x-ils"], texts, "a text") { $0.string != nil }
    for key in json["x-ils"]?["identity"]?.array ?? [] {
      faults += misshapen(key, ["scope"], "a list", at: "x-ils.identity") { $0.array != nil }
    }
    for (name, property) in json["properties"]?.members ?? [] {
      faults += unknown(property["x-ils"], ofField, "properties.\(name).x-ils")
    }
    faults += misshapen(json["x-ils"], ["job"], "a text or an object") { $0.string != nil || $0.members != nil }
    if let job = json["x-ils"]?["job"], job.members != nil {
      faults += unknown(job, ofJob, "x-ils.job")
      faults += misshapen(job, ["column", "table", "id"], "a text", at: "x-ils.job") { $0.string != nil }
      faults += misshapen(job, ["set", "from", "end"], "an object", at: "x-ils.job") { $0.members != nil }
    }
    for column in json["x-ils"]?["columns"]?.array ?? [] {
      faults += unknown(column, ofColumns, "x-ils.columns")
      faults += misshapen(column, ["zone"], "a text", at: "x-ils.columns") { $0.string != nil }
    }
    for reference in json["x-ils"]?["references"]?.array ?? [] {
      faults += unknown(reference, ofReference, "x-ils.references")
      faults += misshapen(reference, ["agrees"], "an object", at: "x-ils.references") { $0.members != nil }
    }
    return faults
  }

  /// - Throws: `configuration` with the first such word.
  public static func check(_ json: JSONValue, _ entity: String) throws(StopError) {
    guard let fault = faults(json).first else { return }
    throw StopError(.configuration, IdentityFault.schemaXIls, "\(entity): \(fault.place) \(fault.message)")
  }

  /// Words with a value that would be passed over in silence.
  private static func misshapen(
    _ object: JSONValue?, _ words: [String], _ kind: String, at place: String = "x-ils", isRight: (JSONValue) -> Bool
  ) -> [(place: String, message: String)] {
    words.filter { word in object?[word].map { !$0.isNull && !isRight($0) } ?? false }
      .map { ("\(place).\($0)", "must be \(kind)") }
  }

  private static func unknown(
    _ object: JSONValue?, _ words: Set<String>, _ place: String
  ) -> [(place: String, message: String)] {
    (object?.members ?? []).filter { !words.contains($0.name) }.map { word, _ in
      ("\(place).\(word)", "is no word of a schema: one of \(words.sorted().joined(separator: ", "))")
    }
  }
}
