import CScan
import ILSRecord

/// Which field of one shape meets which part of a schema.
///
/// What every record needs lies in buffers of plain values, so that going through them counts no references.
final class ValidatePlan {
  struct Field {
    let name: String
    let node: SchemaNode
    let isScalar: Bool
    let isRequired: Bool
  }

  /// What most values pass at once; the field of the same number tells what is wrong with the others.
  struct Quick: BitwiseCopyable {
    enum Test: UInt8 { case lengths, date, email, choice, slow }

    let index: Int
    let test: Test
    let isRequired: Bool
    /// In bytes: no shorter text can be too short, and no longer one too long.
    let least: Int
    let most: Int
    /// Dates as `CivilDate.order`.
    let earliest: Int
    let latest: Int
    /// Owned by the plan.
    let choices: UnsafeBufferPointer<SIMD2<UInt64>>

    init(_ index: Int, _ node: SchemaNode, isRequired: Bool) {
      let rules = node.rules
      self.index = index
      self.isRequired = isRequired
      least = rules.minLength <= 1 ? rules.minLength : rules.minLength * 4
      most = rules.maxLength
      earliest = rules.notBefore?.order ?? 0
      latest = rules.notAfter?.order ?? .max
      let packed = (rules.listed ?? []).compactMap(Quick.pack)
      let copy = UnsafeMutableBufferPointer<SIMD2<UInt64>>.allocate(capacity: packed.count)
      _ = copy.initialize(from: packed)
      choices = UnsafeBufferPointer(copy)
      let takesStrings = node.isScalar && rules.kinds & ScalarRules.bit(.string) != 0
      if !takesStrings || rules.pattern != nil || rules.constant != nil {
        test = .slow
      } else if rules.choices != nil {
        test = rules.format == nil && packed.count == rules.choices?.count ? .choice : .slow
      } else {
        switch rules.format {
        case nil: test = .lengths
        case .date: test = .date
        case .email, .idnEmail: test = .email
        default: test = .slow
        }
      }
    }

    /// A text of at most 16 bytes as two numbers; of a choice, its quotes are left out.
    private static func pack(_ choice: [UInt8]) -> SIMD2<UInt64>? {
      let text = choice.dropFirst().dropLast()
      guard text.count <= 16 else { return nil }
      var packed = SIMD2<UInt64>.zero
      for (place, byte) in text.enumerated() { packed[place / 8] |= UInt64(byte) << (UInt64(place % 8) * 8) }
      return packed
    }

    /// Whether a value passes for sure. At least 16 bytes behind it are readable.
    @inline(__always)
    func passes(_ value: FieldValue) -> Bool {
      guard value.kind == .string, !value.hasEscapes else { return false }
      let text = value.text
      guard text.count >= least, text.count <= most else { return false }
      switch test {
      case .lengths: return true
      case .date: return CivilDate(iso: text).map { $0.order >= earliest && $0.order <= latest } ?? false
      case .email: return ils_email_is_plain(text.baseAddress, text.count) != 0
      case .choice: return isChosen(text)
      case .slow: return false
      }
    }

    @inline(__always)
    private func isChosen(_ text: UnsafeRawBufferPointer) -> Bool {
      guard text.count <= 16, let start = text.baseAddress else { return false }
      var packed = SIMD2<UInt64>(
        UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)),
        UInt64(littleEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
      if text.count < 8 {
        packed = [packed.x & (1 << (UInt64(text.count) * 8) - 1), 0]
      } else if text.count < 16 {
        packed.y &= 1 << (UInt64(text.count - 8) * 8) - 1
      }
      for number in 0..<choices.count where choices[number] == packed { return true }
      return false
    }
  }

  struct KeyField: BitwiseCopyable {
    let index: Int
    let foldsCase: Bool
  }

  struct QualityField: BitwiseCopyable {
    let kind: QualityKind
    let index: Int
  }

  /// The shape's id; -1 for none.
  let shape: Int
  let fields: [Field]
  let quick: UnsafeBufferPointer<Quick>
  /// Required fields that the shape lacks.
  let missing: [String]
  /// Fields that the schema does not allow.
  let unknown: [String]
  /// The fields of each identity key; none where the shape lacks one of them.
  let identity: UnsafeBufferPointer<UnsafeBufferPointer<KeyField>>
  /// The root asks more than its properties and their presence.
  let needsTree: Bool
  let checks: [(check: FieldCheck, index: Int, others: [Int])]
  let quality: UnsafeBufferPointer<QualityField>
  /// There is more to look at than single fields.
  let asksMore: Bool

  func isField(_ name: String) -> Bool { fields.contains { $0.name == name } }

  convenience init(_ shape: Shape, _ schema: Schema) { self.init(shape.id, shape, schema) }

  /// The plan of no shape.
  static func none(_ schema: Schema) -> ValidatePlan { ValidatePlan(-1, nil, schema) }

  private init(_ id: Int, _ shape: Shape?, _ schema: Schema) {
    let object = schema.root.object ?? SchemaNode.ObjectRules()
    self.shape = id
    var fields: [Field] = []
    var quick: [Quick] = []
    var unknown: [String] = []
    for (index, name) in (shape?.names ?? []).enumerated() where !name.hasPrefix("_") {
      let nodes = object.nodes(for: name)
      if nodes.isEmpty, let additional = object.additional, additional.isImpossible {
        unknown.append(name)
        continue
      }
      let isRequired = object.required.contains(name)
      for node in nodes.isEmpty ? [object.additional ?? SchemaNode()] : nodes {
        if node.isScalar, node.rules.asksNothing, !(schema.isEntity && isRequired) { continue }
        fields.append(Field(name: name, node: node, isScalar: node.isScalar, isRequired: isRequired))
        quick.append(Quick(index, node, isRequired: schema.isEntity && isRequired))
      }
    }
    (self.fields, self.unknown, self.quick) = (fields, unknown, Self.keep(quick))
    missing = object.required.filter { shape?.index(of: $0) == nil }
    identity = Self.keep(
      schema.identity.map { key in
        let found = key.compactMap { field in
          shape?.index(of: field.name).map { KeyField(index: $0, foldsCase: field.foldsCase) }
        }
        return Self.keep(found.count == key.count ? found : [])
      })
    checks = schema.checks.compactMap { check in
      shape?.index(of: check.field).map { (check, $0, check.others.map { shape?.index(of: $0) ?? -1 }) }
    }
    quality = Self.keep(
      schema.quality.compactMap { field, kind in shape?.index(of: field).map { QualityField(kind: kind, index: $0) } })
    needsTree = schema.root.needsTree
    asksMore = needsTree || !missing.isEmpty || !unknown.isEmpty || !checks.isEmpty
  }

  private static func keep<Element>(_ list: [Element]) -> UnsafeBufferPointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: list.count)
    _ = copy.initialize(from: list)
    return UnsafeBufferPointer(copy)
  }

  deinit {
    for test in quick { test.choices.deallocate() }
    quick.deallocate()
    for key in identity { key.deallocate() }
    identity.deallocate()
    quality.deallocate()
  }
}

extension SchemaNode {
  /// Whether a record must be made a tree of: for all that is asked of it as a whole.
  fileprivate var needsTree: Bool {
    if applicators != nil || isImpossible || isMetaSchema { return true }
    if rules.kinds & ScalarRules.bit(.object) == 0 || rules.choices != nil || rules.constant != nil { return true }
    guard let object else { return false }
    return object.names != nil || object.minimumCount > 0 || object.maximumCount < Int.max
      || !object.dependentRequired.isEmpty || !object.dependentSchemas.isEmpty
  }

  /// What the root asks of the record as a whole: all but what the plan's fields look after.
  var ofWholeRecord: SchemaNode {
    let rest = SchemaNode()
    (rest.rules, rest.applicators, rest.isImpossible, rest.isMetaSchema) = (
      rules, applicators, isImpossible, isMetaSchema
    )
    if var rules = object {
      (rules.properties, rules.patterns, rules.additional, rules.required) = ([:], [], nil, [])
      rest.object = rules
    }
    return rest
  }
}

extension ScalarRules {
  /// Nothing is asked of the value itself.
  fileprivate var asksNothing: Bool {
    isPlain && minLength == 0 && maxLength == .max && kinds == 0xFF && minimum == nil && maximum == nil
      && exclusiveMinimum == nil && exclusiveMaximum == nil && multipleOf == nil
  }
}
