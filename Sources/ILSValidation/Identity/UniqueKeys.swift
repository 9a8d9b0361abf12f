import ILSIdentity
import ILSRecord

/// What records of one input have in common: who may be whom, by the rules that the loader follows.
///
/// Any identifier or description that comes twice refuses the later record: as the same, as a conflict or as doubtful. A
/// contact does so only beside a part of the agreement, and where the two have no identifier to tell them apart. The table of
/// verdicts says which it is, of what is kept of the earlier record.
struct UniqueKeys: ~Copyable {
  let rules: IdentityRules
  private let plan: KeyPlan
  private var tables: IdentityTables
  private var text = OutputBuffer()
  private var probes: UnsafeMutableBufferPointer<ProbeState>
  /// The hash of each term's folded value, of the record that is looked at.
  private let terms: UnsafeMutableBufferPointer<Term>
  private let seeds: (UInt64, UInt64)
  /// Which identifiers records had, and within what: those that were met, and the number of the record's own.
  private var signatures = [Signature()]
  private var signature = 0
  private var prints: RecordPrints

  private struct Term: BitwiseCopyable {
    var hash = IdentityIndex.Hash(first: 0, second: 0)
    var isPresent = false

    /// What is kept of it: 0 for none.
    @inline(__always)
    var print: UInt16 { isPresent ? max(1, UInt16(truncatingIfNeeded: hash.first)) : 0 }
  }

  /// For each identifier a mark of what it is unique within; 0 where the record does not have it.
  private typealias Signature = SIMD8<UInt32>
  /// So many are told apart; the last one stands for all others.
  private static var signatureCount: Int { 64 }

  private struct ProbeState: BitwiseCopyable {
    /// Whether the record that is looked at has the key.
    var isPresent = false
    /// What is looked for and noted.
    var hash = IdentityIndex.Hash(first: 0, second: 0)
    /// Of a contact: without the signature.
    var plain = IdentityIndex.Hash(first: 0, second: 0)
    /// The signatures of records that had the key: a bit for each.
    var signatures: UInt64 = 0
  }

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
    plan = KeyPlan(rules, isUsed: isUsed)
    tables = IdentityTables(count: plan.probes.count, memory)
    probes = .allocate(capacity: plan.probes.count)
    probes.initialize(repeating: ProbeState())
    terms = .allocate(capacity: rules.terms.count)
    terms.initialize(repeating: Term())
    prints = RecordPrints(terms: isUsed ? rules.terms.count : 0, memory)
    var random = SystemRandomNumberGenerator()
    seeds = (random.next(), random.next())
  }

  deinit {
    probes.deallocate()
    terms.deallocate()
  }

  var isUsed: Bool { tables.count > 0 }

  /// Hashes a record's keys, and sends for the memory where they would be.
  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  mutating func prepare(_ record: Record, _ places: UnsafeBufferPointer<Int>) {
    for term in 0..<places.count {
      if places[term] >= 0 {
        read(record[places[term]], term)
      } else {
        terms[term].isPresent = false
      }
    }
    var isSigned = false
    for number in 0..<plan.probes.count {
      guard var hash = hash(plan.probes[number]) else {
        probes[number].isPresent = false
        continue
      }
      if plan.probes[number].isContact {
        if !isSigned { sign() }
        isSigned = true
        probes[number].plain = hash
        mix(&hash, UInt8(signature))
      }
      probes[number].hash = hash
      probes[number].isPresent = true
      tables[number].pointee.prefetch(hash)
    }
  }

  /// Hashes a value as it is compared.
  @inline(__always)
  private mutating func read(_ value: FieldValue, _ term: Int) {
    if value.isBlank { return terms[term].isPresent = false }
    if value.hasEscapes { return readSlowly(value, term) }
    let folding = plan.foldings[term]
    if folding == .none { return note(value.text, term) }
    text.removeAll()
    text.append(value.text, folding: folding)
    note(text.bytes, term)
  }

  @inline(never)
  private mutating func readSlowly(_ value: FieldValue, _ term: Int) {
    text.removeAll()
    if var string = try? value.string() {
      string.withUTF8 { text.append(UnsafeRawBufferPointer($0), folding: plan.foldings[term]) }
    }
    note(text.bytes, term)
  }

  @inline(__always)
  private func note(_ bytes: UnsafeRawBufferPointer, _ term: Int) {
    let hashes = keyHashes(bytes, seeds: seeds)
    terms[term] = Term(hash: .init(first: hashes.0, second: hashes.1), isPresent: !bytes.isEmpty)
  }

  /// The hash of a key's values; nil where one of its fields is absent. An absent scope is a scope of its own.
  @inline(__always)
  private func hash(_ parts: KeyPlan.Parts) -> IdentityIndex.Hash? {
    var hash = scopeHash(parts)
    for term in plan.fields(parts) {
      guard terms[term].isPresent else { return nil }
      mix(&hash, terms[term].hash)
    }
    return hash
  }

  @inline(__always)
  private func scopeHash(_ parts: KeyPlan.Parts) -> IdentityIndex.Hash {
    var hash = IdentityIndex.Hash(first: seeds.0, second: seeds.1)
    for term in plan.scope(parts) {
      if terms[term].isPresent { mix(&hash, terms[term].hash) } else { mix(&hash, 0xFF) }
    }
    return hash
  }

  /// Two values with the same hash of 128 bits are the same: a chance that the index's own 80 bits outweigh by far.
  @inline(__always)
  private func mix(_ hash: inout IdentityIndex.Hash, _ other: IdentityIndex.Hash) {
    hash = IdentityIndex.Hash(
      first: mixed(hash.first ^ other.first, seeds.0 | 1), second: mixed(hash.second ^ other.second, seeds.1 | 1))
  }

  @inline(__always)
  private func mix(_ hash: inout IdentityIndex.Hash, _ number: UInt8) {
    mix(&hash, .init(first: UInt64(number), second: UInt64(number)))
  }

  /// Finds the signature's number.
  private mutating func sign() {
    var own = Signature()
    for number in 0..<plan.identifiers.count {
      let parts = plan.identifiers[number]
      guard plan.fields(parts).allSatisfy({ terms[$0].isPresent }) else { continue }
      own[number] = UInt32(truncatingIfNeeded: scopeHash(parts).first >> 32) | 1
    }
    if signatures[signature] == own { return }
    signature = signatures.firstIndex(of: own) ?? min(signatures.count, Self.signatureCount - 1)
    if signature == signatures.count { signatures.append(own) }
  }

  /// Whether records of two signatures have an identifier in common, by which they can be told apart.
  private func areComparable(_ one: Int, _ other: Int) -> Bool {
    let last = Self.signatureCount - 1
    let (one, other) = (one == last ? Signature() : signatures[one], other == last ? Signature() : signatures[other])
    return any((one .== other) .& (one .!= Signature()))
  }

  /// Notes the record that was prepared, unless it is like earlier ones.
  /// - Parameter isDecided: a person has said who it is: it is noted whatever it is like.
  mutating func insert(row: Int, isDecided: Bool) -> [Twin] {
    if !isDecided, mayBeKnown {
      let twins = twins()
      if !twins.isEmpty { return twins }
    }
    let place = prints.append(row: row) { terms[$0].print }
    for number in 0..<plan.probes.count where probes[number].isPresent {
      tables[number].pointee.insertNew(probes[number].hash, row: place)
      if plan.probes[number].isContact { probes[number].signatures |= 1 << UInt64(signature) }
    }
    return []
  }

  /// False for nearly all records that are like none before.
  private var mayBeKnown: Bool {
    for number in 0..<plan.probes.count where probes[number].isPresent {
      if plan.probes[number].isContact, probes[number].signatures & ~(1 << UInt64(signature)) != 0 { return true }
      if tables[number].pointee.isClaimed(probes[number].hash) { return true }
    }
    return false
  }

  /// The earlier records that the record may be, one for each key.
  @inline(never)
  private mutating func twins() -> [Twin] {
    var twins: [Twin] = []
    var met: [(row: String, comparison: Comparison)] = []
    let own = rules.terms.indices.map { RecordPrints.text(terms[$0].print) }
    for number in 0..<plan.probes.count where probes[number].isPresent {
      let isContact = plan.probes[number].isContact
      let key = rules.probes[number].key
      guard !twins.contains(where: { $0.key == key }),
        let place = isContact ? contactTwin(number) : tables[number].pointee.find(probes[number].hash)
      else { continue }
      let comparison = rules.compare(own, prints.profile(place))
      if comparison.verdict == .another { continue }
      twins.append(Twin(key: key, row: prints.row(place), comparison: comparison, verdict: comparison.verdict))
      if !met.contains(where: { $0.row == "\(place)" }) { met.append(("\(place)", comparison)) }
    }
    let isConflict = rules.decide(met).verdict == .conflict
    for number in twins.indices where isConflict && twins[number].verdict == .same { twins[number].verdict = .conflict }
    return twins
  }

  /// An earlier record with the same contact and part, and no identifier that could be compared.
  private mutating func contactTwin(_ number: Int) -> Int? {
    var others = probes[number].signatures
    while others != 0 {
      let other = others.trailingZeroBitCount
      others &= others - 1
      if areComparable(other, signature) { continue }
      var hash = probes[number].plain
      mix(&hash, UInt8(other))
      if let place = tables[number].pointee.find(hash) { return place }
    }
    return nil
  }
}
