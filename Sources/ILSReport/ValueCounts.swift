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
    let place = place(of: text)
    if entries[place] != nil {
      entries[place]?.count += 1
      return
    }
    if entries.count >= limit || bytesLeft < text.count + Self.overhead { prune() }
    if isExact { distinct += 1 }
    insert(Entry(text: Array(text), count: 1))
  }

  /// Where a text is, or where it goes.
  private func place(of text: UnsafeRawBufferPointer) -> UInt64 {
    var place = keyHash(text, seed: 0)
    while let found = entries[place], found.text.count != text.count || !found.text.elementsEqual(text) { place &+= 1 }
    return place
  }

  /// Keeps a text that is not there.
  private mutating func insert(_ entry: Entry) {
    entries[entry.text.withUnsafeBytes { place(of: $0) }] = entry
    bytesLeft -= entry.text.count + Self.overhead
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
    for entry in kept { insert(Entry(text: entry.text, count: entry.count - taken)) }
  }

  /// The most frequent ones that are worth being told: of many that were met once each, none.
  func top(_ number: Int) -> [Entry] {
    let told = entries.values.filter { isExact ? $0.count > 1 || distinct <= number : $0.count > slack }
    let sorted = told.sorted { $0.count != $1.count ? $0.count > $1.count : $0.text.lexicographicallyPrecedes($1.text) }
    return Array(sorted.prefix(number))
  }
}
