import ILSIdentity
import ILSRecord

/// What records of one input have in common: who may be whom, by the rules that the loader follows.
///
/// Any identifier or description that comes twice refuses the later record: as the same, as a conflict or as doubtful. A
/// contact does so only beside a part of the agreement, and where the two have no identifier to tell them apart.
struct UniqueKeys: ~Copyable {
  let rules: IdentityRules
  private var tables: IdentityTables
  private var texts = OutputBuffer()
  private var spans: [Span]
  private var key = OutputBuffer()
  /// Which identifiers records had that share a contact with a part: a bit for each such set, probe by probe.
  private var masks: [UInt64]
  /// The keys of contacts, each without its mask: hashed for the record that is looked at.
  private var contacts: [OutputBytes]
  private let identifiers: [IdentityRules.Key]
  /// The scope of identifiers that are compared, which the first record with one decides.
  private var scopes: [[UInt8]?]
  private var mask: UInt8 = 0

  private typealias OutputBytes = [UInt8]

  private struct Span: BitwiseCopyable {
    var start = 0
    var end = 0
    var isEmpty: Bool { start == end }
  }

  /// A record that was found to be like an earlier one.
  struct Twin {
    let key: Int
    let row: Int
  }

  init(_ rules: IdentityRules, isUsed: Bool, _ memory: TableMemory) {
    self.rules = rules
    let count = isUsed ? rules.probes.count : 0
    tables = IdentityTables(count: count, memory)
    spans = rules.terms.map { _ in Span() }
    masks = rules.probes.map { _ in 0 }
    contacts = rules.probes.map { _ in [] }
    identifiers = rules.keys.filter { $0.kind == .identifier }
    scopes = identifiers.map { _ in nil }
  }

  var isUsed: Bool { tables.count > 0 }

  /// Hashes a record's keys, and sends for the memory where they would be.
  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  mutating func prepare(_ record: Record, _ places: UnsafeBufferPointer<Int>) {
    texts.removeAll()
    for term in 0..<places.count {
      spans[term].start = texts.count
      if places[term] >= 0 { append(record[places[term]], rules.foldings[term]) }
      spans[term].end = texts.count
    }
    for number in 0..<tables.count { prepare(number) }
  }

  @inline(__always)
  private mutating func append(_ value: FieldValue, _ folding: Folding) {
    if value.isBlank { return }
    if value.hasEscapes { return appendSlowly(value, folding) }
    texts.append(value.text, folding: folding)
  }

  @inline(never)
  private mutating func appendSlowly(_ value: FieldValue, _ folding: Folding) {
    guard var text = try? value.string() else { return }
    text.withUTF8 { texts.append(UnsafeRawBufferPointer($0), folding: folding) }
  }

  @inline(__always)
  private mutating func prepare(_ number: Int) {
    let isContact = rules.keys[rules.probes[number].key].kind == .contact
    guard write(number) else { return tables.prepare(number, nil) }
    if isContact {
      contacts[number] = Array(key.bytes)
      mask = identifierMask()
      key.append(mask)
    }
    tables.prepare(number, key.bytes)
  }

  private mutating func write(_ number: Int) -> Bool {
    key.removeAll()
    for term in rules.probes[number].scope {
      if spans[term].isEmpty { key.append(0xFE) } else { append(term) }
    }
    for term in rules.probes[number].fields {
      if spans[term].isEmpty { return false }
      append(term)
    }
    return true
  }

  /// No text holds this byte: it keeps the parts apart.
  private mutating func append(_ term: Int) {
    key.append(UnsafeRawBufferPointer(rebasing: texts.bytes[spans[term].start..<spans[term].end]))
    key.append(0xFF)
  }

  /// A bit for each identifier that the record has and that can be compared with the others'.
  private mutating func identifierMask() -> UInt8 {
    var mask: UInt8 = 0
    for (number, identifier) in identifiers.enumerated() where number < 6 {
      guard identifier.fields.allSatisfy({ !spans[$0].isEmpty }) else { continue }
      var scope: [UInt8] = []
      for term in identifier.scope {
        scope += texts.bytes[spans[term].start..<spans[term].end]
        scope.append(0xFF)
      }
      if scopes[number] == nil { scopes[number] = scope }
      if scopes[number] == scope { mask |= 1 << UInt8(number) }
    }
    return mask
  }

  /// Notes the record that was prepared, unless it is like earlier ones.
  /// - Parameter isDecided: a person has said who it is: it is noted whatever it is like.
  mutating func insert(row: Int, isDecided: Bool) -> [Twin] {
    var twins: [Twin] = []
    if !isDecided {
      for number in 0..<tables.count {
        let key = rules.probes[number].key
        guard !twins.contains(where: { $0.key == key }), let row = twin(number, rules.keys[key].kind) else { continue }
        twins.append(Twin(key: key, row: row))
      }
      if !twins.isEmpty { return twins }
    }
    for number in 0..<tables.count where tables.insertPrepared(number, row: row) {
      if rules.keys[rules.probes[number].key].kind == .contact { masks[number] |= 1 << UInt64(mask) }
    }
    return []
  }

  @inline(__always)
  private mutating func twin(_ number: Int, _ kind: IdentityRules.Kind) -> Int? {
    if kind == .contact { return contactTwin(number) }
    return tables.findPrepared(number)
  }

  /// An earlier record with the same contact and part, and no identifier that could be compared.
  private mutating func contactTwin(_ number: Int) -> Int? {
    guard tables.isPrepared(number) else { return nil }
    var others = masks[number]
    while others != 0 {
      let other = UInt8(others.trailingZeroBitCount)
      others &= others - 1
      if other & mask != 0 { continue }
      key.removeAll()
      key.append(contacts[number])
      key.append(other)
      if let row = tables.find(number, key.bytes) { return row }
    }
    return nil
  }
}
