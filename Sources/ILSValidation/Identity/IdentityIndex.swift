import ILSRecord

/// The values of one identity key that have been seen, and in which row.
///
/// Holds an 80-bit keyed hash and a row number for each value: 16 to 18 bytes, and up to 24 where many values come twice.
/// That any two of ten million values share a hash has a chance of 4e-11.
struct IdentityIndex: ~Copyable {
  private let shards: UnsafeMutablePointer<IdentityShard>
  private let seeds: (UInt64, UInt64)
  private var chunks: ChunkMemory

  /// A shard's number is in the upper bits of a hash's second half.
  private static var shardBits: UInt64 { 9 }
  private static var shardCount: Int { 1 << Int(shardBits) }

  /// A key's hash.
  struct Hash: BitwiseCopyable, Equatable {
    let first: UInt64
    let second: UInt64

    /// What is kept beside the first half.
    var tag: UInt16 { UInt16(truncatingIfNeeded: second) }
  }

  init(_ memory: TableMemory = TableMemory()) {
    var random = SystemRandomNumberGenerator()
    seeds = (random.next(), random.next())
    chunks = ChunkMemory(memory)
    let size = Self.shardCount * MemoryLayout<IdentityShard>.stride
    shards = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
      .bindMemory(to: IdentityShard.self, capacity: Self.shardCount)
    for number in 0..<Self.shardCount { (shards + number).initialize(to: IdentityShard(&chunks)) }
  }

  deinit {
    for number in 0..<Self.shardCount { shards[number].release(chunks.memory) }
    shards.deallocate()
  }

  @inline(__always)
  func hash(_ key: UnsafeRawBufferPointer) -> Hash {
    let hashes = keyHashes(key, seeds: seeds)
    return Hash(first: hashes.0, second: hashes.1)
  }

  @inline(__always)
  private func shard(_ hash: Hash) -> UnsafeMutablePointer<IdentityShard> {
    shards + Int(hash.second >> (64 - Self.shardBits))
  }

  /// Asks for the memory that tells whether a key may be there.
  @inline(__always)
  func prefetch(_ hash: Hash) { shard(hash).pointee.prefetch(hash) }

  /// Notes that `row` holds a key; the row that held it before, if one did.
  @inline(__always)
  mutating func insert(_ hash: Hash, row: Int) -> Int? {
    let shard = shard(hash)
    if !shard.pointee.claim(hash), let known = shard.pointee.find(hash, chunks.memory) { return known }
    shard.pointee.append(hash, row, &chunks)
    return nil
  }

  /// Notes that `row` holds a key that was looked for and is not there.
  @inline(__always)
  mutating func insertNew(_ hash: Hash, row: Int) {
    let shard = shard(hash)
    _ = shard.pointee.claim(hash)
    shard.pointee.append(hash, row, &chunks)
  }

  /// Notes that `row` holds `key`; the row that held it before, if one did.
  mutating func insert(_ key: UnsafeRawBufferPointer, row: Int) -> Int? { insert(hash(key), row: row) }

  /// Whether a key was inserted.
  mutating func contains(_ key: UnsafeRawBufferPointer) -> Bool { find(hash(key)) != nil }

  /// False for nearly all keys that nobody holds.
  @inline(__always)
  func isClaimed(_ hash: Hash) -> Bool { shard(hash).pointee.isClaimed(hash) }

  /// The row that holds a key, if one does.
  @inline(__always)
  mutating func find(_ hash: Hash) -> Int? {
    let shard = shard(hash)
    return shard.pointee.isClaimed(hash) ? shard.pointee.find(hash, chunks.memory) : nil
  }
}

/// One index for each way to find a record.
struct IdentityTables: ~Copyable {
  private let tables: UnsafeMutablePointer<IdentityIndex>
  let count: Int

  init(count: Int, _ memory: TableMemory) {
    self.count = count
    tables = .allocate(capacity: max(count, 1))
    for number in 0..<count { (tables + number).initialize(to: IdentityIndex(memory)) }
  }

  deinit {
    tables.deinitialize(count: count)
    tables.deallocate()
  }

  @inline(__always)
  subscript(number: Int) -> UnsafeMutablePointer<IdentityIndex> { tables + number }
}
