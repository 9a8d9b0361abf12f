import ILSIdentity
import ILSRecord

/// The records of another entity, by the keys that references find them with: the patients that orders are for.
///
/// Filled before anything is validated, and asked ever after. Up to 24 bytes a record and key, and for records of a file what
/// it takes to tell who is who among them.
public final class ReferenceKeys {
  public let reference: Reference
  /// The import source of records that name none.
  private let source: String?
  private var records: KeyHolders
  private var rows: KeyHolders
  private var people: UniqueKeys
  private var places: [Int] = []
  /// The shape of the record that was noted last.
  private var noted = -1
  private var scratch = OutputBuffer()
  /// The shape that was met last, and where it has the field.
  private var shape = -1
  private var place: Int?
  /// Records that were noted.
  private var count = 0

  /// What a record's reference finds instead of the one that it needs.
  enum Miss { case nothing, several }

  public init(_ reference: Reference, source: String? = nil, memory: TableMemory = TableMemory()) {
    self.reference = reference
    self.source = source
    records = KeyHolders(memory)
    rows = KeyHolders(memory)
    people = UniqueKeys(reference.rules, isUsed: true, memory)
  }

  /// Notes the keys of one record of the other entity, unless ils-load would refuse it beside those before.
  public func add(_ record: Record) {
    count += 1
    guard let row = row(of: record) else { return }
    for (number, rule) in reference.by.enumerated() {
      guard let own = value(of: rule.name, record), start(number, { try $0.appendDecoded(own) }) else { continue }
      for other in rule.others { append(other.held, record, reference.sourceNameThere) }
      records.insert(scratch.padded, row: row)
    }
  }

  /// Notes a row's values of key number `number`: of its field, and of all else that must be equal.
  /// - Parameter id: the row's id, as text. Two are taken for one once in four billion times.
  public func add(
    _ value: UnsafeRawBufferPointer, _ others: ArraySlice<UnsafeRawBufferPointer?>, id: UnsafeRawBufferPointer?,
    by number: Int
  ) {
    if value.isEmpty || !start(number, { $0.append(value) }) { return }
    for other in others {
      if let other, !other.isEmpty { scratch.append(other) } else { scratch.append(0xFE) }
      scratch.append(0xFF)
    }
    rows.insert(scratch.padded, row: id.map(Self.number) ?? 0)
  }

  /// What a record points at, if that is not one record of the other entity.
  ///
  /// As ils-load does it: by all keys, and what they find must be one. A record of the file and a row of the database may be one
  /// and the same, and are not counted as two.
  func miss(_ record: Record) -> (miss: Miss, value: FieldValue)? {
    if record.shape.id != shape { (shape, place) = (record.shape.id, record.shape.index(of: reference.field)) }
    guard let place else { return nil }
    let value = record[place]
    if value.isBlank { return nil }
    var (inFile, inTable) = (KeyHolders.Found.none, KeyHolders.Found.none)
    for (number, rule) in reference.by.enumerated() where start(number, { try $0.appendDecoded(value) }) {
      for other in rule.others { append(other.own, record, reference.sourceName) }
      inFile.meet(records.find(scratch.padded))
      inTable.meet(rows.find(scratch.padded))
    }
    if inFile == .several || inTable == .several { return (.several, value) }
    return inFile == .none && inTable == .none ? (.nothing, value) : nil
  }

  /// Which of the records it is, by its number: that of an earlier one that is the same; nil where nobody could say.
  private func row(of record: Record) -> Int? {
    if record.shape.id != noted {
      noted = record.shape.id
      places = reference.rules.terms.map { record.shape.index(of: $0) ?? -1 }
    }
    places.withUnsafeBufferPointer { people.prepare(record, $0) }
    let twins = people.insert(row: count, isDecided: value(of: "_is", record) != nil)
    guard let twin = twins.first else { return count }
    return twins.allSatisfy { $0.verdict == .same } ? twin.row : nil
  }

  private func value(of name: String, _ record: Record) -> FieldValue? {
    record.shape.index(of: name).map { record[$0] }.flatMap { $0.isBlank ? nil : $0 }
  }

  /// 32 bits of the id's hash.
  private static func number(_ id: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: id)
    return Int(UInt32(truncatingIfNeeded: hasher.finalize()))
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

  /// Appends what else must be equal, of the record that points or of the one that is pointed at.
  private func append(_ own: ReferenceRule.Own, _ record: Record, _ sourceName: String?) {
    switch own {
    case .field(let name):
      if let value = value(of: name, record), (try? scratch.appendDecoded(value)) != nil {
        scratch.append(0xFF)
      } else {
        append(name == sourceName ? source : nil)
      }
    case .constant(let text): append(text)
    case .source: append(source)
    case .none: append(nil)
    }
  }

  private func append(_ text: String?) {
    if let text { scratch.append(text) } else { scratch.append(0xFE) }
    scratch.append(0xFF)
  }
}
