/// Finds the fields of NDJSON lines, and checks every byte of them (RFC 8259).
///
/// One scanner serves one input: it keeps the shapes it has seen and reuses its field table, so that a record of a known
/// shape costs no allocation.
public struct RecordScanner: ~Copyable {
  private var slots: UnsafeMutablePointer<FieldSlot>
  private var capacity = 64
  private var shape: Shape
  private var shapes: [[UInt8]: Shape] = [:]
  private var nextShape = 1
  /// The names of the present record as they are written, once it has left the expected shape.
  private var keys: [[UInt8]] = []
  /// The present record's names have been those of `shape` so far.
  private var isExpected = true

  /// A source that never repeats its field names must not fill the memory with them.
  private static var shapeLimit: Int { 4096 }

  public init() {
    slots = .allocate(capacity: capacity)
    guard let empty = try? Shape(id: 0, keys: []) else { preconditionFailure("no names, nothing to refuse") }
    shape = empty
  }

  deinit { slots.deallocate() }

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
    isExpected = true
    let count: Int
    do throws(JSONFault) {
      count = try fields(&cursor, base)
    } catch {
      throw RecordScanner.describe(error, cursor, line)
    }
    if !isExpected || count != shape.count { shape = try lookUpShape(count) }
    if let duplicate = shape.duplicate {
      throw RecordError(
        code: "json.duplicate_key", field: duplicate,
        message: "the field occurs twice and only one value could be kept: rename or remove one")
    }
    return Record(bytes: line, fields: UnsafeBufferPointer(start: slots, count: count), shape: shape, line: number)
  }

  /// Fills `slots` from the object at the cursor and returns the number of its fields.
  private mutating func fields(_ cursor: inout JSONCursor, _ base: UnsafeRawPointer) throws(JSONFault) -> Int {
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
        try name(&cursor, count)
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

  /// Steps over field `index`'s name and its colon. The name that the last record had here is tried first.
  @inline(__always)
  private mutating func name(_ cursor: inout JSONCursor, _ index: Int) throws(JSONFault) {
    if isExpected, index < shape.count {
      let from = shape.offsets[index]
      let length = shape.offsets[index + 1] - from
      if cursor.end - cursor.at > length, shape.isWritten(cursor.at, from, length) {
        cursor.at += length
        cursor.skipSpace()
        return
      }
    }
    try unexpectedName(&cursor, index)
  }

  @inline(never)
  private mutating func unexpectedName(_ cursor: inout JSONCursor, _ index: Int) throws(JSONFault) {
    guard cursor.at < cursor.end else { throw .truncated }
    let start = cursor.at + 1
    guard cursor.byte == UInt8(ascii: "\"") else { throw .expectedKey }
    _ = try cursor.string()
    let key = [UInt8](UnsafeRawBufferPointer(start: start, count: cursor.at - start - 1))
    cursor.skipSpace()
    try cursor.expect(UInt8(ascii: ":"), or: .expectedColon)
    cursor.skipSpace()
    if isExpected, index < shape.count, shape.key(index).elementsEqual(key) { return }
    if isExpected {
      keys = (0..<index).map { Array(shape.key($0)) }
      isExpected = false
    }
    keys.append(key)
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

  /// The shape of the present record, which is not the expected one; `count` fields of it.
  private mutating func lookUpShape(_ count: Int) throws(RecordError) -> Shape {
    if isExpected { keys = (0..<count).map { Array(shape.key($0)) } }
    // A quote cannot stand inside a name as it is written, so it keeps names apart.
    let joined = Array(keys.joined(separator: [UInt8(ascii: "\"")]))
    if let known = shapes[joined], known.count == count { return known }
    let made = try Shape(id: nextShape, keys: keys)
    nextShape += 1
    if shapes.count >= Self.shapeLimit { shapes.removeAll() }
    shapes[joined] = made
    return made
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
