/// Bytes behind which sixteen more are readable, so that a scan may go sixteen bytes a step; what those hold makes no
/// difference.
///
/// Only a buffer that has the room makes one, and any part of one is one. A view: valid as long as the buffer is.
@frozen public struct PaddedBytes {
  public let bytes: UnsafeRawBufferPointer

  /// How many bytes behind the last are readable.
  @inlinable public static var padding: Int { 16 }

  /// For buffers of this room, which have the room by construction.
  @inlinable @inline(__always)
  init(trusted bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// A part of `buffer`, which must go on for `padding` bytes behind it.
  @inlinable @inline(__always)
  public init(_ range: Range<Int>, of buffer: UnsafeRawBufferPointer) {
    precondition(range.lowerBound >= 0 && range.upperBound + PaddedBytes.padding <= buffer.count)
    self.init(trusted: UnsafeRawBufferPointer(rebasing: buffer[range]))
  }

  @inlinable @inline(__always)
  public var count: Int { bytes.count }

  /// A part of the bytes.
  @inlinable @inline(__always)
  public subscript(range: Range<Int>) -> PaddedBytes {
    PaddedBytes(trusted: UnsafeRawBufferPointer(rebasing: bytes[range]))
  }
}

extension OutputBuffer {
  /// The bytes written so far; `slack` is behind them. Valid until the next append.
  @inlinable public var padded: PaddedBytes { PaddedBytes(trusted: bytes) }
}

extension FieldValue {
  /// The value `null`.
  public static var null: FieldValue {
    // As many blanks as the padding asks for.
    let text: StaticString = "null                "
    let buffer = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    return FieldValue(raw: PaddedBytes(0..<4, of: buffer), kind: .null, hasEscapes: false, isASCII: true)
  }
}
