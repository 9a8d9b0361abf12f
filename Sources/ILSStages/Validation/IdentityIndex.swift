import ILSRecord

/// The values of one identity key that have been seen, and in which row.
///
/// Holds an 80-bit keyed hash and a row number, 14 bytes, for each value, in tables that are three quarters full on
/// average: about 19 bytes a record and key. That any two of ten million values share a hash has a chance of 4e-11.
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
    let first = keyHash(key, seed: seeds.0)
    let second = keyHash(key, seed: seeds.1)
    return shards[Int(second >> 58)].insert(
      hash: max(first, 1), tag: UInt16(truncatingIfNeeded: second), row: UInt32(clamping: row))
  }

  /// One part of the table. Parts grow one at a time, so that growth never holds the whole table twice.
  private struct Shard {
    /// 0: no entry.
    private var hashes: [UInt64] = .init(repeating: 0, count: 16)
    private var tags: [UInt16] = .init(repeating: 0, count: 16)
    private var rows: [UInt32] = .init(repeating: 0, count: 16)
    private var count = 0

    mutating func insert(hash: UInt64, tag: UInt16, row: UInt32) -> Int? {
      if (count + 1) * 8 > hashes.count * 7 { grow() }
      var at = home(hash, hashes.count)
      while hashes[at] != 0 {
        if hashes[at] == hash, tags[at] == tag { return Int(rows[at]) }
        at = at + 1 == hashes.count ? 0 : at + 1
      }
      hashes[at] = hash
      tags[at] = tag
      rows[at] = row
      count += 1
      return nil
    }

    private func home(_ hash: UInt64, _ size: Int) -> Int { Int(hash.multipliedFullWidth(by: UInt64(size)).high) }

    private mutating func grow() {
      let old = self
      let larger = old.hashes.count * 4 / 3 + 16
      hashes = .init(repeating: 0, count: larger)
      tags = .init(repeating: 0, count: larger)
      rows = .init(repeating: 0, count: larger)
      for entry in old.hashes.indices where old.hashes[entry] != 0 {
        var at = home(old.hashes[entry], larger)
        while hashes[at] != 0 { at = at + 1 == larger ? 0 : at + 1 }
        (hashes[at], tags[at], rows[at]) = (old.hashes[entry], old.tags[entry], old.rows[entry])
      }
    }
  }
}
