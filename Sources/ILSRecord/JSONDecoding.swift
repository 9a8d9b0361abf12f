import CScan

extension OutputBuffer {
  /// Appends the inside of a JSON string with its escapes undone (RFC 8259, 7).
  ///
  /// `text` must have passed the scanner: every backslash starts a well-formed escape.
  /// - Throws: `json.surrogate` where `\uD800`-`\uDFFF` do not come in pairs: no UTF-8 can hold such a half.
  @usableFromInline
  mutating func appendUnescaped(_ text: UnsafeRawBufferPointer) throws(RecordError) {
    guard var from = text.baseAddress else { return }
    let end = from + text.count
    _ = reserve(text.count)
    while from < end {
      let byte = from.load(as: UInt8.self)
      if byte != UInt8(ascii: "\\") {
        append(byte)
        from += 1
        continue
      }
      let escape = (from + 1).load(as: UInt8.self)
      from += 2
      switch escape {
      case UInt8(ascii: "b"): append(0x08)
      case UInt8(ascii: "t"): append(0x09)
      case UInt8(ascii: "n"): append(0x0A)
      case UInt8(ascii: "f"): append(0x0C)
      case UInt8(ascii: "r"): append(0x0D)
      case UInt8(ascii: "u"):
        var unit = hexUnit(from)
        from += 4
        if unit & 0xFC00 == 0xD800, end - from >= 6, from.load(as: UInt8.self) == UInt8(ascii: "\\"),
          (from + 1).load(as: UInt8.self) == UInt8(ascii: "u"), hexUnit(from + 2) & 0xFC00 == 0xDC00
        {
          unit = 0x10000 + (unit & 0x3FF) << 10 + hexUnit(from + 2) & 0x3FF
          from += 6
        }
        guard let scalar = Unicode.Scalar(unit) else {
          throw RecordError(
            RecordFault.jsonSurrogate, message: "an escape names half of a surrogate pair, which is no character")
        }
        for byte in UTF8.encode(scalar)! { append(byte) }
      default: append(escape)
      }
    }
  }
}

/// The number that four hexadecimal digits, already checked, stand for.
private func hexUnit(_ digits: UnsafeRawPointer) -> UInt32 {
  var unit: UInt32 = 0
  for offset in 0..<4 { unit = unit << 4 | UInt32(hexNibble((digits + offset).load(as: UInt8.self)) ?? 0) }
  return unit
}

/// The number that a hexadecimal digit stands for.
func hexNibble(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
  default: nil
  }
}
