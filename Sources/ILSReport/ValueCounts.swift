import ILSRecord

/// How often each text was met, in memory that is bounded: exact until the table is full; from then on a count is a lower bound,
/// by `slack` at most, and no text is lost that was met more often than that (Misra and Gries, 1982).
struct ValueCounts {
  struct Entry {
    let text: [UInt8]
    var count: Int
  }

  /// By the hash of the text; of two alike, the second stands at the next number that is free.
  private var entries: [UInt64: Entry] = [:]
  private let limit: Int
  private var bytesLeft: Int
  private let bytes: Int
  /// By how much a count may be too low.
  private(set) var slack = 0
  /// How many different texts there were, or were when the table was full.
  private(set) var distinct = 0

  var isExact: Bool { slack == 0 }

  /// What an entry takes beside its text.
  private static var overhead: Int { 80 }

  /// - Parameters:
  ///   - limit: how many texts are kept.
  ///   - bytes: how much memory they may take.
  init(limit: Int, bytes: Int) { (self.limit, self.bytes, bytesLeft) = (limit, bytes, bytes) }

  mutating func add(_ text: UnsafeRawBufferPointer) {
    var hash = keyHash(text, seed: 0)
    while let found = entries[hash] {
      if found.text.count == text.count, found.text.elementsEqual(text) {
        entries[hash]?.count += 1
        return
      }
      hash &+= 1
    }
    if entries.count >= limit || bytesLeft < text.count + Self.overhead {
      prune()
      // The place may be another one now.
      hash = keyHash(text, seed: 0)
      while entries[hash] != nil { hash &+= 1 }
    }
    if isExact { distinct += 1 }
    entries[hash] = Entry(text: Array(text), count: 1)
    bytesLeft -= text.count + Self.overhead
  }

  /// Takes as much from each count as halves the table.
  private mutating func prune() {
    let counts = entries.values.map(\.count).sorted()
    guard !counts.isEmpty else { return }
    let taken = counts[counts.count / 2]
    slack += taken
    bytesLeft = bytes
    let kept = entries.values.filter { $0.count > taken }
    entries.removeAll(keepingCapacity: true)
    for entry in kept {
      var hash = entry.text.withUnsafeBytes { keyHash($0, seed: 0) }
      while entries[hash] != nil { hash &+= 1 }
      entries[hash] = Entry(text: entry.text, count: entry.count - taken)
      bytesLeft -= entry.text.count + Self.overhead
    }
  }

  /// The most frequent ones that are worth being told: of many that were met once each, none.
  func top(_ number: Int) -> [Entry] {
    let told = entries.values.filter { isExact ? $0.count > 1 || distinct <= number : $0.count > slack }
    let sorted = told.sorted { $0.count != $1.count ? $0.count > $1.count : $0.text.lexicographicallyPrecedes($1.text) }
    return Array(sorted.prefix(number))
  }
}
