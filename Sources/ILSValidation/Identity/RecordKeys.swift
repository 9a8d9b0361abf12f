import ILSIdentity
import ILSRecord

/// What one record can be found by: the hashes of its values and of the keys made of them.
struct RecordKeys: ~Copyable {
  private(set) var hashes: TermHashes
  /// A hash for each key whose value is a record's alone; nil where the record lacks it.
  let own: UnsafeMutableBufferPointer<IdentityIndex.Hash?>
  let contacts: UnsafeMutableBufferPointer<ContactKeys.Contact?>
  /// A hash for each part of the agreement; 0 where the record lacks it.
  let parts: UnsafeMutableBufferPointer<UInt64>

  init(_ rules: IdentityRules, seeds: (UInt64, UInt64), isUsed: Bool) {
    hashes = TermHashes(rules, seeds: seeds)
    own = .allocate(capacity: isUsed ? hashes.plan.own.count : 0)
    own.initialize(repeating: nil)
    contacts = .allocate(capacity: isUsed ? hashes.plan.contacts.count : 0)
    contacts.initialize(repeating: nil)
    parts = .allocate(capacity: hashes.plan.agreement.count)
    parts.initialize(repeating: 0)
  }

  deinit {
    own.deallocate()
    contacts.deallocate()
    parts.deallocate()
  }

  /// - Parameter places: the number of each term's field; -1 where the record lacks it.
  @inline(__always)
  mutating func read(_ record: Record, _ places: UnsafeBufferPointer<Int>, _ signatures: inout Signatures) {
    hashes.read(record, places)
    for number in own.indices { own[number] = hashes.hash(hashes.plan.own[number]) }
    if !contacts.isEmpty { readContacts(&signatures) }
  }

  private func readContacts(_ signatures: inout Signatures) {
    var signature: UInt8?
    for number in contacts.indices {
      guard let hash = hashes.hash(hashes.plan.contacts[number]), readParts() else {
        contacts[number] = nil
        continue
      }
      let own = signature ?? signatures.number(hashes)
      signature = own
      contacts[number] = ContactKeys.Contact(hash: hash, signature: own)
    }
  }

  /// Hashes the parts of the agreement; whether there is one.
  @inline(__always)
  private func readParts() -> Bool {
    var isAny = false
    for number in parts.indices {
      // No part has 0 for its hash but once in 2^64.
      parts[number] = hashes.hash(hashes.plan.agreement[number])?.first ?? 0
      isAny = isAny || parts[number] != 0
    }
    return isAny
  }
}
