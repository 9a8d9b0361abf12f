/// How a cell shows its number, as far as that changes what the number is.
enum CellStyle: Equatable, Sendable {
  case number
  /// A day, with or without a time.
  case date(withTime: Bool)
  /// A time of day.
  case time
  /// Hours, minutes or seconds that run on past a day: `[h]:mm`.
  case elapsed
  /// Digits with zeros in front, and the characters between them: `00000`, `000-00-0000`; behind a semicolon those of
  /// numbers with more digits.
  case padded([UInt8])
  /// A hundred times the number, with a sign for it.
  case percent
  /// Words in place of the number, or nothing.
  case worded

  /// The style that number format `code` gives (ECMA-376 part 1, 18.8.31). Of several sections the first counts.
  init(code: String) {
    var parser = NumberFormatParser(code)
    self = parser.style()
  }

  /// The style of a built-in format (18.8.30), where the workbook defines none of that number.
  init(builtIn number: Int) {
    switch number {
    case 14...17, 27...31, 36, 50...54, 57, 58: self = .date(withTime: false)
    case 22: self = .date(withTime: true)
    case 18...21, 32...35, 45, 47, 55, 56: self = .time
    case 46: self = .elapsed
    case 9, 10: self = .percent
    default: self = .number
    }
  }
}

/// Reads the first section of a number format.
private struct NumberFormatParser {
  private let code: [UInt8]
  private var at = 0
  private var letters: [UInt8] = []
  private var isElapsed = false
  private var template: [UInt8] = []
  private var isTemplate = true
  private var hasDigit = false
  private var isPercent = false
  /// Nothing of the section stands for the number.
  private var isWorded = true

  init(_ code: String) { self.code = Array(code.utf8) }

  mutating func style() -> CellStyle {
    while at < code.count, code[at] != UInt8(ascii: ";") { step() }
    if isElapsed { return .elapsed }
    let hasTime = letters.contains(UInt8(ascii: "h")) || letters.contains(UInt8(ascii: "s"))
    if hasDate(hasTime) { return .date(withTime: hasTime) }
    if hasTime { return .time }
    if isPercent { return .percent }
    if isWorded, !code.isEmpty { return .worded }
    let zeros = template.count { $0 == UInt8(ascii: "0") }
    guard isTemplate, zeros >= 2 else { return .number }
    return .padded(template + templateOfLarger())
  }

  /// The template of larger numbers behind a semicolon, where the first section has a condition: postal codes are
  /// `[<=99999]00000;00000-0000`.
  private func templateOfLarger() -> [UInt8] {
    guard code.starts(with: "[<".utf8), at < code.count else { return [] }
    var larger = NumberFormatParser(String(decoding: code[(at + 1)...], as: UTF8.self))
    guard case .padded(let template) = larger.style() else { return [] }
    return [UInt8(ascii: ";")] + template
  }

  /// `m` is minutes beside hours or seconds, and a month elsewhere.
  private func hasDate(_ hasTime: Bool) -> Bool {
    if letters.contains(where: { $0 == UInt8(ascii: "y") || $0 == UInt8(ascii: "d") }) { return true }
    return letters.contains(UInt8(ascii: "m")) && !hasTime
  }

  private mutating func step() {
    let byte = code[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""):
      while at < code.count, code[at] != UInt8(ascii: "\"") { literal() }
      at += 1
    case UInt8(ascii: "\\"): if at < code.count { literal() }
    case UInt8(ascii: "_"), UInt8(ascii: "*"):
      at += 1
      isTemplate = false
    case UInt8(ascii: "["): bracket()
    case UInt8(ascii: "0"):
      hasDigit = true
      isWorded = false
      template.append(byte)
    case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"): template.append(byte)
    default: other(byte)
    }
  }

  private mutating func literal() {
    // A literal zero cannot be told from a digit in a template.
    if code[at] == UInt8(ascii: "0") || code[at] == UInt8(ascii: ";") || code[at] >= 0x80 || code[at] < 0x20 {
      isTemplate = false
    }
    template.append(code[at])
    at += 1
  }

  private mutating func bracket() {
    var inside: [UInt8] = []
    while at < code.count, code[at] != UInt8(ascii: "]") {
      inside.append(code[at] | 0x20)
      at += 1
    }
    at += 1
    let unit = inside.first ?? 0
    let isUnit = unit == UInt8(ascii: "h") || unit == UInt8(ascii: "m") || unit == UInt8(ascii: "s")
    if isUnit, inside.allSatisfy({ $0 == unit }) { isElapsed = true }
  }

  private mutating func other(_ byte: UInt8) {
    isTemplate = false
    if byte == UInt8(ascii: "#") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "@") { isWorded = false }
    if byte == UInt8(ascii: "%") { isPercent = true }
    if starts("general") {
      at += 6
      isWorded = false
      return
    }
    let letter = byte | 0x20
    switch letter {
    case UInt8(ascii: "y"), UInt8(ascii: "m"), UInt8(ascii: "d"), UInt8(ascii: "h"), UInt8(ascii: "s"):
      if !hasDigit || letters.contains(UInt8(ascii: "s")) { letters.append(letter) }
    case UInt8(ascii: "e"):
      // `e` alone is a year of an era; behind a digit it is an exponent.
      if !hasDigit, at >= code.count || (code[at] != UInt8(ascii: "+") && code[at] != UInt8(ascii: "-")) {
        letters.append(UInt8(ascii: "y"))
      }
    case UInt8(ascii: "b"): letters.append(UInt8(ascii: "y"))
    case UInt8(ascii: "a"):
      if starts("am/pm") {
        at += 4
        letters.append(UInt8(ascii: "h"))
      } else if starts("a/p") {
        at += 2
      }
    default: break
    }
  }

  /// Whether `word` stands at the byte that was read last, in whatever case.
  private func starts(_ word: String) -> Bool {
    let word = Array(word.utf8)
    guard at - 1 + word.count <= code.count else { return false }
    return zip(code[(at - 1)...], word).allSatisfy { $0 | 0x20 == $1 | 0x20 }
  }
}
