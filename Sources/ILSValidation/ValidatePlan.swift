import CDates
import CValidation
import ILSDates
import CScan
import ILSRecord
import ILSSchema

/// Which field of one shape meets which part of a schema.
///
/// What every record needs lies in buffers of plain values, so that going through them counts no references.
final class ValidatePlan {
  struct Field {
    let name: String
    let index: Int
    let node: SchemaNode
    let isScalar: Bool
    let isRequired: Bool
  }

  /// What most values pass at once; the field whose bit it has tells what is wrong with the others.
  struct Quick: BitwiseCopyable {
    enum Test: UInt8 { case lengths, date, email, choice, slow }

    let index: Int
    let test: Test
    /// The field's number as a bit; the last bit stands for all from there on.
    let bit: UInt64
    /// Null and the empty string pass.
    private let passesAbsent: Bool
    /// White space alone is no value.
    private let seesBlank: Bool
    /// Bytes of a value, quotes included: no shorter text can be too short, and no longer one too long.
    private let least: UInt32
    private let span: UInt32
    /// Dates as `CivilDate.order`.
    private let earliest: Int
    private let latest: Int
    /// Owned by the plan.
    let choices: UnsafeBufferPointer<SIMD2<UInt64>>

    init(_ index: Int, _ number: Int, _ node: SchemaNode, isEntity: Bool, isRequired: Bool) {
      let rules = node.rules
      self.index = index
      bit = 1 << UInt64(min(number, 63))
      passesAbsent = isEntity && !isRequired
      seesBlank = isEntity
      let shortest = isEntity && isRequired ? max(rules.minLength, 1) : rules.minLength
      let (low, high) = (min(shortest <= 1 ? shortest : shortest * 4, 1 << 30), min(rules.maxLength, 1 << 30))
      least = low <= 1 && passesAbsent ? 2 : UInt32(low + 2)
      span = UInt32(max(high + 2 - Int(least), 0))
      earliest = rules.notBefore?.order ?? 1
      latest = rules.notAfter?.order ?? .max
      let packed = (rules.listed ?? []).compactMap(Quick.pack)
      let copy = UnsafeMutableBufferPointer<SIMD2<UInt64>>.allocate(capacity: packed.count)
      _ = copy.initialize(from: packed)
      choices = UnsafeBufferPointer(copy)
      let takesStrings = node.isScalar && rules.kinds & ScalarRules.bit(.string) != 0
      if !takesStrings || rules.pattern != nil || rules.constant != nil || high < low {
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

    /// Whether lengths, if nothing else, let a value pass.
    @inline(__always)
    func takes(_ slot: FieldSlot) -> Bool { slot.isPlainString && slot.length &- least <= span }

    /// Whether a text may be of white space alone, by its first byte.
    @inline(__always)
    func mayBeBlank(_ first: UInt8) -> Bool {
      // ASCII white space; the first bytes of U+0085, U+00A0, U+1680, U+2000 to U+3000 and U+FEFF.
      seesBlank && (first <= 0x20 || first == 0xC2 || first &- 0xE1 < 3 || first == 0xEF)
    }

    /// Whether a value that `takes` did not take needs no more looking at.
    @inline(__always)
    func forgives(_ slot: FieldSlot) -> Bool {
      passesAbsent && (slot.kind == .null || slot.isPlainString && slot.length == 2)
    }

    /// Whether a text of the right length passes for sure.
    @inline(__always)
    func passes(_ padded: PaddedBytes) -> Bool {
      let text = padded.bytes
      if text.isEmpty { return passesAbsent }
      switch test {
      case .lengths: return true
      case .date:
        let day = text.count == 10 ? ils_iso_day(text.baseAddress) : 0
        return day >= earliest && day <= latest
      case .email: return ils_email_is_plain(text.baseAddress, text.count) != 0
      case .choice: return isChosen(padded)
      case .slow: return false
      }
    }

    @inline(__always)
    private func isChosen(_ text: PaddedBytes) -> Bool {
      guard text.count <= 16, let start = text.bytes.baseAddress else { return false }
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

  struct QualityField: BitwiseCopyable {
    let kind: QualityKind
    let index: Int
  }

  /// What goes with every record: plain values, owned by the plan.
  struct Needed: BitwiseCopyable {
    /// The shape's id; -1 for none.
    let shape: Int
    /// Those that ask for lengths alone come first.
    let quick: UnsafeBufferPointer<Quick>
    let lengthTests: Int
    /// The field of each term of the identity rules, and of what a person decided; -1 where the shape lacks it.
    let identity: UnsafeBufferPointer<Int>
    let decision: Int
    let quality: UnsafeBufferPointer<QualityField>
    /// There is more to look at than single fields.
    let asksMore: Bool
  }

  let needed: Needed
  let fields: [Field]
  /// Required fields that the shape lacks.
  let missing: [String]
  /// Fields that the schema does not allow.
  let unknown: [String]
  /// The root asks more than its properties and their presence.
  let needsTree: Bool
  let checks: [(check: FieldCheck, index: Int, others: [Int])]

  func isField(_ name: String) -> Bool { fields.contains { $0.name == name } }

  convenience init(_ shape: Shape, _ schema: RecordSchema) { self.init(shape.id, shape, schema) }

  /// The plan of no shape.
  static func none(_ schema: RecordSchema) -> ValidatePlan { ValidatePlan(-1, nil, schema) }

  private init(_ id: Int, _ shape: Shape?, _ schema: RecordSchema) {
    let object = schema.root.object ?? SchemaNode.ObjectRules()
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
        quick.append(Quick(index, fields.count, node, isEntity: schema.isEntity, isRequired: isRequired))
        fields.append(Field(name: name, index: index, node: node, isScalar: node.isScalar, isRequired: isRequired))
      }
    }
    (self.fields, self.unknown) = (fields, unknown)
    missing = object.required.filter { shape?.index(of: $0) == nil }
    checks = schema.checks.compactMap { check in
      shape?.index(of: check.field).map { (check, $0, check.others.map { shape?.index(of: $0) ?? -1 }) }
    }
    needsTree = schema.root.needsTree
    let plain = quick.filter { $0.test == .lengths }
    needed = Needed(
      shape: id, quick: Self.keep(plain + quick.filter { $0.test != .lengths }), lengthTests: plain.count,
      identity: Self.keep(schema.identity.terms.map { shape?.index(of: $0) ?? -1 }),
      decision: shape?.index(of: "_is") ?? -1,
      quality: Self.keep(
        schema.quality.compactMap { field, kind in
          shape?.index(of: field).map { QualityField(kind: kind, index: $0) }
        }),
      asksMore: needsTree || !missing.isEmpty || !unknown.isEmpty || !checks.isEmpty)
  }

  private static func keep<Element>(_ list: [Element]) -> UnsafeBufferPointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: list.count)
    _ = copy.initialize(from: list)
    return UnsafeBufferPointer(copy)
  }

  deinit {
    for test in needed.quick { test.choices.deallocate() }
    needed.quick.deallocate()
    needed.identity.deallocate()
    needed.quality.deallocate()
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
