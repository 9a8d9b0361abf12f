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
  /// A thousandth, a millionth of the number: `#,##0,`.
  case scaled
  /// A minus in front of a number that is none below zero: `-0.00`.
  case negated
  /// Letters or digits in front of the number: `"P-"0`, `"6/"0`.
  case lettered

  /// The style that number format `code` gives (ECMA-376 part 1, 18.8.31). Of several sections the first counts.
  init(code: String) {
    var parser = NumberFormatParser(code)
    self = parser.style()
  }

  /// Whether the format shows nothing, whatever a cell holds: `;;;`.
  static func isBlank(_ code: String) -> Bool {
    var isInBracket = false
    var sections = 1
    for character in code {
      switch character {
      case ";": sections += 1
      case "[": isInBracket = true
      case "]": isInBracket = false
      case "\"", " ": break
      default: if !isInBracket { return false }
      }
    }
    return sections >= 4
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
  private var isScaled = false
  /// What stands in front of the number.
  private var lead: [UInt8] = []
  /// The last byte stands for a digit of the number, or is a comma behind such.
  private var isBehindDigit = false

  init(_ code: String) { self.code = Array(code.utf8) }

  mutating func style() -> CellStyle {
    while at < code.count, code[at] != UInt8(ascii: ";") { step() }
    if isElapsed { return .elapsed }
    let hasTime = letters.contains(UInt8(ascii: "h")) || letters.contains(UInt8(ascii: "s"))
    if hasDate(hasTime) { return .date(withTime: hasTime) }
    if hasTime { return .time }
    if isPercent { return .percent }
    if isWorded, !code.isEmpty { return .worded }
    if isScaled { return .scaled }
    let zeros = template.count { $0 == UInt8(ascii: "0") }
    if lead.contains(UInt8(ascii: "-")), isNegative(lead) { return .negated }
    if isTemplate, zeros >= 2 { return .padded(template + templateOfLarger()) }
    return lead.contains { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 >= 0x30 && $0 <= 0x39 } ? .lettered : .number
  }

  /// Whether what stands in front of a number is a minus, and perhaps an amount's sign, and no letter.
  private func isNegative(_ lead: [UInt8]) -> Bool {
    lead.allSatisfy { $0 == UInt8(ascii: "-") || $0 == 0x20 || $0 == UInt8(ascii: "$") }
      && !code.contains(UInt8(ascii: "<"))
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
    if "0#?".utf8.contains(byte) {
      isBehindDigit = true
    } else if byte == UInt8(ascii: ","), isBehindDigit {
      // A comma between digits parts thousands; one behind them takes three digits away.
      if at >= code.count || !"0#?,".utf8.contains(code[at]) { isScaled = true }
    } else {
      isBehindDigit = false
    }
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
    case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"):
      if isWorded { lead.append(byte) }
      template.append(byte)
    default: other(byte)
    }
  }

  private mutating func literal() {
    // A literal zero cannot be told from a digit in a template.
    if code[at] == UInt8(ascii: "0") || code[at] == UInt8(ascii: ";") || code[at] >= 0x80 || code[at] < 0x20 {
      isTemplate = false
    }
    if isWorded { lead.append(code[at]) }
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
