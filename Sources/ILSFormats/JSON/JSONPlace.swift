import ILSRecord

/// Where a value of a JSON text starts.
public struct JSONPlace: Equatable, Sendable {
  /// Bytes of the text in front of it, from behind a byte order mark on.
  public let offset: Int
  /// From 1.
  public let line: Int
  /// The value as it is written.
  public let bytes: [UInt8]
}

extension JSONPlace {
  /// A fault of a value, with its line and column in the text where the message has a byte of the value.
  /// - Parameters:
  ///   - end: where the value ends in `chunk`, the portion of the text that brought its last byte.
  ///   - offset: bytes in front of the portion.
  ///   - lineEnds: line ends in front of it.
  ///   - lineStart: where the line starts in which it begins, from the start of the text.
  static func located(
    _ error: RecordError, in value: UnsafeRawBufferPointer, endingAt end: Int, of chunk: UnsafeRawBufferPointer,
    offset: Int, lineEnds: Int, lineStart: Int
  ) -> RecordError {
    guard error.message.hasPrefix("byte "), let colon = error.message.firstIndex(of: ":"),
      let byte = Int(error.message[..<colon].dropFirst(5)), (1...value.count + 1).contains(byte)
    else { return error }
    let behind = value[(byte - 1)...].count { $0 == 0x0A }
    let line = lineEnds + chunk[..<end].count { $0 == 0x0A } + 1 - behind
    let start = end - value.count
    let first =
      value[..<(byte - 1)].lastIndex(of: 0x0A).map { offset + start + $0 + 1 }
      ?? chunk[..<max(start, 0)].lastIndex(of: 0x0A).map { offset + $0 + 1 } ?? lineStart
    var error = error
    // Of a value that came in portions, it may not be known any more where its first line starts.
    let column = offset + start + byte - first
    error.message = "line \(line)" + (column > 0 ? ", column \(column)" : "") + error.message[colon...]
    return error
  }
}
