import CScan

/// A part of an index: a log of the values that came, a filter before it, and a table behind it.
///
/// Nearly all values are new. The filter, small enough for the cache, tells that at once, and the log only ever grows at its
/// end: neither waits for memory. What may be known is looked for in the table, which is brought up to date once looking
/// through the end of the log has cost as much as that would.
struct IdentityShard {
  /// A blocked Bloom filter: each value sets three bits in both words of one block.
  private var filter: UnsafeMutablePointer<UInt64>
  private var blocks: Int
  /// Where the next entry goes.
  private var end: UnsafeMutableRawPointer
  /// Entries that find room before the filter or the log must grow.
  private var room = 0
  private var count = 0

  /// The log: chunks of entries.
  private var chunks: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var chunkCount = 0

  /// Open addressing, linear probing: an entry's number, from 1, and eight bits of its tag above that; 0 for none.
  private var table: UnsafeMutablePointer<UInt32>?
  private var places = 0
  /// How many entries of the log the table has.
  private var tabled = 0
  /// How often the rest of the log was looked through.
  private var searches = 0
  /// What is needed for a new value lies in one cache line.
  private let padding: (Int, Int, Int, Int) = (0, 0, 0, 0)

  private static var firstBlocks: Int { 8 }
  /// The hash's first half, the row, the tag; packed.
  private static var entrySize: Int { 14 }
  /// An entry is written as 16 bytes.
  private static var entriesInChunk: Int { (ChunkMemory.chunkSize - 2) / entrySize }
  /// Of 128 bits each: about one in a thousand new values is taken for known.
  private static var valuesInBlock: Int { 8 }
  private static var numberBits: UInt32 { 24 }
  private static var highestNumber: Int { 1 << Int(numberBits) - 1 }
  private static var searchesBeforeTable: Int { 32 }

  init(_ memory: inout ChunkMemory) {
    blocks = Self.firstBlocks
    filter = Self.filter(of: blocks, &memory)
    chunks = .allocate(capacity: 1)
    end = UnsafeMutableRawPointer(filter)
  }

  func release(_ memory: TableMemory) {
    chunks.deallocate()
    if let table { memory.release(table, Self.tableSize(places)) }
  }

  // MARK: - Filter

  private static func filter(of blocks: Int, _ memory: inout ChunkMemory) -> UnsafeMutablePointer<UInt64> {
    memory.piece(blocks * 16).initializeMemory(as: UInt64.self, repeating: 0, count: blocks * 2)
  }

  /// The block of a value: two words.
  @inline(__always)
  private func block(_ hash: UInt64) -> UnsafeMutablePointer<UInt64> {
    let number = hash.multipliedFullWidth(by: UInt64(truncatingIfNeeded: blocks)).high
    return (UnsafeMutableRawPointer(filter) + Int(truncatingIfNeeded: number &<< 4)).assumingMemoryBound(
      to: UInt64.self)
  }

  @inline(__always)
  private static func bits(_ hash: UInt64) -> (UInt64, UInt64) {
    let one: UInt64 = 1
    return (
      one &<< hash | one &<< (hash >> 6) | one &<< (hash >> 12),
      one &<< (hash >> 18) | one &<< (hash >> 24) | one &<< (hash >> 30)
    )
  }

  /// Sends for what a value needs; its block.
  @inline(__always)
  func prefetch(_ hash: IdentityIndex.Hash) -> UnsafeMutablePointer<UInt64> {
    let block = block(hash.first)
    ils_prefetch(block)
    ils_prefetch(end)
    return block
  }

  /// Marks a value in its block of the filter; whether it is new for sure.
  @inline(__always)
  static func claim(_ hash: IdentityIndex.Hash, _ block: UnsafeMutablePointer<UInt64>) -> Bool {
    let bits = bits(hash.first)
    let isNew = lacks(block, bits)
    block[0] |= bits.0
    block[1] |= bits.1
    return isNew
  }

  /// Whether a value may have been marked.
  @inline(__always)
  func isClaimed(_ hash: IdentityIndex.Hash) -> Bool { !Self.lacks(block(hash.first), Self.bits(hash.first)) }

  @inline(__always)
  private static func lacks(_ block: UnsafeMutablePointer<UInt64>, _ bits: (UInt64, UInt64)) -> Bool {
    (bits.0 & ~block[0]) | (bits.1 & ~block[1]) != 0
  }

  // MARK: - Log

  /// Adds a value that is not there.
  @inline(__always)
  mutating func append(_ hash: IdentityIndex.Hash, _ row: Int, _ memory: inout ChunkMemory) {
    if room == 0 { makeRoom(for: hash, &memory) }
    end.storeBytes(of: hash.first, as: UInt64.self)
    end.storeBytes(
      of: UInt64(UInt32(clamping: row)) | UInt64(hash.tag) << 32, toByteOffset: 8, as: UInt64.self)
    end += Self.entrySize
    room -= 1
    count += 1
  }

  @inline(never)
  private mutating func makeRoom(for hash: IdentityIndex.Hash, _ memory: inout ChunkMemory) {
    if count == blocks * Self.valuesInBlock {
      memory.giveBack(filter, blocks * 16)
      blocks *= 2
      filter = Self.filter(of: blocks, &memory)
      visit(from: 0) { entry, _ in
        _ = Self.claim(Self.hash(entry), block(Self.hash(entry).first))
        return true
      }
      _ = Self.claim(hash, block(hash.first))
    }
    if count == chunkCount * Self.entriesInChunk { addChunk(memory.chunk()) }
    room = min(blocks * Self.valuesInBlock, chunkCount * Self.entriesInChunk) - count
  }

  private mutating func addChunk(_ chunk: UnsafeMutableRawPointer) {
    // A power of two is full.
    if chunkCount & (chunkCount - 1) == 0, chunkCount > 0 {
      let more = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: chunkCount * 2)
      more.moveInitialize(from: chunks, count: chunkCount)
      chunks.deallocate()
      chunks = more
    }
    (chunks + chunkCount).initialize(to: chunk)
    chunkCount += 1
    end = chunk
  }

  /// Calls `body` with the entries from a number on, until it returns false.
  @inline(__always)
  private func visit(from first: Int, _ body: (UnsafeMutableRawPointer, Int) -> Bool) {
    var number = first
    while number < count {
      var entry = entry(number)
      let end = min(count, (number / Self.entriesInChunk + 1) * Self.entriesInChunk)
      while number < end {
        if !body(entry, number) { return }
        entry += Self.entrySize
        number += 1
      }
    }
  }

  private func entry(_ number: Int) -> UnsafeMutableRawPointer {
    let (chunk, place) = number.quotientAndRemainder(dividingBy: Self.entriesInChunk)
    return chunks[chunk] + place * Self.entrySize
  }

  private static func hash(_ entry: UnsafeMutableRawPointer) -> IdentityIndex.Hash {
    .init(
      first: entry.loadUnaligned(as: UInt64.self),
      second: UInt64(entry.loadUnaligned(fromByteOffset: 12, as: UInt16.self)))
  }

  /// The row of an entry, if it is the value's.
  @inline(__always)
  private static func row(_ entry: UnsafeMutableRawPointer, of hash: IdentityIndex.Hash) -> Int? {
    guard entry.loadUnaligned(as: UInt64.self) == hash.first,
      entry.loadUnaligned(fromByteOffset: 12, as: UInt16.self) == hash.tag
    else { return nil }
    return Int(entry.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
  }

  // MARK: - Table

  /// The row of a value that may be there.
  /// - Complexity: expected O(1), amortised over many searches; the first ones look through the log.
  @inline(never)
  mutating func find(_ hash: IdentityIndex.Hash, _ memory: TableMemory) -> Int? {
    if tabled < count {
      searches += 1
      if searches >= Self.searchesBeforeTable { tabulate(memory) }
    }
    if let row = lookUp(hash) { return row }
    var found: Int?
    visit(from: tabled) { entry, _ in
      found = Self.row(entry, of: hash)
      return found == nil
    }
    return found
  }

  private func lookUp(_ hash: IdentityIndex.Hash) -> Int? {
    guard let table else { return nil }
    var place = home(hash.first)
    while table[place] != 0 {
      let slot = table[place]
      if slot >> Self.numberBits == UInt32(hash.tag & 0xFF) {
        let number = (Int(slot) & Self.highestNumber) - 1
        if let row = Self.row(entry(number), of: hash) { return row }
      }
      place = behind(place)
    }
    return nil
  }

  @inline(__always)
  private func home(_ hash: UInt64) -> Int { Int(hash.multipliedFullWidth(by: UInt64(places)).high) }

  private func behind(_ place: Int) -> Int { place + 1 == places ? 0 : place + 1 }

  private static func tableSize(_ places: Int) -> Int { places * MemoryLayout<UInt32>.stride }

  /// Brings the table up to date: seven tenths to seven eighths of its places are taken.
  private mutating func tabulate(_ memory: TableMemory) {
    searches = 0
    let most = min(count, Self.highestNumber)
    if most * 8 > places * 7 {
      if let table { memory.release(table, Self.tableSize(places)) }
      places = most * 10 / 7 + 8
      table = memory.allocate(Self.tableSize(places))
        .initializeMemory(as: UInt32.self, repeating: 0, count: places)
      tabled = 0
    }
    guard let table else { return }
    visit(from: tabled) { entry, number in
      if number >= most { return false }
      let hash = Self.hash(entry)
      var place = home(hash.first)
      while table[place] != 0 { place = behind(place) }
      table[place] = UInt32(number + 1) | UInt32(hash.tag & 0xFF) << Self.numberBits
      return true
    }
    tabled = most
  }
}
