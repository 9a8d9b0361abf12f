import ILSRecord

/// A JSON number with all the digits that it was written with.
struct ToFloat: Transform {
  /// The comma is the decimal sign; nil where nobody said.
  let decimalComma: Bool?
  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    if case .original = run.form, value.kind == .number { return }
    guard let number = try run.decimal(value, decimalComma: decimalComma) else { return }
    run.becomeJSON(number.json())
  }
}

extension NamedTransform {
  static let toFloat = NamedTransform(
    "to_float", [.init("decimal", .choice([".", ","]))],
    examples: [
      ("", "1,234.50", "1234.50"), ("", ".5", "0.5"), ("", "5.", "5"), ("", "1e-5", "1e-5"),
      ("", "NaN", "number.unreadable"), ("", ".", "number.unreadable"), (#""decimal":",""#, "1.234,50", "1234.50"),
      (#""decimal":",""#, "1 234,5", "1234.5"),
    ]
  ) { options in [ToFloat(decimalComma: options.text("decimal").map { $0 == "," })] }
}
