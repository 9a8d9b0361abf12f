/// How rows that are no data begin: most others are told from them by three bytes.
struct OddStarts: ~Copyable {
  /// A bit for each hash of three bytes that such a row may start with.
  private let starts: UnsafeMutablePointer<UInt64>
  private static let bits = 16
  /// The first eight bytes of each word, and which of them it has.
  private let words: UnsafeMutablePointer<(bytes: UInt64, mask: UInt64)>
  private let count: Int

  /// - Parameters:
  ///   - list: the words, which may stand in rows in any case.
  ///   - delimiter: what may stand behind a word of less than three bytes, as a quote, a space and a line end may.
  init(_ list: [String], delimiter: UInt8) {
    starts = .allocate(capacity: 1 << (Self.bits - 6))
    starts.initialize(repeating: 0, count: 1 << (Self.bits - 6))
    // Beyond ASCII the cases of a letter may differ in more than a bit.
    let spelled = Set(
      list.flatMap { [$0.lowercased(), $0.uppercased(), $0.prefix(1).uppercased() + $0.dropFirst().lowercased()] }
    ).filter { !$0.isEmpty }
    count = spelled.count
    words = .allocate(capacity: max(count, 1))
    for (index, word) in spelled.sorted().enumerated() {
      (words + index).initialize(to: Self.firstBytes(of: word))
      for start in Self.threeBytes(of: word, delimiter) {
        let hash = Self.hash(start)
        starts[hash >> 6] |= 1 << UInt64(hash & 63)
      }
    }
  }

  deinit {
    starts.deallocate()
    words.deallocate()
  }

  private static func firstBytes(of word: String) -> (bytes: UInt64, mask: UInt64) {
    var (value, mask): (UInt64, UInt64) = (0, 0)
    for (place, byte) in word.utf8.prefix(8).enumerated() {
      value |= UInt64(byte | 0x20) << UInt64(place * 8)
      mask |= 0xFF << UInt64(place * 8)
    }
    return (value, mask)
  }

  /// What the first three bytes of a row with the word may be.
  private static func threeBytes(of word: String, _ delimiter: UInt8) -> [UInt32] {
    var found = [UInt32(0)]
    let bytes = Array(word.utf8.prefix(3))
    for place in 0..<3 {
      let next: [UInt8] =
        place < bytes.count
        ? [bytes[place]] : place == bytes.count ? [delimiter, 0x20, 0x22, 0x0A, 0x0D] : Array(0...0xFF)
      found = found.flatMap { start in next.map { start | UInt32($0) << UInt32(place * 8) } }
    }
    return found
  }

  /// Of the lowest three bytes, whatever the case of their letters.
  @inline(__always)
  private static func hash(_ bytes: UInt32) -> Int {
    // The constant is 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
    Int(((bytes & 0xFF_FFFF | 0x20_2020) &* 0x9E37_79B1) >> UInt32(32 - bits))
  }

  /// Whether a row that starts with those bytes may begin with one of the words, behind a quote or a space at the most.
  ///
  /// Reads five bytes, and nine where those do not decide: `PaddedBytes` have them.
  @inline(__always)
  borrowing func mayBegin(_ start: UnsafeRawPointer) -> Bool {
    let lead = start.load(as: UInt8.self)
    let word = start + (lead == 0x22 || lead == 0x20 ? 1 : 0)
    let hash = Self.hash(UInt32(littleEndian: word.loadUnaligned(as: UInt32.self)))
    return starts[hash >> 6] >> UInt64(hash & 63) & 1 != 0 && isWord(word)
  }

  @inline(never)
  private borrowing func isWord(_ start: UnsafeRawPointer) -> Bool {
    let bytes = start.loadUnaligned(as: UInt64.self) | 0x2020_2020_2020_2020
    for index in 0..<count where bytes & words[index].mask == words[index].bytes & words[index].mask { return true }
    return false
  }
}
