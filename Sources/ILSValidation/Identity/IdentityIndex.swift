import ILSRecord

/// The values of one identity key that have been seen, and in which row.
///
/// Holds an 80-bit keyed hash and a row number for each value: 16 to 18 bytes, and up to 24 where many values come twice.
/// That any two of ten million values share a hash has a chance of 4e-11.
struct IdentityIndex: ~Copyable {
  private let shards: UnsafeMutablePointer<IdentityShard>
  private let seed = Hash.random()
  private var chunks: ChunkMemory

  /// A shard's number is in the upper bits of a hash's second half.
  private static var shardBits: UInt64 { 9 }
  private static var shardCount: Int { 1 << Int(shardBits) }

  typealias Hash = IdentityHash

  /// Where the filter tells of a value; good until the next value is appended.
  struct Place: BitwiseCopyable {
    let hash: Hash
    fileprivate let shard: UnsafeMutablePointer<IdentityShard>
    fileprivate let block: UnsafeMutablePointer<UInt64>
  }

  init(_ memory: TableMemory = TableMemory()) {
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
  private func shard(_ hash: Hash) -> UnsafeMutablePointer<IdentityShard> {
    shards + Int(truncatingIfNeeded: hash.second >> (64 - Self.shardBits))
  }

  /// Sends for the memory that tells whether a value may be there.
  @inline(__always)
  func prepare(_ hash: Hash) -> Place {
    let shard = shard(hash)
    return Place(hash: hash, shard: shard, block: shard.pointee.prefetch(hash))
  }

  /// Marks a value; whether nobody held it for sure.
  @inline(__always)
  func claim(_ place: Place) -> Bool { IdentityShard.claim(place.hash, place.block) }

  /// Notes that `row` holds a value that was claimed, and looked for where that was not enough.
  @inline(__always)
  mutating func append(_ place: Place, row: Int) { place.shard.pointee.append(place.hash, row, &chunks) }

  /// The row that holds a value that was claimed, if one did before.
  mutating func find(_ place: Place) -> Int? { place.shard.pointee.find(place.hash, chunks.memory) }

  /// Notes that `row` holds a value; the row that held it before, if one did.
  @inline(__always)
  mutating func insert(_ hash: Hash, row: Int) -> Int? {
    let place = prepare(hash)
    if !claim(place), let known = find(place) { return known }
    append(place, row: row)
    return nil
  }

  /// The row that holds a value, if one does.
  mutating func find(_ hash: Hash) -> Int? {
    let shard = shard(hash)
    return shard.pointee.isClaimed(hash) ? shard.pointee.find(hash, chunks.memory) : nil
  }

  /// Notes that `row` holds `key`; the row that held it before, if one did.
  mutating func insert(_ key: PaddedBytes, row: Int) -> Int? { Hash(key, seed).flatMap { insert($0, row: row) } }

  /// The row that was inserted with `key`, if one was.
  mutating func find(_ key: PaddedBytes) -> Int? { Hash(key, seed).flatMap { find($0) } }
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
