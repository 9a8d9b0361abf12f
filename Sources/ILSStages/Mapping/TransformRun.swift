import CScan
import ILSRecord

/// One value on its way through the transforms of a mapping.
///
/// Text goes from one scratch buffer into the other, so that no transform allocates. What no transform changed is written
/// as it came.
struct TransformRun: ~Copyable {
  /// What the value is now.
  private enum Form {
    /// As it came: `FieldValue.raw`.
    case original
    /// The text in `text`.
    case text
    /// JSON text that needs no quotes: null, true, a table's value.
    case json(String)
  }

  private var text = OutputBuffer()
  private var spare = OutputBuffer()
  private var form = Form.original
  /// How many readings depended on an assumed order of day and month.
  private(set) var ambiguousDates = 0
  private(set) var placeholderDates = 0

  /// Writes `value`, changed by `transforms`, as JSON.
  /// - Throws: the reason why a transform refuses the value; `field` is left to the caller.
  mutating func write(
    _ value: FieldValue, _ transforms: [Transform], to output: inout OutputBuffer
  ) throws(RecordError) {
    form = .original
    for transform in transforms {
      if case .json(let json) = form, json == "null" { break }
      try apply(transform, value)
    }
    switch form {
    case .original: output.append(value.raw)
    case .text: output.appendJSONString(text.bytes)
    case .json(let json): output.append(json)
    }
  }

  /// Runs `body` on the value's text as it is now; a literal's text is its JSON.
  private mutating func load(_ value: FieldValue) throws(RecordError) {
    switch form {
    case .text: return
    case .original:
      text.removeAll()
      try value.decode(into: &text)
    case .json(let json):
      text.removeAll()
      text.append(json)
    }
  }

  private mutating func apply(_ transform: Transform, _ value: FieldValue) throws(RecordError) {
    if case .original = form {
      if value.kind == .null { return }
      if value.kind == .object || value.kind == .array {
        throw RecordError(
          code: "transform.nested", message: "an object or array cannot be transformed: flatten it first")
      }
      if value.isAbsent {
        if transform == .emptyToNull { form = .json("null") }
        return
      }
    }
    switch transform {
    case .trim: try trim(value)
    case .lowercase: try changeCase(value, upper: false)
    case .uppercase: try changeCase(value, upper: true)
    case .date(let reader): try date(value, reader)
    case .phone: try phone(value)
    case .gender: try choose(value, Self.genders, code: "gender.unreadable", "not a gender that is known", quoted: true)
    case .boolean: try choose(value, Self.booleans, code: "boolean.unreadable", "neither yes nor no", quoted: false)
    case .emptyToNull:
      if case .text = form, text.isEmpty { form = .json("null") }
    case .lookup(let table, let otherwise): try look(up: value, table, otherwise)
    }
  }

  /// Puts what `spare` holds in place of `text`.
  private mutating func turn() {
    swap(&text, &spare)
    form = .text
  }

  // MARK: - Text

  private mutating func trim(_ value: FieldValue) throws(RecordError) {
    if case .original = form {
      guard value.kind == .string, !value.isASCII || value.hasEscapes || hasSpaceAround(value.text) else { return }
    }
    try load(value)
    let trimmed = TransformRun.trimmed(text.bytes)
    if trimmed.count == text.count, case .original = form { return }
    spare.removeAll()
    spare.append(trimmed)
    turn()
  }

  private func hasSpaceAround(_ text: UnsafeRawBufferPointer) -> Bool {
    text.isEmpty || text[0] <= 0x20 || text[text.count - 1] <= 0x20
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

  private mutating func changeCase(_ value: FieldValue, upper: Bool) throws(RecordError) {
    if case .original = form, value.kind != .string { return }
    if case .json = form { return }
    try load(value)
    spare.removeAll()
    if text.bytes.allSatisfy({ $0 < 0x80 }) {
      let count = text.count
      let to = spare.reserve(count)
      ils_ascii_case(to, text.bytes.baseAddress!, count, upper ? 1 : 0)
      spare.commit(count)
    } else {
      let string = text.string()
      spare.append(upper ? string.uppercased() : string.lowercased())
    }
    turn()
  }

  // MARK: - Dates

  private mutating func date(_ value: FieldValue, _ reader: DateReader) throws(RecordError) {
    if case .original = form, value.kind == .number { return try excelDate(value) }
    let isPlain = if case .original = form { value.kind == .string && !value.hasEscapes } else { false }
    if !isPlain { try load(value) }
    switch reader.read(isPlain ? value.text : text.bytes) {
    case .date(let date, let isAmbiguous):
      if isAmbiguous { ambiguousDates += 1 }
      text.removeAll()
      text.append(date)
      form = .text
    case .placeholder:
      placeholderDates += 1
      form = .json("null")
    case .hasTime:
      throw RecordError(
        code: "date.has_time", message: "has a time of day: cut it off on purpose with \"time\":\"cut\" in the mapping")
    case .unreadable:
      throw RecordError(
        code: "date.unreadable",
        message: "not a date in the order \(reader.order.rawValue): mend it, or name its order as \"input\"")
    }
  }

  private mutating func excelDate(_ value: FieldValue) throws(RecordError) {
    guard let serial = Int(String(decoding: value.raw, as: UTF8.self)), let date = DateReader.date(excelSerial: serial)
    else { throw RecordError(code: "date.unreadable", message: "not the serial number of a day") }
    text.removeAll()
    text.append(date)
    form = .text
  }

  // MARK: - Phones

  /// Seven, ten, or eleven digits with a leading 1, as the guide formats them. Other numbers of 8 to 15 digits (E.164)
  /// belong to other countries and stay as they came.
  private mutating func phone(_ value: FieldValue) throws(RecordError) {
    try load(value)
    var digits: InlineArray<16, UInt8> = .init(repeating: 0)
    var count = 0
    var isInternational = false
    for byte in text.bytes {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if count < 16 { digits[count] = byte }
        count += 1
      case UInt8(ascii: "+"): isInternational = true
      case _ where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A:
        // An extension: no form of the guide's holds it.
        if count < 7 { count = -100 }
        isInternational = true
      default: break
      }
    }
    guard (7...25).contains(count) else {
      throw RecordError(code: "phone.unreadable", message: "not a phone number: 7 to 15 digits are expected")
    }
    let hasCountryCode = count == 11 && digits[0] == UInt8(ascii: "1")
    guard hasCountryCode || (!isInternational && (count == 7 || count == 10)) else { return }
    spare.removeAll()
    if hasCountryCode { spare.append("+1 " as StaticString) }
    let first = hasCountryCode ? 1 : 0
    spare.append(UInt8(ascii: "("))
    for at in first..<count {
      if at == first + 3 { spare.append(") " as StaticString) }
      if at == first + 6 { spare.append(UInt8(ascii: "-")) }
      spare.append(digits[at])
    }
    turn()
  }

  // MARK: - Choices

  private static let genders: [String: String] = [
    "m": "male", "male": "male", "man": "male", "boy": "male", "f": "female", "female": "female", "woman": "female",
    "girl": "female", "w": "female", "o": "other", "other": "other", "x": "other", "nonbinary": "other",
    "non-binary": "other", "nb": "other", "u": "unknown", "unknown": "unknown", "unk": "unknown", "n": "unknown",
    "not specified": "unknown", "undisclosed": "unknown",
  ]

  private static let booleans: [String: String] = [
    "yes": "true", "y": "true", "true": "true", "t": "true", "1": "true", "on": "true", "no": "false", "n": "false",
    "false": "false", "f": "false", "0": "false", "off": "false",
  ]

  private mutating func choose(
    _ value: FieldValue, _ choices: [String: String], code: String, _ reason: String, quoted: Bool
  ) throws(RecordError) {
    if case .original = form, value.kind == .boolean, !quoted { return }
    try load(value)
    let key = String(decoding: TransformRun.trimmed(text.bytes), as: UTF8.self).lowercased()
    guard let choice = choices[key] else {
      throw RecordError(code: code, message: "\(reason): map it with \"values\", or mend it")
    }
    if quoted {
      text.removeAll()
      text.append(choice)
      form = .text
    } else {
      form = .json(choice)
    }
  }

  private mutating func look(up value: FieldValue, _ table: [String: String], _ otherwise: String?) throws(RecordError)
  {
    try load(value)
    guard let found = table[text.string()] ?? otherwise else {
      throw RecordError(
        code: "values.unknown", message: "not in the mapping's \"values\", and there is no \"otherwise\"")
    }
    form = .json(found)
  }
}
