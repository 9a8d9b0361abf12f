import CValidation
import ILSIdentity
import ILSRecord
import Testing

@testable import ILSValidation

/// The hashes that tell records apart: of folded texts, and spread evenly.
@Suite struct IdentityHashTests {
  private let seed = IdentityHash(first: 0x0123_4567_89AB_CDEF, second: 0xFEDC_BA98_7654_3210)

  private func hash(_ text: String, _ folding: Int = ILS_FOLD_NONE, behind: UInt8 = 0xFF) -> IdentityHash? {
    var buffer = OutputBuffer()
    buffer.append(text)
    // What lies behind the text makes no difference.
    for _ in 0..<PaddedBytes.padding { buffer.append(behind) }
    return IdentityHash(buffer.padded[0..<text.utf8.count], seed, folding)
  }

  @Test(arguments: [(Folding.case, ILS_FOLD_CASE), (.name, ILS_FOLD_LETTERS)])
  func aTextHasTheHashOfItsFoldedBytes(folding: Folding, way: Int) {
    var random = Random(state: 5)
    for _ in 0..<20_000 {
      let count = Int(random.next() % 50) + 1
      let isOfLetters = random.next() % 2 == 0
      let bytes = (0..<count).map { _ in
        isOfLetters ? (random.next() % 2 == 0 ? 65 : 97) + UInt8(random.next() % 26) : UInt8(random.next() % 128)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      var folded = OutputBuffer()
      bytes.withUnsafeBytes { folded.append($0, folding: folding) }
      let quick = hash(text, way, behind: UInt8(random.next() % 256))
      if folding == .case || isOfLetters { #expect(quick != nil) }
      if let quick, quick != IdentityHash(folded.padded, seed) { Issue.record("\(text.debugDescription)") }
    }
  }

  @Test func lengthsAndOrderCount() throws {
    let texts = ["", "a", "a\0", "a\0\0", "\0a", "ab", "ba", "0123456789abcdef", "0123456789abcdef\0"]
    let hashes = try texts.map { try #require(hash($0)) }
    for one in hashes.indices {
      for other in hashes.indices where one < other { #expect(hashes[one] != hashes[other]) }
    }
    let (one, other) = (hashes[1], hashes[2])
    #expect(seed.mixed(with: one).mixed(with: other) != seed.mixed(with: other).mixed(with: one))
  }

  /// Values that differ in few bits, at either end: every part of the hash that is used on its own is spread as if at random.
  @Test(arguments: ["#", "0000#", "#@example.org", "patient.number.#.of.a.clinic@example.org", "#\0\0\0\0\0\0\0\0\0\0"])
  func partsOfAHashAreEven(pattern: String) throws {
    var parts = [[Int]](repeating: [Int](repeating: 0, count: 512), count: 5)
    var whole: Set<UInt64> = []
    let count = 100_000
    for number in 0..<count {
      let hash = try #require(self.hash(pattern.replacing("#", with: "\(number)")))
      for (part, bits) in [hash.first, hash.first >> 27, hash.first >> 55, hash.second, hash.second >> 55].enumerated()
      {
        parts[part][Int(bits & 511)] += 1
      }
      whole.insert(hash.first)
    }
    #expect(whole.count == count)
    // Chi-squared of 511 degrees of freedom is above 650 once in 20,000 times. The seed is fixed.
    for part in parts {
      let expected = Double(count) / 512
      let square = part.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
      #expect(square < 650)
    }
  }
}
