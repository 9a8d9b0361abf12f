import ILSIdentity
import ILSRecord

/// What records of one input have in common: who may be whom, by the rules that the loader follows.
///
/// Any identifier or description that comes twice refuses the later record: as the same, as a conflict or as doubtful. A
/// contact does so only beside a part of the agreement, and where the two have no identifier to tell them apart. The table of
/// verdicts says which it is, of what is kept of the earlier record.
struct UniqueKeys: ~Copyable {
  let rules: IdentityRules
  let isUsed: Bool
  private var hashes: TermHashes
  private let tables: IdentityTables
  private let contacts: UnsafeMutableBufferPointer<ContactKeys>
  /// What the record that is looked at has: where each key would be, nil where it lacks it.
  private let own: UnsafeMutableBufferPointer<IdentityIndex.Place?>
  private let held: UnsafeMutableBufferPointer<ContactKeys.Contact?>
  private let parts: UnsafeMutableBufferPointer<UInt64>
  private var signatures = Signatures()
  private var signature: UInt16 = 0
  private var prints: RecordPrints

  /// An earlier record that a record is like.
  struct Twin {
    /// By which key it was found.
    let key: Int
    let row: Int
    let comparison: Comparison
    /// Who the record is, beside all that it is like.
    var verdict: Verdict
  }

  init(_ rules: IdentityRules, isUsed: Bool, _ memory: TableMemory) {
    self.rules = rules
    hashes = TermHashes(rules)
    self.isUsed = isUsed && !rules.keys.isEmpty
    let (ownCount, contactCount) = isUsed ? (hashes.plan.own.count, hashes.plan.contacts.count) : (0, 0)
    let partCount = hashes.plan.agreement.count
    tables = IdentityTables(count: ownCount, memory)
    contacts = .allocate(capacity: contactCount)
    for number in contacts.indices { contacts.initializeElement(at: number, to: ContactKeys(parts: partCount, memory)) }
    own = .allocate(capacity: ownCount)
    own.initialize(repeating: nil)
    held = .allocate(capacity: contactCount)
    held.initialize(repeating: nil)
    parts = .allocate(capacity: partCount)
    parts.initialize(repeating: 0)
    prints = RecordPrints(terms: isUsed ? rules.terms.count : 0, memory)
  }

  deinit {
    contacts.deinitialize().deallocate()
    own.deallocate()
    held.deallocate()
    parts.deallocate()
  }

  /// Hashes a record's keys, and sends for the memory where they would be.
  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  mutating func prepare(_ record: Record, _ places: UnsafeBufferPointer<Int>) {
    hashes.read(record, places)
    for number in own.indices {
      own[number] = hashes.hash(hashes.plan.own[number]).map { tables[number].pointee.prepare($0) }
    }
    if !contacts.isEmpty { prepareContacts() }
  }

  private mutating func prepareContacts() {
    signature = 0
    // A contact alone says nothing.
    guard hashes.plan.agreement.contains(where: { hashes.has($0) }) else { return held.update(repeating: nil) }
    signature = signatures.number(&hashes, print: hashes.signaturePrint)
    for number in held.indices {
      held[number] = hashes.hash(hashes.plan.contacts[number]).map {
        contacts[number].prepare($0, signature: signature)
      }
    }
  }

  /// Notes the record that was prepared, unless it is like earlier ones.
  /// - Parameter isDecided: a person has said who it is: it is noted whatever it is like.
  /// - Returns: the record's twins by the keys' order: it was not noted if there are any.
  mutating func insert(row: Int, isDecided: Bool) -> [Twin] {
    let known = claim()
    if known != 0, !isDecided {
      let twins = twins(known)
      if !twins.isEmpty { return twins }
    }
    let place = prints.append(row: row, signature: signature) { hashes.print($0) }
    for number in own.indices {
      if let key = own[number] { tables[number].pointee.append(key, row: place) }
    }
    for number in held.indices {
      guard let contact = held[number] else { continue }
      if known & Self.bit(own.count + number) == 0 || !insertLater(contact, number, place) {
        contacts[number].insert(contact, place: place)
      }
    }
    return []
  }

  /// Notes a record with a contact that others have; false where none has.
  @inline(never)
  private mutating func insertLater(_ contact: ContactKeys.Contact, _ number: Int, _ place: Int) -> Bool {
    if contacts[number].first(contact) == nil { return false }
    contacts[number].insertLater(contact, agreementParts(), place: place, prints)
    return true
  }

  /// Marks the record's keys. A record that is not noted in the end leaves its marks, which cost a search and nothing else.
  /// - Returns: the keys that earlier records may have, as bits: none for nearly all records that are like none before.
  @inline(__always)
  private func claim() -> UInt64 {
    var known: UInt64 = 0
    for number in own.indices {
      if let key = own[number], !tables[number].pointee.claim(key) { known |= Self.bit(number) }
    }
    for number in held.indices {
      if let contact = held[number], !contacts[number].claim(contact) { known |= Self.bit(own.count + number) }
    }
    return known
  }

  /// A key's bit, own ones first; the last one stands for all from there on.
  @inline(__always)
  private static func bit(_ number: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: min(number, 63)) }

  /// The earlier records that the record may be, one for each key.
  @inline(never)
  private mutating func twins(_ bits: UInt64) -> [Twin] {
    var twins: [Twin] = []
    var met: [(row: String, comparison: Comparison)] = []
    let record = hashes.profile
    for (key, place) in known(bits) {
      let comparison = rules.compare(record, prints.profile(place))
      if comparison.verdict == .another { continue }
      twins.append(Twin(key: key, row: prints.row(place), comparison: comparison, verdict: comparison.verdict))
      if !met.contains(where: { $0.row == "\(place)" }) { met.append(("\(place)", comparison)) }
    }
    let isConflict = rules.decide(met).verdict == .conflict
    for number in twins.indices where isConflict && twins[number].verdict == .same { twins[number].verdict = .conflict }
    return twins
  }

  /// The earlier record that has a key, for each key that one has.
  private mutating func known(_ bits: UInt64) -> [(key: Int, place: Int)] {
    var known: [(key: Int, place: Int)] = []
    for number in own.indices where bits & Self.bit(number) != 0 {
      guard let key = own[number], let place = tables[number].pointee.find(key) else { continue }
      known.append((hashes.plan.own[number].key, place))
    }
    for number in held.indices where bits & Self.bit(own.count + number) != 0 {
      guard let contact = held[number], let place = holder(of: contact, contacts.baseAddress! + number) else {
        continue
      }
      known.append((hashes.plan.contacts[number].key, place))
    }
    return known.sorted { $0.key < $1.key }
  }

  /// An earlier record with a contact and a part of the agreement, and no identifier that tells the two apart.
  private mutating func holder(of contact: ContactKeys.Contact, _ keys: UnsafeMutablePointer<ContactKeys>) -> Int? {
    guard let first = keys.pointee.first(contact) else { return nil }
    if !signatures.areComparable(prints.signature(first), contact.signature) {
      let (record, other) = (hashes.profile, prints.profile(first))
      let isAlike = rules.agreement.contains { part in
        part.fields.allSatisfy { record[$0] != nil && record[$0] == other[$0] }
      }
      if isAlike { return first }
    }
    return keys.pointee.twin(contact, agreementParts(), signatures, prints)
  }

  /// The hash of each part of the agreement; 0, which is the hash of none but once in 2^64, where it is absent.
  private mutating func agreementParts() -> UnsafeBufferPointer<UInt64> {
    for number in parts.indices { parts[number] = hashes.hash(hashes.plan.agreement[number])?.first ?? 0 }
    return UnsafeBufferPointer(parts)
  }
}
