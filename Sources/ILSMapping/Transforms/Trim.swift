import ILSRecord

/// White space around a text goes.
struct Trim: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard run.isString(value) else { return }
    if run.isPlain(value), !Trim.mayHaveSpaceAround(value.text) { return }
    try run.load(value)
    let trimmed = Trim.trimmed(run.text.bytes)
    if trimmed.count == run.text.count { return }
    run.spare.removeAll()
    run.spare.append(trimmed)
    run.turn()
  }

  func join(_ quick: inout FastTransform) {
    // Behind these there is nothing left to trim.
    if quick.kind == .date || quick.kind == .phone { return }
    guard quick.isText, !quick.turnsEmptyToNull else { return quick.kind = .none }
    quick.kind = .text
    quick.trims = true
  }

  /// Whether the outer bytes of `text` may be those of white space.
  @inline(__always)
  static func mayHaveSpaceAround(_ text: UnsafeRawBufferPointer) -> Bool {
    text.isEmpty || text[0] &- 0x21 > 0x5D || text[text.count - 1] &- 0x21 > 0x5D
  }

  /// Without the white space (Unicode property White_Space, and U+FEFF) around it: a part of `text`.
  @inline(__always)
  static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    mayHaveSpaceAround(text) ? withoutSpaceAround(text) : text
  }

  @inline(never)
  private static func withoutSpaceAround(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var from = 0
    var to = text.count
    while from < to, let length = spaceLength(text, from, to) { from += length }
    while from < to {
      var start = to - 1
      while start > from, text[start] & 0xC0 == 0x80 { start -= 1 }
      guard spaceLength(text, start, to) == to - start else { break }
      to = start
    }
    return UnsafeRawBufferPointer(rebasing: text[from..<to])
  }

  /// The bytes of the white space at `at`; nil where there is none.
  private static func spaceLength(_ text: UnsafeRawBufferPointer, _ at: Int, _ end: Int) -> Int? {
    let byte = text[at]
    if byte < 0x80 { return byte == 0x20 || (0x09...0x0D).contains(byte) ? 1 : nil }
    switch byte {
    // The lead bytes of white space beyond ASCII: no letter costs more than this look.
    case 0xC2, 0xE1, 0xE2, 0xE3, 0xEF: break
    default: return nil
    }
    var length = 1
    while at + length < end, text[at + length] & 0xC0 == 0x80 { length += 1 }
    let scalar = String(decoding: text[at..<(at + length)], as: UTF8.self).unicodeScalars.first
    guard let scalar, scalar.properties.isWhitespace || scalar == "\u{FEFF}" else { return nil }
    return length
  }
}

extension NamedTransform {
  static let trim = NamedTransform(
    "trim",
    examples: [
      ("", " John ", "John"), ("", "\u{A0}\u{2003}É \t\n", "É"), ("", "a", "a"), ("", "\u{3000}山田\u{3000}", "山田"),
    ]
  ) { _ in [Trim()] }
}

extension TransformRun {
  /// The text of a value without white space around it; nil where nothing is left, which then is null.
  mutating func loadTrimmed(_ value: FieldValue) throws(RecordError) -> String? {
    try load(value)
    let trimmed = Trim.trimmed(text.bytes)
    if trimmed.isEmpty {
      form = .null
      return nil
    }
    return String(decoding: trimmed, as: UTF8.self)
  }
}
