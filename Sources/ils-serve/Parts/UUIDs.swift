/// Ids of jobs and uploads: nothing else ever becomes part of a path.
public enum UUIDs {
  /// A UUID of version 7 (RFC 9562, 5.7): ids that are made later sort behind.
  public static func make(milliseconds: UInt64) -> String {
    var random = SystemRandomNumberGenerator()
    let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let high = milliseconds << 16 | 0x7000 | random.next() & 0x0FFF
    let digits = (hex(high) + hex(low)).map(String.init)
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].joined() }.joined(separator: "-")
  }

  /// The id in lower case; nil for text that is none.
  public static func read(_ text: some StringProtocol) -> String? {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [8, 4, 4, 4, 12],
      parts.joined().allSatisfy({ byte in
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
      })
    else { return nil }
    return text.lowercased()
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
