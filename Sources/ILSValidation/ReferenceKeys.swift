import ILSIdentity
import ILSRecord
import ILSSchema

/// The records of another entity, by the keys that references find them with: the patients that orders are for.
///
/// Filled before anything is validated, and asked ever after. Up to 24 bytes a record and key.
public final class ReferenceKeys {
  /// A field of this entity that names a record of the other.
  public struct Reference: Equatable, Sendable {
    public let field: String
    public let entity: String
    /// Keys of the other entity, any of which may have the value.
    public let by: [ReferenceRule]
    /// How the values are compared.
    let foldings: [Folding]
    /// The field that names the import source.
    let sourceName: String?
    /// What an orphan is refused with.
    public let code: String
  }

  public let reference: Reference
  /// The import source of records that name none.
  private let source: String?
  private var index: IdentityIndex
  private var scratch = OutputBuffer()
  /// The shape that was met last, and where it has the field.
  private var shape = -1
  private var place: Int?
  /// Values that were noted.
  public private(set) var count = 0

  public init(_ reference: Reference, source: String? = nil, memory: TableMemory = TableMemory()) {
    self.reference = reference
    self.source = source
    index = IdentityIndex(memory)
  }

  /// Notes the keys of one record of the other entity.
  public func add(_ record: Record) {
    func value(_ name: String) -> FieldValue? {
      record.shape.index(of: name).map { record[$0] }.flatMap { $0.isBlank ? nil : $0 }
    }
    for (number, rule) in reference.by.enumerated() {
      guard let own = value(rule.name), start(number, { try $0.appendDecoded(own) }) else { continue }
      for other in rule.others { append(value(other.name)) }
      note()
    }
  }

  /// Notes a row's values of key number `number`: of its field, and of all else that must be equal.
  public func add(_ value: UnsafeRawBufferPointer, _ others: [UnsafeRawBufferPointer?], by number: Int) {
    if value.isEmpty || !start(number, { $0.append(value) }) { return }
    for other in others {
      if let other, !other.isEmpty { scratch.append(other) } else { scratch.append(0xFE) }
      scratch.append(0xFF)
    }
    note()
  }

  private func note() {
    _ = index.insert(scratch.padded, row: 0)
    count += 1
  }

  /// What a record points at, if no record of the other entity is that.
  func orphan(_ record: Record) -> FieldValue? {
    if record.shape.id != shape { (shape, place) = (record.shape.id, record.shape.index(of: reference.field)) }
    guard let place else { return nil }
    let value = record[place]
    return value.isBlank || contains(value, of: record) ? nil : value
  }

  /// Whether a record of the other entity has the value in any of the keys, and all else that a key asks.
  private func contains(_ value: FieldValue, of record: Record) -> Bool {
    for (number, rule) in reference.by.enumerated() where start(number, { try $0.appendDecoded(value) }) {
      for other in rule.others { append(other.own, record) }
      if index.contains(scratch.padded) { return true }
    }
    return false
  }

  /// Begins a key: its number, and the value, folded as the field asks.
  private func start(_ number: Int, _ text: (inout OutputBuffer) throws -> Void) -> Bool {
    scratch.removeAll()
    guard (try? text(&scratch)) != nil else { return false }
    let folding = reference.foldings[number]
    let copy = Array(scratch.bytes)
    scratch.removeAll()
    scratch.append(UInt8(number))
    copy.withUnsafeBytes { scratch.append($0, folding: folding) }
    scratch.append(0xFF)
    return true
  }

  private func append(_ value: FieldValue?) {
    if let value, !value.isBlank, (try? scratch.appendDecoded(value)) != nil {} else { scratch.append(0xFE) }
    scratch.append(0xFF)
  }

  private func append(_ own: ReferenceRule.Own, _ record: Record) {
    switch own {
    case .field(let name):
      let value = record.shape.index(of: name).map { record[$0] }
      if value?.isBlank ?? true, name == reference.sourceName { append(source) } else { append(value) }
    case .constant(let text): append(text)
    case .source: append(source)
    case .none: append(nil as String?)
    }
  }

  private func append(_ text: String?) {
    if let text { scratch.append(text) } else { scratch.append(0xFE) }
    scratch.append(0xFF)
  }
}

extension RecordSchema {
  /// What `x-ils.references` of a schema says (ils-schema(5)).
  /// - Parameter other: the schema of another entity, by name.
  public static func references(
    _ json: JSONValue, other: (String) throws(StopError) -> JSONValue
  ) throws(StopError) -> [ReferenceKeys.Reference] {
    let constants = (json["x-ils"]?["set"]?.members ?? []).map {
      (column: $0.name, value: $0.value.string ?? $0.value.text)
    }
    var references: [ReferenceKeys.Reference] = []
    for reference in json["x-ils"]?["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let entity = reference["entity"]?.string else { continue }
      let schema = try other(entity)
      let rules = try ReferenceRule.read(reference, json, constants, schema)
      references.append(
        ReferenceKeys.Reference(
          field: field, entity: entity, by: rules,
          foldings: rules.map { schema["properties"]?[$0.name]?["x-ils"]?["fold"] == nil ? .none : .case },
          sourceName: json["x-ils"]?["source"]?.string,
          code: ReferenceRule.missingCode(reference)))
    }
    return references
  }
}
