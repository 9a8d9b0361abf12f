import ILSRecord

/// Passes on, byte for byte, the records that meet a schema, and refuses the others with every reason.
///
/// The toolkit's own fields are not looked at.
public struct ValidateStage: Stage, ~Copyable {
  private let schema: Schema
  private let checksUniqueness: Bool
  private var plan: ValidatePlan
  private var plans: [Int: ValidatePlan] = [:]
  private var seen: IdentityTables
  private var scratch = OutputBuffer()
  private var errors: [RecordError] = []

  public init(_ schema: Schema, checksUniqueness: Bool = true) {
    self.schema = schema
    self.checksUniqueness = checksUniqueness && !schema.identity.isEmpty
    plan = ValidatePlan.none
    seen = IdentityTables(count: schema.identity.count)
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if record.shape.id != plan.shape { choosePlan(record.shape) }
    errors.removeAll(keepingCapacity: true)
    for field in plan.fields { check(record, field) }
    for name in plan.missing { fail("schema.required", name, "is missing") }
    for name in plan.unknown {
      fail("schema.additionalProperties", name, "is no field of the schema: drop it with ils-map, or map it")
    }
    if plan.needsTree { checkTree(record) }
    if errors.isEmpty, checksUniqueness { checkIdentity(record) }
    if !errors.isEmpty { throw .reject(Rejection(errors)) }
    emit.pass(record)
  }

  private mutating func fail(_ code: String, _ field: String?, _ message: String) {
    errors.append(RecordError(code: code, field: field, message: message))
  }

  @inline(never)
  private mutating func choosePlan(_ shape: Shape) {
    if let known = plans[shape.id] {
      plan = known
      return
    }
    plan = ValidatePlan(shape, schema)
    if plans.count > 4096 { plans.removeAll() }
    plans[shape.id] = plan
  }

  @inline(__always)
  private mutating func check(_ record: Record, _ field: ValidatePlan.Field) {
    let value = record[field.index]
    if schema.isEntity, value.isAbsent {
      if field.isRequired { fail("schema.required", field.name, "is absent: null or empty") }
      return
    }
    if field.isScalar {
      field.node.rules.check(value, field.name, &scratch, &errors)
    } else if let tree = try? JSONValue(parsing: Array(value.raw)) {
      field.node.check(tree, field.name, &scratch, &errors)
    }
  }

  /// What the root asks beyond properties and their presence.
  private mutating func checkTree(_ record: Record) {
    guard case .object(let members)? = try? JSONValue(parsing: Array(record.bytes)) else { return }
    let own = members.filter { member in
      !member.name.hasPrefix("_") && !(schema.isEntity && (member.value.isNull || member.value.string == ""))
    }
    for node in schema.root.allOf + schema.root.applicators { node.check(.object(own), nil, &scratch, &errors) }
  }

  // MARK: - Uniqueness

  private mutating func checkIdentity(_ record: Record) {
    for number in plan.identity.indices {
      let fields = plan.identity[number]
      guard !fields.isEmpty, writeKey(record, fields) else { continue }
      if let row = seen.insert(number, scratch.bytes, row: record.row) {
        let names = schema.identity[number].map(\.name)
        errors.append(
          RecordError(
            code: "unique.\(names.joined(separator: "_"))", field: names[0],
            message: "the same \(names.joined(separator: " + ")) as in row \(row): keep one of the two"))
      }
    }
  }

  /// Writes the identity key's value to `scratch`; false where a part is absent.
  private mutating func writeKey(_ record: Record, _ fields: [ValidatePlan.KeyField]) -> Bool {
    scratch.removeAll()
    for field in fields {
      let value = record[field.index]
      if value.isAbsent { return false }
      let start = scratch.count
      guard (try? scratch.appendDecoded(value)) != nil else { return false }
      if field.foldsCase { scratch.foldCase(from: start) }
      // No text holds this byte: it keeps the parts apart.
      scratch.append(0xFF)
    }
    return true
  }
}

/// One index for each identity key.
struct IdentityTables: ~Copyable {
  private let tables: UnsafeMutablePointer<IdentityIndex>
  private let count: Int

  init(count: Int) {
    self.count = count
    tables = .allocate(capacity: max(count, 1))
    for number in 0..<count { (tables + number).initialize(to: IdentityIndex()) }
  }

  deinit {
    tables.deinitialize(count: count)
    tables.deallocate()
  }

  mutating func insert(_ number: Int, _ key: UnsafeRawBufferPointer, row: Int) -> Int? {
    tables[number].insert(key, row: row)
  }
}

extension OutputBuffer {
  /// Lower-cases what was written from `start` on.
  mutating func foldCase(from start: Int) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[start...])
    if text.allSatisfy({ $0 < 0x80 && !(0x41...0x5A).contains($0) }) { return }
    let folded = String(decoding: text, as: UTF8.self).lowercased()
    truncate(to: start)
    append(folded)
  }
}
