import ILSRecord

/// A sphere, cylinder or addition as optometrists write them: `plano`, `-2.50 DS`, `+1,25`, `DS` for no cylinder.
struct Diopter: Transform {
  /// What powers lie on; lenses are made by eighths of a dioptre.
  enum Step: String, CaseIterable, Sendable { case quarter, eighth }

  /// Powers that lie on no step are refused; nil: all pass.
  var step: Step?
  /// What numbers without a point count, where the mapping says so.
  enum Unit: String, CaseIterable, Sendable { case dioptres, hundredths }

  var unit: Unit?

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
      var number = try unit == .hundredths ? Self.hundredths(words) : Self.number(words, areDioptres: unit == .dioptres)
      let isWhole = try bring(&number)
      // A number stays as it was written.
      if !comesAsNumber || unit == .hundredths || !isWhole { run.becomeJSON(number.json()) }
    }
  }

  /// Checks that a power lies on its step, and completes an eighth of which the third decimal was cut off.
  /// - Returns: whether it stays as it was written.
  private func bring(_ number: inout DecimalText) throws(RecordError) -> Bool {
    guard let step else { return true }
    let decimals = Array(number.fraction.reversed().drop { $0 == UInt8(ascii: "0") }.reversed())
    let fraction = String(decoding: decimals, as: UTF8.self)
    if ["", "5", "25", "75"].contains(fraction) { return true }
    if step == .eighth {
      if ["125", "375", "625", "875"].contains(fraction) { return true }
      if let whole = [
        "12": "125", "13": "125", "37": "375", "38": "375", "62": "625", "63": "625", "87": "875", "88": "875",
      ][
        fraction]
      {
        let text = (number.isNegative ? "-" : "") + String(decoding: number.whole, as: UTF8.self) + "." + whole
        if let eighth = Self.decimal(text) {
          number = eighth
          return false
        }
      }
    }
    throw RecordError(
      .diopterUnreadable, "no power by steps of \(step == .quarter ? "a quarter" : "an eighth") of a dioptre")
  }

  /// `-0075` for -0.75; one with a point as it is. What would be no lens is refused: 2 may be two dioptres.
  private static func hundredths(_ words: String) throws(RecordError) -> DecimalText {
    if words.contains(".") || words.contains(",") { return try number(words) }
    if let power = hundredthsAlone(words) { return power }
    throw RecordError(.diopterUnreadable, "no power in hundredths of a dioptre by steps of an eighth")
  }

  private static func hundredthsAlone(_ words: String) -> DecimalText? {
    var digits = withoutUnit(words)
    var sign = ""
    if let first = digits.first, "+-\u{2212}\u{2013}".contains(first) {
      sign = first == "+" ? "" : "-"
      digits.removeFirst()
    }
    guard (1...4).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let size = Int(digits),
      size <= 4000, [0, 25, 50, 75, 12, 13, 37, 38, 62, 63, 87, 88].contains(size % 100)
    else { return nil }
    let fraction = String(size % 100)
    return decimal("\(sign)\(size / 100).\(fraction.count < 2 ? "0" : "")\(fraction)")
  }

  private static func decimal(_ text: String) -> DecimalText? {
    text.utf8.withContiguousStorageIfAvailable { DecimalText(UnsafeRawBufferPointer($0), decimalComma: false) } ?? nil
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

  /// Whole numbers that are steps of lenses as hundredths of a dioptre, too: nobody knows which.
  private static let mayBeHundredths: Set = [12, 13, 25, 37, 38]

  /// A power of no more than 40 dioptres, `words` being in lower case.
  static func number(_ words: String, areDioptres: Bool = false) throws(RecordError) -> DecimalText {
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
      whole < 40 || (whole == 40 && number.isWhole),
      areDioptres || !number.fraction.isEmpty || !mayBeHundredths.contains(whole)
    else {
      throw RecordError(
        .diopterUnreadable,
        "no power in dioptres, or perhaps in hundredths of one: put the decimal point in, or say which as input")
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
    [
      .init("step", .choice(Diopter.Step.allCases.map(\.rawValue))),
      .init("input", .choice(Diopter.Unit.allCases.map(\.rawValue))),
    ],
    isIdempotent: false,
    examples: [
      (#""input":"hundredths""#, "-0075", "-0.75"), (#""input":"hundredths""#, "125", "1.25"),
      (#""input":"hundredths""#, "-75", "-0.75"), (#""input":"hundredths""#, "+0200", "2.00"),
      (#""input":"hundredths""#, "0", "0.00"), (#""input":"hundredths""#, "-1.25", "-1.25"),
      (#""input":"hundredths""#, "plano", "0"), (#""input":"hundredths""#, "9999", "diopter.unreadable"),
      (#""input":"hundredths""#, "0002", "diopter.unreadable"),
      (#""input":"hundredths""#, "-110", "diopter.unreadable"),
      (#""input":"hundredths""#, "2", "diopter.unreadable"), (#""input":"dioptres""#, "-12", "-12"),
      (#""input":"dioptres""#, "-0050", "diopter.unreadable"), ("", "-25", "diopter.unreadable"),
      ("", "-12", "diopter.unreadable"), ("", "-12.00", "-12.00"), ("", "-10", "-10"),
      (#""step":"quarter""#, "-1.75", "-1.75"), (#""step":"quarter""#, "-1.50", "-1.50"),
      (#""step":"quarter""#, "-1.70", "diopter.unreadable"), (#""step":"quarter""#, "1.12", "diopter.unreadable"),
      (#""step":"quarter""#, "1.125", "diopter.unreadable"), (#""step":"eighth""#, "1.12", "1.125"),
      (#""step":"eighth""#, "-0.87", "-0.875"), (#""step":"eighth""#, "-2.63", "-2.625"),
      (#""step":"eighth""#, "1.125", "1.125"), (#""step":"eighth""#, "1.1", "diopter.unreadable"),
      (#""step":"eighth""#, "1.1255", "diopter.unreadable"), ("", "1.12", "1.12"),
      ("", "plano", "0"), ("", "PL", "0"), ("", "DS", "0"), ("", "SPH", "0"), ("", "-2.50 DS", "-2.50"),
      ("", "+1,25", "1.25"), ("", "\u{2212}0.75D", "-0.75"), ("", "- 1.00", "-1.00"), ("", "Plano DS", "0"),
      ("", "125", "diopter.unreadable"), ("", "bal", "diopter.unreadable"), ("", "-0050", "diopter.unreadable"),
      ("", "-75", "diopter.unreadable"), ("", "-050", "diopter.unreadable"), ("", "2.50-", "-2.50"),
      ("", "-02.50", "-2.50"), ("", "-2.50 sph", "-2.50"), ("", "40", "40"), ("", "40.25", "diopter.unreadable"),
      ("", "D", "diopter.unreadable"), ("", "Cyl", "diopter.unreadable"), ("", "-0.5", "-0.5"), ("", "0", "0"),
      ("", "plano sph", "0"),
    ]
  ) { options in
    [
      Diopter(
        step: options.text("step").flatMap { Diopter.Step(rawValue: $0) },
        unit: options.text("input").flatMap { Diopter.Unit(rawValue: $0) })
    ]
  }
}
