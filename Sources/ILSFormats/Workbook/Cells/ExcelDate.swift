import ILSDates
import ILSRecord

/// Serial day numbers of a workbook as ISO 8601 (ECMA-376 part 1, 18.17.4).
enum ExcelDate {
  /// Days from 1970-01-01 back to day 0 of each system.
  private static var epoch1900: Int { -25_569 }
  private static var epoch1904: Int { -24_107 }
  /// 9999-12-31 in the 1900 system.
  private static var last: Double { 2_958_465 }

  /// Appends the JSON string of `serial` as `style` reads it.
  ///
  /// A day at midnight is a date unless the format shows a time; a time of day without a day is `HH:MM:SS`; an elapsed
  /// time is `H:MM:SS` with as many hours as there are. Fractions of a second are kept to the millisecond.
  /// - Returns: false where there is no such date: a negative number, one beyond 9999, or 1900-02-29, which never was.
  static func append(_ serial: Double, _ style: CellStyle, is1904: Bool, to buffer: inout OutputBuffer) -> Bool {
    guard serial >= 0, serial < last + 1 else { return false }
    let milliseconds = Int((serial * 86_400_000).rounded())
    if style == .elapsed {
      buffer.append(UInt8(ascii: "\""))
      appendTime(milliseconds, to: &buffer)
      buffer.append(UInt8(ascii: "\""))
      return true
    }
    var day = milliseconds / 86_400_000
    let rest = milliseconds % 86_400_000
    if day == 0, style == .time || (!is1904 && rest != 0) || style == .date(withTime: true) && !is1904 {
      buffer.append(UInt8(ascii: "\""))
      appendTime(rest, to: &buffer)
      buffer.append(UInt8(ascii: "\""))
      return true
    }
    if !is1904 {
      // The 1900 system counts a 29 February 1900.
      if day == 60 || day == 0 { return false }
      if day < 60 { day += 1 }
    }
    guard let date = CivilDate(daysSinceEpoch: day + (is1904 ? epoch1904 : epoch1900)) else { return false }
    buffer.append(UInt8(ascii: "\""))
    buffer.append(date)
    if rest != 0 || style != .date(withTime: false) {
      buffer.append(UInt8(ascii: "T"))
      appendTime(rest, to: &buffer)
    }
    buffer.append(UInt8(ascii: "\""))
    return true
  }

  /// `HH:MM:SS`, and `.mmm` where there are milliseconds.
  static func appendTime(_ milliseconds: Int, to buffer: inout OutputBuffer) {
    let seconds = milliseconds / 1000
    two(seconds / 3600, &buffer)
    buffer.append(UInt8(ascii: ":"))
    two(seconds / 60 % 60, &buffer)
    buffer.append(UInt8(ascii: ":"))
    two(seconds % 60, &buffer)
    let thousandths = milliseconds % 1000
    guard thousandths != 0 else { return }
    buffer.append(UInt8(ascii: "."))
    buffer.append(UInt8(ascii: "0") + UInt8(thousandths / 100))
    two(thousandths % 100, &buffer)
  }

  private static func two(_ number: Int, _ buffer: inout OutputBuffer) {
    if number < 10 { buffer.append(UInt8(ascii: "0")) }
    buffer.append(decimal: number)
  }
}
