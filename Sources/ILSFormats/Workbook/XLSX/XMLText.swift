import CScan
import ILSRecord

/// Text of XML, with its entities undone, as text of JSON.
enum XMLText {
  /// Appends `text` to a JSON string that is open in `buffer`. At least 16 bytes behind `text` must be readable.
  ///
  /// - Parameters:
  ///   - isRaw: no entities: the inside of a CDATA section.
  ///   - undoesEscapes: `_x000D_` stands for the character of that number (ECMA-376, 22.9.2.19, ST_Xstring).
  /// - Complexity: O(*n*), sixteen bytes a step.
  @inline(__always)
  static func append(
    _ text: UnsafeRawBufferPointer, to buffer: inout OutputBuffer, isRaw: Bool = false, undoesEscapes: Bool = true
  ) {
    guard var from = text.baseAddress else { return }
    let end = from + text.count
    let mark = buffer.count
    var high: UInt32 = 0
    while from < end {
      let mask = ils_xml_copy16(buffer.reserve(16), from)
      high |= mask >> 16
      let special = mask & 0xFFFF
      let clean = min(special == 0 ? 16 : special.trailingZeroBitCount, end - from)
      buffer.commit(clean)
      from += clean
      if special != 0, from < end { special1(&from, end, &buffer, isRaw, undoesEscapes) }
    }
    if high != 0 { repair(&buffer, from: mark) }
  }

  /// Appends the text at `start` up to the next `<`.
  /// - Returns: where that is; nil where there is none before `limit`.
  @inline(__always)
  static func append(
    upToMarkup start: UnsafeRawPointer, _ limit: UnsafeRawPointer, to buffer: inout OutputBuffer
  ) -> UnsafeRawPointer? {
    var from = start
    let mark = buffer.count
    var high: UInt32 = 0
    while from < limit {
      let mask = ils_xml_copy16(buffer.reserve(16), from)
      high |= mask >> 16
      let special = mask & 0xFFFF
      if special == 0 {
        buffer.commit(16)
        from += 16
        continue
      }
      let clean = special.trailingZeroBitCount
      buffer.commit(clean)
      from += clean
      if from < limit, from.load(as: UInt8.self) == UInt8(ascii: "<") {
        if high != 0 { repair(&buffer, from: mark) }
        return from
      }
      if from < limit { special1(&from, limit, &buffer, false, true) }
    }
    return nil
  }

  /// One byte that needs care.
  @inline(never)
  private static func special1(
    _ from: inout UnsafeRawPointer, _ end: UnsafeRawPointer, _ buffer: inout OutputBuffer, _ isRaw: Bool,
    _ undoesEscapes: Bool
  ) {
    let byte = from.load(as: UInt8.self)
    switch byte {
    case UInt8(ascii: "_"):
      if undoesEscapes, let unit = escaped(from, end) {
        from += 7
        append(unit: unit, &from, end, &buffer)
        return
      }
      buffer.append(byte)
    case UInt8(ascii: "&"):
      if !isRaw, let (scalar, length) = entity(from, end) {
        append(scalar, &buffer)
        from += length
        return
      }
      buffer.append(byte)
    case UInt8(ascii: "<"): buffer.append(byte)
    case 0x0D:
      // XML 1.0, 2.11: line ends are read as line feeds.
      buffer.appendJSONEscape(0x0A)
      if from + 1 < end, (from + 1).load(as: UInt8.self) == 0x0A { from += 1 }
    default: buffer.appendJSONEscape(byte)
    }
    from += 1
  }

  /// The UTF-16 unit that `_xHHHH_` at `from` stands for.
  private static func escaped(_ from: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UInt32? {
    guard end - from >= 7, (from + 1).load(as: UInt8.self) == UInt8(ascii: "x"),
      (from + 6).load(as: UInt8.self) == UInt8(ascii: "_")
    else { return nil }
    var unit: UInt32 = 0
    for at in 2..<6 {
      guard let nibble = hexDigitValue((from + at).load(as: UInt8.self)) else { return nil }
      unit = unit << 4 | UInt32(nibble)
    }
    // U+FFFE and U+FFFF are no characters, and stay as they are written.
    return unit < 0xFFFE ? unit : nil
  }

  /// Appends an escaped unit; two halves of a surrogate pair are one character, and a lone half becomes U+FFFD.
  private static func append(
    unit: UInt32, _ from: inout UnsafeRawPointer, _ end: UnsafeRawPointer, _ buffer: inout OutputBuffer
  ) {
    var value = unit
    if unit & 0xFC00 == 0xD800, let low = escaped(from, end), low & 0xFC00 == 0xDC00 {
      value = 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
      from += 7
    }
    append(Unicode.Scalar(value) ?? "\u{FFFD}", &buffer)
  }

  static func append(_ scalar: Unicode.Scalar, _ buffer: inout OutputBuffer) {
    if scalar.value < 0x20 || scalar == "\"" || scalar == "\\" {
      buffer.appendJSONEscape(UInt8(scalar.value))
    } else if scalar.isASCII {
      buffer.append(UInt8(scalar.value))
    } else {
      for byte in UTF8.encode(scalar)! { buffer.append(byte) }
    }
  }

  /// The character that the entity at `from` stands for, and the entity's length.
  private static func entity(_ from: UnsafeRawPointer, _ end: UnsafeRawPointer) -> (Unicode.Scalar, Int)? {
    var length = 1
    while from + length < end, length < 12, (from + length).load(as: UInt8.self) != UInt8(ascii: ";") { length += 1 }
    guard from + length < end, (from + length).load(as: UInt8.self) == UInt8(ascii: ";") else { return nil }
    let name = UnsafeRawBufferPointer(start: from + 1, count: length - 1)
    let named: [(StaticString, Unicode.Scalar)] = [
      ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"),
    ]
    for (text, scalar) in named
    where name.elementsEqual(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) {
      return (scalar, length + 1)
    }
    guard name.count >= 2, name[0] == UInt8(ascii: "#") else { return nil }
    let isHex = name[1] == UInt8(ascii: "x")
    var value: UInt32 = 0
    for byte in name.dropFirst(isHex ? 2 : 1) {
      guard let digit = hexDigitValue(byte), isHex || digit < 10, value < 0x110000 else { return nil }
      value = value * (isHex ? 16 : 10) + UInt32(digit)
    }
    return Unicode.Scalar(value).map { ($0, length + 1) }
  }

  static func hexDigitValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Bytes that are no UTF-8 become U+FFFD, since no record can hold them.
  private static func repair(_ buffer: inout OutputBuffer, from mark: Int) {
    let written = UnsafeRawBufferPointer(rebasing: buffer.bytes[mark...])
    guard firstInvalidUTF8(written) != nil else { return }
    let mended = String(decoding: written, as: UTF8.self)
    buffer.truncate(to: mark)
    buffer.append(mended)
  }

  /// `text` decoded, for names and formats: no `_x` escapes.
  static func string(_ text: UnsafeRawBufferPointer) -> String {
    var buffer = OutputBuffer(capacity: text.count + 64)
    var padded = [UInt8](text)
    padded.append(contentsOf: repeatElement(0, count: 16))
    padded.withUnsafeBytes { bytes in
      append(UnsafeRawBufferPointer(rebasing: bytes[..<text.count]), to: &buffer, undoesEscapes: false)
    }
    return jsonText(buffer.bytes)
  }

  /// The text that `inside`, the inside of a JSON string, stands for.
  static func jsonText(_ inside: UnsafeRawBufferPointer) -> String {
    guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
    let quoted = [UInt8(ascii: "\"")] + [UInt8](inside) + [UInt8(ascii: "\"")]
    return (try? JSONValue(parsing: quoted))?.string ?? String(decoding: inside, as: UTF8.self)
  }
}
