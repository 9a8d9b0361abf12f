import CScan
import ILSRecord

/// Letters change case, by Unicode's rules.
struct LetterCase: Transform {
  let isUpper: Bool

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard run.isString(value) else { return }
    try run.load(value)
    run.spare.removeAll()
    LetterCase.append(run.text.bytes, upper: isUpper, to: &run.spare)
    run.turn()
  }

  func join(_ quick: inout FastTransform) {
    guard quick.isText, quick.caseFirst == 0 else { return quick.kind = .none }
    quick.kind = .text
    quick.caseFirst = UInt8(ascii: isUpper ? "a" : "A")
  }

  static func append(_ text: UnsafeRawBufferPointer, upper: Bool, to output: inout OutputBuffer) {
    guard let from = text.baseAddress else { return }
    if text.allSatisfy({ $0 < 0x80 }) {
      ils_ascii_case(output.reserve(text.count), from, text.count, upper ? 1 : 0)
      output.commit(text.count)
    } else {
      let string = String(decoding: text, as: UTF8.self)
      output.append(upper ? string.uppercased() : string.lowercased())
    }
  }
}

extension NamedTransform {
  static let uppercase = NamedTransform(
    "uppercase",
    examples: [
      ("", "john", "JOHN"), ("", "straße", "STRASSE"), ("", "àþ÷ÿµ", "ÀÞ÷ŸΜ"), ("", "àþ÷", "ÀÞ÷"),
      ("", "0123456789abcdefghijk", "0123456789ABCDEFGHIJK"),
    ]
  ) { _ in [LetterCase(isUpper: true)] }

  static let lowercase = NamedTransform(
    "lowercase",
    examples: [
      ("", "JOHN", "john"), ("", "ÄÖÜ", "äöü"), ("", "ÀÞ×ßÿ\u{A0}", "àþ×ßÿ\u{A0}"), ("", "ŁÓDŹ", "łódź"),
    ]
  ) { _ in [LetterCase(isUpper: false)] }
}
