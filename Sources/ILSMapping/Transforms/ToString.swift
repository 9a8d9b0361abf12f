import ILSRecord

/// A number or boolean becomes a string.
struct ToString: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    try run.load(value)
    run.form = .text
  }
}

extension NamedTransform {
  static let toString = NamedTransform("to_string", examples: [("", "12.50", "12.50")]) { _ in [ToString()] }
}
