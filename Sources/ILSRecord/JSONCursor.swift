import CScan

/// Why a text is not JSON; the cursor stands where it noticed.
@usableFromInline
enum JSONFault: Error {
  case truncated, expectedValue, expectedKey, expectedColon, expectedCommaOrEnd, badNumber, badLiteral, badEscape
  case controlInString, invalidUTF8, tooDeep, trailing

  var message: StaticString {
    switch self {
    case .truncated: "the line ends inside a value: the input may be cut off"
    case .expectedValue: "expected a value"
    case .expectedKey: "expected a field name in double quotes"
    case .expectedColon: "expected ':' behind the field name"
    case .expectedCommaOrEnd: "expected ',' or the end of the object or array"
    case .badNumber: "not a JSON number"
    case .badLiteral: "not true, false or null"
    case .badEscape: "not an escape that JSON knows"
    case .controlInString: "a control character stands unescaped in a string"
    case .invalidUTF8: "not UTF-8"
    case .tooDeep: "nested more than 512 deep"
    case .trailing: "text behind the object: one JSON object a line is expected"
    }
  }
}

/// Walks over JSON text, checking every byte of it (RFC 8259), and remembers nothing but where it stands.
@usableFromInline
struct JSONCursor {
  @usableFromInline var at: UnsafeRawPointer
  @usableFromInline let end: UnsafeRawPointer

  @inlinable init(_ text: PaddedBytes) {
    at = text.bytes.baseAddress!
    end = at + text.count
  }

  @inlinable @inline(__always)
  var byte: UInt8 { at.load(as: UInt8.self) }

  @inlinable @inline(__always)
  mutating func skipSpace() {
    while at < end, byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
  }

  /// Steps over `expected`, or throws `fault` (`truncated` at the end).
  @inlinable @inline(__always)
  mutating func expect(_ expected: UInt8, or fault: JSONFault) throws(JSONFault) {
    guard at < end else { throw .truncated }
    guard byte == expected else { throw fault }
    at += 1
  }

  /// Steps over a string, from its opening quote, and returns its form (`FieldSlot.form`).
  @inlinable @inline(__always)
  mutating func string() throws(JSONFault) -> UInt16 {
    at += 1
    let mask = ils_json_mask16(at)
    let special = mask & 0xFFFF
    if special != 0 {
      let clean = special.trailingZeroBitCount
      if mask >> 16 & ((1 << UInt32(clean)) - 1) == 0, at + clean < end,
        (at + clean).load(as: UInt8.self) == UInt8(ascii: "\"")
      {
        at += clean + 1
        return 0
      }
    }
    return try longString()
  }

  @usableFromInline @inline(never)
  mutating func longString() throws(JSONFault) -> UInt16 {
    let start = at
    var hasEscapes = false
    var high: UInt32 = 0
    while true {
      guard at < end else { throw .truncated }
      let mask = ils_json_mask16(at)
      let special = mask & 0xFFFF
      if special == 0 {
        high |= mask >> 16
        at += 16
        continue
      }
      let clean = special.trailingZeroBitCount
      high |= mask >> 16 & ((1 << UInt32(clean)) - 1)
      at += clean
      guard at < end else { throw .truncated }
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else { throw .controlInString }
      hasEscapes = true
      try escape()
    }
    if high != 0, let invalid = firstInvalidUTF8(UnsafeRawBufferPointer(start: start, count: at - start)) {
      at = start + invalid
      throw .invalidUTF8
    }
    at += 1
    return (hasEscapes ? FieldSlot.escaped : 0) | (high == 0 ? 0 : FieldSlot.beyondASCII)
  }

  /// Steps over one escape, from its backslash.
  mutating func escape() throws(JSONFault) {
    guard end - at >= 2 else { throw .truncated }
    switch (at + 1).load(as: UInt8.self) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      at += 2
    case UInt8(ascii: "u"):
      guard end - at >= 6 else { throw .truncated }
      for offset in 2..<6 where hexNibble((at + offset).load(as: UInt8.self)) == nil { throw .badEscape }
      at += 6
    default: throw .badEscape
    }
  }

  /// Steps over a number: `-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?`.
  @usableFromInline
  mutating func number() throws(JSONFault) {
    if byte == UInt8(ascii: "-") { at += 1 }
    if at < end, byte == UInt8(ascii: "0") {
      at += 1
    } else {
      try digits()
    }
    if at < end, byte == UInt8(ascii: ".") {
      at += 1
      try digits()
    }
    if at < end, byte | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < end, byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
      try digits()
    }
    // A number runs into what follows it: "01", "1x" and "1.2.3" are no numbers.
    if at < end, isWordByte(byte) { throw .badNumber }
  }

  /// Steps over a whole number of up to 16 digits that a comma ends, such as a row's; false, and no step, where none stands.
  @inline(__always)
  mutating func skipPlainInteger() -> Bool {
    guard byte &- UInt8(ascii: "1") < 9 else { return false }
    var length = 1
    while length < 17, (at + length).load(as: UInt8.self) &- UInt8(ascii: "0") < 10 { length += 1 }
    guard at + length < end, (at + length).load(as: UInt8.self) == UInt8(ascii: ",") else { return false }
    at += length
    return true
  }

  private mutating func digits() throws(JSONFault) {
    let start = at
    while at < end, byte &- UInt8(ascii: "0") < 10 { at += 1 }
    if at == start { throw at < end ? .badNumber : .truncated }
  }

  /// Steps over `true`, `false` or `null`.
  @usableFromInline
  mutating func literal(_ text: StaticString) throws(JSONFault) {
    let length = text.utf8CodeUnitCount
    for offset in 0..<length {
      guard at + offset < end else { throw .truncated }
      guard (at + offset).load(as: UInt8.self) == text.utf8Start[offset] else { throw .badLiteral }
    }
    at += length
    if at < end, isWordByte(byte) { throw .badLiteral }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Steps over any value that is not a string, and says what it was.
  @usableFromInline @inline(never)
  mutating func value() throws(JSONFault) -> ValueKind {
    guard at < end else { throw .truncated }
    switch byte {
    case UInt8(ascii: "\""):
      _ = try string()
      return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try number()
      return .number
    case UInt8(ascii: "t"):
      try literal("true")
      return .boolean
    case UInt8(ascii: "f"):
      try literal("false")
      return .boolean
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "{"):
      try nested()
      return .object
    case UInt8(ascii: "["):
      try nested()
      return .array
    default: throw .expectedValue
    }
  }

  /// Steps over an object or array without recursion. A bit per level says which of the two it is.
  private mutating func nested() throws(JSONFault) {
    var levels: [Bool] = []
    repeat {
      // Here a value is due.
      if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        guard levels.count < 512 else { throw .tooDeep }
        let isObject = byte == UInt8(ascii: "{")
        levels.append(isObject)
        at += 1
        skipSpace()
        guard at < end else { throw .truncated }
        if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          at += 1
          levels.removeLast()
        } else {
          if isObject { try key() }
          continue
        }
      } else {
        _ = try value()
      }
      // Here a value has ended: step over what closes, up to the next value.
      while let isObject = levels.last {
        skipSpace()
        guard at < end else { throw .truncated }
        if byte == UInt8(ascii: ",") {
          at += 1
          skipSpace()
          guard at < end else { throw .truncated }
          if isObject { try key() }
          break
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw .expectedCommaOrEnd }
        at += 1
        levels.removeLast()
      }
    } while !levels.isEmpty
  }

  /// Steps over a field name, its colon, and the space up to the value.
  mutating func key() throws(JSONFault) {
    guard byte == UInt8(ascii: "\"") else { throw .expectedKey }
    _ = try string()
    skipSpace()
    try expect(UInt8(ascii: ":"), or: .expectedColon)
    skipSpace()
    guard at < end else { throw .truncated }
  }
}
