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
  /// What the record that is looked at has: a hash for each key, nil where it lacks it.
  private let own: UnsafeMutableBufferPointer<IdentityIndex.Hash?>
  private let held: UnsafeMutableBufferPointer<ContactKeys.Contact?>
  private let parts: UnsafeMutableBufferPointer<UInt64>
  private var signatures = Signatures()
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
      own[number] = hashes.hash(hashes.plan.own[number])
      if let hash = own[number] { tables[number].pointee.prefetch(hash) }
    }
    if !contacts.isEmpty { prepareContacts() }
  }

  private mutating func prepareContacts() {
    var signature: UInt8?
    for number in held.indices {
      guard let hash = hashes.hash(hashes.plan.contacts[number]), prepareParts() else {
        held[number] = nil
        continue
      }
      let own = signature ?? signatures.number(hashes)
      signature = own
      held[number] = ContactKeys.Contact(hash: hash, signature: own)
      contacts[number].prefetch(ContactKeys.Contact(hash: hash, signature: own))
    }
  }

  /// Hashes the parts of the agreement; whether there is one.
  @inline(__always)
  private func prepareParts() -> Bool {
    var isAny = false
    for number in parts.indices {
      // No part has 0 for its hash but once in 2^64.
      parts[number] = hashes.hash(hashes.plan.agreement[number])?.first ?? 0
      isAny = isAny || parts[number] != 0
    }
    return isAny
  }

  /// Notes the record that was prepared, unless it is like earlier ones.
  /// - Parameter isDecided: a person has said who it is: it is noted whatever it is like.
  /// - Returns: the record's twins by the keys' order: it was not noted if there are any.
  mutating func insert(row: Int, isDecided: Bool) -> [Twin] {
    if !isDecided, mayBeKnown {
      let twins = twins()
      if !twins.isEmpty { return twins }
    }
    let place = prints.append(row: row) { hashes.print($0) }
    for number in own.indices {
      if let hash = own[number] { tables[number].pointee.insertNew(hash, row: place) }
    }
    for number in held.indices {
      if let contact = held[number] { contacts[number].insert(contact, UnsafeBufferPointer(parts), place: place) }
    }
    return []
  }

  /// False for nearly all records that are like none before.
  private var mayBeKnown: Bool {
    for number in own.indices {
      if let hash = own[number], tables[number].pointee.isClaimed(hash) { return true }
    }
    for number in held.indices {
      if let contact = held[number], contacts[number].isClaimed(contact) { return true }
    }
    return false
  }

  /// The earlier records that the record may be, one for each key.
  @inline(never)
  private func twins() -> [Twin] {
    var twins: [Twin] = []
    var met: [(row: String, comparison: Comparison)] = []
    let record = rules.terms.indices.map { RecordPrints.text(hashes.print($0)) }
    for (key, place) in known() {
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
  private func known() -> [(key: Int, place: Int)] {
    var known: [(key: Int, place: Int)] = []
    for number in own.indices {
      guard let hash = own[number], let place = tables[number].pointee.find(hash) else { continue }
      known.append((hashes.plan.own[number].key, place))
    }
    for number in held.indices {
      guard let contact = held[number],
        let place = contacts[number].twin(contact, UnsafeBufferPointer(parts), signatures)
      else { continue }
      known.append((hashes.plan.contacts[number].key, place))
    }
    return known.sorted { $0.key < $1.key }
  }
}
