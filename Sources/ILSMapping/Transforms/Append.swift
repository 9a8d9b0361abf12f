import ILSRecord

/// Texts in front of the value and behind it.
struct Append: Transform {
  let prefix: String
  let suffix: String

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    try run.load(value)
    run.spare.removeAll()
    run.spare.append(prefix)
    run.spare.append(run.text.bytes)
    run.spare.append(suffix)
    run.turn()
  }
}

extension NamedTransform {
  static let append = NamedTransform(
    "append", [.init("prefix", .text), .init("suffix", .text)], needsAnOption: true, isIdempotent: false,
    examples: [(#""prefix":"MRN-","suffix":"/1""#, "7", "MRN-7/1"), (#""prefix":"<""#, "x", "<x")]
  ) { options in [Append(prefix: options.text("prefix") ?? "", suffix: options.text("suffix") ?? "")] }
}
