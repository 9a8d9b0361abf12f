import ILSRecord

/// Null for a value of no characters, or for one of `words`.
struct EmptyToNull: Transform {
  let words: [String]

  func apply(to value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    if try run.isPresent(value) {
      try change(value, in: &run)
    } else {
      run.form = .null
    }
  }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard !words.isEmpty else { return }
    let before = run.form
    try run.load(value)
    let trimmed = Trim.trimmed(run.text.bytes)
    if words.contains(where: { $0.utf8.elementsEqual(trimmed) }) {
      run.form = .null
    } else if case .original = before {
      run.form = .original
    }
  }

  func join(_ quick: inout FastTransform) {
    guard words.isEmpty, quick.kind != .table else { return quick.kind = .none }
    if quick.kind == .copy { quick.kind = .text }
    quick.turnsEmptyToNull = true
  }
}

extension NamedTransform {
  static let emptyToNull = NamedTransform(
    "empty_to_null", [.init("also", .words)],
    examples: [
      ("", "", "null"), (#""also":["N/A","-"]"#, " N/A ", "null"), (#""also":["N/A","-"]"#, " x ", " x "),
    ]
  ) { options in [EmptyToNull(words: options.words("also"))] }
}
