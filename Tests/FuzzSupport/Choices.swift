/// Draws choices from a fuzzer's case, whose bytes then are no file: they say what one holds and how it is spelled, so that
/// every case gets past the first checks. Zeros stand behind its end.
public struct Choices {
  private var left: ArraySlice<UInt8>

  public init(_ bytes: some Collection<UInt8>) { left = ArraySlice(Array(bytes)) }

  public mutating func byte() -> Int { Int(left.popFirst() ?? 0) }
  public mutating func word() -> Int { byte() | byte() << 8 }
  public mutating func flag() -> Bool { byte() & 1 != 0 }
  /// From 0 to `count` - 1.
  public mutating func below(_ count: Int) -> Int { (count > 256 ? word() : byte()) % max(count, 1) }
  public mutating func one<Thing>(of things: [Thing]) -> Thing { things[below(things.count)] }

  /// An order of so many things.
  public mutating func order(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for place in order.indices.dropFirst() { order.swapAt(place, below(place + 1)) }
    return order
  }

  /// All bytes that are left.
  public mutating func rest() -> [UInt8] {
    defer { left = [] }
    return Array(left)
  }

  /// As many cases as are wanted, the same each time: for tests, which draw fewer than a fuzzer.
  public static func cases(_ count: Int, of size: Int = 600) -> [[UInt8]] {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
      (0..<size).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 24)
      }
    }
  }
}
