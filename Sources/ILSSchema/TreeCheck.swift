import ILSDates
import ILSRecord

extension SchemaNode {
  /// Holds a value of any shape against the node and appends what is wrong with it.
  /// - Parameter path: where the value stands, for messages: `contact.phones[0]`.
  package func check(_ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError])
  {
    func fail(_ fault: SchemaFault, _ message: String) {
      errors.append(RecordError(fault, field: path, message: message))
    }
    if isImpossible { return fail(.schemaFalse, "is a value that the schema rules out") }
    if isMetaSchema, !JSONSchema.isSchema(value) { fail(.schemaRef, "is no JSON Schema") }
    checkScalar(value, path, &scratch, &errors)
    if case .object(let members) = value, let object { object.check(members, value, path, &scratch, &errors) }
    if case .array(let list) = value, let array { array.check(list, path, &scratch, &errors) }
    applicators?.check(value, path, &scratch, &errors)
  }

  func accepts(_ value: JSONValue, _ scratch: inout OutputBuffer) -> Bool {
    var errors: [RecordError] = []
    check(value, nil, &scratch, &errors)
    return errors.isEmpty
  }

  private func checkScalar(
    _ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    var text = OutputBuffer()
    value.write(to: &text)
    let raw = text.padded
    rules.check(
      FieldValue(raw: raw, kind: value.kind, hasEscapes: raw.bytes.contains(UInt8(ascii: "\\")), isASCII: false), path,
      &scratch, &errors)
  }
}

extension SchemaNode.Applicators {
  func check(_ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]) {
    func fail(_ fault: SchemaFault, _ message: String) {
      errors.append(RecordError(fault, field: path, message: message))
    }
    reference?.check(value, path, &scratch, &errors)
    for node in allOf { node.check(value, path, &scratch, &errors) }
    if !anyOf.isEmpty, !anyOf.contains(where: { $0.accepts(value, &scratch) }) {
      fail(.schemaAnyOf, "fits none of the schema's alternatives")
    }
    if !oneOf.isEmpty {
      let fitting = oneOf.count { $0.accepts(value, &scratch) }
      if fitting != 1 { fail(.schemaOneOf, "fits \(fitting) of the schema's alternatives, and one is asked for") }
    }
    if let not, not.accepts(value, &scratch) { fail(.schemaNot, "is a value that the schema rules out") }
    if let condition {
      let branch = condition.accepts(value, &scratch) ? then : otherwise
      branch?.check(value, path, &scratch, &errors)
    }
  }
}

extension SchemaNode.ObjectRules {
  /// - Parameter value: the object itself, for schemas that are held against all of it.
  func check(
    _ members: [(name: String, value: JSONValue)], _ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer,
    _ errors: inout [RecordError]
  ) {
    checkPresence(members, path, &errors)
    for (name, value) in members { checkMember(name, value, path, &scratch, &errors) }
    for (name, node) in dependentSchemas where members.contains(where: { $0.name == name }) {
      node.check(value, path, &scratch, &errors)
    }
  }

  private func full(_ name: String, _ path: String?) -> String { path.map { "\($0).\(name)" } ?? name }

  /// What is asked of the members' names and number.
  private func checkPresence(
    _ members: [(name: String, value: JSONValue)], _ path: String?, _ errors: inout [RecordError]
  ) {
    let names = Set(members.map(\.name))
    for name in required where !names.contains(name) {
      errors.append(RecordError(SchemaFault.schemaRequired, field: full(name, path), message: "is missing"))
    }
    for (name, needed) in dependentRequired where names.contains(name) {
      for other in needed where !names.contains(other) {
        errors.append(
          RecordError(
            SchemaFault.schemaDependentRequired, field: full(other, path),
            message: "is missing, and \(name) asks for it"))
      }
    }
    if members.count < minimumCount {
      errors.append(RecordError(SchemaFault.schemaMinProperties, field: path, message: "has \(members.count) fields"))
    }
    if members.count > maximumCount {
      errors.append(RecordError(SchemaFault.schemaMaxProperties, field: path, message: "has \(members.count) fields"))
    }
  }

  private func checkMember(
    _ name: String, _ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    if let names, !names.accepts(.string(name), &scratch) {
      errors.append(
        RecordError(
          SchemaFault.schemaPropertyNames, field: full(name, path), message: "is no name that the schema allows")
      )
    }
    let nodes = nodes(for: name)
    for node in nodes { node.check(value, full(name, path), &scratch, &errors) }
    guard nodes.isEmpty, let additional else { return }
    if additional.isImpossible {
      errors.append(
        RecordError(
          SchemaFault.schemaAdditionalProperties, field: full(name, path), message: "is no field of the schema"))
    } else {
      additional.check(value, full(name, path), &scratch, &errors)
    }
  }

  /// The schemas of a member that are named, by its name or by a pattern; none leaves it to `additional`.
  package func nodes(for name: String) -> [SchemaNode] {
    var nodes = properties[name].map { [$0] } ?? []
    if !patterns.isEmpty {
      var text = name
      text.withUTF8 { bytes in
        for (pattern, node) in patterns where pattern.matches(UnsafeRawBufferPointer(bytes)) { nodes.append(node) }
      }
    }
    return nodes
  }
}

extension SchemaNode.ArrayRules {
  func check(_ list: [JSONValue], _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]) {
    func fail(_ fault: SchemaFault, _ message: String) {
      errors.append(RecordError(fault, field: path, message: message))
    }
    for (index, item) in list.enumerated() {
      let node = index < prefix.count ? prefix[index] : items
      node?.check(item, "\(path ?? "")[\(index)]", &scratch, &errors)
    }
    if list.count < minimumCount {
      fail(.schemaMinItems, "has \(list.count) items, and \(minimumCount) are the least")
    }
    if list.count > maximumCount {
      fail(.schemaMaxItems, "has \(list.count) items, and \(maximumCount) are the most")
    }
    if isUnique, Set(list.map(ScalarRules.canonical)).count < list.count {
      fail(.schemaUniqueItems, "has an item twice")
    }
    if let contains {
      let count = list.count { contains.accepts($0, &scratch) }
      if count < minimumContained { fail(.schemaContains, "has \(count) items of the kind that the schema asks for") }
      if count > maximumContained {
        fail(.schemaMaxContains, "has \(count) items of a kind, and \(maximumContained) are the most")
      }
    }
  }
}

extension JSONSchema {
  /// Whether a value is a schema by the schema of schemas (JSON Schema 2020-12, 8.1), as far as the compiler looks.
  static func isSchema(_ value: JSONValue) -> Bool {
    guard let day = CivilDate(iso: "1970-01-01") else { return false }
    var compiler = SchemaCompiler(value, today: day)
    _ = compiler.compile()
    return compiler.faults.allSatisfy(\.isAboutSupport)
  }
}

extension JSONValue {
  var kind: ValueKind {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .number: .number
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }
}
