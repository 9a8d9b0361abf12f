import CScan
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

  private var seen: IdentityTables
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
    seen = IdentityTables(count: options.checksUniqueness ? schema.identity.count : 0, memory)
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if record.shape.id != needed.shape { choosePlan(record.shape) }
    // The memory where the keys would be is on its way while the fields are looked at.
    if seen.count > 0 { prepareIdentity(record) }
    checkFields(record)
    if needed.asksMore { checkMore(record, &emit) }
    if hasReferences { for keys in references { checkReference(record, keys) } }
    let nulled = options.isLenient && !errors.isEmpty ? forgiven() : []
    if errors.isEmpty, seen.count > 0 { checkIdentity(record) }
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
    for name in plan.unknown {
      fail(SchemaFault.schemaAdditionalProperties, name, "is no field of the schema: drop it with ils-map, or map it")
    }
    if plan.needsTree { checkTree(record) }
    for (check, index, others) in plan.checks where check.fails(record, index, others) { take(check, record, &emit) }
  }

  private mutating func checkReference(_ record: Record, _ keys: ReferenceKeys) {
    guard let value = keys.orphan(record) else { return }
    let reference = keys.reference
    errors.append(
      RecordError(
        code: reference.code, field: reference.field,
        message:
          "is no \(reference.by.map(\.name).joined(separator: ", no ")) of the \(reference.entity) that are there",
        value: try? value.string()))
  }

  private mutating func fail(_ fault: SchemaFault, _ field: String?, _ message: String) {
    errors.append(RecordError(fault, field: field, message: message))
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
      if !quick[number].takes(slot), !quick[number].forgives(slot) { slow |= quick[number].bit }
    }
    for number in needed.lengthTests..<quick.count {
      let slot = record.fields[quick[number].index]
      if quick[number].takes(slot) {
        let start = Int(slot.offset) + 1
        if quick[number].passes(record.padded[start..<start + Int(slot.length) - 2]) { continue }
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
      if schema.isEntity, value.isAbsent {
        if field.isRequired { fail(SchemaFault.schemaRequired, field.name, "is absent: null or empty") }
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

  private mutating func prepareIdentity(_ record: Record) {
    let keys = needed.identity
    for number in 0..<keys.count {
      let key = keys[number]
      if key.count == 1, !key[0].foldsCase {
        let value = record[key[0].index]
        if value.kind == .string, !value.hasEscapes {
          seen.prepare(number, value.isAbsent ? nil : value.text)
          continue
        }
      }
      let isKey = !key.isEmpty && writeKey(record, key)
      seen.prepare(number, isKey ? scratch.bytes : nil)
    }
  }

  private mutating func checkIdentity(_ record: Record) {
    let own = record.row
    for number in 0..<needed.identity.count {
      guard let row = seen.insertPrepared(number, row: own) else { continue }
      let names = schema.identity[number].map(\.name)
      errors.append(
        RecordError(
          code: FaultCode.ofIdentity(names), field: names[0],
          message: "the same \(names.joined(separator: " + ")) as in row \(row): keep one of the two"))
    }
  }

  /// Writes the identity key's value to `scratch`; false where a part is absent.
  private mutating func writeKey(_ record: Record, _ fields: UnsafeBufferPointer<ValidatePlan.KeyField>) -> Bool {
    scratch.removeAll()
    for number in 0..<fields.count {
      let value = record[fields[number].index]
      if value.isAbsent { return false }
      // No text holds this byte: it keeps the parts apart.
      if number > 0 { scratch.append(0xFF) }
      if value.hasEscapes || !value.isASCII || value.kind != .string {
        guard writeSlowly(value, fields[number].foldsCase) else { return false }
      } else if fields[number].foldsCase {
        scratch.appendFolded(ascii: value.paddedText)
      } else {
        scratch.append(value.text)
      }
    }
    return true
  }

  @inline(never)
  private mutating func writeSlowly(_ value: FieldValue, _ foldsCase: Bool) -> Bool {
    let start = scratch.count
    guard (try? scratch.appendDecoded(value)) != nil else { return false }
    if foldsCase { scratch.foldCase(from: start) }
    return true
  }
}

extension OutputBuffer {
  /// Appends ASCII text in lower case.
  @inline(__always)
  mutating func appendFolded(ascii text: PaddedBytes) {
    guard let from = text.bytes.baseAddress else { return }
    let to = reserve(text.count + 16)
    var at = 0
    while at < text.count {
      ils_ascii_case16(to + at, from + at, UInt8(ascii: "A"))
      at += 16
    }
    commit(text.count)
  }

  /// Lower-cases what was written from `start` on.
  mutating func foldCase(from start: Int) {
    let count = count - start
    let text = UnsafeMutableRawBufferPointer(start: reserve(0) - count, count: count)
    if text.foldLatin() { return }
    let folded = String(decoding: text, as: UTF8.self).lowercased()
    truncate(to: start)
    append(folded)
  }
}

extension UnsafeMutableRawBufferPointer {
  /// Lower-cases ASCII and the letters of U+00C0 to U+00DE; false, and nothing is to be relied on but that case, where there
  /// are others.
  fileprivate func foldLatin() -> Bool {
    var at = 0
    while at < count {
      let byte = self[at]
      if byte &- 0x41 < 26 {
        self[at] = byte | 0x20
      } else if byte == 0xC3 {
        let trail = self[at + 1]
        // Multiplication sign and sharp s are no capitals.
        if trail < 0x9F, trail != 0x97 { self[at + 1] = trail + 0x20 }
        at += 1
      } else if byte >= 0x80 {
        return false
      }
      at += 1
    }
    return true
  }
}
