/// A number as people write it, read exactly: no binary fraction stands between.
struct DecimalText: Equatable {
  private(set) var isNegative = false
  /// Without leading zeros; "0" where there are none.
  private(set) var whole: [UInt8] = []
  private(set) var fraction: [UInt8] = []
  /// `e-5`, as JSON writes it.
  private(set) var exponent: [UInt8] = []

  /// Reads a sign, digits (in groups of three or not), a fraction and an exponent; nil where `text` is anything else.
  ///
  /// The comma parts groups and the point is the decimal sign, or the other way round with `decimalComma`; spaces and
  /// apostrophes part groups with both.
  init?(_ text: UnsafeRawBufferPointer, decimalComma: Bool) {
    var rest = Substring(String(decoding: text, as: UTF8.self)).utf8
    if let sign = ["-", "+", "\u{2212}", "\u{2013}"].first(where: { rest.starts(with: $0.utf8) }) {
      isNegative = sign != "+"
      rest = rest.dropFirst(sign.utf8.count)
    }
    let decimalSign = UInt8(ascii: decimalComma ? "," : ".")
    let endOfWhole = rest.firstIndex { $0 == decimalSign || $0 | 0x20 == UInt8(ascii: "e") } ?? rest.endIndex
    guard let digits = DecimalText.ungrouped(rest[..<endOfWhole], comma: decimalComma ? "." : ",") else { return nil }
    rest = rest[endOfWhole...]
    if rest.first == decimalSign {
      rest = rest.dropFirst()
      fraction = Array(rest.prefix(while: DecimalText.isDigit))
      rest = rest.dropFirst(fraction.count)
      if digits.isEmpty, fraction.isEmpty { return nil }
    } else if digits.isEmpty {
      return nil
    }
    if rest.first.map({ $0 | 0x20 == UInt8(ascii: "e") }) == true {
      exponent = [UInt8(ascii: "e")]
      rest = rest.dropFirst()
      if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        if sign == UInt8(ascii: "-") { exponent.append(sign) }
        rest = rest.dropFirst()
      }
      let power = rest.prefix(while: DecimalText.isDigit)
      guard !power.isEmpty, power.count <= 4 else { return nil }
      exponent += power
      rest = rest.dropFirst(power.count)
    }
    guard rest.isEmpty else { return nil }
    whole = Array(digits.drop { $0 == UInt8(ascii: "0") })
    if whole.isEmpty { whole = [UInt8(ascii: "0")] }
    if isZero { isNegative = false }
  }

  var isZero: Bool { (whole + fraction).allSatisfy { $0 == UInt8(ascii: "0") } }

  /// Neither a fraction nor an exponent was written.
  var isWithoutFraction: Bool { fraction.isEmpty && exponent.isEmpty }

  /// No fraction but zeros, and no exponent.
  var isWhole: Bool { exponent.isEmpty && fraction.allSatisfy { $0 == UInt8(ascii: "0") } }

  /// As a JSON number (RFC 8259, 6).
  func json(wholeOnly: Bool = false) -> [UInt8] {
    var json: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
    json += whole
    if wholeOnly { return json }
    if !fraction.isEmpty { json += [UInt8(ascii: ".")] + fraction }
    return json + exponent
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// The digits of `text`: all digits, or one to three and then groups of three with the same separator between.
  private static func ungrouped(_ text: Substring.UTF8View, comma: String) -> [UInt8]? {
    if text.allSatisfy(isDigit) { return Array(text) }
    let string = String(Substring(text))
    for separator in [comma, " ", "'", "\u{A0}", "\u{202F}", "\u{2019}"] where string.contains(separator) {
      let groups = string.split(separator: Character(separator), omittingEmptySubsequences: false)
      guard groups.allSatisfy({ $0.utf8.allSatisfy(isDigit) }), (1...3).contains(groups[0].utf8.count),
        groups.dropFirst().allSatisfy({ $0.utf8.count == 3 })
      else { return nil }
      return groups.flatMap { Array($0.utf8) }
    }
    return nil
  }
}
