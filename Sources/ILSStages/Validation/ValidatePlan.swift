import ILSRecord

/// Which field of one shape meets which part of a schema.
struct ValidatePlan {
  struct Field {
    let index: Int
    let name: String
    let node: SchemaNode
    let isScalar: Bool
    let isRequired: Bool
  }

  struct KeyField {
    let index: Int
    let foldsCase: Bool
  }

  /// The shape's id; -1 for none.
  let shape: Int
  private(set) var fields: [Field] = []
  /// Required fields that the shape lacks.
  private(set) var missing: [String] = []
  /// Fields that the schema does not allow.
  private(set) var unknown: [String] = []
  /// The fields of each identity key; none where the shape lacks one of them.
  private(set) var identity: [[KeyField]] = []
  let needsTree: Bool

  static let none = ValidatePlan()

  private init() {
    shape = -1
    needsTree = false
  }

  init(_ shape: Shape, _ schema: Schema) {
    let root = schema.root
    self.shape = shape.id
    needsTree = !root.allOf.isEmpty || !root.applicators.isEmpty
    let required = Set(root.required)
    for (index, name) in shape.names.enumerated() where !name.hasPrefix("_") {
      let node = root.properties[name] ?? root.additional
      if let node, !node.isImpossible {
        fields.append(
          Field(index: index, name: name, node: node, isScalar: node.isScalar, isRequired: required.contains(name)))
      } else if node != nil {
        unknown.append(name)
      } else if required.contains(name), schema.isEntity {
        fields.append(Field(index: index, name: name, node: SchemaNode(), isScalar: true, isRequired: true))
      }
    }
    missing = root.required.filter { shape.index(of: $0) == nil }
    identity = schema.identity.map { key in
      let found = key.compactMap { field in
        shape.index(of: field.name).map { KeyField(index: $0, foldsCase: field.foldsCase) }
      }
      return found.count == key.count ? found : []
    }
  }
}

extension SchemaNode {
  /// The root's alternatives, negation and reference, as one node that asks nothing else.
  var applicators: [SchemaNode] {
    guard !anyOf.isEmpty || !oneOf.isEmpty || not != nil || reference != nil || isImpossible else { return [] }
    let rest = SchemaNode()
    (rest.anyOf, rest.oneOf, rest.not, rest.reference, rest.isImpossible) = (anyOf, oneOf, not, reference, isImpossible)
    return [rest]
  }
}
