/// Numbers and codes of the United Kingdom, as the bodies that issue them write them.
///
/// Capital letters; groups may be parted by single spaces where people do so (`943 476 5919`, `SW1A 1AA`).
enum BritishNumber {
  /// Ten digits, the last by modulus 11 (NHS Data Dictionary, NHS NUMBER). One digit ten times is nobody's.
  static func isNHSNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let digits = parted(text, [3, 3, 4]), digits.allSatisfy(isDigit), Set(digits).count > 1 else { return false }
    let sum = (0..<9).reduce(0) { $0 + Int(digits[$1] & 15) * (10 - $1) }
    // 10 is no digit: such numbers are not given out.
    return (11 - sum % 11) % 11 == Int(digits[9] & 15)
  }

  /// Two letters, six digits and a letter from A to D (HMRC, NIM39110).
  static func isNationalInsurance(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let number = parted(text, [2, 2, 2, 2, 1]) else { return false }
    let (first, second) = (number[0], number[1])
    guard isLetter(first), isLetter(second), !"DFIQUV".utf8.contains(first), !"DFIOQUV".utf8.contains(second),
      number[2..<8].allSatisfy(isDigit), (0x41...0x44).contains(number[8])
    else { return false }
    return !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(String(decoding: number[..<2], as: UTF8.self))
  }

  /// A prefix of the register (01 or D and S before it: students; B: businesses), a hyphen, and three to six digits.
  static func isGOCNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let hyphen = text.firstIndex(of: UInt8(ascii: "-")) else { return false }
    let prefix = String(decoding: text[..<hyphen], as: UTF8.self)
    let number = text[(hyphen + 1)...]
    return ["01", "D", "SO", "SD", "B"].contains(prefix) && (3...6).contains(number.count) && number.allSatisfy(isDigit)
  }

  /// An outward and an inward code (Royal Mail's Programmers' Guide), with or without the space between; those of overseas
  /// territories, and GIR 0AA.
  static func isPostcode(_ text: UnsafeRawBufferPointer) -> Bool {
    let code = Array(text)
    guard code.count >= 5, code.count <= 8 else { return false }
    let inward = Array(code.suffix(3))
    var outward = Array(code.dropLast(3))
    if outward.last == 0x20 { outward.removeLast() }
    guard isDigit(inward[0]), inward[1...].allSatisfy({ isLetter($0) && !"CIKMOV".utf8.contains($0) }) else {
      return false
    }
    let name = String(decoding: outward, as: UTF8.self)
    if name == "GIR" { return inward == Array("0AA".utf8) }
    if territories.contains(name) { return inward == Array("1ZZ".utf8) }
    return isOutward(outward)
  }

  private static let territories: Set<String> = [
    "ASCN", "BBND", "BIQQ", "FIQQ", "PCRN", "SIQQ", "STHL", "TDCU", "TKCA",
  ]

  /// A9, A99, A9A, AA9, AA99 or AA9A; not every letter stands everywhere.
  private static func isOutward(_ code: [UInt8]) -> Bool {
    guard (2...4).contains(code.count), isLetter(code[0]), !"QVX".utf8.contains(code[0]) else { return false }
    let hasTwo = isLetter(code[1])
    if hasTwo, "IJZ".utf8.contains(code[1]) { return false }
    let rest = code[(hasTwo ? 2 : 1)...]
    guard let digit = rest.first, isDigit(digit), rest.count <= 2 else { return false }
    guard rest.count == 2, let last = rest.last, !isDigit(last) else { return true }
    return (hasTwo ? "ABEHMNPRVWXY" : "ABCDEFGHJKPSTUW").utf8.contains(last)
  }

  /// The characters of groups of these lengths, all parted by a space or none; nil where they are not so.
  private static func parted(_ text: UnsafeRawBufferPointer, _ groups: [Int]) -> [UInt8]? {
    let length = groups.reduce(0, +)
    if text.count == length { return text.contains(0x20) ? nil : Array(text) }
    guard text.count == length + groups.count - 1 else { return nil }
    let parts = text.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.map(\.count) == groups else { return nil }
    return parts.flatMap { Array($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  private static func isLetter(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
}
