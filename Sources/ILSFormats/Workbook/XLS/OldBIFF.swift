import ILSRecord

/// Sheets of Excel 2, 3 and 4 (BIFF2 to BIFF4), written anew in the records of Excel 5, which are read: old database
/// programs still export them.
enum OldBIFF {
  /// BOF records by era.
  private static let begins = [0x0009: 2, 0x0209: 3, 0x0409: 4]

  /// The first number of formats that the file defines itself, beyond all built-in ones.
  private static var firstFormat: Int { 1000 }
  private static var formatLimit: Int { 256 }

  /// Whether `stream` starts as such a sheet.
  static func isOld(_ stream: StreamBytes) -> Bool { stream.u16(0).flatMap { begins[$0] } != nil }

  /// - Throws: `xls.too_old` for a workspace of Excel 4, which holds several sheets, and for charts and macros;
  ///   `xls.truncated`.
  static func modern(_ stream: UnsafeRawBufferPointer) throws(StopError) -> StreamBytes {
    guard let era = stream.u16(0).flatMap({ begins[$0] }), stream.u16(6) == 0x0010 else {
      throw XLSWorkbook.fault(
        .xlsTooOld, "a workspace, chart or macro sheet of Excel 4 or before is not read: save its sheets as .xlsx")
    }
    var writer = Writer(era: era)
    var at = 0
    while let type = stream.u16(at), let length = stream.u16(at + 2), let body = stream.run(at + 4, length) {
      writer.take(type, body)
      at += 4 + length
      if type == BIFF.endOfFile { return StreamBytes(owning: writer.out) }
    }
    throw XLSWorkbook.fault(.xlsTruncated, "the sheet ends too early: the file was cut off; get it again")
  }

  private struct Writer: ~Copyable {
    let era: Int
    var out = OutputBuffer(capacity: 1 << 16)
    var formats = 0

    /// Formats that BIFF2 has without defining them: dates and times, by the numbers of Excel 5.
    private static var firstDate: Int { 12 }

    init(era: Int) { self.era = era }

    private mutating func put(_ number: Int, _ count: Int) {
      for byte in 0..<count { out.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
    }

    private mutating func begin(_ type: Int, _ length: Int) {
      put(type, 2)
      put(length, 2)
    }

    private mutating func copy(_ type: Int, _ body: UnsafeRawBufferPointer) {
      begin(type, body.count)
      out.append(body)
    }

    mutating func take(_ type: Int, _ body: UnsafeRawBufferPointer) {
      switch type {
      case 0x0009, 0x0209, 0x0409:
        begin(BIFF.begin, 8)
        for number in [0x0500, 0x0010, 0, 0] { put(number, 2) }
      case 0x001E: takeFormat(body, header: 0)
      case BIFF.format: takeFormat(body, header: era == 4 ? 2 : 0)
      case 0x0243, 0x0443: takeStyle(body)
      case BIFF.endOfFile:
        // A cell of BIFF2 names its format, not a style: there is one style for each.
        if era == 2 { for format in 0..<64 { putStyle(format) } }
        begin(type, 0)
      case 0x0002...0x0005 where era == 2, BIFF.formula where era == 2: takeCell(type, body)
      case 0x0007 where era == 2:
        guard let count = body.u8(0), let text = body.run(1, count) else { return }
        begin(BIFF.string, 2 + count)
        put(count, 2)
        out.append(text)
      default: if era > 2 || [BIFF.codePage, BIFF.filePass, BIFF.dateMode].contains(type) { copy(type, body) }
      }
    }

    private mutating func takeFormat(_ body: UnsafeRawBufferPointer, header: Int) {
      guard formats < formatLimit, let count = body.u8(header), let text = body.run(header + 1, count) else { return }
      begin(BIFF.format, 3 + count)
      put(firstFormat + formats, 2)
      put(count, 1)
      out.append(text)
      formats += 1
    }

    private mutating func takeStyle(_ body: UnsafeRawBufferPointer) { putStyle(body.u8(1) ?? 0) }

    private mutating func putStyle(_ format: Int) {
      begin(BIFF.cellFormat, 4)
      put(0, 2)
      put(format < formats ? firstFormat + format : format < Self.firstDate ? 0 : format + 2, 2)
    }

    /// A cell of BIFF2: row, column, three bytes of attributes, and the value.
    private mutating func takeCell(_ type: Int, _ body: UnsafeRawBufferPointer) {
      guard let row = body.u16(0), let column = body.u16(2), let format = body.u8(5), body.count >= 8 else { return }
      let value = UnsafeRawBufferPointer(rebasing: body[7...])
      switch type {
      case 0x0002:
        guard let number = value.u16(0) else { return }
        beginCell(BIFF.rk, 4, row, column, format)
        put(number << 2 | 2, 4)
      case 0x0004:
        guard let count = value.u8(0), let text = value.run(1, count) else { return }
        beginCell(BIFF.label, 2 + count, row, column, format)
        put(count, 2)
        out.append(text)
      default:
        beginCell(type == 0x0006 ? type : type | 0x0200, value.count, row, column, format)
        out.append(value)
      }
    }

    private mutating func beginCell(_ type: Int, _ length: Int, _ row: Int, _ column: Int, _ format: Int) {
      begin(type, 6 + length)
      put(row, 2)
      put(column, 2)
      put(format & 0x3F, 2)
    }
  }
}
