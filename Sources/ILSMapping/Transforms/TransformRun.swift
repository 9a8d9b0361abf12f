import CScan
import ILSRecord

/// One value on its way through the transforms of a mapping.
///
/// Text goes from one scratch buffer into the other, so that plain transforms allocate nothing. What no transform changed
/// is written as it came.
struct TransformRun: ~Copyable {
  /// What the value is now.
  enum Form {
    /// As it came: `FieldValue.raw`.
    case original
    /// The text in `text`.
    case text
    /// The JSON text in `text` that needs no quotes: a number, true, a table's value.
    case json
    case null
  }

  var text = OutputBuffer()
  var spare = OutputBuffer()
  var form = Form.original
  /// What was assumed of the value.
  var notes: MappingNotes = []
  /// A table has said what the value becomes: the transforms that are left pass it by.
  var isSettled = false
  /// What the scripts made of the present record: JSON texts or errors, in the order of their calls.
  var replies = ScriptReplies()
  /// By script: whether it looks at the record beside the value.
  var seesRecord: [Bool] = []

  /// Writes `value`, changed by `transforms`, as JSON.
  /// - Returns: false where the outcome is absent: null, or a string of no characters.
  /// - Throws: the reason why a transform refuses the value; `field` is left to the caller.
  mutating func write(
    _ value: FieldValue, _ transforms: [any Transform], to output: inout OutputBuffer
  ) throws(RecordError) -> Bool {
    try run(value, transforms[...])
    writeForm(value, to: &output)
    switch form {
    case .original: return !value.isAbsent
    case .text: return !text.isEmpty
    case .json: return text.bytes.count != 2 || text.bytes[0] != UInt8(ascii: "\"")
    case .null: return false
    }
  }

  /// Writes the value as it is now, as JSON.
  func writeForm(_ value: FieldValue, to output: inout OutputBuffer) {
    switch form {
    case .original: output.append(value.raw)
    case .text: output.appendJSONString(text.bytes)
    case .json: output.append(text.bytes)
    case .null: output.append("null" as StaticString)
    }
  }

  /// Brings `value` through `transforms`; `form` says where the outcome stands.
  mutating func run(_ value: FieldValue, _ transforms: ArraySlice<any Transform>) throws(RecordError) {
    form = .original
    isSettled = false
    for transform in transforms where !isSettled { try transform.apply(to: value, in: &self) }
  }

  /// The text that `transforms` make of a string; nil where they refuse it, make nothing of it, or run a script.
  mutating func text(of string: String, _ transforms: ArraySlice<any Transform>) -> String? {
    if transforms.contains(where: { $0 is Custom }) { return nil }
    var json = OutputBuffer()
    json.append(JSONValue.string(string).text)
    let value = FieldValue(raw: json.padded, kind: .string, hasEscapes: true, isASCII: false)
    do throws(RecordError) {
      try run(value, transforms)
      if isEmpty(value) { return nil }
      try load(value)
      return text.string()
    } catch {
      return nil
    }
  }

  /// Whether there is a value: neither null nor a string of no characters.
  /// - Throws: `transform.nested` for an object or array that no transform has touched.
  func isPresent(_ value: FieldValue) throws(RecordError) -> Bool {
    if case .original = form, value.kind == .object || value.kind == .array {
      throw RecordError(.transformNested, "an object or array cannot be transformed: flatten it first")
    }
    return !isEmpty(value)
  }

  func isEmpty(_ value: FieldValue) -> Bool {
    switch form {
    case .original: value.isAbsent
    case .text: text.isEmpty
    case .json: false
    case .null: true
    }
  }

  // MARK: - The value as text

  /// Whether the value is a string now.
  func isString(_ value: FieldValue) -> Bool {
    switch form {
    case .original: value.kind == .string
    case .text: true
    case .json: text.bytes.first == UInt8(ascii: "\"")
    case .null: false
    }
  }

  /// Puts the value's text into `text`, and leaves `form` as it is; a literal's text is its JSON.
  mutating func load(_ value: FieldValue) throws(RecordError) {
    switch form {
    case .text, .null: return
    case .original:
      text.removeAll()
      try value.decode(into: &text)
    case .json:
      guard text.bytes.first == UInt8(ascii: "\"") else { return }
      try decodeString()
    }
  }

  /// Turns the JSON string in `text` into what it stands for.
  private mutating func decodeString() throws(RecordError) {
    spare.removeAll()
    let raw = text.padded
    try FieldValue(raw: raw, kind: .string, hasEscapes: raw.bytes.contains(UInt8(ascii: "\\")), isASCII: false)
      .decode(into: &spare)
    turn()
  }

  /// Puts what `spare` holds in place of `text`.
  mutating func turn() {
    swap(&text, &spare)
    form = .text
  }

  mutating func become(_ string: String) {
    text.removeAll()
    text.append(string)
    form = .text
  }

  mutating func becomeJSON(_ json: [UInt8]) {
    text.removeAll()
    text.append(json)
    form = .json
  }

  /// The value as a number; nil where it is white space alone, which becomes null.
  /// - Parameter decimalComma: nil where nobody said: the point is the decimal sign.
  mutating func decimal(_ value: FieldValue, decimalComma: Bool?) throws(RecordError) -> DecimalText? {
    let comesAsNumber = if case .original = form { value.kind == .number } else { false }
    try load(value)
    let trimmed = Trim.trimmed(text.bytes)
    if trimmed.isEmpty {
      form = .null
      return nil
    }
    guard let number = DecimalText(trimmed, decimalComma: decimalComma == true && !comesAsNumber) else {
      throw RecordError(.numberUnreadable, "not a number")
    }
    // One comma and three digits behind it: 1,250 is 1.25 to others.
    if decimalComma == nil, trimmed.count(where: { $0 == UInt8(ascii: ",") }) == 1, number.isWithoutFraction {
      notes.insert(MappingNotes(.numberGroups))
    }
    return number
  }

  /// Whether the value came as a string without escapes and is still untouched: then `value.text` is its text.
  func isPlain(_ value: FieldValue) -> Bool {
    if case .original = form { value.kind == .string && !value.hasEscapes } else { false }
  }

  // MARK: - Scripts

  /// Absent values go to a script only where it looks at the record too.
  func callsScript(_ number: Int, _ value: FieldValue) -> Bool {
    !isSettled && (seesRecord[number] || !isEmpty(value))
  }

  mutating func takeReply() throws(RecordError) {
    text.removeAll()
    try replies.next(into: &text)
    form = text.bytes.elementsEqual("null".utf8) ? .null : .json
  }
}
