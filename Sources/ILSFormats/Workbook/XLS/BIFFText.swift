import CScan
import ILSRecord

/// Walks the bytes of a record and of the CONTINUE records behind it ([MS-XLS] 2.4.58).
struct BIFFCursor {
  private let bytes: StreamBytes
  private(set) var at: Int
  private var end: Int
  /// Fonts that parts of the last text have.
  var fonts: [Int] = []

  /// - Parameter record: where the record's header starts.
  init(_ bytes: StreamBytes, record: Int) {
    self.bytes = bytes
    at = record + 4
    end = min(record + 4 + (bytes.u16(record + 2) ?? 0), bytes.count)
    at = min(at, end)
  }

  /// Bytes left before the next break.
  var left: Int { end - at }

  /// Moves on to the next CONTINUE record. - Returns: false where there is none.
  mutating func nextPiece() -> Bool {
    guard bytes.u16(end) == 0x003C, let length = bytes.u16(end + 2) else { return false }
    at = end + 4
    end = min(at + length, bytes.count)
    return at <= end
  }

  mutating func byte() -> Int? {
    while at == end { if !nextPiece() { return nil } }
    at += 1
    return bytes.u8(at - 1)
  }

  mutating func u16() -> Int? {
    if left >= 2 {
      at += 2
      return bytes.u16(at - 2)
    }
    guard let low = byte(), let high = byte() else { return nil }
    return low | high << 8
  }

  mutating func u32() -> Int? {
    guard let low = u16(), let high = u16() else { return nil }
    return low | high << 16
  }

  /// Passes over `count` bytes, across breaks.
  mutating func skip(_ count: Int) -> Bool {
    var rest = count
    while rest > left {
      rest -= left
      if !nextPiece() { return false }
    }
    at += rest
    return true
  }

  /// Reads runs of fonts ([MS-XLS] 2.5.129), across breaks.
  mutating func readFonts(_ runs: Int) -> Bool {
    for _ in 0..<runs {
      guard u16() != nil, let font = u16() else { return false }
      fonts.append(font)
    }
    return true
  }

  /// Lends at most `count` bytes up to the next break to `body`. - Returns: how many there were.
  mutating func take(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Int {
    let taken = min(count, left)
    at += taken
    bytes.withRun(at - taken, taken, body)
    return taken
  }
}

/// The texts of a workbook's records, as JSON strings.
struct BIFFText {
  /// Nil from BIFF8 on, whose texts are Unicode.
  let transcoder: Transcoder?

  /// Appends the characters at `cursor`, `count` of them, with quotes: bytes of the code page, or, in BIFF8, behind a byte
  /// of flags, Latin-1 or UTF-16 ([MS-XLS] 2.5.293). Runs of fonts and phonetic text are passed over.
  /// - Returns: false where the text is cut off.
  func append(_ cursor: inout BIFFCursor, count: Int, to buffer: inout OutputBuffer) -> Bool {
    buffer.append(UInt8(ascii: "\""))
    let isWhole = transcoder == nil ? appendUnicode(&cursor, count, &buffer) : appendBytes(&cursor, count, &buffer)
    buffer.append(UInt8(ascii: "\""))
    return isWhole
  }

  private func appendUnicode(_ cursor: inout BIFFCursor, _ count: Int, _ buffer: inout OutputBuffer) -> Bool {
    if count == 0, cursor.left == 0 { return true }
    guard var flags = cursor.byte() else { return false }
    var runs = 0
    var extra = 0
    if flags & 8 != 0 {
      guard let found = cursor.u16() else { return false }
      runs = found
    }
    if flags & 4 != 0 {
      guard let found = cursor.u32() else { return false }
      extra = found
    }
    var left = count
    var high: UInt16 = 0
    while left > 0 {
      if cursor.left == 0 {
        // Each piece says anew how wide its characters are.
        guard cursor.nextPiece(), let again = cursor.byte() else { return false }
        flags = again
        continue
      }
      let isWide = flags & 1 != 0
      let taken = cursor.take(isWide ? left * 2 : left) { piece in
        if isWide { BIFFText.appendWide(piece, &high, &buffer) } else { BIFFText.appendLatin1(piece, &buffer) }
      }
      // No character is cut in two (2.5.293): one that is would be lost.
      if isWide, taken % 2 != 0 { return false }
      left -= isWide ? taken / 2 : taken
    }
    if high != 0 { buffer.append("\u{FFFD}" as StaticString) }
    guard cursor.readFonts(runs) else { return false }
    return cursor.skip(extra)
  }

  private func appendBytes(_ cursor: inout BIFFCursor, _ count: Int, _ buffer: inout OutputBuffer) -> Bool {
    var text: [UInt8] = []
    while text.count < count {
      if cursor.left == 0, !cursor.nextPiece() { break }
      _ = cursor.take(count - text.count) { text += $0 }
    }
    var decoded = OutputBuffer(capacity: text.count * 3 + 64)
    text.withUnsafeBytes { transcoder?.convert($0, to: &decoded) }
    transcoder?.finish(to: &decoded)
    buffer.appendJSONText(decoded.bytes)
    return text.count == count
  }

  /// Latin-1 as the inside of a JSON string. 16 bytes behind `text` must be readable.
  private static func appendLatin1(_ text: UnsafeRawBufferPointer, _ buffer: inout OutputBuffer) {
    guard var from = text.baseAddress else { return }
    let end = from + text.count
    while from < end {
      let mask = ils_json_copy16(buffer.reserve(16), from)
      let special = (mask | mask >> 16) & 0xFFFF
      let clean = min(special == 0 ? 16 : special.trailingZeroBitCount, end - from)
      buffer.commit(clean)
      from += clean
      if special != 0, from < end {
        appendUnit(UInt16(from.load(as: UInt8.self)), &buffer)
        from += 1
      }
    }
  }

  private static func appendWide(_ text: UnsafeRawBufferPointer, _ high: inout UInt16, _ buffer: inout OutputBuffer) {
    var at = 0
    while at + 1 < text.count {
      let unit = UInt16(littleEndian: text.loadUnaligned(fromByteOffset: at, as: UInt16.self))
      at += 2
      if high != 0 {
        if unit & 0xFC00 == 0xDC00 {
          let value = 0x10000 + (UInt32(high) & 0x3FF) << 10 + UInt32(unit) & 0x3FF
          XMLText.append(Unicode.Scalar(value) ?? "\u{FFFD}", &buffer)
          high = 0
          continue
        }
        buffer.append("\u{FFFD}" as StaticString)
        high = 0
      }
      if unit & 0xFC00 == 0xD800 { high = unit } else { appendUnit(unit, &buffer) }
    }
  }

  @inline(__always)
  private static func appendUnit(_ unit: UInt16, _ buffer: inout OutputBuffer) {
    if unit >= 0x800 {
      XMLText.append(Unicode.Scalar(unit) ?? "\u{FFFD}", &buffer)
    } else if unit >= 0x80 {
      buffer.append(0xC0 | UInt8(unit >> 6))
      buffer.append(0x80 | UInt8(unit & 0x3F))
    } else if unit < 0x20 || unit == 0x22 || unit == 0x5C {
      buffer.appendJSONEscape(UInt8(unit))
    } else {
      buffer.append(UInt8(unit))
    }
  }

  /// A text as a string, for names and formats.
  func string(_ cursor: inout BIFFCursor, count: Int) -> String? {
    var buffer = OutputBuffer(capacity: 128)
    guard append(&cursor, count: count, to: &buffer) else { return nil }
    return XMLText.jsonText(UnsafeRawBufferPointer(rebasing: buffer.bytes[1..<(buffer.count - 1)]))
  }

  /// What iconv calls a code page of [MS-XLS] 2.4.52.
  static func encodingName(_ page: Int) -> String {
    switch page {
    case 10000, 32768: "MACINTOSH"
    case 10006: "MACGREEK"
    case 10007: "MAC-CYRILLIC"
    case 10029: "MAC-CENTRALEUROPE"
    case 32769, 0, 1200: "CP1252"
    case 1361: "JOHAB"
    default: "CP\(page)"
    }
  }
}
