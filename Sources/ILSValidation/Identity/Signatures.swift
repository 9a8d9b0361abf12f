import ILSRecord

/// Which identifiers records have, and within what: records that have one in common can be told apart by it.
struct Signatures: ~Copyable {
  /// For each identifier a mark of what it is unique within; 0 where the record does not have it.
  private typealias Signature = SIMD8<UInt32>

  private var known = [Signature()]
  /// Their numbers, by a hash of each.
  private var numbers: [UInt64: UInt16] = [:]
  /// The signature that the record before had, and a hash of it.
  private var latest: UInt16 = 0
  private var latestPrint: UInt64 = 0

  /// So many are told apart; the last one stands for all others, and has nothing in common with any.
  static var limit: Int { 4096 }

  /// The number of a record's signature, below `limit`.
  /// - Parameter print: a hash of it.
  @inline(__always)
  mutating func number(_ hashes: inout TermHashes, print: UInt64) -> UInt16 {
    print == latestPrint ? latest : search(hashes, print)
  }

  @inline(never)
  private mutating func search(_ hashes: borrowing TermHashes, _ print: UInt64) -> UInt16 {
    var own = Signature()
    for (number, identifier) in hashes.plan.identifiers.enumerated() where hashes.has(identifier) {
      own[number] = UInt32(truncatingIfNeeded: hashes.scope(identifier).first >> 32) | 1
    }
    latest = own == Signature() ? 0 : numbers[print] ?? UInt16(min(known.count, Self.limit - 1))
    latestPrint = print
    if latest == known.count {
      known.append(own)
      numbers[print] = latest
    }
    return latest
  }

  /// Whether records of two signatures can be told apart by an identifier.
  func areComparable(_ one: UInt16, _ other: UInt16) -> Bool {
    let (one, other) = (signature(one), signature(other))
    return any((one .== other) .& (one .!= Signature()))
  }

  private func signature(_ number: UInt16) -> Signature {
    number == Self.limit - 1 ? Signature() : known[Int(number)]
  }
}
