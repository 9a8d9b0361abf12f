import ILSRecord

/// The values of one identity key that have been seen, and in which row.
///
/// Holds a 96-bit keyed hash and a row number, 16 bytes, for each value, in tables that are three quarters full on
/// average: about 21 bytes a record and key. Two different values among ten million share a hash with a chance below 1e-15.
struct IdentityIndex: ~Copyable {
  private var shards: [Shard]
  private let seeds: (UInt64, UInt64)

  private static var shardCount: Int { 64 }

  init() {
    var random = SystemRandomNumberGenerator()
    seeds = (random.next(), random.next())
    shards = .init(repeating: Shard(), count: Self.shardCount)
  }

  /// Notes that `row` holds `key`; the row that held it before, if one did.
  mutating func insert(_ key: UnsafeRawBufferPointer, row: Int) -> Int? {
    let first = IdentityIndex.hash(key, seeds.0)
    let second = IdentityIndex.hash(key, seeds.1)
    let entry = Shard.Entry(first: first, second: UInt32(truncatingIfNeeded: second), row: UInt32(clamping: row))
    return shards[Int(second >> 58)].insert(entry)
  }

  /// A keyed hash: each 8 bytes are multiplied into the state, and both halves of the product are kept.
  private static func hash(_ key: UnsafeRawBufferPointer, _ seed: UInt64) -> UInt64 {
    var state = mix(seed ^ UInt64(truncatingIfNeeded: key.count), 0x9E37_79B9_7F4A_7C15)
    var at = 0
    while at + 8 <= key.count {
      state = mix(state ^ key.loadUnaligned(fromByteOffset: at, as: UInt64.self), seed | 1)
      at += 8
    }
    var rest: UInt64 = 0
    while at < key.count {
      rest = rest << 8 | UInt64(key[at])
      at += 1
    }
    return mix(mix(state ^ rest, seed | 1), 0xD1B5_4A32_D192_ED03 ^ seed)
  }

  private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low ^ (a &+ 0x2545_F491_4F6C_DD1D)
  }

  /// One part of the table. Parts grow one at a time, so that growth never holds the whole table twice.
  private struct Shard {
    struct Entry {
      var first: UInt64
      var second: UInt32
      /// 0: no entry.
      var row: UInt32
    }

    private var entries: [Entry] = .init(repeating: Entry(first: 0, second: 0, row: 0), count: 16)
    private var count = 0

    mutating func insert(_ entry: Entry) -> Int? {
      if (count + 1) * 8 > entries.count * 7 { grow() }
      var at = home(entry, entries.count)
      while entries[at].row != 0 {
        if entries[at].first == entry.first, entries[at].second == entry.second { return Int(entries[at].row) }
        at = at + 1 == entries.count ? 0 : at + 1
      }
      entries[at] = entry
      entries[at].row = max(entry.row, 1)
      count += 1
      return nil
    }

    private func home(_ entry: Entry, _ size: Int) -> Int {
      Int(entry.first.multipliedFullWidth(by: UInt64(size)).high)
    }

    private mutating func grow() {
      let larger = entries.count * 4 / 3 + 16
      var moved = [Entry](repeating: Entry(first: 0, second: 0, row: 0), count: larger)
      for entry in entries where entry.row != 0 {
        var at = home(entry, larger)
        while moved[at].row != 0 { at = at + 1 == larger ? 0 : at + 1 }
        moved[at] = entry
      }
      entries = moved
    }
  }
}
