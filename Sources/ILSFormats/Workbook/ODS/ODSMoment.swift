import ILSDates
import ILSRecord

/// Days and times as OpenDocument has them: `2024-03-01`, `2024-03-01T08:30:00.5`, `PT08H30M00S`.
enum ODSMoment {
  /// Appends the inside of a JSON string. - Returns: false, and nothing is written, where it is none.
  /// - Parameter withTime: a day alone is one at midnight.
  static func append(_ value: UnsafeRawBufferPointer, withTime: Bool, to buffer: inout OutputBuffer) -> Bool {
    let start = buffer.count
    let isRead =
      value.first == UInt8(ascii: "P")
      ? append(duration: value, to: &buffer) : append(day: value, withTime, to: &buffer)
    if !isRead { buffer.truncate(to: start) }
    return isRead
  }

  private static func append(day value: UnsafeRawBufferPointer, _ withTime: Bool, to buffer: inout OutputBuffer) -> Bool
  {
    guard value.count >= 10, let date = CivilDate(iso: UnsafeRawBufferPointer(rebasing: value[..<10])) else {
      return false
    }
    buffer.append(date)
    if value.count == 10 {
      if withTime { buffer.append("T00:00:00" as StaticString) }
      return true
    }
    let time = value[10...]
    guard time.count >= 9, time.first == UInt8(ascii: "T"), let hours = number(time, 11), hours < 24,
      time[13] == UInt8(ascii: ":"), let minutes = number(time, 14), minutes < 60, time[16] == UInt8(ascii: ":"),
      let seconds = number(time, 17), seconds < 60
    else { return false }
    buffer.append(UnsafeRawBufferPointer(rebasing: value[10..<19]))
    return appendFraction(value.dropFirst(19), to: &buffer)
  }

  private static func number(_ text: Slice<UnsafeRawBufferPointer>, _ at: Int) -> Int? {
    guard at + 1 < text.endIndex else { return nil }
    let (tens, ones) = (text[at] &- UInt8(ascii: "0"), text[at + 1] &- UInt8(ascii: "0"))
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
  }

  /// `.5` to the millisecond; false where anything else stands there.
  private static func appendFraction(_ text: Slice<UnsafeRawBufferPointer>, to buffer: inout OutputBuffer) -> Bool {
    if text.isEmpty { return true }
    guard text.first == UInt8(ascii: ".") || text.first == UInt8(ascii: ","), text.count > 1,
      text.dropFirst().allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 })
    else { return false }
    var digits = Array(text.dropFirst().prefix(3))
    if digits.allSatisfy({ $0 == UInt8(ascii: "0") }) { return true }
    while digits.count < 3 { digits.append(UInt8(ascii: "0")) }
    buffer.append(UInt8(ascii: "."))
    buffer.append(digits)
    return true
  }

  /// `PT30H00M00.5S`: as many hours as there are.
  private static func append(duration value: UnsafeRawBufferPointer, to buffer: inout OutputBuffer) -> Bool {
    guard value.starts(with: "PT".utf8) else { return false }
    var parts: [UInt8: Double] = [:]
    var digits: [UInt8] = []
    for byte in value.dropFirst(2) {
      switch byte {
      case UInt8(ascii: "H"), UInt8(ascii: "M"), UInt8(ascii: "S"):
        let number = digits.withUnsafeBytes { NumberText.parse($0) }
        guard let number, number >= 0, number < 1e9, parts[byte] == nil else { return false }
        parts[byte] = number
        digits.removeAll()
      case UInt8(ascii: ","): digits.append(UInt8(ascii: "."))
      default: digits.append(byte)
      }
    }
    guard digits.isEmpty, !parts.isEmpty else { return false }
    let seconds =
      (parts[UInt8(ascii: "H")] ?? 0) * 3600 + (parts[UInt8(ascii: "M")] ?? 0) * 60 + (parts[UInt8(ascii: "S")] ?? 0)
    ExcelDate.appendTime(Int((seconds * 1000).rounded()), to: &buffer)
    return true
  }
}
