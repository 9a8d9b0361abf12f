import CScan
import ILSRecord

/// Finds where JSON values begin and end, without checking what is in them.
///
/// Fed bytes in any portions; knows strings, escapes and nesting, and no more: whoever takes a value checks it.
struct JSONBoundaries {
  enum Event: Equatable {
    /// A value starts at this byte.
    case start
    /// A value of the watched depth ended with this byte, which belongs to it.
    case end
    /// A scalar of the watched depth ended in front of this byte.
    case endBefore
    /// A comma or colon of the watched depth.
    case separator
    /// A bracket closed that was opened outside the watched depth.
    case close
  }

  /// Brackets that are open.
  private(set) var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var isInScalar = false
  /// Values that start at this depth are told.
  var watched = 0

  /// Steps over bytes until something is to be told; `at` then stands on the byte that the event names.
  @inline(__always)
  mutating func next(_ padded: PaddedBytes, _ at: inout Int) -> Event? {
    let bytes = padded.bytes
    while at < bytes.count {
      if isInString {
        if skipString(padded, &at) { continue }
        isInString = false
        if depth == watched { return .end }
        at += 1
        continue
      }
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["):
        if isInScalar, depth == watched {
          isInScalar = false
          return .endBefore
        }
        if let event = open(byte, &at) { return event }
        continue
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if isInScalar, depth == watched {
          isInScalar = false
          return .endBefore
        }
        depth -= 1
        if depth == watched { return .end }
        if depth < watched { return .close }
      case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: ":"):
        if isInScalar, depth == watched {
          isInScalar = false
          return .endBefore
        }
        if depth == watched, byte > 0x20 { return .separator }
      default:
        // The bytes of a byte order mark between values are no data: files were joined.
        if depth == 0, !isInScalar, byte == 0xEF || byte == 0xBB || byte == 0xBF { break }
        if depth == watched, !isInScalar {
          isInScalar = true
          return .start
        }
      }
      at += 1
    }
    return nil
  }

  private mutating func open(_ byte: UInt8, _ at: inout Int) -> Event? {
    let tells = depth == watched
    if byte == UInt8(ascii: "\"") { isInString = true } else { depth += 1 }
    if tells { return .start }
    at += 1
    return nil
  }

  /// Steps on in a string; false at its closing quote.
  @inline(__always)
  private mutating func skipString(_ padded: PaddedBytes, _ at: inout Int) -> Bool {
    let bytes = padded.bytes
    if isEscaped {
      isEscaped = false
      at += 1
      return true
    }
    let special = ils_json_mask16(bytes.baseAddress! + at) & 0xFFFF
    let clean = special == 0 ? 16 : special.trailingZeroBitCount
    at = min(at + clean, bytes.count)
    guard at < bytes.count, special != 0 else { return true }
    if bytes[at] == UInt8(ascii: "\"") { return false }
    isEscaped = bytes[at] == UInt8(ascii: "\\")
    at += 1
    return true
  }
}
