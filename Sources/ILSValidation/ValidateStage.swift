import CScan
import ILSIdentity
import ILSRecord
import ILSSchema

/// Passes on, byte for byte, the records that meet a schema, and refuses the others with every reason.
///
/// The toolkit's own fields are not looked at.
public struct ValidateStage: Stage, ~Copyable {
  /// How strict the stage is, and what it does beside validating.
  public struct Options: Sendable {
    public var checksUniqueness = true
    /// Optional fields that are bad become null, and keep what they held under `_nulled`.
    public var isLenient = false
    /// Values that are right and look wrong are told.
    public var watchesQuality = true
    /// Nothing is passed on.
    public var isSilent = false

    public init() {}
  }

  private static var plansKept: Int { 4096 }

  private let schema: RecordSchema
  private let options: Options
  private let whole: SchemaNode
  /// What the last record's shape needs.
  private var needed: ValidatePlan.Needed
  /// The plans of the shapes met last, by the lower bits of their ids, and what they need: apart, since to look into a plan
  /// for each record would count references.
  private var plans: [ValidatePlan]
  private var needs: [ValidatePlan.Needed]

  private var seen: UniqueKeys
  private let references: [ReferenceKeys]
  /// To go through an array counts references, even where there is none.
  private let hasReferences: Bool
  private var quality: QualityWatch
  private var scratch = OutputBuffer()
  private var errors: [RecordError] = []

  /// - Parameters:
  ///   - references: the records of other entities that these must point at.
  ///   - memory: where the identity keys are kept.
  public init(
    _ schema: RecordSchema, _ options: Options = Options(), references: [ReferenceKeys] = [],
    memory: TableMemory = TableMemory()
  ) {
    self.schema = schema
    self.references = references
    hasReferences = !references.isEmpty
    self.options = options
    whole = schema.root.ofWholeRecord
    let none = ValidatePlan.none(schema)
    (plans, needs, needed) = ([none], [none.needed], none.needed)
    quality = QualityWatch(isNeeded: options.watchesQuality && !schema.quality.isEmpty)
    seen = UniqueKeys(schema.identity, isUsed: options.checksUniqueness, memory)
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if record.shape.id != needed.shape { choosePlan(record.shape) }
    // The memory where the keys would be is on its way while the fields are looked at.
    if seen.isUsed { seen.prepare(record, needed.identity) }
    checkFields(record)
    if needed.asksMore { checkMore(record, &emit) }
    if hasReferences { for keys in references { checkReference(record, keys) } }
    let nulled = options.isLenient && !errors.isEmpty ? forgiven() : []
    if errors.isEmpty, seen.isUsed { checkIdentity(record) }
    if !errors.isEmpty {
      defer { errors.removeAll() }
      throw .reject(Rejection(errors))
    }
    if quality.isNeeded { quality.look(needed.quality, record, &emit) }
    for error in nulled { tell(error, record, &emit) }
    if options.isSilent { return }
    if nulled.isEmpty { emit.pass(record) } else { write(record, without: nulled, &emit) }
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    if quality.isNeeded { quality.finish(schema.quality, &emit) }
  }

  /// What is asked beyond single fields.
  private mutating func checkMore(_ record: Record, _ emit: inout Emitter) {
    let plan = self.plan
    for name in plan.missing { fail(SchemaFault.schemaRequired, name, "is missing") }
    failUnknown(plan.unknown)
    if plan.needsTree { checkTree(record) }
    for (check, index, others) in plan.checks where check.fails(record, index, others) { take(check, record, &emit) }
  }

  private mutating func checkReference(_ record: Record, _ keys: ReferenceKeys) {
    guard let (miss, value) = keys.miss(record) else { return }
    let reference = keys.reference
    let (code, message) =
      switch miss {
      case .nothing: (reference.code, "is no \(reference.told) of the \(reference.entity) that are there")
      case .several:
        (
          IdentityFault.referenceAmbiguous.rawValue,
          "finds more than one of the \(reference.entity): name one by a key that only it has"
        )
      }
    errors.append(RecordError(code: code, field: reference.field, message: message, value: try? value.string()))
  }

  private mutating func fail(_ fault: SchemaFault, _ field: String?, _ message: String) {
    errors.append(RecordError(fault, field: field, message: message))
  }

  /// A fault a field, as long as they are few; of a table that is none of the schema's, one for all: what a record's faults
  /// take stays in proportion to the record.
  private mutating func failUnknown(_ names: [String]) {
    guard names.count > 10 else {
      for name in names {
        fail(SchemaFault.schemaAdditionalProperties, name, "is no field of the schema: drop it with ils-map, or map it")
      }
      return
    }
    fail(
      SchemaFault.schemaAdditionalProperties, names[0],
      "and \(names.count - 1) other fields are no fields of the schema: drop them with ils-map, or map them")
  }

  private static func place(_ shape: Int) -> Int { shape & (plansKept - 1) }

  /// The plan of the last record's shape.
  private var plan: ValidatePlan { plans[Self.place(needed.shape)] }

  @inline(__always)
  private mutating func choosePlan(_ shape: Shape) {
    let place = Self.place(shape.id)
    if place < needs.count, needs[place].shape == shape.id {
      needed = needs[place]
    } else {
      makePlan(shape, place)
    }
  }

  @inline(never)
  private mutating func makePlan(_ shape: Shape, _ place: Int) {
    let made = ValidatePlan(shape, schema)
    // What fills a place has another place's shape.
    while plans.count <= place {
      plans.append(plans[0])
      needs.append(needs[0])
    }
    (plans[place], needs[place]) = (made, made.needed)
    needed = made.needed
  }

  @inline(__always)
  private mutating func checkFields(_ record: Record) {
    var slow: UInt64 = 0
    let quick = needed.quick
    for number in 0..<needed.lengthTests {
      let slot = record.fields[quick[number].index]
      if quick[number].takes(slot) {
        if quick[number].mayBeBlank(record.bytes[Int(slot.offset) + 1]) { slow |= quick[number].bit }
      } else if !quick[number].forgives(slot) {
        slow |= quick[number].bit
      }
    }
    for number in needed.lengthTests..<quick.count {
      let slot = record.fields[quick[number].index]
      if quick[number].takes(slot) {
        let start = Int(slot.offset) + 1
        let passes = quick[number].passes(record.padded[start..<start + Int(slot.length) - 2])
        if passes, !quick[number].mayBeBlank(record.bytes[start]) { continue }
      }
      if !quick[number].forgives(slot) { slow |= quick[number].bit }
    }
    if slow != 0 { checkSlowly(record, slow) }
  }

  /// Checks the fields whose bits are set; bit 63 stands for all from there on.
  @inline(never)
  private mutating func checkSlowly(_ record: Record, _ bits: UInt64) {
    let plan = self.plan
    for number in plan.fields.indices where bits >> UInt64(min(number, 63)) & 1 == 1 {
      let field = plan.fields[number]
      let value = record[field.index]
      if schema.isEntity, value.isBlank {
        if field.isRequired { fail(SchemaFault.schemaRequired, field.name, "is absent: null, empty or white space") }
      } else if schema.isEntity, !field.isRequired, schema.clears(field.name, value) {
        continue
      } else if field.isScalar {
        field.node.rules.check(value, field.name, &scratch, &errors)
      } else if let tree = try? JSONValue(parsing: Array(value.raw)) {
        field.node.check(tree, field.name, &scratch, &errors)
      }
    }
  }

  /// What the root asks beyond properties and their presence.
  private mutating func checkTree(_ record: Record) {
    guard case .object(let members)? = try? JSONValue(parsing: Array(record.bytes)) else { return }
    let own = members.filter { member in
      !member.name.hasPrefix("_") && !(schema.isEntity && (member.value.isNull || member.value.string == ""))
    }
    whole.check(.object(own), nil, &scratch, &errors)
  }

  private mutating func take(_ check: FieldCheck, _ record: Record, _ emit: inout Emitter) {
    if check.isWarning {
      emit.tell(Diagnostic(.warning, code: check.code, check.message, field: check.field, at: record.position))
    } else {
      errors.append(RecordError(code: check.code, field: check.field, message: check.message))
    }
  }

  // MARK: - Leniency

  /// The optional fields at fault, where nothing else is; then there are no errors left.
  private mutating func forgiven() -> [RecordError] {
    let required = Set(schema.root.object?.required ?? [])
    let isForgivable = errors.allSatisfy { error in
      error.field.map { plan.isField($0) && !required.contains($0) } ?? false
    }
    guard isForgivable else { return [] }
    defer { errors.removeAll() }
    return errors
  }

  private func tell(_ error: RecordError, _ record: Record, _ emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, code: error.code, "is null now: it \(error.message)", field: error.field, at: record.position,
        value: error.value))
  }

  /// Writes the record with null for the bad fields, whose values go to `_nulled`.
  private func write(_ record: Record, without errors: [RecordError], _ emit: inout Emitter) {
    let names = Set(errors.compactMap(\.field))
    var members: [(name: String, raw: UnsafeRawBufferPointer?)] = []
    for (index, name) in record.shape.names.enumerated() {
      members.append((name, names.contains(name) ? nil : record[index].raw))
    }
    emit.output.append(UInt8(ascii: "{"))
    for (name, raw) in members {
      emit.output.appendJSONString(name)
      emit.output.append(UInt8(ascii: ":"))
      if let raw { emit.output.append(raw) } else { emit.output.append("null" as StaticString) }
      emit.output.append(UInt8(ascii: ","))
    }
    emit.output.append("\"_nulled\":{" as StaticString)
    for (number, name) in names.sorted().enumerated() {
      if number > 0 { emit.output.append(UInt8(ascii: ",")) }
      emit.output.appendJSONString(name)
      emit.output.append(UInt8(ascii: ":"))
      if let value = record[name] { emit.output.append(value.raw) } else { emit.output.append("null" as StaticString) }
    }
    emit.output.append("}}" as StaticString)
    emit.endRecord()
  }

  // MARK: - Uniqueness

  private mutating func checkIdentity(_ record: Record) {
    let isDecided = needed.decision >= 0 && !record[needed.decision].isBlank
    for twin in seen.insert(row: record.row, isDecided: isDecided) { errors.append(schema.refusal(twin)) }
  }
}

extension RecordSchema {
  /// Why a record is refused that is like an earlier one. The loader would not take it either.
  fileprivate func refusal(_ twin: UniqueKeys.Twin) -> RecordError {
    let key = identity.keys[twin.key]
    let known = "the same \(key.names.joined(separator: " + ")) as in row \(twin.row)"
    let message =
      switch twin.verdict {
      case .same:
        "\(known), one and the same by the rules: keep one of the two; \"_is\": \"new\" says that it is another"
      case .conflict where twin.comparison.verdict == .same:
        "\(known), and keys of other rows as well: mend what is wrong; \"_is\": \"new\" says that it is another"
      case .conflict:
        "\(known), and another person or thing by all else: mend what is wrong; \"_is\": \"new\" says that it is another"
      default:
        "\(known), and nothing proves that they are one, or two: give both an identifier, or say it with \"_is\": \"new\""
      }
    let candidates = RecordError.Candidates(
      rows: ["\(twin.row)"], agreed: twin.comparison.agreed, differed: twin.comparison.differed)
    return RecordError(
      code: FaultCode.ofIdentity(key.names),
      field: key.kind == .identifier ? key.fields.first.map { identity.terms[$0] } : key.names[0],
      message: message + candidates.evidence, candidates: candidates)
  }
}
