/// A JSON number in full: no rounding, whatever its length.
struct Decimal: Sendable, Comparable {
  private let isNegative: Bool
  /// Digits without leading and trailing zeros; empty for zero.
  private let digits: [UInt8]
  /// The value is 0.digits x 10^exponent.
  private let exponent: Int

  /// - Parameter text: a number as JSON writes it.
  init<Text: Sequence>(_ text: Text) where Text.Element == UInt8 {
    var digits: [UInt8] = []
    var point: Int?
    var negative = false
    var power = 0
    var inExponent = false
    var exponentIsNegative = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "-"): if inExponent { exponentIsNegative = true } else { negative = true }
      case UInt8(ascii: "."): point = digits.count
      case UInt8(ascii: "e"), UInt8(ascii: "E"): inExponent = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if inExponent {
          power = min(power * 10 + Int(byte - 0x30), 1 << 40)
        } else {
          digits.append(byte - 0x30)
        }
      default: break
      }
    }
    let leading = digits.prefix { $0 == 0 }.count
    let whole = (point ?? digits.count) - leading
    digits.removeFirst(leading)
    while digits.last == 0 { digits.removeLast() }
    self.digits = digits
    exponent = digits.isEmpty ? 0 : whole + (exponentIsNegative ? -power : power)
    isNegative = negative && !digits.isEmpty
  }

  /// No fraction: `1.0` and `10e-1` are integers too (JSON Schema 2020-12, 4.2.3).
  var isInteger: Bool { exponent >= digits.count }

  static func < (a: Decimal, b: Decimal) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    return a.isNegative ? magnitude(b, isBelow: a) : magnitude(a, isBelow: b)
  }

  private static func magnitude(_ a: Decimal, isBelow b: Decimal) -> Bool {
    if a.digits.isEmpty || b.digits.isEmpty { return a.digits.isEmpty && !b.digits.isEmpty }
    if a.exponent != b.exponent { return a.exponent < b.exponent }
    return a.digits.lexicographicallyPrecedes(b.digits)
  }

  /// The same text for equal numbers.
  var canonical: [UInt8] {
    Array((isNegative ? "-" : "").utf8) + digits.map { $0 + 0x30 } + Array("e\(exponent)".utf8)
  }
}
