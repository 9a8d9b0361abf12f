import CScan
import ILSRecord

/// Where tables of identity keys lie: in this process's memory, or wherever a subclass puts them.
open class TableMemory {
  public init() {}

  /// Memory that holds zeros, aligned to 64 bytes.
  open func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    return memory
  }

  open func release(_ memory: UnsafeMutableRawPointer, _ bytes: Int) { memory.deallocate() }
}

/// The values of one identity key that have been seen, and in which row.
///
/// Holds an 80-bit keyed hash and a row number for each value, up to nine of them in two cache lines, in tables that are 67
/// to 90 percent full, and a filter: 17 to 23 bytes a record and key. That any two of ten million values share a hash has a
/// chance of 4e-11.
///
/// Nearly all values are new, which the filter, small enough for the cache, tells at once. The table is told of them later,
/// many at a time, when the memory where they go has arrived.
struct IdentityIndex: ~Copyable {
  private let shards: UnsafeMutablePointer<Shard>
  private let seeds: (UInt64, UInt64)
  private let memory: TableMemory
  /// New values that are not yet in the table.
  private let waiting: UnsafeMutablePointer<(hash: Hash, row: Int)>
  private var waitingCount = 0

  private static var shardCount: Int { 64 }
  private static var waitingLimit: Int { 32 }

  /// A key's hash.
  struct Hash: BitwiseCopyable {
    let first: UInt64
    let second: UInt64
  }

  init(_ memory: TableMemory = TableMemory()) {
    var random = SystemRandomNumberGenerator()
    seeds = (random.next(), random.next())
    self.memory = memory
    waiting = .allocate(capacity: Self.waitingLimit)
    shards = .allocate(capacity: Self.shardCount)
    for number in 0..<Self.shardCount { (shards + number).initialize(to: Shard(memory, capacity: 2)) }
  }

  deinit {
    for number in 0..<Self.shardCount { shards[number].release(memory) }
    shards.deallocate()
    waiting.deallocate()
  }

  @inline(__always)
  func hash(_ key: UnsafeRawBufferPointer) -> Hash {
    let hashes = keyHashes(key, seeds: seeds)
    return Hash(first: hashes.0, second: hashes.1)
  }

  @inline(__always)
  private func shard(_ hash: Hash) -> UnsafeMutablePointer<Shard> { shards + Int(hash.second >> 58) }

  /// Asks for the memory that tells whether a key may be there.
  @inline(__always)
  func prefetch(_ hash: Hash) { shard(hash).pointee.prefetchFilter(hash) }

  /// Notes that `row` holds a key; the row that held it before, if one did.
  @inline(__always)
  mutating func insert(_ hash: Hash, row: Int) -> Int? {
    let shard = shard(hash)
    guard shard.pointee.claim(hash) else { return insertSlowly(hash, row) }
    shard.pointee.prefetch(hash)
    (waiting + waitingCount).initialize(to: (hash, row))
    waitingCount += 1
    if waitingCount == Self.waitingLimit { settle() }
    return nil
  }

  @inline(never)
  private mutating func insertSlowly(_ hash: Hash, _ row: Int) -> Int? {
    settle()
    if let known = shard(hash).pointee.row(hash) { return known }
    shard(hash).pointee.add(hash, row, memory)
    return nil
  }

  /// Whether a key was inserted.
  mutating func contains(_ key: UnsafeRawBufferPointer) -> Bool {
    if waitingCount > 0 { settle() }
    let hash = hash(key)
    return shard(hash).pointee.row(hash) != nil
  }

  /// Puts all that waits into the table.
  @inline(never)
  private mutating func settle() {
    for number in 0..<waitingCount {
      let (hash, row) = waiting[number]
      shard(hash).pointee.add(hash, row, memory)
    }
    waitingCount = 0
  }

  /// Notes that `row` holds `key`; the row that held it before, if one did.
  mutating func insert(_ key: UnsafeRawBufferPointer, row: Int) -> Int? { insert(hash(key), row: row) }

  /// One part of the table. Parts grow one at a time, so that growth never holds the whole table twice.
  private struct Shard {
    /// Buckets of 128 bytes: nine hashes, nine rows, nine tags, and how many there are. Full ones overflow into the next.
    private var buckets: UnsafeMutableRawPointer
    /// A blocked Bloom filter: each value sets three bits of one word, of which there is one for each bucket.
    private var filter: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private var count = 0

    private static var size: Int { 128 }
    private static var entries: Int { 9 }
    private static var rows: Int { 72 }
    private static var tags: Int { 108 }
    private static var length: Int { 126 }

    /// - Parameter capacity: in buckets.
    init(_ memory: TableMemory, capacity: Int) {
      self.capacity = capacity
      buckets = memory.allocate(capacity * Self.size)
      filter = .allocate(capacity: capacity)
      filter.initialize(repeating: 0, count: capacity)
    }

    func release(_ memory: TableMemory) {
      memory.release(buckets, capacity * Self.size)
      filter.deallocate()
    }

    @inline(__always)
    private func home(_ hash: UInt64) -> Int { Int(hash.multipliedFullWidth(by: UInt64(capacity)).high) }

    private func behind(_ bucket: Int) -> Int { bucket + 1 == capacity ? 0 : bucket + 1 }

    @inline(__always)
    private static func bits(_ hash: UInt64) -> UInt64 {
      1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
    }

    @inline(__always)
    func prefetch(_ hash: Hash) {
      let bucket = buckets + home(hash.first) * Self.size
      ils_prefetch(bucket)
      ils_prefetch(bucket + 64)
    }

    @inline(__always)
    func prefetchFilter(_ hash: Hash) { ils_prefetch(filter + home(hash.first)) }

    /// Marks a value in the filter; whether it is new for sure.
    @inline(__always)
    func claim(_ hash: Hash) -> Bool {
      let word = filter + home(hash.first)
      let bits = Self.bits(hash.first)
      let isNew = word.pointee & bits != bits
      word.pointee |= bits
      return isNew
    }

    /// The row of a value that is in the table.
    func row(_ hash: Hash) -> Int? {
      let tag = UInt16(truncatingIfNeeded: hash.second)
      var at = home(hash.first)
      while true {
        let bucket = buckets + at * Self.size
        let count = Int(bucket.load(fromByteOffset: Self.length, as: UInt16.self))
        for entry in 0..<count where bucket.load(fromByteOffset: entry * 8, as: UInt64.self) == hash.first {
          if bucket.load(fromByteOffset: Self.tags + entry * 2, as: UInt16.self) == tag {
            return Int(bucket.load(fromByteOffset: Self.rows + entry * 4, as: UInt32.self))
          }
        }
        if count < Self.entries { return nil }
        at = behind(at)
      }
    }

    /// Adds a value that is not in the table.
    @inline(__always)
    mutating func add(_ hash: Hash, _ row: Int, _ memory: TableMemory) {
      if (count + 1) * 10 > capacity * Self.entries * 9 { grow(memory) }
      count += 1
      put(hash.first, UInt16(truncatingIfNeeded: hash.second), UInt32(clamping: row))
    }

    @inline(__always)
    private func put(_ hash: UInt64, _ tag: UInt16, _ row: UInt32) {
      var at = home(hash)
      // Again, if it was claimed before the table grew.
      filter[at] |= Self.bits(hash)
      while true {
        let bucket = buckets + at * Self.size
        let entry = Int(bucket.load(fromByteOffset: Self.length, as: UInt16.self))
        if entry < Self.entries {
          bucket.storeBytes(of: hash, toByteOffset: entry * 8, as: UInt64.self)
          bucket.storeBytes(of: row, toByteOffset: Self.rows + entry * 4, as: UInt32.self)
          bucket.storeBytes(of: tag, toByteOffset: Self.tags + entry * 2, as: UInt16.self)
          bucket.storeBytes(of: UInt16(entry + 1), toByteOffset: Self.length, as: UInt16.self)
          return
        }
        at = behind(at)
      }
    }

    @inline(never)
    private mutating func grow(_ memory: TableMemory) {
      let old = self
      self = Shard(memory, capacity: old.capacity * 4 / 3 + 2)
      count = old.count
      for number in 0..<old.capacity {
        let bucket = old.buckets + number * Self.size
        for entry in 0..<Int(bucket.load(fromByteOffset: Self.length, as: UInt16.self)) {
          put(
            bucket.load(fromByteOffset: entry * 8, as: UInt64.self),
            bucket.load(fromByteOffset: Self.tags + entry * 2, as: UInt16.self),
            bucket.load(fromByteOffset: Self.rows + entry * 4, as: UInt32.self))
        }
      }
      old.release(memory)
    }
  }
}

/// One index for each identity key.
struct IdentityTables: ~Copyable {
  private let tables: UnsafeMutablePointer<IdentityIndex>
  let count: Int
  private var prepared: [IdentityIndex.Hash?]

  init(count: Int, _ memory: TableMemory) {
    self.count = count
    prepared = .init(repeating: nil, count: count)
    tables = .allocate(capacity: max(count, 1))
    for number in 0..<count { (tables + number).initialize(to: IdentityIndex(memory)) }
  }

  deinit {
    tables.deinitialize(count: count)
    tables.deallocate()
  }

  /// Hashes the key of index `number` that is to be inserted next; nil for none.
  @inline(__always)
  mutating func prepare(_ number: Int, _ key: UnsafeRawBufferPointer?) {
    let hash = key.map { tables[number].hash($0) }
    if let hash { tables[number].prefetch(hash) }
    prepared[number] = hash
  }

  @inline(__always)
  mutating func insertPrepared(_ number: Int, row: Int) -> Int? {
    prepared[number].flatMap { tables[number].insert($0, row: row) }
  }
}
