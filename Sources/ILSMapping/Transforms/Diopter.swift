import ILSRecord

/// A sphere, cylinder or addition as optometrists write them: `plano`, `-2.50 DS`, `+1,25`, `DS` for no cylinder.
struct Diopter: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    if case .original = run.form, value.kind == .number { return }
    try run.load(value)
    var words = String(decoding: Trim.trimmed(run.text.bytes), as: UTF8.self).lowercased()
    if words.isEmpty {
      run.form = .null
      return
    }
    for unit in ["dioptres", "diopters", "dpt", "ds", "dc", "d", "sph", "cyl"] where words.hasSuffix(unit) {
      words.removeLast(unit.count)
      break
    }
    while words.last?.isWhitespace == true { words.removeLast() }
    if words.isEmpty || Self.zeroPowers.contains(words) { return run.becomeJSON(Array("0".utf8)) }
    // A space may stand between the sign and the number.
    if let sign = words.first, "+-\u{2212}".contains(sign) {
      words = String(sign) + words.dropFirst().drop(while: \.isWhitespace)
    }
    let usesComma = words.contains(",") && !words.contains(".")
    let number = words.utf8.withContiguousStorageIfAvailable {
      DecimalText(UnsafeRawBufferPointer($0), decimalComma: usesComma)
    }
    guard let number = number ?? nil, number.exponent.isEmpty, number.whole.count <= 2 else {
      throw RecordError(
        .diopterUnreadable, "not a power in dioptres: a number below 100, plano, DS or SPH is expected")
    }
    run.becomeJSON(number.json())
  }

  private static let zeroPowers: Set<String> = ["plano", "plan", "pl", "pln", "sphere", "nil", "\u{221E}"]
}

extension NamedTransform {
  static let diopter = NamedTransform(
    "diopter",
    examples: [
      ("", "plano", "0"), ("", "PL", "0"), ("", "DS", "0"), ("", "SPH", "0"), ("", "-2.50 DS", "-2.50"),
      ("", "+1,25", "1.25"), ("", "\u{2212}0.75D", "-0.75"), ("", "- 1.00", "-1.00"), ("", "Plano DS", "0"),
      ("", "125", "diopter.unreadable"), ("", "bal", "diopter.unreadable"),
    ]
  ) { _ in [Diopter()] }
}
