import ILSRecord

/// A JSON number without a fraction.
struct ToInteger: Transform {
  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let number = try run.decimal(value, decimalComma: nil) else { return }
    guard number.isWhole else {
      throw RecordError(.numberNotWhole, "not a whole number, and nothing is rounded unasked")
    }
    run.becomeJSON(number.json(wholeOnly: true))
  }
}

extension NamedTransform {
  static let toInteger = NamedTransform(
    "to_integer",
    examples: [
      ("", " 1,234,567 ", "1234567"), ("", "007", "7"), ("", "-42.00", "-42"),
      ("", "12345678901234567890123", "12345678901234567890123"), ("", "-0", "0"), ("", "1.5", "number.not_whole"),
      ("", "1,23", "number.unreadable"), ("", "", ""), ("", "  ", "null"), ("", "٣", "number.unreadable"),
    ]
  ) { _ in [ToInteger()] }
}
