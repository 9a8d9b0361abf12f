import ILSIdentity
import ILSRecord

/// Who has a contact, such as an e-mail address, and who else has it together with a part of the agreement.
///
/// Nearly every contact has one holder. Those who come with it later go into an index for each part of the agreement: the first
/// of each signature, one rank behind the other. So the many with noemail@clinic are found in constant time too. Records are
/// told by their places.
struct ContactKeys: ~Copyable {
  /// A record's contact, and where it would be.
  struct Contact: BitwiseCopyable {
    let place: IdentityIndex.Place
    /// The number of the record's signature.
    let signature: UInt16
  }

  private var contacts: IdentityIndex
  private var later: IdentityTables

  init(parts: Int, _ memory: TableMemory) {
    contacts = IdentityIndex(memory)
    later = IdentityTables(count: parts, memory)
  }

  /// Sends for the memory that tells whether somebody holds a contact.
  @inline(__always)
  func prepare(_ hash: IdentityHash, signature: UInt16) -> Contact {
    Contact(place: contacts.prepare(hash), signature: signature)
  }

  /// Marks a contact; whether nobody held it for sure.
  @inline(__always)
  func claim(_ contact: Contact) -> Bool { contacts.claim(contact.place) }

  /// Who was first with a contact that was claimed.
  mutating func first(_ contact: Contact) -> Int? { contacts.find(contact.place) }

  /// Somebody who came later with a contact, has a part in common, and no identifier that tells them apart.
  /// - Parameter parts: the hash of each part of the record; 0 where it lacks one.
  mutating func twin(
    _ contact: Contact, _ parts: UnsafeBufferPointer<UInt64>, _ signatures: borrowing Signatures,
    _ prints: borrowing RecordPrints
  ) -> Int? {
    for part in parts.indices where parts[part] != 0 {
      var rank = 0
      while let place = later[part].pointee.find(key(contact, parts[part], rank)) {
        if !signatures.areComparable(prints.signature(place), contact.signature) { return place }
        rank += 1
      }
    }
    return nil
  }

  /// Notes the first record with a contact.
  @inline(__always)
  mutating func insert(_ contact: Contact, place: Int) { contacts.append(contact.place, row: place) }

  /// Notes a record with a contact that others have.
  mutating func insertLater(
    _ contact: Contact, _ parts: UnsafeBufferPointer<UInt64>, place: Int, _ prints: borrowing RecordPrints
  ) {
    for part in parts.indices where parts[part] != 0 {
      var (rank, isHeld) = (0, false)
      while !isHeld, let other = later[part].pointee.insert(key(contact, parts[part], rank), row: place) {
        isHeld = prints.signature(other) == contact.signature
        rank += 1
      }
    }
  }

  private func key(_ contact: Contact, _ part: UInt64, _ rank: Int) -> IdentityHash {
    contact.place.hash.mixed(with: IdentityHash(first: part, second: UInt64(rank)))
  }
}
