import ILSRecord

extension SchemaNode {
  /// Holds a value of any shape against the node and appends what is wrong with it.
  /// - Parameter path: where the value stands, for messages: `contact.phones[0]`.
  func check(_ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]) {
    func fail(_ code: String, _ message: String, _ field: String? = nil) {
      errors.append(RecordError(code: code, field: field ?? path, message: message))
    }
    if isImpossible { return fail("schema.false", "is a value that the schema rules out") }
    checkScalar(value, path, &scratch, &errors)
    if case .object(let members) = value { checkMembers(members, path, &scratch, &errors) }
    if case .array(let list) = value {
      if let itemCount, !itemCount.contains(list.count) { fail("schema.items", "has \(list.count) items") }
      if let items {
        for (index, item) in list.enumerated() { items.check(item, "\(path ?? "")[\(index)]", &scratch, &errors) }
      }
    }
    reference?.check(value, path, &scratch, &errors)
    for node in allOf { node.check(value, path, &scratch, &errors) }
    if !anyOf.isEmpty, !anyOf.contains(where: { $0.accepts(value, &scratch) }) {
      fail("schema.anyOf", "fits none of the schema's alternatives")
    }
    if !oneOf.isEmpty {
      let fitting = oneOf.count { $0.accepts(value, &scratch) }
      if fitting != 1 { fail("schema.oneOf", "fits \(fitting) of the schema's alternatives, and one is asked for") }
    }
    if let not, not.accepts(value, &scratch) { fail("schema.not", "is a value that the schema rules out") }
  }

  private func accepts(_ value: JSONValue, _ scratch: inout OutputBuffer) -> Bool {
    var errors: [RecordError] = []
    check(value, nil, &scratch, &errors)
    return errors.isEmpty
  }

  private func checkScalar(
    _ value: JSONValue, _ path: String?, _ scratch: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    var text = OutputBuffer()
    value.write(to: &text)
    _ = text.reserve(16)
    let raw = text.bytes
    rules.check(
      FieldValue(raw: raw, kind: value.kind, hasEscapes: raw.contains(UInt8(ascii: "\\")), isASCII: false), path,
      &scratch, &errors)
  }

  func checkMembers(
    _ members: [(name: String, value: JSONValue)], _ path: String?, _ scratch: inout OutputBuffer,
    _ errors: inout [RecordError]
  ) {
    func full(_ name: String) -> String { path.map { "\($0).\(name)" } ?? name }
    for name in required where !members.contains(where: { $0.name == name }) {
      errors.append(RecordError(code: "schema.required", field: full(name), message: "is missing"))
    }
    for (name, value) in members {
      if let node = properties[name] {
        node.check(value, full(name), &scratch, &errors)
      } else if let additional {
        if additional.isImpossible {
          errors.append(
            RecordError(code: "schema.additionalProperties", field: full(name), message: "is no field of the schema"))
        } else {
          additional.check(value, full(name), &scratch, &errors)
        }
      }
    }
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
