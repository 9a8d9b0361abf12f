import ILSRecord

/// Which field of one shape feeds which target.
struct MapPlan {
  struct Target {
    /// The target's name as it is written, with quotes and colon.
    let name: [UInt8]
    /// The field that feeds it; -1 where it takes more, or none is there.
    var source = -1
    var sources: [Int] = []
    /// The value is copied as it came.
    let isPlain: Bool
  }

  /// The shape's id; -1 for none.
  let shape: Int
  /// The toolkit's own fields.
  private(set) var own: [Int] = []
  private(set) var targets: [Target] = []
  /// Fields that no mapping names, where they are kept.
  private(set) var unmapped: [Int] = []
  /// Names of fields that no mapping names, wherever they go.
  private(set) var unmappedNames: [String] = []
  /// A kept field would take a target's name.
  private(set) var collision: RecordError?

  static let none = MapPlan()

  private init() { shape = -1 }

  init(_ shape: Shape, _ mappings: [FieldMapping], _ policy: UnmappedFields) {
    self.shape = shape.id
    own = shape.names.indices.filter { shape.names[$0].hasPrefix("_") }
    var used = Set(own)
    for mapping in mappings {
      var name = OutputBuffer(capacity: 64)
      name.appendJSONString(mapping.target)
      name.append(UInt8(ascii: ":"))
      var target = Target(name: Array(name.bytes), isPlain: mapping.transforms.isEmpty)
      switch mapping.source {
      case .field(let source): target.source = shape.index(of: source) ?? -1
      case .fields(let names, _): target.sources = names.compactMap { shape.index(of: $0) }
      case .constant: break
      }
      used.formUnion(target.sources + [target.source])
      targets.append(target)
    }
    let rest = shape.names.indices.filter { !used.contains($0) }
    unmappedNames = rest.map { shape.names[$0] }
    switch policy {
    case .drop: break
    case .gather(let field):
      unmapped = rest
      if mappings.contains(where: { $0.target == field }) { collide(field) }
    case .keep:
      unmapped = rest
      if let taken = mappings.first(where: { unmappedNames.contains($0.target) }) { collide(taken.target) }
    }
  }

  private mutating func collide(_ name: String) {
    collision = RecordError(
      code: "map.collision", field: name,
      message: "a field that is kept has the name of a mapping's target: map it to another name")
  }

  /// Says once what the mapping does not use, and what it waits for in vain.
  func tell(
    _ shape: Shape, _ mappings: [FieldMapping], _ policy: UnmappedFields, at position: Position, _ emit: inout Emitter
  ) {
    if policy == .drop, !unmappedNames.isEmpty {
      emit.tell(
        Diagnostic(
          .info, code: "map.dropped",
          "no mapping names these fields, they are dropped: \(unmappedNames.joined(separator: ", "))"))
    }
    for mapping in mappings {
      let names: [String] =
        switch mapping.source {
        case .field(let name): [name]
        case .fields(let names, _): names
        case .constant: []
        }
      for name in names where shape.index(of: name) == nil {
        emit.tell(
          Diagnostic(
            mapping.isRequired ? .error : .warning, code: "map.no_source",
            "the mapping's source field \"\(name)\" is not in the records: check its spelling", field: mapping.target,
            at: Position(file: position.file)))
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The JSON text `null`.
  static var null: UnsafeRawBufferPointer {
    let text: StaticString = "null"
    return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
