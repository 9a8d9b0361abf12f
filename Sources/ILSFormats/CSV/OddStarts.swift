/// How rows that are no data begin: most others are told from them by two bytes.
struct OddStarts: ~Copyable {
  /// Bit *b* of word *a* says whether a word may start with two bytes whose low six bits are *a* and *b*.
  private let pairs: UnsafeMutablePointer<UInt64>
  /// The first eight bytes of each word, and which of them it has.
  private let words: UnsafeMutablePointer<(bytes: UInt64, mask: UInt64)>
  private let count: Int

  /// - Parameter list: in lower case.
  init(_ list: [String]) {
    pairs = .allocate(capacity: 64)
    pairs.initialize(repeating: 0, count: 64)
    count = list.count
    words = .allocate(capacity: max(count, 1))
    for (index, word) in list.enumerated() {
      let bytes = Array(word.utf8.prefix(8))
      var (value, mask): (UInt64, UInt64) = (0, 0)
      for (place, byte) in bytes.enumerated() {
        value |= UInt64(byte | 0x20) << UInt64(place * 8)
        mask |= 0xFF << UInt64(place * 8)
      }
      (words + index).initialize(to: (value, mask))
      guard let first = bytes.first else { continue }
      let seconds = bytes.count > 1 ? [bytes[1] | 0x20] : Array(0...0x3F)
      for second in seconds { pairs[Int((first | 0x20) & 0x3F)] |= 1 << UInt64(second & 0x3F) }
    }
  }

  deinit {
    pairs.deallocate()
    words.deallocate()
  }

  /// Whether a row that starts with those bytes may begin with one of the words, behind a quote or a space at the most.
  ///
  /// Reads three bytes, and nine where those do not decide: `PaddedBytes` have them.
  @inline(__always)
  borrowing func mayBegin(_ start: UnsafeRawPointer) -> Bool {
    let lead = start.load(as: UInt8.self)
    guard lead > 0x40 || lead == 0x22 || lead == 0x20 else { return false }
    let word = lead <= 0x22 ? start + 1 : start
    let first = Int((word.load(as: UInt8.self) | 0x20) & 0x3F)
    let second = UInt64(((word + 1).load(as: UInt8.self) | 0x20) & 0x3F)
    return pairs[first] >> second & 1 != 0 && isWord(word)
  }

  @inline(never)
  private borrowing func isWord(_ start: UnsafeRawPointer) -> Bool {
    let bytes = start.loadUnaligned(as: UInt64.self) | 0x2020_2020_2020_2020
    for index in 0..<count where bytes & words[index].mask == words[index].bytes & words[index].mask { return true }
    return false
  }
}
