import ILSRecord

/// Remembers identity keys well enough to say of most new ones that they are new (a Bloom filter).
///
/// A key that was added is always known again. One that was not is taken for known with a chance of about 1e-6 at four
/// million keys, 1 % at forty million. Each key sets eight bits of one cache line.
struct KeyFilter: ~Copyable {
  private let lines: UnsafeMutablePointer<UInt64>
  private let seed: UInt64

  /// 24 MiB.
  private static var lineCount: Int { 393_216 }
  private static var wordsInLine: Int { 8 }

  /// - Parameter seed: nil for a random one.
  init(seed: UInt64? = nil) {
    let words = Self.lineCount * Self.wordsInLine
    lines = UnsafeMutableRawPointer.allocate(inHugePages: words * 8)
      .initializeMemory(as: UInt64.self, repeating: 0, count: words)
    var random = SystemRandomNumberGenerator()
    self.seed = seed ?? random.next()
  }

  deinit { lines.deallocate() }

  func hash(_ key: UnsafeRawBufferPointer) -> UInt64 { keyHash(key, seed: seed) }

  /// Adds the key with this hash; whether it was, or may have been, there before.
  mutating func insert(_ hash: UInt64) -> Bool {
    let line = lines + Int(hash.multipliedFullWidth(by: UInt64(Self.lineCount)).high) * Self.wordsInLine
    // One bit in each word: six bits of the hash choose it.
    var choice = hash &* 0x9E37_79B9_7F4A_7C15
    var isKnown = true
    for word in 0..<Self.wordsInLine {
      let bit = UInt64(1) << (choice >> 58)
      isKnown = isKnown && line[word] & bit != 0
      line[word] |= bit
      choice = choice &* 0xD134_2543_DE82_EF95 &+ 1
    }
    return isKnown
  }
}
