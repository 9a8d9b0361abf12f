import ILSRecord
import ILSSchema

/// The records of another entity, by the fields that references find them with: the patients that orders are for.
///
/// Filled before anything is validated, and asked ever after. Up to 24 bytes a record and field.
public final class ReferenceKeys {
  /// A field of this entity that names a record of the other.
  public struct Reference: Equatable, Sendable {
    public let field: String
    public let entity: String
    /// Fields of the other entity, any of which may hold the value.
    public let by: [RecordSchema.IdentityField]
    /// What an orphan is refused with.
    public let code: String
  }

  public let reference: Reference
  private var index: IdentityIndex
  private var scratch = OutputBuffer()
  /// The shape that was met last, and where it has the field.
  private var shape = -1
  private var place: Int?
  /// Values that were noted.
  public private(set) var count = 0

  public init(_ reference: Reference, memory: TableMemory = TableMemory()) {
    self.reference = reference
    index = IdentityIndex(memory)
  }

  /// Notes the keys of one record of the other entity.
  public func add(_ record: Record) {
    for (number, field) in reference.by.enumerated() {
      guard let place = record.shape.index(of: field.name), !record[place].isAbsent else { continue }
      guard write(number, { (try? $0.appendDecoded(record[place])) != nil }) else { continue }
      note()
    }
  }

  /// Notes a value of field `number` of `reference.by`.
  public func add(_ value: UnsafeRawBufferPointer, by number: Int) {
    if value.isEmpty { return }
    _ = write(number) { output in
      output.append(value)
      return true
    }
    note()
  }

  private func note() {
    _ = index.insert(scratch.bytes, row: 0)
    count += 1
  }

  /// What a record points at, if no record of the other entity is that.
  func orphan(_ record: Record) -> FieldValue? {
    if record.shape.id != shape { (shape, place) = (record.shape.id, record.shape.index(of: reference.field)) }
    guard let place else { return nil }
    let value = record[place]
    return value.isAbsent || contains(value) ? nil : value
  }

  /// Whether a record has the value in any of the fields.
  private func contains(_ value: FieldValue) -> Bool {
    for number in 0..<reference.by.count
    where write(number, { (try? $0.appendDecoded(value)) != nil }) && index.contains(scratch.bytes) {
      return true
    }
    return false
  }

  /// Writes a key to `scratch`: the field's number, and the text, folded as the field asks.
  private func write(_ number: Int, _ text: (inout OutputBuffer) -> Bool) -> Bool {
    scratch.removeAll()
    scratch.append(UInt8(number))
    guard text(&scratch) else { return false }
    if reference.by[number].foldsCase { scratch.foldCase(from: 1) }
    return true
  }
}

extension RecordSchema {
  /// What `x-ils.references` of a schema says (ils-schema(5)).
  /// - Parameter other: the schema of another entity, by name.
  public static func references<Failure: Error>(
    _ json: JSONValue, other: (String) throws(Failure) -> JSONValue
  ) throws(Failure) -> [ReferenceKeys.Reference] {
    var references: [ReferenceKeys.Reference] = []
    for reference in json["x-ils"]?["references"]?.array ?? [] {
      guard let field = reference["field"]?.string, let entity = reference["entity"]?.string else { continue }
      let properties = try other(entity)["properties"]
      let by = (reference["by"]?.array ?? []).compactMap { key -> IdentityField? in
        guard let names = key.array, names.count == 1, let name = names[0].string else { return nil }
        return IdentityField(name: name, foldsCase: properties?[name]?["x-ils"]?["fold"]?.string == "case")
      }
      references.append(
        ReferenceKeys.Reference(
          field: field, entity: entity, by: by,
          code: reference["missing"]?.string ?? ValidationFault.referenceNotFound.rawValue))
    }
    return references
  }
}
