import ILSIdentity
import ILSRecord

/// Tells by which keys a record's row may be in the table, so that only those are looked up.
///
/// Knows every key of the table from when it was filled, and of every record that went by. What this side cannot tell as the
/// database would is looked up.
struct NewcomerFilter: ~Copyable {
  private var filter: KeyFilter
  /// Whether it knows the table's keys: else, all is looked up.
  private(set) var isFilled = false
  private let ring: KeyRing
  private let rules: IdentityRules
  private let terms: [Term]
  /// Probes with a value that this side cannot tell.
  private let untold: Int
  private var texts = OutputBuffer()
  private var unescaped = OutputBuffer()
  private var spans: [Span]
  private var key = OutputBuffer()
  private var hashes: [UInt64] = []
  /// Where a record has what a person decided.
  private let decision: Int

  private struct Term {
    /// The number of the staged field; -1 for a constant.
    var place: Int
    var folding: Folding
    var isDate: Bool
    var isPlain: Bool
    var constant: String?
    var clear: String?
    var standIn: String?
  }

  private struct Span {
    var start = 0
    var end = 0
  }

  /// What a record is looked up by: a bit for each probe.
  static var all: Int { -1 }

  init(_ terms: IdentityTerms, _ ring: KeyRing) {
    self.ring = ring
    filter = KeyFilter(seed: ring.seed)
    rules = terms.rules
    let all = terms.terms.indices.map { number in
      let term = terms.terms[number]
      var made = Term(
        place: -1, folding: terms.rules.foldings[number], isDate: term.type == "date",
        isPlain: terms.isPlain(number), constant: nil, clear: terms.rules.clears[number], standIn: term.standIn)
      switch term.place {
      case .staged(let place): made.place = place
      case .constant(let value): made.constant = value
      case .reference: made.isPlain = false
      }
      return made
    }
    self.terms = all
    spans = all.map { _ in Span() }
    decision = terms.table.schema.stagedFields.count - 1
    untold = terms.rules.probes.enumerated().reduce(0) { bits, probe in
      (probe.element.scope + probe.element.fields).allSatisfy { all[$0].isPlain }
        ? bits : bits | IdentityRules.bit(probe.offset)
    }
  }

  /// Learns the keys of every row that the table holds.
  mutating func fill(_ connection: Connection) throws(DatabaseError) {
    try ring.readAll(connection) { filter.insert($0) }
    isFilled = true
  }

  /// Learns what others have brought, and how the database writes what this side could not.
  mutating func adopt(_ hashes: [UInt64]) { for hash in hashes { _ = filter.insert(hash) } }

  /// Adds the keys of a record.
  /// - Returns: the probes by which a row, or an earlier record, may be found; 0 where there can be none.
  mutating func admit(_ record: Record, _ fields: [Int], stand: (index: Int, text: String)?) -> Int {
    read(record, fields, stand)
    var met = untold
    hashes.removeAll(keepingCapacity: true)
    for number in rules.probes.indices where untold & IdentityRules.bit(number) == 0 {
      if write(number) {
        let hash = ring.hash(key.bytes)
        if filter.insert(hash) { met |= IdentityRules.bit(number) }
        hashes.append(hash)
      }
    }
    let isDecided = fields[decision] >= 0 && !record[fields[decision]].isBlank
    if !isFilled || isDecided { return Self.all }
    if met == 0 { for hash in hashes { ring.add(hash) } }
    return met
  }

  /// Folds the values of all terms.
  private mutating func read(_ record: Record, _ fields: [Int], _ stand: (index: Int, text: String)?) {
    texts.removeAll()
    for number in terms.indices {
      spans[number].start = texts.count
      read(number, record, fields, stand)
      spans[number].end = texts.count
    }
  }

  private mutating func read(
    _ number: Int, _ record: Record, _ fields: [Int], _ stand: (index: Int, text: String)?
  ) {
    let term = terms[number]
    guard term.place >= 0 else { return append(term.constant ?? "", term.folding) }
    let index = fields[term.place]
    guard index >= 0, !record[index].isBlank, !record[index].isEqual(to: term.clear) else {
      if let stand, stand.index == term.place {
        append(stand.text, term.folding)
      } else if let standIn = term.standIn {
        append(standIn, term.folding)
      }
      return
    }
    let value = record[index]
    guard value.hasEscapes else { return append(value.text, term) }
    unescaped.removeAll()
    // Half a character: no row will have it.
    do throws(RecordError) { try value.decode(into: &unescaped) } catch { return }
    append(unescaped.bytes, term)
  }

  private mutating func append(_ text: UnsafeRawBufferPointer, _ term: Term) {
    guard term.isDate else { return texts.append(text, folding: term.folding) }
    // What is no day is refused: no row will have it either.
    if let day = ISOText.day(in: text) { texts.append(day) }
  }

  private mutating func append(_ text: String, _ folding: Folding) {
    var text = text
    text.withUTF8 { texts.append(UnsafeRawBufferPointer($0), folding: folding) }
  }

  private mutating func write(_ number: Int) -> Bool {
    key.removeAll()
    key.append(UInt8(truncatingIfNeeded: number))
    for term in rules.probes[number].scope {
      if spans[term].start == spans[term].end { key.append(0xFE) } else { append(term) }
      key.append(0xFF)
    }
    for term in rules.probes[number].fields {
      if spans[term].start == spans[term].end { return false }
      append(term)
      key.append(0xFF)
    }
    return true
  }

  private mutating func append(_ term: Int) {
    key.append(UnsafeRawBufferPointer(rebasing: texts.bytes[spans[term].start..<spans[term].end]))
  }
}
