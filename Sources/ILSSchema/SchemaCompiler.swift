import ILSDates
import ILSRecord

/// Turns a schema's JSON into nodes, and gathers what is wrong with it.
struct SchemaCompiler {
  private(set) var faults: [JSONSchema.Fault] = []
  private let document: JSONValue
  private let today: CivilDate
  private let index: SchemaIndex
  /// Nodes by their place, so that a reference to a node that is being compiled ends.
  private var nodes: [SchemaIndex.Pointer: SchemaNode] = [:]

  private typealias Pointer = SchemaIndex.Pointer

  private static let annotations: Set<String> = [
    "$id", "$comment", "$anchor", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "x-ils",
  ]

  init(_ document: JSONValue, today: CivilDate) {
    self.document = document
    self.today = today
    index = SchemaIndex(document)
    faults = index.faults
  }

  mutating func compile() -> SchemaNode {
    let root = node(document, [])
    if faults.isEmpty { findLoops() }
    return root
  }

  private mutating func fault(_ place: Pointer, _ message: String, isAboutSupport: Bool = false) {
    faults.append(JSONSchema.Fault(place: SchemaIndex.text(place), message: message, isAboutSupport: isAboutSupport))
  }

  private mutating func node(_ json: JSONValue, _ place: Pointer) -> SchemaNode {
    if let known = nodes[place] { return known }
    let node = SchemaNode()
    nodes[place] = node
    switch json {
    case .boolean(let flag): node.isImpossible = !flag
    case .object(let members):
      for (name, value) in members { keyword(name, value, place + [name], node) }
      limits(json, place, node)
      node.rules.finish()
    default: fault(place, "a schema is an object or a boolean, not \(json.kindName)")
    }
    return node
  }

  private mutating func keyword(_ name: String, _ value: JSONValue, _ place: Pointer, _ node: SchemaNode) {
    if scalarKeyword(name, value, place, node) || objectKeyword(name, value, place, node)
      || arrayKeyword(name, value, place, node) || applicator(name, value, place, node)
    {
      return
    }
    switch name {
    case "$schema":
      if value.string.map({ SchemaURI($0).withoutFragment }) != SchemaIndex.metaSchema {
        fault(place, "is another dialect: this is JSON Schema 2020-12, https://json-schema.org/draft/2020-12/schema")
      }
    case "$defs": for (key, schema) in value.members ?? [] { _ = self.node(schema, place + [key]) }
    case _ where Self.annotations.contains(name): break
    default:
      fault(place, "the keyword \"\(name)\" is not supported: remove it, or name one that is", isAboutSupport: true)
    }
  }

  // MARK: - Keywords

  private mutating func scalarKeyword(
    _ name: String, _ value: JSONValue, _ place: Pointer, _ node: SchemaNode
  ) -> Bool {
    switch name {
    case "type": node.rules.kinds = kinds(value, place)
    case "enum": node.rules.choices = choices(value, place)
    case "const": node.rules.constant = ScalarRules.canonical(value)
    case "minLength": node.rules.minLength = count(value, place)
    case "maxLength": node.rules.maxLength = count(value, place)
    case "minimum": node.rules.minimum = number(value, place)
    case "maximum": node.rules.maximum = number(value, place)
    case "exclusiveMinimum": node.rules.exclusiveMinimum = number(value, place)
    case "exclusiveMaximum": node.rules.exclusiveMaximum = number(value, place)
    case "multipleOf":
      node.rules.multipleOf = number(value, place)
      if node.rules.multipleOf.map({ !$0.isDivisor }) ?? false {
        fault(place, "must be a number above 0 with at most 18 digits")
      }
    case "format": node.rules.format = format(value, place)
    case "pattern":
      node.rules.pattern = value.string.flatMap { pattern($0, place) }
      if value.string == nil { fault(place, "must be a string") }
    default: return false
    }
    return true
  }

  private mutating func objectKeyword(
    _ name: String, _ value: JSONValue, _ place: Pointer, _ node: SchemaNode
  ) -> Bool {
    var rules = node.object ?? SchemaNode.ObjectRules()
    switch name {
    case "properties":
      for (key, schema) in members(value, place) { rules.properties[key] = self.node(schema, place + [key]) }
    case "patternProperties":
      for (key, schema) in members(value, place) {
        if let pattern = pattern(key, place + [key]) {
          rules.patterns.append((pattern, self.node(schema, place + [key])))
        }
      }
    case "additionalProperties": rules.additional = self.node(value, place)
    case "propertyNames": rules.names = self.node(value, place)
    case "required": rules.required = names(value, place)
    case "minProperties": rules.minimumCount = count(value, place)
    case "maxProperties": rules.maximumCount = count(value, place)
    case "dependentRequired":
      rules.dependentRequired = members(value, place).map { ($0.name, names($0.value, place + [$0.name])) }
    case "dependentSchemas":
      rules.dependentSchemas = members(value, place).map { ($0.name, self.node($0.value, place + [$0.name])) }
    default: return false
    }
    node.object = rules
    return true
  }

  private mutating func arrayKeyword(
    _ name: String, _ value: JSONValue, _ place: Pointer, _ node: SchemaNode
  ) -> Bool {
    var rules = node.array ?? SchemaNode.ArrayRules()
    switch name {
    case "prefixItems": rules.prefix = list(value, place)
    case "items": rules.items = self.node(value, place)
    case "contains": rules.contains = self.node(value, place)
    case "minContains": rules.minimumContained = count(value, place)
    case "maxContains": rules.maximumContained = count(value, place)
    case "minItems": rules.minimumCount = count(value, place)
    case "maxItems": rules.maximumCount = count(value, place)
    case "uniqueItems":
      rules.isUnique = value.boolean ?? false
      if value.boolean == nil { fault(place, "must be true or false") }
    default: return false
    }
    node.array = rules
    return true
  }

  private mutating func applicator(
    _ name: String, _ value: JSONValue, _ place: Pointer, _ node: SchemaNode
  ) -> Bool {
    var rules = node.applicators ?? SchemaNode.Applicators()
    switch name {
    case "allOf": rules.allOf = list(value, place)
    case "anyOf": rules.anyOf = list(value, place)
    case "oneOf": rules.oneOf = list(value, place)
    case "not": rules.not = self.node(value, place)
    case "if": rules.condition = self.node(value, place)
    case "then": rules.then = self.node(value, place)
    case "else": rules.otherwise = self.node(value, place)
    case "$ref": rules.reference = reference(value, place)
    default: return false
    }
    node.applicators = rules
    return true
  }

  // MARK: - Values of keywords

  private mutating func members(_ value: JSONValue, _ place: Pointer) -> [(name: String, value: JSONValue)] {
    if value.members == nil { fault(place, "must be an object") }
    return value.members ?? []
  }

  private mutating func list(_ value: JSONValue, _ place: Pointer) -> [SchemaNode] {
    guard let list = value.array, !list.isEmpty else {
      fault(place, "must be an array of schemas")
      return []
    }
    return list.enumerated().map { node($1, place + ["\($0)"]) }
  }

  private mutating func kinds(_ value: JSONValue, _ place: Pointer) -> UInt8 {
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
    if names.isEmpty || names.count != value.array?.count ?? 1 {
      fault(place, "must be a type's name or an array of them")
    } else if Set(names).count != names.count {
      fault(place, "must not hold a type twice")
    }
    return kinds
  }

  private mutating func choices(_ value: JSONValue, _ place: Pointer) -> Set<[UInt8]> {
    if value.array == nil { fault(place, "must be an array of values") }
    return Set((value.array ?? []).map(ScalarRules.canonical))
  }

  private mutating func count(_ value: JSONValue, _ place: Pointer) -> Int {
    if case .number(let text) = value, let count = Decimal(text.utf8).count { return count }
    fault(place, "must be a whole number, 0 or more")
    return 0
  }

  private mutating func number(_ value: JSONValue, _ place: Pointer) -> Decimal? {
    if case .number(let text) = value { return Decimal(text.utf8) }
    fault(place, "must be a number")
    return nil
  }

  private mutating func names(_ value: JSONValue, _ place: Pointer) -> [String] {
    let names = (value.array ?? []).compactMap(\.string)
    if names.count != value.array?.count { fault(place, "must be an array of names") }
    if Set(names).count != names.count { fault(place, "must not hold a name twice") }
    return names
  }

  private mutating func pattern(_ text: String, _ place: Pointer) -> Pattern? {
    do throws(PatternFault) {
      return try Pattern(text)
    } catch {
      fault(place, "is no regular expression that can be matched: \(error.message)")
      return nil
    }
  }

  private mutating func format(_ value: JSONValue, _ place: Pointer) -> Format? {
    if let format = value.string.flatMap(Format.init) { return format }
    fault(
      place,
      "is not a format that can be checked; there are: \(Format.allCases.map(\.rawValue).joined(separator: ", "))",
      isAboutSupport: value.string != nil)
    return nil
  }

  private mutating func reference(_ value: JSONValue, _ place: Pointer) -> SchemaNode? {
    guard let text = value.string else {
      fault(place, "must be a URI reference, such as #/$defs/name")
      return nil
    }
    switch index.target(of: text, at: place) {
    case .metaSchema:
      let node = SchemaNode()
      node.isMetaSchema = true
      return node
    case .place(let pointer):
      if let json = index.value(at: pointer) { return node(json, pointer) }
    case .nothing: break
    }
    fault(place, "\(text) points at nothing in this file, and no other is fetched", isAboutSupport: true)
    return nil
  }

  /// `x-ils` of a field: the days between which a date must lie.
  private mutating func limits(_ json: JSONValue, _ place: Pointer, _ node: SchemaNode) {
    guard let limits = json["x-ils"] else { return }
    func date(_ name: String) -> CivilDate? {
      guard let text = limits[name]?.string else { return nil }
      if text == "today" { return today }
      if let date = CivilDate(iso: text) { return date }
      fault(place + ["x-ils", name], "must be a date such as 1900-01-01, or today")
      return nil
    }
    node.rules.notBefore = date("notBefore")
    node.rules.notAfter = date("notAfter")
  }

  // MARK: - Loops

  /// A schema that is applied to a value by way of itself, to the same value, would never come to an end.
  private mutating func findLoops() {
    var state: [ObjectIdentifier: Bool] = [:]
    /// Whether a loop leads back to a node that is being looked at.
    func loops(_ node: SchemaNode) -> Bool {
      let id = ObjectIdentifier(node)
      if let isOpen = state[id] { return isOpen }
      state[id] = true
      let same = (node.applicators?.all ?? []) + (node.object?.dependentSchemas.map(\.node) ?? [])
      if same.contains(where: loops) { return true }
      state[id] = false
      return false
    }
    for (place, node) in nodes.sorted(by: { $0.key.count < $1.key.count }) where loops(node) {
      return fault(place, "applies itself to the same value, for ever")
    }
  }
}
