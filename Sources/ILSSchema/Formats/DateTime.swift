import ILSDates
import ILSRecord

/// Dates and times of the Internet (RFC 3339, 5.6).
enum DateTime {
  /// `full-date`, year 0000 included.
  static func isDate(_ text: UnsafeRawBufferPointer) -> Bool {
    if CivilDate(iso: text) != nil { return true }
    // Year 0 is a leap year, and no year of the civil calendar that the rest of the toolkit keeps.
    guard text.count == 10, text[..<4].allSatisfy({ $0 == 0x30 }), text[4] == 0x2D, text[7] == 0x2D,
      let month = digits(text, 5), let day = digits(text, 8)
    else { return false }
    return (1...12).contains(month) && day >= 1 && day <= CivilDate.length(ofMonth: month, year: 2000)
  }

  /// `full-time`: an offset is a must, and second 60 only where UTC has one, at 23:59.
  static func isTime(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count >= 9, text[2] == UInt8(ascii: ":"), text[5] == UInt8(ascii: ":"), let hour = digits(text, 0),
      let minute = digits(text, 3), let second = digits(text, 6), hour < 24, minute < 60, second <= 60
    else { return false }
    var at = 8
    if text[at] == UInt8(ascii: ".") {
      let start = at + 1
      at = start
      while at < text.count, isDigit(text[at]) { at += 1 }
      guard at > start else { return false }
    }
    guard let offset = offset(text, at) else { return false }
    return second < 60 || (hour * 60 + minute - offset + 2880) % 1440 == 1439
  }

  /// `date-time`.
  static func isDateTime(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count > 11 && text[10] | 0x20 == UInt8(ascii: "t")
      && isDate(UnsafeRawBufferPointer(rebasing: text[..<10])) && isTime(UnsafeRawBufferPointer(rebasing: text[11...]))
  }

  /// Minutes east of UTC of the offset that fills the text from `at` on.
  private static func offset(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int? {
    guard at < text.count else { return nil }
    if text[at] | 0x20 == UInt8(ascii: "z") { return at + 1 == text.count ? 0 : nil }
    guard text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-"), text.count == at + 6,
      text[at + 3] == UInt8(ascii: ":"), let hours = digits(text, at + 1), let minutes = digits(text, at + 4),
      hours < 24,
      minutes < 60
    else { return nil }
    return (text[at] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// The number of two digits at `at`.
  private static func digits(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int? {
    guard at + 1 < text.count, isDigit(text[at]), isDigit(text[at + 1]) else { return nil }
    return Int(text[at] - 0x30) * 10 + Int(text[at + 1] - 0x30)
  }
}
