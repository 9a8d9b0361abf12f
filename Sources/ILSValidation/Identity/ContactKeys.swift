import ILSIdentity
import ILSRecord

/// Who has a contact, such as an e-mail address, and who else has it together with a part of the agreement.
///
/// Nearly every contact has one holder, who is noted with the hashes of the parts beside it. Only once another record comes
/// with it, its holders go into an index for each part: the many with noemail@clinic are found in constant time too.
/// Memory: a contact takes what an index takes and 8 bytes, and 8 more for each part.
struct ContactKeys: ~Copyable {
  typealias Hash = IdentityIndex.Hash

  /// A record's contact.
  struct Contact: BitwiseCopyable {
    let hash: Hash
    /// The number of the record's signature, below 64.
    let signature: UInt8
  }

  private var contacts: IdentityIndex
  private var shared: IdentityTables
  /// The signatures of the holders of shared contacts: a bit for each, part by part.
  private let sets: UnsafeMutableBufferPointer<UInt64>
  private var holders: HolderLog
  private let seed: UInt64

  init(parts: Int, _ memory: TableMemory) {
    contacts = IdentityIndex(memory)
    shared = IdentityTables(count: parts, memory)
    sets = .allocate(capacity: parts)
    sets.initialize(repeating: 0)
    holders = HolderLog(parts: parts, memory)
    var random = SystemRandomNumberGenerator()
    seed = random.next() | 1
  }

  deinit { sets.deallocate() }

  @inline(__always)
  func prefetch(_ contact: Contact) { contacts.prefetch(contact.hash) }

  /// False for nearly all contacts that nobody holds.
  @inline(__always)
  func isClaimed(_ contact: Contact) -> Bool { contacts.isClaimed(contact.hash) }

  /// The place of an earlier holder who has a part in common, and no identifier that tells them apart.
  /// - Parameter parts: the hash of each part of the record; 0 where it lacks one.
  mutating func twin(
    _ contact: Contact, _ parts: UnsafeBufferPointer<UInt64>, _ signatures: borrowing Signatures
  ) -> Int? {
    guard let number = contacts.find(contact.hash) else { return nil }
    let holder = holders[number]
    if !holder.pointee.isShared {
      if signatures.areComparable(holder.pointee.signature, contact.signature) { return nil }
      let others = holders.parts(holder)
      let isAlike = parts.indices.contains { parts[$0] != 0 && parts[$0] == others[$0] }
      return isAlike ? Int(holder.pointee.place) : nil
    }
    for part in parts.indices where parts[part] != 0 {
      if let place = sharedTwin(contact, part, parts[part], signatures) { return place }
    }
    return nil
  }

  private mutating func sharedTwin(
    _ contact: Contact, _ part: Int, _ hash: UInt64, _ signatures: borrowing Signatures
  ) -> Int? {
    var others = sets[part]
    while others != 0 {
      let other = UInt8(others.trailingZeroBitCount)
      others &= others - 1
      if signatures.areComparable(other, contact.signature) { continue }
      if let place = shared[part].pointee.find(key(contact.hash, hash, other)) { return place }
    }
    return nil
  }

  /// Notes a record that holds a contact.
  @inline(__always)
  mutating func insert(_ contact: Contact, _ parts: UnsafeBufferPointer<UInt64>, place: Int) {
    if contacts.isClaimed(contact.hash), let number = contacts.find(contact.hash) {
      return share(contact, parts, place: place, with: holders[number])
    }
    contacts.insertNew(contact.hash, row: holders.append(place, contact.signature, parts))
  }

  @inline(never)
  private mutating func share(
    _ contact: Contact, _ parts: UnsafeBufferPointer<UInt64>, place: Int, with first: UnsafeMutablePointer<Holder>
  ) {
    if !first.pointee.isShared {
      first.pointee.isShared = true
      let holder = Contact(hash: contact.hash, signature: first.pointee.signature)
      insertShared(holder, holders.parts(first), place: Int(first.pointee.place))
    }
    insertShared(contact, parts, place: place)
  }

  private mutating func insertShared(_ contact: Contact, _ parts: UnsafeBufferPointer<UInt64>, place: Int) {
    for part in parts.indices where parts[part] != 0 {
      _ = shared[part].pointee.insert(key(contact.hash, parts[part], contact.signature), row: place)
      sets[part] |= 1 << UInt64(contact.signature)
    }
  }

  private func key(_ contact: Hash, _ part: UInt64, _ signature: UInt8) -> Hash {
    let part = mixed(part ^ UInt64(signature), seed)
    return Hash(first: mixed(contact.first ^ part, seed), second: mixed(contact.second ^ part, seed))
  }
}

/// Who was first with a contact; the hashes of its parts lie behind it.
struct Holder: BitwiseCopyable {
  let place: UInt32
  let signature: UInt8
  var isShared = false
}

/// Holders, one behind the other.
private struct HolderLog: ~Copyable {
  private let partCount: Int
  private let size: Int
  private let holdersInChunk: Int
  private var memory: ChunkMemory
  private var chunks: [UnsafeMutableRawPointer] = []
  private var count = 0

  init(parts: Int, _ memory: TableMemory) {
    partCount = parts
    size = 8 + 8 * parts
    holdersInChunk = max(ChunkMemory.chunkSize / size, 1)
    self.memory = ChunkMemory(memory)
  }

  /// - Returns: the holder's number.
  @inline(__always)
  mutating func append(_ place: Int, _ signature: UInt8, _ parts: UnsafeBufferPointer<UInt64>) -> Int {
    if count == chunks.count * holdersInChunk {
      chunks.append(size > ChunkMemory.chunkSize ? memory.piece(size) : memory.chunk())
    }
    let holder = self[count]
    holder.initialize(to: Holder(place: UInt32(clamping: place), signature: signature))
    let others = UnsafeMutableRawPointer(holder + 1).assumingMemoryBound(to: UInt64.self)
    for part in parts.indices { others[part] = parts[part] }
    count += 1
    return count - 1
  }

  @inline(__always)
  subscript(number: Int) -> UnsafeMutablePointer<Holder> {
    let (chunk, place) = number.quotientAndRemainder(dividingBy: holdersInChunk)
    return (chunks[chunk] + place * size).assumingMemoryBound(to: Holder.self)
  }

  func parts(_ holder: UnsafeMutablePointer<Holder>) -> UnsafeBufferPointer<UInt64> {
    UnsafeBufferPointer(start: UnsafeRawPointer(holder + 1).assumingMemoryBound(to: UInt64.self), count: partCount)
  }
}
