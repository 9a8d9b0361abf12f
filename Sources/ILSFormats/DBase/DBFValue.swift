import ILSDates
import ILSRecord

/// Values of a dBase table's fields, as they are stored.
enum DBFValue {
  /// Without the blanks and NULs that fill a field up behind its text.
  static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var end = text.count
    while end > 0, text[end - 1] == 0x20 || text[end - 1] == 0 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: text[..<end])
  }

  /// Without those in front of it, too.
  static func bare(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let text = trimmed(text)
    var start = 0
    while start < text.count, text[start] == 0x20 || text[start] == 0 { start += 1 }
    return UnsafeRawBufferPointer(rebasing: text[start...])
  }

  /// The block of the memo file that a field names, in four bytes or ten digits; nil where it names none, and -1 for
  /// what is no number.
  static func block(_ field: UnsafeRawBufferPointer) -> Int? {
    if field.count == 4 { return field.u32(0).flatMap { $0 == 0 ? nil : $0 } }
    let digits = bare(field)
    if digits.isEmpty { return nil }
    guard digits.count <= 10, digits.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else { return -1 }
    let block = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return block == 0 ? nil : block
  }

  /// Appends the decimal number `text` with all its digits, and without idle zeros.
  /// - Returns: false, and nothing is written, where it is none.
  static func appendDecimal(_ text: UnsafeRawBufferPointer, to buffer: inout OutputBuffer) -> Bool {
    var digits = text
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative || digits.first == UInt8(ascii: "+") { digits = UnsafeRawBufferPointer(rebasing: digits.dropFirst()) }
    let point = digits.firstIndex(of: UInt8(ascii: ".")) ?? digits.count
    let whole = digits[..<point].drop { $0 == UInt8(ascii: "0") }
    var part = digits.dropFirst(point + 1)
    while part.last == UInt8(ascii: "0") { part = part.dropLast() }
    let isDigit: (UInt8) -> Bool = { $0 &- UInt8(ascii: "0") <= 9 }
    guard digits.count > (point < digits.count ? 1 : 0), whole.allSatisfy(isDigit), part.allSatisfy(isDigit) else {
      return appendExponent(text, to: &buffer)
    }
    if isNegative, !whole.isEmpty || !part.isEmpty { buffer.append(UInt8(ascii: "-")) }
    if whole.isEmpty { buffer.append(UInt8(ascii: "0")) }
    buffer.append(UnsafeRawBufferPointer(rebasing: whole))
    guard !part.isEmpty else { return true }
    buffer.append(UInt8(ascii: "."))
    buffer.append(UnsafeRawBufferPointer(rebasing: part))
    return true
  }

  /// A number such as `1.5E+10`.
  private static func appendExponent(_ text: UnsafeRawBufferPointer, to buffer: inout OutputBuffer) -> Bool {
    guard text.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }), let number = NumberText.parse(text) else {
      return false
    }
    NumberText.append(number, to: &buffer)
    return true
  }

  /// `YYYYMMDD`; nil where that is no day.
  static func day(_ text: UnsafeRawBufferPointer) -> CivilDate? {
    guard text.count == 8, text.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }) else { return nil }
    let number = text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
  }

  /// A day and time of Visual FoxPro: a Julian day number and milliseconds, whose fractions of a second are rounding alone.
  static func append(julian: Int, milliseconds: Int, to buffer: inout OutputBuffer) -> Bool {
    let rest = milliseconds % 1000
    let seconds = milliseconds / 1000 + (rest >= 500 ? 1 : 0)
    // 1970-01-01 is day 2,440,588.
    let day = julian - 2_440_588 + seconds / 86_400
    guard milliseconds >= 0, milliseconds < 86_400_000, let date = CivilDate(daysSinceEpoch: day) else { return false }
    buffer.append(UInt8(ascii: "\""))
    buffer.append(date)
    for (sign, number) in [("T", seconds / 3600 % 24), (":", seconds / 60 % 60), (":", seconds % 60)] {
      buffer.append(sign)
      if number < 10 { buffer.append(UInt8(ascii: "0")) }
      buffer.append(decimal: number)
    }
    buffer.append(UInt8(ascii: "\""))
    return true
  }

  /// Ten-thousandths, as currency is stored.
  static func append(tenThousandths number: Int, to buffer: inout OutputBuffer) {
    let size = number.magnitude
    var digits = Array(String(size % 10_000 + 10_000).utf8.dropFirst())
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    if number < 0 { buffer.append(UInt8(ascii: "-")) }
    buffer.append("\(size / 10_000)")
    guard !digits.isEmpty else { return }
    buffer.append(UInt8(ascii: "."))
    buffer.append(digits)
  }
}
