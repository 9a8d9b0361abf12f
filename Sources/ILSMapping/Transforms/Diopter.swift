import ILSRecord

/// A sphere, cylinder or addition as optometrists write them: `plano`, `-2.50 DS`, `+1,25`, `DS` for no cylinder.
struct Diopter: Transform {
  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    let comesAsNumber = if case .original = run.form { value.kind == .number } else { false }
    try run.load(value)
    let words = String(decoding: Trim.trimmed(run.text.bytes), as: UTF8.self).lowercased()
    if words.isEmpty {
      run.form = .null
    } else if Self.zeroPowers.contains(Self.withoutUnit(words)) {
      run.becomeJSON(Array("0".utf8))
    } else {
      let number = try Self.number(words)
      // A number stays as it was written.
      if !comesAsNumber { run.becomeJSON(number.json()) }
    }
  }

  /// Without `D`, `dpt` and the like behind a number or a word for no power; alone they say nothing.
  private static func withoutUnit(_ words: String) -> String {
    guard
      let unit = ["dioptres", "diopters", "dpt", "ds", "dc", "d", "sph", "cyl"].first(where: { words.hasSuffix($0) })
    else {
      return words
    }
    var rest = words.dropLast(unit.count)
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return rest.isEmpty ? words : String(rest)
  }

  /// A power of no more than 40 dioptres, `words` being in lower case.
  static func number(_ words: String) throws(RecordError) -> DecimalText {
    var words = withoutUnit(words)
    let signs = "+-\u{2212}\u{2013}"
    // Some terminals print the sign behind the number, and a space may stand between them.
    if let sign = words.last, signs.contains(sign) { words = String(sign) + words.dropLast() }
    if let sign = words.first, signs.contains(sign) {
      words = String(sign) + words.dropFirst().filter { !$0.isWhitespace }
    }
    let usesComma = words.contains(",") && !words.contains(".")
    let number = words.utf8.withContiguousStorageIfAvailable {
      DecimalText(UnsafeRawBufferPointer($0), decimalComma: usesComma)
    }
    guard let number = number ?? nil, number.exponent.isEmpty else {
      throw RecordError(.diopterUnreadable, "not a power in dioptres: a number, plano, DS or SPH is expected")
    }
    // Hundredths without their point: -0050, 125.
    let digits = words.filter(\.isNumber)
    let areHundredths = number.fraction.isEmpty && (digits.count > 2 || (digits.count == 2 && digits.hasPrefix("0")))
    guard !areHundredths, let whole = Int(String(decoding: number.whole, as: UTF8.self)),
      whole < 40 || (whole == 40 && number.isWhole)
    else {
      throw RecordError(
        .diopterUnreadable, "no power in dioptres beyond 40: if these are hundredths, put their decimal point in")
    }
    return number
  }

  private static let zeroPowers: Set<String> = [
    "plano", "plan", "pl", "pln", "sphere", "sph", "ds", "nil", "\u{221E}",
  ]
}

extension NamedTransform {
  static let diopter = NamedTransform(
    "diopter",
    examples: [
      ("", "plano", "0"), ("", "PL", "0"), ("", "DS", "0"), ("", "SPH", "0"), ("", "-2.50 DS", "-2.50"),
      ("", "+1,25", "1.25"), ("", "\u{2212}0.75D", "-0.75"), ("", "- 1.00", "-1.00"), ("", "Plano DS", "0"),
      ("", "125", "diopter.unreadable"), ("", "bal", "diopter.unreadable"), ("", "-0050", "diopter.unreadable"),
      ("", "-75", "diopter.unreadable"), ("", "-050", "diopter.unreadable"), ("", "2.50-", "-2.50"),
      ("", "-02.50", "-2.50"), ("", "-2.50 sph", "-2.50"), ("", "40", "40"), ("", "40.25", "diopter.unreadable"),
      ("", "D", "diopter.unreadable"), ("", "Cyl", "diopter.unreadable"), ("", "-0.5", "-0.5"), ("", "0", "0"),
      ("", "plano sph", "0"),
    ]
  ) { _ in [Diopter()] }
}
