/// A JSON text as a tree: for mapping files, schemas and manifests, never for records.
///
/// Numbers keep the text they came with; objects keep their order.
public indirect enum JSONValue: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([(name: String, value: JSONValue)])

  /// Parses one JSON text (RFC 8259).
  /// - Throws: `json.invalid` and its kin, with line and byte; a name that occurs twice in an object is refused.
  public init(parsing text: [UInt8]) throws(RecordError) {
    var padded = OutputBuffer(capacity: text.count)
    padded.append(text)
    self = try JSONValue.parse(padded.padded)
  }

  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.number(let a), .number(let b)), (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.name == $1.name && $0.value == $1.value }
    default: false
    }
  }

  /// The member called `name`, where this is an object that has it.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var boolean: Bool? { if case .boolean(let flag) = self { flag } else { nil } }
  public var array: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  public var members: [(name: String, value: JSONValue)]? { if case .object(let all) = self { all } else { nil } }
  public var integer: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// "an object", "a string" ...: for messages.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Appends the value as compact JSON.
  public func write(to buffer: inout OutputBuffer) {
    switch self {
    case .null: buffer.append("null" as StaticString)
    case .boolean(let flag): buffer.append(flag ? "true" as StaticString : "false")
    case .number(let text): buffer.append(text)
    case .string(let text): buffer.appendJSONString(text)
    case .array(let items):
      buffer.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        item.write(to: &buffer)
      }
      buffer.append(UInt8(ascii: "]"))
    case .object(let members):
      buffer.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { buffer.append(UInt8(ascii: ",")) }
        buffer.appendJSONString(member.name)
        buffer.append(UInt8(ascii: ":"))
        member.value.write(to: &buffer)
      }
      buffer.append(UInt8(ascii: "}"))
    }
  }

  /// The value as compact JSON.
  public var text: String {
    var buffer = OutputBuffer(capacity: 256)
    write(to: &buffer)
    return buffer.string()
  }
}

// MARK: - Parsing

extension JSONValue {
  private static func parse(_ text: PaddedBytes) throws(RecordError) -> JSONValue {
    let body = text[(text.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)..<text.count]
    guard body.count > 0 else { throw RecordError(RecordFault.jsonTruncated, message: "the text is empty") }
    var cursor = JSONCursor(body)
    do throws(JSONFault) {
      // The first walk checks every byte and the depth, so that the second may recurse and trust.
      cursor.skipSpace()
      _ = try cursor.value()
      cursor.skipSpace()
      if cursor.at < cursor.end { throw .trailing }
    } catch {
      let at = min(cursor.at, cursor.end) - body.bytes.baseAddress!
      let before = body.bytes[..<at]
      let line = before.count { $0 == 0x0A } + 1
      let column = at - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
      let reason = error == .truncated ? "the text ends too early" : "\(error.message)"
      throw RecordError(
        error == .truncated ? RecordFault.jsonTruncated : .jsonInvalid,
        message: "line \(line), byte \(column): \(reason)")
    }
    cursor = JSONCursor(body)
    return try build(&cursor)
  }

  private static func build(_ cursor: inout JSONCursor) throws(RecordError) -> JSONValue {
    cursor.skipSpace()
    switch cursor.byte {
    case UInt8(ascii: "{"): return try buildObject(&cursor)
    case UInt8(ascii: "["): return try buildArray(&cursor)
    case UInt8(ascii: "\""): return .string(try buildString(&cursor))
    default:
      let start = cursor.at
      let kind = (try? cursor.value()) ?? .null
      let text = String(decoding: UnsafeRawBufferPointer(start: start, count: cursor.at - start), as: UTF8.self)
      return kind == .number ? .number(text) : kind == .boolean ? .boolean(text == "true") : .null
    }
  }

  private static func buildString(_ cursor: inout JSONCursor) throws(RecordError) -> String {
    let start = cursor.at
    let form = (try? cursor.string()) ?? 0
    return try FieldValue(
      raw: PaddedBytes(trusted: UnsafeRawBufferPointer(start: start, count: cursor.at - start)), kind: .string,
      hasEscapes: form & FieldSlot.escaped != 0, isASCII: form & FieldSlot.beyondASCII == 0
    ).string()
  }

  private static func buildArray(_ cursor: inout JSONCursor) throws(RecordError) -> JSONValue {
    var items: [JSONValue] = []
    cursor.at += 1
    while !ends(&cursor, UInt8(ascii: "]")) { items.append(try build(&cursor)) }
    return .array(items)
  }

  private static func buildObject(_ cursor: inout JSONCursor) throws(RecordError) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = []
    var names: Set<String> = []
    cursor.at += 1
    while !ends(&cursor, UInt8(ascii: "}")) {
      let name = try buildString(&cursor)
      guard names.insert(name).inserted else {
        throw RecordError(
          RecordFault.jsonDuplicateKey, field: name, message: "the name \"\(name)\" occurs twice in one object")
      }
      cursor.skipSpace()
      cursor.at += 1
      members.append((name, try build(&cursor)))
    }
    return .object(members)
  }

  /// Steps over a comma, or over `close`: then true.
  private static func ends(_ cursor: inout JSONCursor, _ close: UInt8) -> Bool {
    cursor.skipSpace()
    if cursor.byte == UInt8(ascii: ",") {
      cursor.at += 1
      cursor.skipSpace()
    }
    guard cursor.byte == close else { return false }
    cursor.at += 1
    return true
  }
}
