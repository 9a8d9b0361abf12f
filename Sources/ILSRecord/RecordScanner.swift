import CScan

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
  private unowned(unsafe) var shape: Shape
  private var faultAt: UnsafeRawPointer

  public init() {
    slots = .allocate(capacity: capacity)
    guard let empty = try? tree.shape(at: 0) else { preconditionFailure("no names, nothing to refuse") }
    shape = empty.takeUnretainedValue()
    faultAt = UnsafeRawPointer(slots)
  }

  deinit {
    slots.deallocate()
    tree.deallocate()
  }

  /// The record in `line`, which holds one JSON object.
  ///
  /// - Parameter number: the line's number, for messages.
  /// - Throws: `json.invalid`, `json.truncated`, `json.utf8`, `json.not_object`, `json.duplicate_key`, `json.too_long`.
  /// - Complexity: O(*n*) in bytes.
  public mutating func scan(_ padded: PaddedBytes, number: Int) throws(RecordError) -> Record {
    let line = padded.bytes
    guard let base = line.baseAddress, line.count < Int(UInt32.max) else {
      throw RecordError(
        line.isEmpty ? RecordFault.jsonNotObject : .jsonTooLong,
        message: line.isEmpty ? "an empty line holds no record" : "the line is longer than 4 GiB")
    }
    if tree.isCrowded {
      tree.forget()
      node = -1
    }
    faultAt = base
    let (count, end): (Int, Int32)
    do throws(JSONFault) {
      (count, end) = try fields(padded)
    } catch {
      throw RecordScanner.describe(error, at: faultAt, line)
    }
    if end != node || shape.count != count { try enter(end) }
    if let duplicate = shape.duplicate {
      throw RecordError(
        RecordFault.jsonDuplicateKey, field: duplicate,
        message: "the field occurs twice and only one value could be kept: rename or remove one")
    }
    return Record(bytes: padded, fields: UnsafeBufferPointer(start: slots, count: count), shape: shape, line: number)
  }

  // The way through a record is kept in values that are handed on and come back, rather than in a cursor that is changed
  // in place: they stay in registers, and each field waits for the end of the one before it.

  /// Fills `slots` from the object in `line` and returns the number of its fields, and the last one's node in the tree.
  /// On an error, `faultAt` is where it was noticed.
  private mutating func fields(_ line: PaddedBytes) throws(JSONFault) -> (count: Int, node: Int32) {
    let base = line.bytes.baseAddress!
    let end = base + line.count
    var at = try start(base, end)
    var count = 0
    var node: Int32 = 0
    if at.load(as: UInt8.self) == UInt8(ascii: "}") {
      at += 1
    } else {
      while true {
        if count == capacity { grow() }
        if let (next, length) = tree.step(from: node, at, left: end - at) {
          node = next
          at += length
        } else {
          (at, node) = try otherName(at, end, node)
        }
        let mask = ils_json_mask16(at + 1)
        let clean = ((mask & 0xFFFF) | 0x10000).trailingZeroBitCount
        let close = at + clean + 1
        if close < end, close.load(as: UInt8.self) == UInt8(ascii: "\""),
          at.load(as: UInt8.self) == UInt8(ascii: "\""), mask >> 16 & ((1 << UInt32(clean)) - 1) == 0
        {
          // A string of at most 15 bytes, all of them ASCII.
          slots[count] = FieldSlot(
            offset: UInt32(truncatingIfNeeded: at - base), length: UInt32(truncatingIfNeeded: clean + 2), form: 0)
          at = close + 1
        } else {
          (at, slots[count]) = try otherValue(at, end, base)
        }
        count += 1
        // A comma, with nothing around it, is what nearly always stands here.
        if at < end, at.load(as: UInt8.self) == UInt8(ascii: ",") {
          at += 1
        } else {
          let (next, isMore) = try more(at, end)
          at = next
          if !isMore { break }
        }
      }
    }
    try finish(at, end)
    return (count, node)
  }

  /// Runs `step` with a cursor, and notes where an error was noticed.
  @inline(__always)
  private mutating func walk<Result>(
    _ at: UnsafeRawPointer, _ end: UnsafeRawPointer, _ step: (inout JSONCursor) throws(JSONFault) -> Result
  ) throws(JSONFault) -> (at: UnsafeRawPointer, result: Result) {
    var cursor = JSONCursor(PaddedBytes(trusted: UnsafeRawBufferPointer(start: at, count: end - at)))
    do throws(JSONFault) {
      let result = try step(&cursor)
      return (cursor.at, result)
    } catch {
      faultAt = cursor.at
      throw error
    }
  }

  /// Steps over what stands in front of the first field, or of the brace that ends an empty object.
  private mutating func start(_ at: UnsafeRawPointer, _ end: UnsafeRawPointer) throws(JSONFault) -> UnsafeRawPointer {
    try walk(at, end) { cursor throws(JSONFault) in
      cursor.skipSpace()
      guard cursor.at < cursor.end, cursor.byte == UInt8(ascii: "{") else { throw .expectedValue }
      cursor.at += 1
      cursor.skipSpace()
      guard cursor.at < cursor.end else { throw .truncated }
    }.at
  }

  private mutating func finish(_ at: UnsafeRawPointer, _ end: UnsafeRawPointer) throws(JSONFault) {
    if at == end { return }
    _ = try walk(at, end) { cursor throws(JSONFault) in
      cursor.skipSpace()
      if cursor.at < cursor.end { throw .trailing }
    }
  }

  /// Whether another field follows; steps over what says so.
  @inline(never)
  private mutating func more(_ at: UnsafeRawPointer, _ end: UnsafeRawPointer) throws(JSONFault) -> (
    UnsafeRawPointer, Bool
  ) {
    try walk(at, end) { cursor throws(JSONFault) in
      cursor.skipSpace()
      guard cursor.at < cursor.end else { throw .truncated }
      let more = cursor.byte == UInt8(ascii: ",")
      guard more || cursor.byte == UInt8(ascii: "}") else { throw .expectedCommaOrEnd }
      cursor.at += 1
      return more
    }
  }

  /// Steps over a name that is not the one that was expected, or not written as it was.
  @inline(never)
  private mutating func otherName(
    _ at: UnsafeRawPointer, _ end: UnsafeRawPointer, _ node: Int32
  ) throws(JSONFault) -> (UnsafeRawPointer, Int32) {
    if let (next, length) = tree.otherStep(from: node, at, left: end - at) { return (at + length, next) }
    let (behind, key) = try walk(at, end) { cursor throws(JSONFault) in
      cursor.skipSpace()
      guard cursor.at < cursor.end else { throw .truncated }
      let start = cursor.at + 1
      guard cursor.byte == UInt8(ascii: "\"") else { throw .expectedKey }
      _ = try cursor.string()
      let key = UnsafeRawBufferPointer(start: start, count: cursor.at - start - 1)
      cursor.skipSpace()
      try cursor.expect(UInt8(ascii: ":"), or: .expectedColon)
      return key
    }
    return (behind, tree.step(from: node, key: key))
  }

  /// Steps over a value that is no short string, or that white space stands in front of.
  @inline(never)
  private mutating func otherValue(
    _ at: UnsafeRawPointer, _ end: UnsafeRawPointer, _ base: UnsafeRawPointer
  ) throws(JSONFault) -> (UnsafeRawPointer, FieldSlot) {
    let (behind, slot) = try walk(at, end) { cursor throws(JSONFault) in
      cursor.skipSpace()
      let start = cursor.at
      guard start < cursor.end else { throw .truncated }
      let form =
        cursor.byte == UInt8(ascii: "\"")
        ? try cursor.string()
        : UInt16(cursor.skipPlainInteger() ? ValueKind.number.rawValue : try cursor.value().rawValue)
      return FieldSlot(
        offset: UInt32(truncatingIfNeeded: start - base), length: UInt32(truncatingIfNeeded: cursor.at - start),
        form: form)
    }
    return (behind, slot)
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<FieldSlot>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: slots, count: capacity)
    slots.deallocate()
    slots = larger
    capacity *= 2
  }

  private mutating func enter(_ end: Int32) throws(RecordError) {
    shape = try tree.shape(at: end).takeUnretainedValue()
    node = end
  }

  private static func describe(
    _ fault: JSONFault, at place: UnsafeRawPointer, _ line: UnsafeRawBufferPointer
  ) -> RecordError {
    if fault == .expectedValue, line.first(where: { $0 > 0x20 }) != UInt8(ascii: "{") {
      return RecordError(
        RecordFault.jsonNotObject, message: "a record is one JSON object a line; this line holds something else")
    }
    let code: RecordFault =
      switch fault {
      case .truncated: .jsonTruncated
      case .invalidUTF8: .jsonUtf8
      default: .jsonInvalid
      }
    let column = min(place - line.baseAddress!, line.count) + 1
    return RecordError(code, message: "byte \(column): \(fault.message)")
  }
}
