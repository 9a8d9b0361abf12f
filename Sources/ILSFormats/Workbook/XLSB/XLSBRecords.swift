import ILSRecord

/// Records of a binary workbook ([MS-XLSB] 2.3), by number: those that matter here.
enum XLSB {
  static var row: Int { 0 }
  static var string: Int { 19 }
  static var font: Int { 43 }
  static var format: Int { 44 }
  static var fill: Int { 45 }
  static var cellFormat: Int { 47 }
  static var columns: Int { 60 }
  static var richText: Int { 62 }
  static var beginRows: Int { 145 }
  static var endRows: Int { 146 }
  static var dimension: Int { 148 }
  static var properties: Int { 153 }
  static var sheet: Int { 156 }
  static var calculation: Int { 157 }
  static var merge: Int { 176 }
  static var beginCellFormats: Int { 617 }
  static var endCellFormats: Int { 618 }
  static var comment: Int { 635 }
}

/// The records of a part, one after the other, straight from the unpacker's window ([MS-XLSB] 2.1.4).
///
/// What a record points at is valid until the next call of `next`.
struct XLSBRecords {
  private let stream: PartStream
  private var base: UnsafePointer<UInt8>
  private var count = 0
  private var at = 0
  private(set) var type = 0
  private var start = 0
  private var length = 0

  init(_ stream: PartStream) {
    self.stream = stream
    base = UnsafePointer(stream.base)
  }

  var position: Int { stream.position }

  /// The inside of the record at hand; 64 bytes behind it are readable.
  @inline(__always)
  var body: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base + start, count: length) }

  /// Moves on to the next record. - Returns: false at the end of the part.
  /// - Throws: `xlsb.truncated`, `zip.*`
  @inline(__always)
  mutating func next() throws(StopError) -> Bool {
    if count - at < 6, try !more(6), at == count { return false }
    var to = at
    let first = Int(base[to])
    type = first
    to += 1
    if first & 0x80 != 0 {
      type = first & 0x7F | Int(base[to]) << 7
      to += 1
    }
    length = 0
    var shift = 0
    var byte = 0x80
    while byte & 0x80 != 0, shift < 28 {
      byte = Int(base[to])
      length |= (byte & 0x7F) << shift
      shift += 7
      to += 1
    }
    let header = to - at
    if count - at < header + length, try !more(header + length) { throw XLSBRecords.truncated }
    start = at + header
    at = start + length
    return true
  }

  /// Unpacks until `needed` bytes are there from `at` on. - Returns: false where there are not so many.
  @inline(never)
  private mutating func more(_ needed: Int) throws(StopError) -> Bool {
    while count - at < needed {
      let goesOn = try stream.refill(keeping: at)
      (base, count, at) = (UnsafePointer(stream.base), stream.count, 0)
      if !goesOn { return count >= needed }
    }
    return true
  }

  static var truncated: StopError {
    StopError(.dataError, WorkbookFileFault.xlsbTruncated, "a part of the workbook ends too early: the file is damaged")
  }
}

/// Texts of a binary workbook: UTF-16 behind their length ([MS-XLSB] 2.5.169).
enum XLSBText {
  /// The text at `at` of a record, and where it ends; nil where it is not there in full. One that is null is empty.
  static func run(_ body: UnsafeRawBufferPointer, _ at: Int) -> (units: UnsafeRawBufferPointer, end: Int)? {
    guard let count = body.u32(at) else { return nil }
    if count == 0xFFFF_FFFF { return (UnsafeRawBufferPointer(start: nil, count: 0), at + 4) }
    guard let units = body.run(at + 4, count * 2) else { return nil }
    return (units, at + 4 + count * 2)
  }

  static func string(_ body: UnsafeRawBufferPointer, _ at: Int) -> (text: String, end: Int)? {
    guard let (units, end) = run(body, at) else { return nil }
    let text = String(decoding: (0..<units.count / 2).map { UInt16(units.u16($0 * 2) ?? 0) }, as: UTF16.self)
    return (text, end)
  }

  /// Appends `units` as a JSON string. Half a surrogate pair becomes U+FFFD.
  static func append(_ units: UnsafeRawBufferPointer, to buffer: inout OutputBuffer) {
    buffer.append(UInt8(ascii: "\""))
    var at = 0
    while at < units.count {
      let unit = UInt16(littleEndian: units.loadUnaligned(fromByteOffset: at, as: UInt16.self))
      at += 2
      if unit < 0x80 {
        let byte = UInt8(unit)
        if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
          buffer.appendJSONEscape(byte)
        } else {
          buffer.append(byte)
        }
        continue
      }
      var scalar = Unicode.Scalar(unit)
      if unit & 0xFC00 == 0xD800, let low = units.u16(at), low & 0xFC00 == 0xDC00 {
        scalar = Unicode.Scalar(0x10000 + UInt32(unit & 0x3FF) << 10 + UInt32(low & 0x3FF))
        at += 2
      }
      XMLText.append(scalar ?? "\u{FFFD}", &buffer)
    }
    buffer.append(UInt8(ascii: "\""))
  }
}
