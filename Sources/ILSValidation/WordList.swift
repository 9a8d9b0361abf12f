import CScan
import ILSRecord

/// A few words of at most 16 bytes of ASCII, which texts are held against in whatever case.
struct WordList: @unchecked Sendable {
  /// Words as numbers, each in the first free place from its hash on; zero is free. Never freed: lists last.
  private let table: UnsafeMutableBufferPointer<SIMD2<UInt64>>
  /// Which combinations of length, first and last byte occur, as 256 bits.
  private let known: UnsafeMutablePointer<UInt64>

  static let empty = WordList([])

  init(_ words: [String]) {
    precondition(words.allSatisfy { (1...16).contains($0.utf8.count) })
    var places = 64
    while places < words.count * 4 { places *= 2 }
    table = .allocate(capacity: places)
    table.initialize(repeating: .zero)
    known = .allocate(capacity: 4)
    known.initialize(repeating: 0, count: 4)
    for word in words {
      let bytes = Array(word.utf8)
      let bit = Self.bit(bytes.count, bytes[0], bytes[bytes.count - 1])
      known[bit >> 6] |= 1 << UInt64(bit & 63)
      let padded = bytes + [UInt8](repeating: 0, count: 16)
      let packed = padded.withUnsafeBytes { Self.pack($0.baseAddress!, bytes.count) }
      var place = Self.place(packed) & (places - 1)
      while table[place] != .zero { place = (place + 1) & (places - 1) }
      table[place] = packed
    }
  }

  @inline(__always)
  private static func bit(_ count: Int, _ first: UInt8, _ last: UInt8) -> Int {
    // Letters of both cases count as the same; what else that makes the same is told apart later.
    (count &* 37 &+ Int(first | 0x20) &* 11 &+ Int(last | 0x20) &* 3) & 255
  }

  @inline(__always)
  private static func pack(_ text: UnsafeRawPointer, _ count: Int) -> SIMD2<UInt64> {
    var packed = SIMD2<UInt64>.zero
    ils_pack16(&packed, text, count)
    return packed
  }

  @inline(__always)
  private static func place(_ packed: SIMD2<UInt64>) -> Int {
    Int((packed.x &* 0x9E37_79B9_7F4A_7C15 ^ packed.y &* 0xC2B2_AE3D_27D4_EB4F) >> 40)
  }

  /// Rules most texts out. They have one byte at the least.
  @inline(__always)
  func mayHold(_ text: UnsafeRawBufferPointer) -> Bool {
    let bit = Self.bit(text.count, text[0], text[text.count - 1])
    return known[bit >> 6] >> UInt64(bit & 63) & 1 == 1
  }

  /// Whether the text is one of the words.
  @inline(__always)
  func holds(_ text: PaddedBytes) -> Bool {
    guard text.count <= 16, let start = text.bytes.baseAddress else { return false }
    let packed = Self.pack(start, text.count)
    var place = Self.place(packed) & (table.count - 1)
    while table[place] != .zero {
      if table[place] == packed { return true }
      place = (place + 1) & (table.count - 1)
    }
    return false
  }
}
