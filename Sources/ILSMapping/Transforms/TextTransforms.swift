import CScan
@_spi(_Unicode) import Swift
import ILSRecord

extension TransformRun {
  mutating func trim(_ value: FieldValue) throws(RecordError) {
    guard isString(value) else { return }
    if isPlain(value), !mayHaveSpaceAround(value.text) { return }
    try load(value)
    let trimmed = TransformRun.trimmed(text.bytes)
    if trimmed.count == text.count { return }
    spare.removeAll()
    spare.append(trimmed)
    turn()
  }

  private func mayHaveSpaceAround(_ text: UnsafeRawBufferPointer) -> Bool {
    func isPlain(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x80 }
    return text.isEmpty || !isPlain(text[0]) || !isPlain(text[text.count - 1])
  }

  /// Without the white space (Unicode property White_Space, and U+FEFF) around it.
  static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
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
    var length = 1
    while at + length < end, text[at + length] & 0xC0 == 0x80 { length += 1 }
    let scalar = String(decoding: text[at..<(at + length)], as: UTF8.self).unicodeScalars.first
    guard let scalar, scalar.properties.isWhitespace || scalar == "\u{FEFF}" else { return nil }
    return length
  }

  mutating func changeCase(_ value: FieldValue, upper: Bool) throws(RecordError) {
    guard isString(value) else { return }
    try load(value)
    spare.removeAll()
    TransformRun.appendCase(text.bytes, upper: upper, to: &spare)
    turn()
  }

  static func appendCase(_ text: UnsafeRawBufferPointer, upper: Bool, to output: inout OutputBuffer) {
    guard let from = text.baseAddress else { return }
    if text.allSatisfy({ $0 < 0x80 }) {
      ils_ascii_case(output.reserve(text.count), from, text.count, upper ? 1 : 0)
      output.commit(text.count)
    } else {
      let string = String(decoding: text, as: UTF8.self)
      output.append(upper ? string.uppercased() : string.lowercased())
    }
  }

  mutating func titleCase(_ value: FieldValue) throws(RecordError) {
    guard isString(value) else { return }
    try load(value)
    become(TitleCase.of(text.string()))
  }

  mutating func normalize(_ value: FieldValue) throws(RecordError) {
    guard isString(value), !(isPlain(value) && value.isASCII) else { return }
    try load(value)
    spare.removeAll()
    for scalar in text.string()._nfc { spare.append(String(scalar)) }
    turn()
  }

  mutating func stripControl(_ value: FieldValue) throws(RecordError) {
    guard isString(value), !(isPlain(value) && value.isASCII && !value.text.contains(0x7F)) else { return }
    try load(value)
    spare.removeAll()
    var spaceIsDue = false
    for scalar in text.string().unicodeScalars {
      switch scalar.value {
      case 0x09...0x0D, 0x85, 0x2028, 0x2029:
        spaceIsDue = true
        continue
      // Controls, the byte order mark, and what steers direction or has no width; joiners are part of scripts and emoji.
      case 0x00...0x1F, 0x7F...0x9F, 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF,
        0xFFF9...0xFFFB:
        continue
      default: break
      }
      if spaceIsDue { spare.append(UInt8(ascii: " ")) }
      spaceIsDue = false
      spare.append(String(scalar))
    }
    if spaceIsDue { spare.append(UInt8(ascii: " ")) }
    turn()
  }

  mutating func append(_ prefix: String, _ suffix: String, _ value: FieldValue) throws(RecordError) {
    try load(value)
    spare.removeAll()
    spare.append(prefix)
    spare.append(text.bytes)
    spare.append(suffix)
    turn()
  }

  mutating func pad(_ value: FieldValue, _ width: Int, _ filler: UInt8, _ atEnd: Bool) throws(RecordError) {
    try load(value)
    let missing = width - text.bytes.count { $0 & 0xC0 != 0x80 }
    spare.removeAll()
    if atEnd { spare.append(text.bytes) }
    if missing > 0 { for _ in 0..<missing { spare.append(filler) } }
    if !atEnd { spare.append(text.bytes) }
    turn()
  }
}
