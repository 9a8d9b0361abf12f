import ILSRecord

/// Where the schemas of a document stand, under which URIs, and which anchors they have (JSON Schema 2020-12, 8.2).
struct SchemaIndex {
  /// The steps from the document's root to a place (RFC 6901).
  typealias Pointer = [String]

  private let document: JSONValue
  /// Roots of schema resources.
  private var resources: [SchemaURI: Pointer] = [:]
  private var anchors: [SchemaURI: Pointer] = [:]
  private var bases: [Pointer: SchemaURI] = [:]
  private(set) var faults: [JSONSchema.Fault] = []

  static let metaSchema = SchemaURI("https://json-schema.org/draft/2020-12/schema")

  private static let single: Set<String> = [
    "items", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
  ]
  private static let lists: Set<String> = ["allOf", "anyOf", "oneOf", "prefixItems"]
  private static let maps: Set<String> = ["properties", "patternProperties", "$defs", "dependentSchemas"]

  init(_ document: JSONValue) {
    self.document = document
    let base = SchemaURI("")
    resources[base] = []
    walk(document, [], base)
  }

  private mutating func walk(_ json: JSONValue, _ pointer: Pointer, _ base: SchemaURI) {
    guard let members = json.members else { return }
    var base = base
    if let id = json["$id"]?.string {
      let uri = SchemaURI(id).resolved(against: base)
      if let fragment = uri.fragment, !fragment.isEmpty {
        fault(pointer + ["$id"], "must not have a fragment: $anchor gives a place a name")
      }
      base = uri.withoutFragment
      resources[base] = pointer
    }
    bases[pointer] = base
    if let anchor = json["$anchor"] {
      var uri = base
      uri.fragment = anchor.string
      if !(anchor.string.map(Self.isName) ?? false) { fault(pointer + ["$anchor"], "must be a name such as address") }
      anchors[uri] = pointer
    }
    for (name, value) in members {
      if Self.single.contains(name) {
        walk(value, pointer + [name], base)
      } else if Self.lists.contains(name) {
        for (index, item) in (value.array ?? []).enumerated() { walk(item, pointer + [name, "\(index)"], base) }
      } else if Self.maps.contains(name) {
        for (key, schema) in value.members ?? [] { walk(schema, pointer + [name, key], base) }
      }
    }
  }

  private mutating func fault(_ pointer: Pointer, _ message: String) {
    faults.append(JSONSchema.Fault(place: Self.text(pointer), message: message))
  }

  /// `^[A-Za-z_][-A-Za-z0-9._]*$`
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first == 0x5F || (first | 0x20) &- 0x61 < 26 else { return false }
    return text.utf8.allSatisfy { "-._".utf8.contains($0) || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 }
  }

  /// A pointer as text: `/properties/a~1b`.
  static func text(_ pointer: Pointer) -> String {
    pointer.isEmpty
      ? "/"
      : pointer.map { step in
        "/"
          + step.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
          .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
      }.joined()
  }

  /// What a reference at `pointer` points at.
  enum Target: Equatable {
    case place(Pointer)
    /// The schema of schemas.
    case metaSchema
    case nothing
  }

  func target(of reference: String, at pointer: Pointer) -> Target {
    var from = pointer
    while bases[from] == nil, !from.isEmpty { from.removeLast() }
    let uri = SchemaURI(reference).resolved(against: bases[from] ?? SchemaURI(""))
    let fragment = uri.fragment.map(SchemaURI.decoded) ?? ""
    guard let root = resources[uri.withoutFragment] else {
      return uri.withoutFragment == Self.metaSchema && fragment.isEmpty ? .metaSchema : .nothing
    }
    if fragment.isEmpty { return .place(root) }
    if fragment.hasPrefix("/") {
      let steps = fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { step in
        step.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
          .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
      }
      return value(at: root + steps) == nil ? .nothing : .place(root + steps)
    }
    var named = uri
    named.fragment = fragment
    return anchors[named].map { .place($0) } ?? .nothing
  }

  func value(at pointer: Pointer) -> JSONValue? {
    var value = document
    for step in pointer {
      if let items = value.array {
        guard let index = Int(step), items.indices.contains(index) else { return nil }
        value = items[index]
      } else {
        guard let next = value[step] else { return nil }
        value = next
      }
    }
    return value
  }
}
