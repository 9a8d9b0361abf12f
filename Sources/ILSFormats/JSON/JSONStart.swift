import ILSRecord

/// Whether a text that starts with a bracket is JSON, or delimited text whose first cell does.
enum JSONStart {
  /// - Parameter text: the first bytes of a text, which may be cut off.
  static func isJSON(_ text: UnsafeRawBufferPointer) -> Bool {
    let start = text.drop { $0 <= 0x20 }
    var rest = start.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
    guard let first = start.first, let byte = rest.first else { return false }
    if first == UInt8(ascii: "{") { return behind(&rest) == UInt8(ascii: "\"") || behind(&rest) == UInt8(ascii: "}") }
    guard first == UInt8(ascii: "[") else { return false }
    // Alone on its line it is no row of names.
    if byte == 0x0A || byte == 0x0D { return behind(&rest).map { "[{]\"-0123456789tfn".utf8.contains($0) } ?? false }
    return byte == UInt8(ascii: "{") || byte == UInt8(ascii: "]") || isArray(start)
  }

  private static func behind(_ rest: inout Slice<UnsafeRawBufferPointer>) -> UInt8? {
    rest = rest.drop { $0 <= 0x20 }
    return rest.first
  }

  /// Arrays inside an array, or one array a line.
  private static func isArray(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    let lines = text.split(maxSplits: 2, omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D }
    guard let line = lines.first else { return false }
    if isValue(line), lines.dropFirst().first.map({ $0.first { $0 > 0x20 } == UInt8(ascii: "[") }) ?? true {
      return true
    }
    let inner = text.dropFirst().drop { $0 <= 0x20 }
    guard inner.first == UInt8(ascii: "["), let end = inner.firstIndex(of: UInt8(ascii: "]")) else { return false }
    let next = inner[(end + 1)...].first { $0 > 0x20 }
    return isValue(inner[...end]) && (next == UInt8(ascii: ",") || next == UInt8(ascii: "]"))
  }

  private static func isValue(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
    text.count < 1 << 16 && (try? JSONValue(parsing: Array(text))) != nil
  }

  /// Whether the first line is an array of values and another follows it: each is a row.
  static func isRows(_ text: UnsafeRawBufferPointer) -> Bool {
    let lines = text.split(maxSplits: 2, omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D }
    guard lines.count > 1, lines[1].first(where: { $0 > 0x20 }) == UInt8(ascii: "["), lines[0].count < 1 << 16,
      let cells = (try? JSONValue(parsing: Array(lines[0])))?.array
    else { return false }
    return !cells.isEmpty && cells.allSatisfy { $0.members == nil && $0.array == nil }
  }
}
