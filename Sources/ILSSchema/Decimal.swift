/// A JSON number in full: no rounding, whatever its length.
package struct Decimal: Sendable, Comparable {
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

  package static func < (a: Decimal, b: Decimal) -> Bool {
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

  /// The number as a count: whole, 0 or more.
  var count: Int? {
    guard isInteger, !isNegative, exponent <= 18 else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1) }
    return (digits.count..<exponent).reduce(value) { value, _ in value * 10 }
  }

  /// Whether multiples of it can be told: above zero, with at most 18 digits.
  var isDivisor: Bool { !isNegative && !digits.isEmpty && digits.count <= 18 }

  /// Whether it is a whole multiple of `divisor`, which `isDivisor`. Exact.
  /// - Complexity: O(digits) and the logarithm of the exponents' distance.
  func isMultiple(of divisor: Decimal) -> Bool {
    if digits.isEmpty { return true }
    let modulus = divisor.digits.reduce(0 as UInt64) { $0 * 10 + UInt64($1) }
    // Both as whole numbers times a power of ten: digits x 10^shift against modulus.
    let shift = (exponent - digits.count) - (divisor.exponent - divisor.digits.count)
    if shift >= 0 {
      let rest = digits.reduce(0 as UInt64) { Self.times($0, 10, modulus, plus: UInt64($1)) }
      return Self.times(rest, Self.power(10, shift, modulus), modulus, plus: 0) == 0
    }
    // Ten times as fine a divisor: but the last digit is not 0, so ten is no factor of the digits.
    return false
  }

  /// a x b + c modulo `modulus`.
  private static func times(_ a: UInt64, _ b: UInt64, _ modulus: UInt64, plus c: UInt64) -> UInt64 {
    let (high, low) = (a % modulus).multipliedFullWidth(by: b % modulus)
    let (sum, carry) = low.addingReportingOverflow(c % modulus)
    let top = (high + (carry ? 1 : 0)) % modulus
    return modulus.dividingFullWidth((top, sum)).remainder
  }

  private static func power(_ base: UInt64, _ exponent: Int, _ modulus: UInt64) -> UInt64 {
    var (result, square, rest) = (1 % modulus, base % modulus, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result = times(result, square, modulus, plus: 0) }
      square = times(square, square, modulus, plus: 0)
      rest >>= 1
    }
    return result
  }
}
