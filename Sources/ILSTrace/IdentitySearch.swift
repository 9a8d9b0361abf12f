import ILSIdentity
import ILSMapping
import ILSRecord
import ILSStore

/// Finds the records that can be a row's, by the keys of its entity: whatever the row's values were at any time counts.
struct IdentitySearch: ~Copyable {
  /// A key with all values that the row is known to have had for its fields.
  private struct Key {
    /// The surer the higher: an identifier, a description, a contact.
    let strength: Int
    let parts: [Part]
  }

  private struct Part {
    let field: Int
    let folding: Folding
    /// Folded; an absent value passes where `isScope`.
    let values: [[UInt8]]
    let isScope: Bool
  }

  /// The fields that are looked at.
  private(set) var fields: [String] = []
  private var keys: [Key] = []
  private let source: (field: String, value: [UInt8])?
  private let id: [UInt8]
  /// By shape of record: where each field stands.
  private var places: [Int: [Int?]] = [:]
  private var folded = OutputBuffer()
  private var plain = OutputBuffer()

  private static let decision = "_is"

  init(_ row: borrowing RowLineage, _ entity: LoadSchema, source: String?) {
    id = Array(row.id.utf8)
    let name = entity.sourceField
    self.source = if let name, let source { (name, Array(source.utf8)) } else { nil }
    let rules = entity.identity
    for key in rules.keys {
      let scope = rules.scope + key.scope
      add(
        key.kind == .identifier ? 3 : key.kind == .description ? 2 : 1,
        key.fields.map { (rules.terms[$0], rules.foldings[$0], false) }
          + scope.map { (rules.terms[$0], rules.foldings[$0], true) }, row, entity)
    }
    for alias in row.aliases {
      let parts = zip(alias.names, alias.values).map { name, value in
        part(name, .none, [Array(value.utf8)], isScope: false)
      }
      if alias.names.count == alias.values.count { keys.append(Key(strength: 3, parts: parts)) }
    }
    if keys.isEmpty {
      add(1, entity.fields.map { ($0.name, $0.foldsCase ? .case : .none, false) }, row, entity)
    }
  }

  private mutating func add(
    _ strength: Int, _ terms: [(name: String, folding: Folding, isScope: Bool)], _ row: borrowing RowLineage,
    _ entity: LoadSchema
  ) {
    var parts: [Part] = []
    for (name, folding, isScope) in terms {
      // What has one value in all rows is no field of records.
      if entity.constants.contains(where: { $0.column == entity.column(of: name) }) { continue }
      let values = entity.column(of: name).map { row.values(of: $0) } ?? []
      if values.isEmpty, isScope { continue }
      parts.append(part(name, folding, values.map { Array($0.utf8) }, isScope: isScope))
    }
    guard parts.contains(where: { !$0.isScope }), parts.allSatisfy({ !$0.values.isEmpty }) else { return }
    keys.append(Key(strength: strength, parts: parts))
  }

  private mutating func part(_ name: String, _ folding: Folding, _ values: [[UInt8]], isScope: Bool) -> Part {
    if !fields.contains(name) { fields.append(name) }
    let folded = values.map { value in
      var text = OutputBuffer()
      value.withUnsafeBytes { text.append($0, folding: folding) }
      return [UInt8](text.bytes)
    }
    return Part(field: fields.firstIndex(of: name) ?? 0, folding: folding, values: folded, isScope: isScope)
  }

  /// How surely a record, as the loader got it, is the row's; nil where it is another's.
  mutating func strength(of record: Record) -> Int? {
    let places = places(in: record.shape)
    if let decision = record.shape.index(of: Self.decision), let text = try? record[decision].string() {
      return Array(text.utf8) == id ? 4 : nil
    }
    var best: Int?
    for key in keys where key.strength > best ?? 0 && holds(key, record, places) { best = key.strength }
    return best
  }

  private mutating func places(in shape: Shape) -> [Int?] {
    if let known = places[shape.id] { return known }
    let found = fields.map { shape.index(of: $0) }
    if places.count > 4096 { places.removeAll() }
    places[shape.id] = found
    return found
  }

  private mutating func holds(_ key: Key, _ record: Record, _ places: [Int?]) -> Bool {
    for part in key.parts {
      guard isEqual(part, places[part.field].map { record[$0] }) else { return false }
    }
    return true
  }

  private mutating func isEqual(_ part: Part, _ value: FieldValue?) -> Bool {
    folded.removeAll()
    if let value, !value.isAbsent {
      plain.removeAll()
      guard (try? value.decode(into: &plain)) != nil else { return false }
      folded.append(plain.bytes, folding: part.folding)
    } else if let source, source.field == fields[part.field] {
      source.value.withUnsafeBytes { folded.append($0, folding: part.folding) }
    } else {
      return part.isScope
    }
    return part.values.contains { value in
      value.count == folded.count && value.withUnsafeBytes { $0.elementsEqual(folded.bytes) }
    }
  }
}
