import ILSIdentity
import ILSRecord

/// The hashes of a record's values as they are compared, and of the keys made of them.
///
/// Each value is folded and hashed once; a key's hash mixes those of its values.
struct TermHashes: ~Copyable {
  typealias Hash = IdentityIndex.Hash

  private struct Term: BitwiseCopyable {
    var hash = Hash(first: 0, second: 0)
    var isPresent = false

    /// What is kept of it: 0 for none.
    @inline(__always)
    var print: UInt16 { isPresent ? max(1, UInt16(truncatingIfNeeded: hash.first)) : 0 }
  }

  let plan: KeyPlan
  private let terms: UnsafeMutableBufferPointer<Term>
  private let seeds: (UInt64, UInt64)
  private var text = OutputBuffer()

  init(_ rules: IdentityRules) {
    plan = KeyPlan(rules)
    terms = .allocate(capacity: rules.terms.count)
    terms.initialize(repeating: Term())
    var random = SystemRandomNumberGenerator()
    seeds = (random.next(), random.next())
  }

  deinit { terms.deallocate() }

  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  @inline(__always)
  mutating func read(_ record: Record, _ places: UnsafeBufferPointer<Int>) {
    for term in places.indices {
      if places[term] >= 0 { read(record[places[term]], term) } else { terms[term].isPresent = false }
    }
  }

  @inline(__always)
  private mutating func read(_ value: FieldValue, _ term: Int) {
    if value.isBlank { return terms[term].isPresent = false }
    if value.hasEscapes { return readSlowly(value, term) }
    let folding = plan.foldings[term]
    if folding == .none { return note(value.text, term) }
    text.removeAll()
    text.append(value.paddedText, folding: folding)
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
  func hash(_ parts: KeyPlan.Parts) -> Hash? {
    var hash = scope(parts)
    for term in plan.fields(parts) {
      guard terms[term].isPresent else { return nil }
      mix(&hash, terms[term].hash)
    }
    return hash
  }

  @inline(__always)
  func scope(_ parts: KeyPlan.Parts) -> Hash {
    var hash = Hash(first: seeds.0, second: seeds.1)
    for term in plan.scope(parts) {
      mix(&hash, terms[term].isPresent ? terms[term].hash : Hash(first: 0xFF, second: 0xFF))
    }
    return hash
  }

  @inline(__always)
  func has(_ parts: KeyPlan.Parts) -> Bool { plan.fields(parts).allSatisfy { terms[$0].isPresent } }

  /// What is kept of a term's value; 0 where it is absent.
  @inline(__always)
  func print(_ term: Int) -> UInt16 { terms[term].print }

  /// Two values with the same hash of 128 bits are the same: a chance that the index's own 80 bits outweigh by far.
  @inline(__always)
  private func mix(_ hash: inout Hash, _ other: Hash) {
    hash = Hash(
      first: mixed(hash.first ^ other.first, seeds.0 | 1), second: mixed(hash.second ^ other.second, seeds.1 | 1))
  }
}
