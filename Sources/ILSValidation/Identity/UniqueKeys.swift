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
  private let tables: IdentityTables
  private let contacts: UnsafeMutableBufferPointer<ContactKeys>
  /// The keys of the record that is judged next, and of the one behind it.
  private let records: UnsafeMutablePointer<RecordKeys>
  private var turn = 0
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
    self.isUsed = isUsed && !rules.keys.isEmpty
    var random = SystemRandomNumberGenerator()
    let seeds = (random.next(), random.next())
    records = .allocate(capacity: 2)
    for number in 0..<2 { (records + number).initialize(to: RecordKeys(rules, seeds: seeds, isUsed: isUsed)) }
    let partCount = records.pointee.parts.count
    tables = IdentityTables(count: records.pointee.own.count, memory)
    contacts = .allocate(capacity: records.pointee.contacts.count)
    for number in contacts.indices { contacts.initializeElement(at: number, to: ContactKeys(parts: partCount, memory)) }
    prints = RecordPrints(terms: isUsed ? rules.terms.count : 0, memory)
  }

  deinit {
    contacts.deinitialize().deallocate()
    records.deinitialize(count: 2)
    records.deallocate()
  }

  // Memory is far: what is sent for is there once the next step has been done. A key is hashed when its record comes; where
  // it would be is asked once the record before has been judged; and there it is looked for when the next record has come.

  /// Hashes the keys of the record behind the one that is judged next.
  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  @inline(__always)
  mutating func prepare(_ record: Record, _ places: UnsafeBufferPointer<Int>) {
    let next = records + (1 - turn)
    next.pointee.read(record, places, &signatures)
    for number in next.pointee.own.indices {
      if let hash = next.pointee.own[number] { tables[number].pointee.approach(hash) }
    }
    for number in next.pointee.contacts.indices {
      if let contact = next.pointee.contacts[number] { contacts[number].approach(contact) }
    }
  }

  /// The record that was prepared is judged next.
  @inline(__always)
  mutating func advance() {
    turn = 1 - turn
    let now = now
    for number in now.pointee.own.indices {
      if let hash = now.pointee.own[number] { tables[number].pointee.prefetch(hash) }
    }
    for number in now.pointee.contacts.indices {
      if let contact = now.pointee.contacts[number] { contacts[number].prefetch(contact) }
    }
  }

  /// Notes the record whose turn it is, unless it is like earlier ones.
  /// - Parameter isDecided: a person has said who it is: it is noted whatever it is like.
  /// - Returns: the record's twins by the keys' order: it was not noted if there are any.
  mutating func insert(row: Int, isDecided: Bool) -> [Twin] {
    if !isDecided, mayBeKnown {
      let twins = twins()
      if !twins.isEmpty { return twins }
    }
    let now = now
    let place = prints.append(row: row) { now.pointee.hashes.print($0) }
    for number in now.pointee.own.indices {
      if let hash = now.pointee.own[number] { tables[number].pointee.insertNew(hash, row: place) }
    }
    for number in now.pointee.contacts.indices {
      guard let contact = now.pointee.contacts[number] else { continue }
      contacts[number].insert(contact, UnsafeBufferPointer(now.pointee.parts), place: place)
    }
    return []
  }

  private var now: UnsafeMutablePointer<RecordKeys> { records + turn }

  /// False for nearly all records that are like none before.
  private var mayBeKnown: Bool {
    let now = now
    for number in now.pointee.own.indices {
      if let hash = now.pointee.own[number], tables[number].pointee.isClaimed(hash) { return true }
    }
    for number in now.pointee.contacts.indices {
      if let contact = now.pointee.contacts[number], contacts[number].isClaimed(contact) { return true }
    }
    return false
  }

  /// The earlier records that the record may be, one for each key.
  @inline(never)
  private func twins() -> [Twin] {
    var twins: [Twin] = []
    var met: [(row: String, comparison: Comparison)] = []
    let record = rules.terms.indices.map { RecordPrints.text(now.pointee.hashes.print($0)) }
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
    let now = now
    for number in now.pointee.own.indices {
      guard let hash = now.pointee.own[number], let place = tables[number].pointee.find(hash) else { continue }
      known.append((now.pointee.hashes.plan.own[number].key, place))
    }
    for number in now.pointee.contacts.indices {
      guard let contact = now.pointee.contacts[number],
        let place = contacts[number].twin(contact, UnsafeBufferPointer(now.pointee.parts), signatures)
      else { continue }
      known.append((now.pointee.hashes.plan.contacts[number].key, place))
    }
    return known.sorted { $0.key < $1.key }
  }
}
