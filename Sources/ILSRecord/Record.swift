/// What kind of JSON value a field holds (RFC 8259, 3).
public enum ValueKind: UInt8, Sendable {
  case string, number, boolean, null, object, array
}

/// Where a field's value stands in its line.
@frozen public struct FieldSlot: Sendable {
  /// Bytes from the start of the line to the value, its opening quote included.
  public var offset: UInt32
  /// Bytes of the value as it is written, quotes included.
  public var length: UInt32
  /// Kind and properties in one number, since most of all that is asked of a value is whether it is a plain string: 0, or
  /// `beyondASCII`.
  @usableFromInline var form: UInt16

  @usableFromInline static var escaped: UInt16 { 1 << 8 }
  @usableFromInline static var beyondASCII: UInt16 { 1 << 9 }

  @inlinable
  init(offset: UInt32, length: UInt32, form: UInt16) {
    self.offset = offset
    self.length = length
    self.form = form
  }

  @inlinable @inline(__always)
  public var kind: ValueKind { unsafeBitCast(UInt8(truncatingIfNeeded: form), to: ValueKind.self) }
  /// A string with at least one backslash.
  @inlinable @inline(__always)
  public var hasEscapes: Bool { form & FieldSlot.escaped != 0 }
  /// A string of bytes below 0x80 alone (escapes may still stand for others).
  @inlinable @inline(__always)
  public var isASCII: Bool { form & FieldSlot.beyondASCII == 0 }
  /// A string without a backslash: its bytes are its text.
  @inlinable @inline(__always)
  public var isPlainString: Bool { form & ~FieldSlot.beyondASCII == 0 }
}

/// One value of a record, as the bytes that the record came with.
@frozen public struct FieldValue {
  /// The value as JSON, quotes included.
  public let padded: PaddedBytes
  public let kind: ValueKind
  public let hasEscapes: Bool
  public let isASCII: Bool

  @inlinable
  public init(raw: PaddedBytes, kind: ValueKind, hasEscapes: Bool, isASCII: Bool) {
    padded = raw
    self.kind = kind
    self.hasEscapes = hasEscapes
    self.isASCII = isASCII
  }

  /// The value as JSON, quotes included.
  @inlinable @inline(__always)
  public var raw: UnsafeRawBufferPointer { padded.bytes }

  /// A string without its quotes, escapes not yet undone; any other value as it is written.
  @inlinable @inline(__always)
  public var text: UnsafeRawBufferPointer { paddedText.bytes }

  @inlinable @inline(__always)
  public var paddedText: PaddedBytes {
    kind == .string
      ? PaddedBytes(trusted: UnsafeRawBufferPointer(start: raw.baseAddress! + 1, count: raw.count - 2)) : padded
  }

  /// Appends the value's text with escapes undone: UTF-8, no quotes.
  /// - Throws: `json.surrogate` where an escape names half a character.
  @inlinable
  public func decode(into buffer: inout OutputBuffer) throws(RecordError) {
    if hasEscapes {
      try buffer.appendUnescaped(text)
    } else {
      buffer.append(text)
    }
  }

  /// The value's text as a String. Allocates: for messages, plans and rare paths.
  public func string() throws(RecordError) -> String {
    var buffer = OutputBuffer(capacity: raw.count)
    try decode(into: &buffer)
    return buffer.string()
  }

  /// Absent in the sense of the toolkit: null, or a string of no characters.
  @inlinable @inline(__always)
  public var isAbsent: Bool { kind == .null || (kind == .string && raw.count == 2) }
}

/// One record: a line of NDJSON, and where its fields stand in it.
///
/// A view: valid until the scanner that made it reads the next line. Fields are numbered in the line's order, and their
/// names are in `shape`.
@frozen public struct Record {
  /// The line, without its line feed.
  public let padded: PaddedBytes
  public let fields: UnsafeBufferPointer<FieldSlot>
  /// The scanner keeps it alive: a record owns nothing, so that passing it on counts no references.
  public unowned(unsafe) let shape: Shape
  /// The number of the input line, from 1.
  public let line: Int

  @inlinable
  public init(bytes: PaddedBytes, fields: UnsafeBufferPointer<FieldSlot>, shape: Shape, line: Int) {
    padded = bytes
    self.fields = fields
    self.shape = shape
    self.line = line
  }

  /// The line, without its line feed.
  @inlinable @inline(__always)
  public var bytes: UnsafeRawBufferPointer { padded.bytes }

  /// The value of field number `index`.
  @inlinable @inline(__always)
  public subscript(index: Int) -> FieldValue {
    let slot = fields[index]
    return FieldValue(
      raw: PaddedBytes(
        trusted: UnsafeRawBufferPointer(start: bytes.baseAddress! + Int(slot.offset), count: Int(slot.length))),
      kind: slot.kind, hasEscapes: slot.hasEscapes, isASCII: slot.isASCII)
  }

  /// The value of the field called `name`. Looks the name up: plans per shape use numbers instead.
  public subscript(name: String) -> FieldValue? {
    shape.index(of: name).map { self[$0] }
  }

  /// `_row` where the record has it, else the number of its input line.
  public var row: Int {
    guard let index = shape.rowIndex else { return line }
    let digits = self[index].raw
    var number = 0
    guard digits.count <= 18 else { return line }
    for digit in digits {
      guard digit &- 0x30 < 10 else { return line }
      number = number * 10 + Int(digit &- 0x30)
    }
    return number
  }

  /// Where the record stands in its source, by `_row`, `_file` and `_sheet`; for messages, not for every record.
  public var position: Position {
    func text(_ index: Int?) -> String? { index.flatMap { try? self[$0].string() } }
    return Position(file: text(shape.fileIndex), sheet: text(shape.sheetIndex), row: row)
  }
}

extension FieldValue {
  /// Absent, or a string of nothing but white space, as exports with columns of a fixed width fill them.
  @inlinable @inline(__always)
  public var isBlank: Bool {
    if isAbsent { return true }
    guard kind == .string else { return false }
    // A printing ASCII character, and no escape, is first of nearly all.
    let first = raw[1]
    return first &- 0x21 < 0x5E && first != 0x5C ? false : isBlankSlowly
  }

  @usableFromInline @inline(never)
  var isBlankSlowly: Bool {
    switch raw[1] {
    // What white space beyond ASCII begins with, in UTF-8, and what nobody sees: marks of width, direction and byte order.
    case 0..<0x80, 0xC2, 0xCD, 0xD8, 0xE1, 0xE2, 0xE3, 0xEF, 0xF0, 0xF3: break
    default: return false
    }
    guard let text = try? string() else { return false }
    return text.unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0.properties.isDefaultIgnorableCodePoint }
  }
}
