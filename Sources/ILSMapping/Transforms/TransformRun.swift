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
  /// How many readings depended on an assumed order of day and month.
  var ambiguousDates = 0
  var placeholderDates = 0
  /// What the scripts made of the present record: JSON texts or errors, in the order of their calls.
  var replies = ScriptReplies()
  /// By script: whether it looks at the record beside the value.
  var seesRecord: [Bool] = []

  /// Writes `value`, changed by `transforms`, as JSON.
  /// - Returns: false where the outcome is absent: null, or a string of no characters.
  /// - Throws: the reason why a transform refuses the value; `field` is left to the caller.
  mutating func write(
    _ value: FieldValue, _ transforms: [Transform], to output: inout OutputBuffer
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
  mutating func run(_ value: FieldValue, _ transforms: ArraySlice<Transform>) throws(RecordError) {
    form = .original
    for transform in transforms { try apply(transform, value) }
  }

  private mutating func apply(_ transform: Transform, _ value: FieldValue) throws(RecordError) {
    if case .script(let number) = transform {
      if callsScript(number, value) { try takeReply() }
      return
    }
    if case .null = form { return }
    if case .original = form {
      if value.kind == .null { return }
      if value.kind == .object || value.kind == .array {
        throw RecordError(
          code: "transform.nested", message: "an object or array cannot be transformed: flatten it first")
      }
    }
    if isEmpty(value) {
      if case .emptyToNull = transform { form = .null }
      return
    }
    switch transform {
    case .trim: try trim(value)
    case .lowercase: try changeCase(value, upper: false)
    case .uppercase: try changeCase(value, upper: true)
    case .titleCase: try titleCase(value)
    case .normalize: try normalize(value)
    case .stripControl: try stripControl(value)
    case .toString: try loadAsText(value)
    case .append(let prefix, let suffix): try append(prefix, suffix, value)
    case .pad(let width, let filler, let atEnd): try pad(value, width, filler, atEnd)
    case .date(let reader): try date(value, reader)
    case .phone: try phone(value)
    case .phoneE164(let region): try phoneE164(value, region)
    case .namePart(let part): try namePart(value, part)
    case .integer: try integer(value)
    case .float(let decimalComma): try float(value, decimalComma)
    case .diopter: try diopter(value)
    case .table(let table): try look(up: value, table)
    case .emptyToNull(let words): try emptyToNull(value, words)
    case .script: break
    }
  }

  private func isEmpty(_ value: FieldValue) -> Bool {
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

  mutating func loadAsText(_ value: FieldValue) throws(RecordError) {
    try load(value)
    form = .text
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

  /// Whether the value came as a string without escapes and is still untouched: then `value.text` is its text.
  func isPlain(_ value: FieldValue) -> Bool {
    if case .original = form { value.kind == .string && !value.hasEscapes } else { false }
  }

  // MARK: - Choices

  private mutating func look(up value: FieldValue, _ table: ValueTable) throws(RecordError) {
    if table.passesBooleans, case .original = form, value.kind == .boolean { return }
    try load(value)
    let found: Int?
    if table.foldsCase {
      spare.removeAll()
      Self.appendCase(Self.trimmed(text.bytes), upper: false, to: &spare)
      // What is white space alone is no answer, and no wrong one either.
      if spare.isEmpty {
        turn()
        return
      }
      found = table.index(of: spare.bytes)
    } else {
      found = table.index(of: text.bytes)
    }
    text.removeAll()
    if let found {
      text.append(table.values[found])
    } else {
      switch table.miss {
      case .refuse(let code, let message): throw RecordError(code: code, message: message)
      case .use(let json): text.append(json)
      }
    }
    form = text.bytes.elementsEqual("null".utf8) ? .null : .json
  }

  private mutating func emptyToNull(_ value: FieldValue, _ words: [String]) throws(RecordError) {
    guard !words.isEmpty else { return }
    let before = form
    try load(value)
    let trimmed = Self.trimmed(text.bytes)
    if words.contains(where: { $0.utf8.elementsEqual(trimmed) }) {
      form = .null
    } else if case .original = before {
      form = .original
    }
  }

  // MARK: - Scripts

  /// Absent values go to a script only where it looks at the record too.
  func callsScript(_ number: Int, _ value: FieldValue) -> Bool { seesRecord[number] || !isEmpty(value) }

  private mutating func takeReply() throws(RecordError) {
    text.removeAll()
    try replies.next(into: &text)
    form = text.bytes.elementsEqual("null".utf8) ? .null : .json
  }
}
