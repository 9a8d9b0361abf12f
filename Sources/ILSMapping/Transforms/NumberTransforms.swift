import ILSRecord

extension TransformRun {
  mutating func integer(_ value: FieldValue) throws(RecordError) {
    let number = try decimal(value, decimalComma: false)
    guard let number else { return }
    guard number.isWhole else {
      throw RecordError(code: "number.not_whole", message: "not a whole number, and nothing is rounded unasked")
    }
    becomeJSON(number.json(wholeOnly: true))
  }

  mutating func float(_ value: FieldValue, _ decimalComma: Bool) throws(RecordError) {
    if case .original = form, value.kind == .number { return }
    guard let number = try decimal(value, decimalComma: decimalComma) else { return }
    becomeJSON(number.json())
  }

  /// The value as a number; nil where it is white space alone, which becomes null.
  private mutating func decimal(_ value: FieldValue, decimalComma: Bool) throws(RecordError) -> DecimalText? {
    let comesAsNumber = if case .original = form { value.kind == .number } else { false }
    try load(value)
    let trimmed = TransformRun.trimmed(text.bytes)
    if trimmed.isEmpty {
      form = .null
      return nil
    }
    guard let number = DecimalText(trimmed, decimalComma: decimalComma && !comesAsNumber) else {
      throw RecordError(code: "number.unreadable", message: "not a number")
    }
    return number
  }

  /// Sphere, cylinder and addition as optometrists write them: `plano`, `-2.50 DS`, `+1,25`, `DS` for no cylinder.
  mutating func diopter(_ value: FieldValue) throws(RecordError) {
    if case .original = form, value.kind == .number { return }
    try load(value)
    var words = String(decoding: TransformRun.trimmed(text.bytes), as: UTF8.self).lowercased()
    if words.isEmpty {
      form = .null
      return
    }
    for unit in ["dioptres", "diopters", "dpt", "ds", "dc", "d", "sph", "cyl"] where words.hasSuffix(unit) {
      words.removeLast(unit.count)
      break
    }
    while words.last?.isWhitespace == true { words.removeLast() }
    if words.isEmpty || Self.zeroPowers.contains(words) { return becomeJSON(Array("0".utf8)) }
    // A space may stand between the sign and the number; a trailing sign is how some terminals print it.
    if let sign = words.first, "+-\u{2212}".contains(sign) {
      words = String(sign) + words.dropFirst().drop(while: \.isWhitespace)
    }
    let usesComma = words.contains(",") && !words.contains(".")
    let number = words.utf8.withContiguousStorageIfAvailable {
      DecimalText(UnsafeRawBufferPointer($0), decimalComma: usesComma)
    }
    guard let number = number ?? nil, number.exponent.isEmpty, number.whole.count <= 2 else {
      throw RecordError(
        code: "diopter.unreadable",
        message: "not a power in dioptres: a number below 100, plano, DS or SPH is expected")
    }
    becomeJSON(number.json())
  }

  private static let zeroPowers: Set<String> = ["plano", "plan", "pl", "pln", "sphere", "nil", "\u{221E}"]

  private mutating func becomeJSON(_ json: [UInt8]) {
    text.removeAll()
    text.append(json)
    form = .json
  }
}
