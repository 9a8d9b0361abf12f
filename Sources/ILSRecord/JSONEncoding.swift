import CScan

extension OutputBuffer {
  /// Appends `text`, which must be UTF-8, as a JSON string with its quotes (RFC 8259, 7).
  ///
  /// Only what must be escaped is: `"`, `\`, and the controls below U+0020. Everything else leaves as it came.
  /// - Complexity: O(*n*), sixteen bytes a step.
  public mutating func appendJSONString(_ text: UnsafeRawBufferPointer) {
    append(UInt8(ascii: "\""))
    appendJSONText(text)
    append(UInt8(ascii: "\""))
  }

  public mutating func appendJSONString(_ text: String) {
    var text = text
    text.withUTF8 { appendJSONString(UnsafeRawBufferPointer($0)) }
  }

  /// The inside of a JSON string: `appendJSONString` without the quotes.
  public mutating func appendJSONText(_ text: UnsafeRawBufferPointer) {
    guard var from = text.baseAddress else { return }
    let end = from + text.count
    _ = reserve(text.count)
    while end - from >= 16 {
      let to = reserve(16)
      let special = ils_json_copy16(to, from) & 0xFFFF
      if special == 0 {
        commit(16)
        from += 16
      } else {
        let clean = special.trailingZeroBitCount
        commit(clean)
        appendJSONEscape((from + clean).load(as: UInt8.self))
        from += clean + 1
      }
    }
    while from < end {
      let byte = from.load(as: UInt8.self)
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        appendJSONEscape(byte)
      } else {
        append(byte)
      }
      from += 1
    }
  }

  /// Appends the escape of one byte that a JSON string cannot hold as it is.
  @inline(never)
  public mutating func appendJSONEscape(_ byte: UInt8) {
    append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
    case 0x08: append(UInt8(ascii: "b"))
    case 0x09: append(UInt8(ascii: "t"))
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0C: append(UInt8(ascii: "f"))
    case 0x0D: append(UInt8(ascii: "r"))
    default:
      append("u00")
      append(hexDigit(byte >> 4))
      append(hexDigit(byte & 15))
    }
  }
}

/// The lower-case hexadecimal digit of a number below 16.
public func hexDigit(_ nibble: UInt8) -> UInt8 {
  nibble < 10 ? nibble + UInt8(ascii: "0") : nibble - 10 + UInt8(ascii: "a")
}
