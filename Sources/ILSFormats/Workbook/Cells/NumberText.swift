import ILSRecord
import Glibc

/// Numbers of cells as numbers of records: the shortest decimal that reads back the same, and no exponent below 10^21.
enum NumberText {
  /// Whether `text` already is that form: at most 15 digits, no exponent, no idle zeros.
  @inline(__always)
  static func isPlain(_ text: UnsafeRawBufferPointer) -> Bool {
    let count = text.count
    guard count > 0, count <= 16 else { return false }
    var at = text[0] == UInt8(ascii: "-") ? 1 : 0
    let first = at
    var point = -1
    while at < count {
      let byte = text[at]
      if byte &- UInt8(ascii: "0") > 9 {
        guard byte == UInt8(ascii: "."), point < 0 else { return false }
        point = at
      }
      at += 1
    }
    let digits = count - first - (point < 0 ? 0 : 1)
    guard digits > 0, digits <= 15, point != first, point != count - 1 else { return false }
    if text[first] == UInt8(ascii: "0"), digits > 1, point != first + 1 { return false }
    if point > 0, text[count - 1] == UInt8(ascii: "0") { return false }
    // Minus zero is zero.
    return first == 0 || text[1] != UInt8(ascii: "0") || point >= 0
  }

  /// Appends `number`, which must be finite.
  static func append(_ number: Double, to buffer: inout OutputBuffer) {
    let whole = number.rounded(.towardZero)
    if whole == number, abs(number) < 1e15 {
      buffer.append(decimal: Int(number))
      return
    }
    let hundredths = number * 100
    if abs(hundredths) < 1e14, Double(Int(hundredths.rounded())) / 100 == number {
      append(hundredths: Int(hundredths.rounded()), to: &buffer)
      return
    }
    appendShortest("\(number)", to: &buffer)
  }

  private static func append(hundredths: Int, to buffer: inout OutputBuffer) {
    let size = hundredths.magnitude
    if hundredths < 0 { buffer.append(UInt8(ascii: "-")) }
    buffer.append(decimal: Int(size / 100))
    buffer.append(UInt8(ascii: "."))
    buffer.append(UInt8(ascii: "0") + UInt8(size % 100 / 10))
    if size % 10 != 0 { buffer.append(UInt8(ascii: "0") + UInt8(size % 10)) }
  }

  /// Appends what Swift writes of a number (its digits are the shortest), without `.0` and `e+`.
  private static func appendShortest(_ text: String, to buffer: inout OutputBuffer) {
    var digits: [UInt8] = []
    var exponent = 0
    var pointAt: Int?
    var rest = Array(text.utf8)[...]
    if rest.first == UInt8(ascii: "-") {
      buffer.append(UInt8(ascii: "-"))
      rest = rest.dropFirst()
    }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: ".") {
        pointAt = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: rest, as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    var point = (pointAt ?? digits.count) + exponent
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    while digits.count > 1, digits.first == UInt8(ascii: "0") {
      digits.removeFirst()
      point -= 1
    }
    place(digits, point, to: &buffer)
  }

  /// Writes `digits` with the decimal point behind the first `point` of them.
  private static func place(_ digits: [UInt8], _ point: Int, to buffer: inout OutputBuffer) {
    if point > 21 || point < -5 {
      buffer.append(digits[0])
      if digits.count > 1 {
        buffer.append(UInt8(ascii: "."))
        buffer.append(Array(digits[1...]))
      }
      buffer.append(UInt8(ascii: "e"))
      buffer.append(decimal: point - 1)
      return
    }
    if point <= 0 {
      buffer.append("0." as StaticString)
      for _ in point..<0 { buffer.append(UInt8(ascii: "0")) }
      buffer.append(digits)
      return
    }
    buffer.append(Array(digits.prefix(point)))
    for _ in 0..<max(point - digits.count, 0) { buffer.append(UInt8(ascii: "0")) }
    if digits.count > point {
      buffer.append(UInt8(ascii: "."))
      buffer.append(Array(digits[point...]))
    }
  }

  /// The number that `text` writes; nil where it is none.
  @inline(__always)
  static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
    var mantissa = 0
    var scale = 0
    var seenPoint = false
    guard text.count > 0, text.count <= 16 else { return parseSlowly(text) }
    for byte in text {
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9 {
        mantissa = mantissa * 10 + Int(digit)
        if seenPoint { scale += 1 }
      } else if byte == UInt8(ascii: "."), !seenPoint {
        seenPoint = true
      } else {
        return parseSlowly(text)
      }
    }
    // Both exact: so is their quotient, rounded once.
    guard mantissa < 1 << 53, scale <= 15, text.count > (seenPoint ? 1 : 0) else { return parseSlowly(text) }
    return scale == 0 ? Double(mantissa) : Double(mantissa) / powers.withUnsafeBufferPointer { $0[scale] }
  }

  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  @inline(never)
  private static func parseSlowly(_ text: UnsafeRawBufferPointer) -> Double? {
    // No locale is ever set, so strtod knows the point alone; hexadecimal and "inf" are not numbers of a workbook.
    let trimmed = text.drop { $0 <= 0x20 }
    guard trimmed.count > 0, trimmed.count < 400,
      trimmed.allSatisfy({ $0 <= 0x39 && $0 >= 0x2B && $0 != 0x2C && $0 != 0x2F || $0 | 0x20 == 0x65 || $0 <= 0x20 })
    else { return nil }
    var terminated = trimmed.map { CChar(bitPattern: $0) }
    while let last = terminated.last, last <= 0x20 { terminated.removeLast() }
    let length = terminated.count
    terminated.append(0)
    return terminated.withUnsafeBufferPointer { characters -> Double? in
      var end: UnsafeMutablePointer<CChar>?
      let number = strtod(characters.baseAddress!, &end)
      guard let end, UnsafePointer(end) - characters.baseAddress! == length, number.isFinite else { return nil }
      return number
    }
  }
}
