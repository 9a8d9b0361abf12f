import ILSRecord

/// Reads the rules out of a schema.
struct RulesReader {
  private let json: JSONValue
  private let root: JSONValue
  private let constants: [String]
  private(set) var terms: [String] = []
  private(set) var keys: [IdentityRules.Key] = []
  private(set) var agreement: [IdentityRules.Part] = []
  private(set) var scope: [Int] = []
  private(set) var guards: [Int] = []
  private(set) var filter: [IdentityRules.RowFilter] = []
  let source: String?

  init(_ json: JSONValue, _ constants: [String]) {
    self.json = json
    root = json["x-ils"] ?? .object([])
    source = root["source"]?.string
    let own = root["set"]?.members?.map(\.name) ?? []
    self.constants = own + constants.filter { !own.contains($0) }
  }

  mutating func read() throws(StopError) {
    let raw = try (root["identity"]?.array ?? []).map { item throws(StopError) in try key(item) }
    let declared = try names(root["scope"], "scope")
    let common = declared ?? Self.commonScope(raw)
    scope = common.map { term($0) }
    for key in raw { keys.append(compile(key, within: common)) }
    try readAgreement()
    if declared == nil { guards = constants.filter { !common.contains($0) }.map { term($0) } }
    filter = try (root["where"]?.members ?? []).map { name, value throws(StopError) in
      guard value.isNull || value.string != nil || value.boolean != nil || value.integer != nil else {
        throw fault("where", "\(name) is null or a plain value")
      }
      return IdentityRules.RowFilter(name: name, value: value.isNull ? nil : value.string ?? value.text)
    }
  }

  /// Names count as equal however they are spelled; other folded fields in upper and lower case alone.
  func folding(_ term: Int) -> Folding {
    guard let fold = json["properties"]?[terms[term]]?["x-ils"]?["fold"]?.string else { return .none }
    if fold == "name" { return .name }
    return agreement.contains { $0.fields.contains(term) } ? .name : .case
  }

  /// What a field has that empties its column.
  func clear(_ term: String) -> String? { json["properties"]?[term]?["x-ils"]?["clearWith"]?.string }

  // MARK: - Keys

  private struct Raw {
    var kind: IdentityRules.Kind?
    var fields: [String]
    var scope: [String] = []
  }

  private func key(_ json: JSONValue) throws(StopError) -> Raw {
    if let fields = try names(json, "identity") { return Raw(kind: nil, fields: fields) }
    guard let fields = try names(json["fields"], "identity"), !fields.isEmpty else {
      throw fault("identity", "needs keys: lists of fields, or objects with fields and kind")
    }
    let word = json["kind"]?.string ?? "identifier"
    guard let kind = IdentityRules.Kind(rawValue: word) else {
      throw fault("identity", "\"\(word)\" is no kind: identifier, contact or description")
    }
    if let wrong = json.members?.first(where: { !["fields", "kind", "scope"].contains($0.name) }) {
      throw fault("identity", "\"\(wrong.name)\" is no word of a key: fields, kind or scope")
    }
    return Raw(kind: kind, fields: fields, scope: try names(json["scope"], "identity.scope") ?? [])
  }

  /// What stands in each of several keys beside other fields is no more than what they are unique within.
  private static func commonScope(_ keys: [Raw]) -> [String] {
    guard keys.count > 1, let first = keys.first else { return [] }
    return first.fields.filter { field in keys.allSatisfy { $0.fields.contains(field) && $0.fields.count > 1 } }
  }

  /// A plain list of one field is an identifier, of several a description; the import source is what ids are unique within.
  private mutating func compile(_ key: Raw, within common: [String]) -> IdentityRules.Key {
    var (fields, scope) = (key.fields.filter { !common.contains($0) }, key.scope.filter { !common.contains($0) })
    if key.kind == nil, let source, fields.contains(source), fields.count > 1 {
      fields.removeAll { $0 == source }
      scope.append(source)
    }
    let kind = key.kind ?? (fields.count == 1 ? .identifier : .description)
    return IdentityRules.Key(
      kind: kind, fields: fields.map { term($0) }, scope: scope.map { term($0) },
      names: key.kind == nil ? key.fields : key.scope + key.fields)
  }

  // MARK: - Agreement

  private mutating func readAgreement() throws(StopError) {
    guard let items = root["agreement"]?.array else {
      let described = keys.filter { $0.kind == .description }.flatMap(\.fields)
      agreement = described.map { IdentityRules.Part(fields: [$0], decides: false) }
      for reference in root["references"]?.array ?? [] {
        guard let field = reference["field"]?.string, isRequired(field) else { continue }
        agreement.append(IdentityRules.Part(fields: [term(field)], decides: true))
      }
      return
    }
    for item in items {
      guard let fields = try names(item["fields"] ?? item, "agreement"), !fields.isEmpty else {
        throw fault("agreement", "needs lists of fields")
      }
      agreement.append(
        IdentityRules.Part(fields: fields.map { term($0) }, decides: item["decides"]?.boolean ?? false))
    }
  }

  private func isRequired(_ field: String) -> Bool {
    json["required"]?.array?.contains { $0.string == field } ?? false
  }

  // MARK: - Names

  private mutating func term(_ name: String) -> Int {
    if let known = terms.firstIndex(of: name) { return known }
    terms.append(name)
    return terms.count - 1
  }

  /// A list of names of fields or constant columns; nil where there is no list.
  private func names(_ value: JSONValue?, _ place: String) throws(StopError) -> [String]? {
    guard let items = value?.array else { return nil }
    return try items.map { item throws(StopError) in
      guard let name = item.string, json["properties"]?[name] != nil || constants.contains(name) else {
        throw fault(place, "names \(item.string ?? item.text), which is neither a field nor a column with a constant")
      }
      return name
    }
  }

  private func fault(_ place: String, _ message: String) -> StopError {
    StopError(.configuration, IdentityFault.schemaXIls, "x-ils.\(place): \(message)")
  }
}
