/// How likely signs stand where they stand: an apostrophe between letters, a degree behind a number.
enum Signs {
  /// A byte that means nothing in the encoding.
  static let undefined: UInt32 = 0xFFFD

  private enum Side { case letter, digit, other }

  private static func side(_ scalar: UInt32) -> Side {
    if scalar >= 0x30, scalar <= 0x39 { return .digit }
    return Letter.isASCII(scalar) || Letter.kind(scalar) != .other || scalar > 0x3000 ? .letter : .other
  }

  /// The logarithm of how likely `sign` is between its neighbours; 0 is the edge of a line.
  static func score(_ sign: UInt32, after previous: UInt32, before next: UInt32) -> Double {
    let (front, back) = (side(previous), side(next))
    let isInside = front == .letter && back == .letter
    switch sign {
    case undefined: return -11
    case 0x2019: return front == .letter ? (back == .letter ? -2 : -3.5) : back == .letter ? -9 : -6
    case 0x2018, 0x201C, 0x201E, 0x201A, 0xAB, 0x2039: return front != .letter && back != .other ? -3 : -7
    case 0x201D, 0xBB, 0x203A: return back == .other && previous != 0x20 ? -3 : -7
    case 0x2013, 0x2014: return front == .other && back == .other ? -3 : isInside ? -6 : -4
    case 0x2026: return isInside ? -7 : -3.5
    case 0xA0: return isInside ? -5 : -4
    case 0xB0, 0xBA, 0xAA: return front == .digit ? -3 : front == .letter && back != .letter ? -5 : -7
    case 0xBC...0xBE: return front != .letter && back != .letter ? -4 : -8
    case 0xB2, 0xB3: return front != .other && back != .letter ? -4.5 : -9
    case 0xB5: return front != .letter && back == .letter ? -4 : -9
    case 0xB1, 0xD7, 0xF7: return front != .letter && back != .letter ? -4 : -9
    case 0x20AC, 0xA3: return front == .digit || back == .digit ? -3 : isInside ? -9 : -5
    case 0xBF, 0xA1: return back == .letter && front == .other ? -2.5 : -9
    case 0xAE, 0x2122: return front == .letter && back == .other ? -4 : -9
    case 0xA7, 0xA9, 0x2022, 0xB7, 0x2020, 0x2021, 0x2030, 0xB6: return back == .letter ? -9 : -5.5
    case 0x2116: return back != .letter ? -4 : -8
    case 0xA4, 0xA6, 0xA8, 0xAC, 0xAF, 0xB4, 0xB8, 0x2C6...0x2DC: return -8.5
    case 0x80...0x9F: return -16
    default: return isJapaneseOrWide(sign) ? -5.5 : -9
    }
  }

  private static func isJapaneseOrWide(_ sign: UInt32) -> Bool {
    (0x3000...0x303F).contains(sign) || (0xFF01...0xFF5E).contains(sign)
  }
}
