import ILSRecord

/// Turns a schema's JSON into nodes, and gathers what is wrong with it.
struct SchemaCompiler {
  private(set) var faults: [Schema.Fault] = []
  private let document: JSONValue
  private let today: CivilDate
  /// Nodes by their JSON Pointer, so that a reference to a node that is being compiled ends.
  private var nodes: [String: SchemaNode] = [:]

  private static let annotations: Set<String> = [
    "$schema", "$id", "$comment", "$defs", "title", "description", "default", "examples", "deprecated", "readOnly",
    "writeOnly", "x-ils",
  ]

  init(_ document: JSONValue, today: CivilDate) {
    self.document = document
    self.today = today
  }

  mutating func compile() -> SchemaNode { node(document, "") }

  private mutating func fault(_ place: String, _ message: String) {
    faults.append(Schema.Fault(place: place.isEmpty ? "/" : place, message: message))
  }

  private mutating func node(_ json: JSONValue, _ place: String) -> SchemaNode {
    if let known = nodes[place] { return known }
    let node = SchemaNode()
    nodes[place] = node
    switch json {
    case .boolean(let flag): node.isImpossible = !flag
    case .object(let members):
      for (name, value) in members { keyword(name, value, "\(place)/\(name)", node) }
      limits(json, place, node)
    default: fault(place, "a schema is an object or a boolean, not \(json.kindName)")
    }
    return node
  }

  private mutating func keyword(_ name: String, _ value: JSONValue, _ place: String, _ node: SchemaNode) {
    switch name {
    case "type": node.rules.kinds = kinds(value, place)
    case "enum", "const": node.rules.choices = choices(name == "const" ? [value] : value.array, place)
    case "minLength": node.rules.minLength = count(value, place)
    case "maxLength": node.rules.maxLength = count(value, place)
    case "minimum", "exclusiveMinimum":
      node.rules.minimum = number(value, place)
      node.rules.excludesMinimum = name == "exclusiveMinimum"
    case "maximum", "exclusiveMaximum":
      node.rules.maximum = number(value, place)
      node.rules.excludesMaximum = name == "exclusiveMaximum"
    case "format": node.rules.format = format(value, place)
    case "required": node.required = names(value, place)
    case "properties":
      for (key, schema) in value.members ?? [] { node.properties[key] = self.node(schema, "\(place)/\(key)") }
      if value.members == nil { fault(place, "must be an object") }
    case "additionalProperties": node.additional = self.node(value, place)
    case "items": node.items = self.node(value, place)
    case "minItems": node.itemCount = count(value, place)...(node.itemCount?.upperBound ?? Int.max)
    case "maxItems":
      node.itemCount = (node.itemCount?.lowerBound ?? 0)...max(count(value, place), node.itemCount?.lowerBound ?? 0)
    case "allOf": node.allOf = list(value, place)
    case "anyOf": node.anyOf = list(value, place)
    case "oneOf": node.oneOf = list(value, place)
    case "not": node.not = self.node(value, place)
    case "$ref": node.reference = reference(value, place)
    case _ where Self.annotations.contains(name): break
    default: fault(place, "the keyword \"\(name)\" is not supported: remove it, or name one that is")
    }
  }

  private mutating func list(_ value: JSONValue, _ place: String) -> [SchemaNode] {
    guard let list = value.array, !list.isEmpty else {
      fault(place, "must be an array of schemas")
      return []
    }
    return list.enumerated().map { node($1, "\(place)/\($0)") }
  }

  private mutating func kinds(_ value: JSONValue, _ place: String) -> UInt8 {
    let names = value.string.map { [$0] } ?? (value.array ?? []).compactMap(\.string)
    var kinds: UInt8 = 0
    for name in names {
      switch name {
      case "string": kinds |= ScalarRules.bit(.string)
      case "number": kinds |= ScalarRules.bit(.number)
      case "integer": kinds |= ScalarRules.integerBit
      case "boolean": kinds |= ScalarRules.bit(.boolean)
      case "null": kinds |= ScalarRules.bit(.null)
      case "object": kinds |= ScalarRules.bit(.object)
      case "array": kinds |= ScalarRules.bit(.array)
      default: fault(place, "\"\(name)\" is no type")
      }
    }
    if names.isEmpty { fault(place, "must be a type's name or an array of them") }
    return kinds
  }

  private mutating func choices(_ values: [JSONValue]?, _ place: String) -> Set<[UInt8]> {
    guard let values, !values.isEmpty else {
      fault(place, "must be an array of values")
      return []
    }
    return Set(values.map(ScalarRules.canonical))
  }

  private mutating func count(_ value: JSONValue, _ place: String) -> Int {
    if let count = value.integer, count >= 0 { return count }
    fault(place, "must be a whole number, 0 or more")
    return 0
  }

  private mutating func number(_ value: JSONValue, _ place: String) -> Decimal? {
    if case .number(let text) = value { return Decimal(text.utf8) }
    fault(place, "must be a number")
    return nil
  }

  private mutating func names(_ value: JSONValue, _ place: String) -> [String] {
    let names = (value.array ?? []).compactMap(\.string)
    if names.count != value.array?.count { fault(place, "must be an array of names") }
    return names
  }

  private mutating func format(_ value: JSONValue, _ place: String) -> Format? {
    if let format = value.string.flatMap(Format.init) { return format }
    fault(
      place,
      "is not a format that can be checked; there are: \(Format.allCases.map(\.rawValue).joined(separator: ", "))")
    return nil
  }

  /// `#`, or `#/a/b` within the document (RFC 6901).
  private mutating func reference(_ value: JSONValue, _ place: String) -> SchemaNode? {
    guard let text = value.string, text == "#" || text.hasPrefix("#/") else {
      fault(place, "must point into this file, such as #/$defs/name")
      return nil
    }
    var target = document
    let pointer = String(text.dropFirst())
    for step in pointer.split(separator: "/") {
      let name = step.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
        .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
      let items = target.array ?? []
      guard let next = target[name] ?? Int(name).flatMap({ items.indices.contains($0) ? items[$0] : nil }) else {
        fault(place, "\(text) points at nothing")
        return nil
      }
      target = next
    }
    return node(target, pointer)
  }

  /// `x-ils` of a field: the days between which a date must lie.
  private mutating func limits(_ json: JSONValue, _ place: String, _ node: SchemaNode) {
    guard let limits = json["x-ils"] else { return }
    func date(_ name: String) -> CivilDate? {
      guard let text = limits[name]?.string else { return nil }
      if text == "today" { return today }
      if let date = CivilDate(iso: text) { return date }
      fault("\(place)/x-ils/\(name)", "must be a date such as 1900-01-01, or today")
      return nil
    }
    node.rules.notBefore = date("notBefore")
    node.rules.notAfter = date("notAfter")
  }
}
