import CValidation
import ILSIdentity
import ILSRecord

/// The hashes of a record's values as they are compared, and of the keys made of them.
///
/// Each value is folded and hashed once; a key's hash mixes those of its values.
struct TermHashes: ~Copyable {
  typealias Hash = IdentityHash

  private struct Term: BitwiseCopyable {
    var hash = Hash()
    var isPresent = false

    /// What is kept of it: 0 for none.
    @inline(__always)
    var print: UInt32 { isPresent ? max(1, UInt32(truncatingIfNeeded: hash.first)) : 0 }
  }

  let plan: KeyPlan
  private let terms: UnsafeMutableBufferPointer<Term>
  private let seed = Hash.random()
  private let clears: [String?]
  private var text = OutputBuffer()

  init(_ rules: IdentityRules) {
    plan = KeyPlan(rules)
    clears = rules.clears
    terms = .allocate(capacity: rules.terms.count)
    terms.initialize(repeating: Term())
  }

  deinit { terms.deallocate() }

  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  @inline(__always)
  mutating func read(_ record: Record, _ places: UnsafeBufferPointer<Int>) {
    for term in places.indices {
      guard places[term] >= 0 else {
        terms[term].isPresent = false
        continue
      }
      // Nearly all values are hashed where they lie.
      if !plan.mayBeCleared[term], let text = record.plainText(places[term]),
        let hash = Hash(text, seed, plan.ways[term])
      {
        terms[term] = Term(hash: hash, isPresent: true)
      } else {
        readSlowly(record[places[term]], term)
      }
    }
  }

  @inline(never)
  private mutating func readSlowly(_ value: FieldValue, _ term: Int) {
    text.removeAll()
    if value.isBlank || clears[term].map({ (try? value.string()) == $0 }) == true {
    } else if !value.hasEscapes {
      text.append(value.text, folding: plan.foldings[term])
    } else if var string = try? value.string() {
      string.withUTF8 { text.append(UnsafeRawBufferPointer($0), folding: plan.foldings[term]) }
    }
    terms[term].isPresent = text.count > 0
    if let hash = Hash(text.padded, seed) { terms[term].hash = hash }
  }

  /// The hash of a key's values; nil where one of its fields is absent. An absent scope is a scope of its own.
  @inline(__always)
  func hash(_ parts: KeyPlan.Parts) -> Hash? {
    if parts.single >= 0 { return terms[parts.single].isPresent ? terms[parts.single].hash : nil }
    var hash = scope(parts)
    for term in plan.fields(parts) {
      guard terms[term].isPresent else { return nil }
      hash = hash.mixed(with: terms[term].hash)
    }
    return hash
  }

  @inline(__always)
  func scope(_ parts: KeyPlan.Parts) -> Hash {
    var hash = seed
    for term in plan.scope(parts) {
      hash = hash.mixed(with: terms[term].isPresent ? terms[term].hash : .none)
    }
    return hash
  }

  @inline(__always)
  func has(_ parts: KeyPlan.Parts) -> Bool { plan.fields(parts).allSatisfy { terms[$0].isPresent } }

  /// A hash of which identifiers the record has, and within what.
  @inline(__always)
  var signaturePrint: UInt64 {
    var print = Hash()
    for identifier in plan.identifiers {
      print = has(identifier) ? scope(identifier).mixed(with: print) : print.mixed(with: .none)
    }
    return print.first
  }

  /// What the rules compare.
  var profile: Profile {
    var profile: Profile = []
    for term in terms { profile.append(RecordPrints.text(term.print)) }
    return profile
  }

  /// What is kept of a term's value; 0 where it is absent.
  @inline(__always)
  func print(_ term: Int) -> UInt32 { terms[term].print }
}

extension Record {
  /// The text of a field that is a string of ASCII without escapes, and begins with no white space; nil for any other.
  @inline(__always)
  fileprivate func plainText(_ field: Int) -> PaddedBytes? {
    let slot = fields[field]
    guard slot.isPlainString, slot.isASCII, slot.length > 2 else { return nil }
    let start = Int(slot.offset) + 1
    guard bytes[start] &- 0x21 < 0x5E else { return nil }
    return padded[start..<start + Int(slot.length) - 2]
  }
}
