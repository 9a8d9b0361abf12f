/// Finds the fields of NDJSON lines, and checks every byte of them (RFC 8259).
///
/// One scanner serves one input: it keeps the shapes it has seen and reuses its field table, so that a record of a known
/// shape costs no allocation.
public struct RecordScanner: ~Copyable {
  private var slots: UnsafeMutablePointer<FieldSlot>
  private var capacity = 64
  private var tree = ShapeTree()
  /// The end of the last record's way through `tree`, and its shape.
  private var node: Int32 = 0
  private var shape: Shape

  public init() {
    slots = .allocate(capacity: capacity)
    guard let empty = try? tree.shape(at: 0) else { preconditionFailure("no names, nothing to refuse") }
    shape = empty
  }

  deinit {
    slots.deallocate()
    tree.deallocate()
  }

  /// The record in `line`, which holds one JSON object.
  ///
  /// - Parameters:
  ///   - line: at least 16 bytes behind it must be readable.
  ///   - number: the line's number, for messages.
  /// - Throws: `json.invalid`, `json.truncated`, `json.utf8`, `json.not_object`, `json.duplicate_key`, `json.too_long`.
  /// - Complexity: O(*n*) in bytes.
  public mutating func scan(_ line: UnsafeRawBufferPointer, number: Int) throws(RecordError) -> Record {
    guard let base = line.baseAddress, line.count < Int(UInt32.max) else {
      throw RecordError(
        code: line.isEmpty ? "json.not_object" : "json.too_long",
        message: line.isEmpty ? "an empty line holds no record" : "the line is longer than 4 GiB")
    }
    var cursor = JSONCursor(line)
    var end: Int32 = 0
    if tree.isCrowded {
      tree.forget()
      node = -1
    }
    let count: Int
    do throws(JSONFault) {
      count = try fields(&cursor, base, &end)
    } catch {
      throw RecordScanner.describe(error, cursor, line)
    }
    if end != node || shape.count != count { try enter(end) }
    if let duplicate = shape.duplicate {
      throw RecordError(
        code: "json.duplicate_key", field: duplicate,
        message: "the field occurs twice and only one value could be kept: rename or remove one")
    }
    return Record(bytes: line, fields: UnsafeBufferPointer(start: slots, count: count), shape: shape, line: number)
  }

  /// Fills `slots` from the object at the cursor and returns the number of its fields.
  /// `node` goes the record's way through the tree.
  private mutating func fields(
    _ cursor: inout JSONCursor, _ base: UnsafeRawPointer, _ node: inout Int32
  ) throws(JSONFault) -> Int {
    cursor.skipSpace()
    guard cursor.at < cursor.end, cursor.byte == UInt8(ascii: "{") else { throw .expectedValue }
    cursor.at += 1
    cursor.skipSpace()
    guard cursor.at < cursor.end else { throw .truncated }
    var count = 0
    if cursor.byte == UInt8(ascii: "}") {
      cursor.at += 1
    } else {
      var more = true
      while more {
        if count == capacity { grow() }
        try name(&cursor, &node)
        slots[count] = try value(&cursor, base)
        count += 1
        cursor.skipSpace()
        guard cursor.at < cursor.end else { throw .truncated }
        more = cursor.byte == UInt8(ascii: ",")
        guard more || cursor.byte == UInt8(ascii: "}") else { throw .expectedCommaOrEnd }
        cursor.at += 1
        if more { cursor.skipSpace() }
      }
    }
    cursor.skipSpace()
    if cursor.at < cursor.end { throw .trailing }
    return count
  }

  /// Steps over a field's name and its colon. The name that the last record had here is tried first.
  @inline(__always)
  private mutating func name(_ cursor: inout JSONCursor, _ node: inout Int32) throws(JSONFault) {
    if let (next, length) = tree.step(from: node, cursor.at, left: cursor.end - cursor.at) {
      node = next
      cursor.at += length
      cursor.skipSpace()
    } else {
      try unknownName(&cursor, &node)
    }
  }

  @inline(never)
  private mutating func unknownName(_ cursor: inout JSONCursor, _ node: inout Int32) throws(JSONFault) {
    guard cursor.at < cursor.end else { throw .truncated }
    let start = cursor.at + 1
    guard cursor.byte == UInt8(ascii: "\"") else { throw .expectedKey }
    _ = try cursor.string()
    let key = UnsafeRawBufferPointer(start: start, count: cursor.at - start - 1)
    cursor.skipSpace()
    try cursor.expect(UInt8(ascii: ":"), or: .expectedColon)
    cursor.skipSpace()
    node = tree.step(from: node, key: key)
  }

  @inline(__always)
  private func value(_ cursor: inout JSONCursor, _ base: UnsafeRawPointer) throws(JSONFault) -> FieldSlot {
    let start = cursor.at
    guard start < cursor.end else { throw .truncated }
    if cursor.byte == UInt8(ascii: "\"") {
      let (hasEscapes, isASCII) = try cursor.string()
      return FieldSlot(
        offset: UInt32(truncatingIfNeeded: start - base), length: UInt32(truncatingIfNeeded: cursor.at - start),
        kind: .string, hasEscapes: hasEscapes, isASCII: isASCII)
    }
    let kind = try cursor.value()
    return FieldSlot(
      offset: UInt32(truncatingIfNeeded: start - base), length: UInt32(truncatingIfNeeded: cursor.at - start),
      kind: kind, hasEscapes: false, isASCII: true)
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<FieldSlot>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: slots, count: capacity)
    slots.deallocate()
    slots = larger
    capacity *= 2
  }

  private mutating func enter(_ end: Int32) throws(RecordError) {
    shape = try tree.shape(at: end)
    node = end
  }

  private static func describe(_ fault: JSONFault, _ cursor: JSONCursor, _ line: UnsafeRawBufferPointer) -> RecordError
  {
    if fault == .expectedValue, line.first(where: { $0 > 0x20 }) != UInt8(ascii: "{") {
      return RecordError(
        code: "json.not_object", message: "a record is one JSON object a line; this line holds something else")
    }
    let code =
      switch fault {
      case .truncated: "json.truncated"
      case .invalidUTF8: "json.utf8"
      default: "json.invalid"
      }
    let column = min(cursor.at, cursor.end) - line.baseAddress! + 1
    return RecordError(code: code, message: "byte \(column): \(fault.message)")
  }
}
