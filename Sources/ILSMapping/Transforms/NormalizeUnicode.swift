@_spi(_Unicode) import Swift
import ILSRecord

/// Unicode normalisation form C (UAX 15).
struct NormalizeUnicode: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard run.isString(value), !(run.isPlain(value) && value.isASCII) else { return }
    try run.load(value)
    run.spare.removeAll()
    for scalar in run.text.string()._nfc { run.spare.append(String(scalar)) }
    run.turn()
  }
}

extension NamedTransform {
  static let normalizeUnicode = NamedTransform("normalize_unicode", examples: [("", "e\u{301}", "\u{E9}")]) { _ in
    [NormalizeUnicode()]
  }
}
