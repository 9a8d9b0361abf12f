import CDates
import ILSRecord

/// A day of the proleptic Gregorian calendar, as ISO 8601 and PostgreSQL's `date` have it.
public struct CivilDate: Hashable, Comparable, Sendable {
  public let year: Int
  /// 1...12
  public let month: Int
  /// 1...31
  public let day: Int

  /// Nil where there is no such day: 2023-02-29, month 13, year 0 or beyond 9999.
  @inlinable
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilDate.length(ofMonth: month, year: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day that is `days` days after 1970-01-01; nil outside years 1 to 9999.
  public init?(daysSinceEpoch days: Int) {
    guard (-719_162...2_932_896).contains(days) else { return nil }
    // Count from 0000-03-01, so that the leap day is the last day of its year; 146,097 days are 400 years.
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    self.init(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month, day: dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  /// Days since 1970-01-01, negative before it.
  public var daysSinceEpoch: Int {
    let marchYear = month <= 2 ? year - 1 : year
    let era = marchYear / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  @inlinable
  public static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The date that `text` writes as `YYYY-MM-DD` (ISO 8601, extended calendar date; RFC 3339 full-date), and nothing else.
  @inlinable
  public init?(iso text: UnsafeRawBufferPointer) {
    let order = text.count == 10 ? ils_iso_day(text.baseAddress) : 0
    if order == 0 { return nil }
    (year, month, day) = (order >> 9, order >> 5 & 15, order & 31)
  }

  public init?(iso text: String) {
    var text = text
    let parsed = text.withUTF8 { CivilDate(iso: UnsafeRawBufferPointer($0)) }
    guard let parsed else { return nil }
    self = parsed
  }

  /// A number that grows with the date.
  @inlinable public var order: Int { year << 9 | month << 5 | day }

  public static func < (a: CivilDate, b: CivilDate) -> Bool {
    a.order < b.order
  }

  /// `YYYY-MM-DD`
  public var iso: String {
    var buffer = OutputBuffer(capacity: 16)
    buffer.append(self)
    return buffer.string()
  }
}

extension OutputBuffer {
  /// Appends `date` as `YYYY-MM-DD`.
  @inlinable
  public mutating func append(_ date: CivilDate) {
    let to = reserve(10)
    @inline(__always) func put(_ number: Int, _ at: Int) {
      to.storeBytes(of: UInt8(truncatingIfNeeded: number) &+ UInt8(ascii: "0"), toByteOffset: at, as: UInt8.self)
    }
    put(date.year / 1000, 0)
    put(date.year / 100 % 10, 1)
    put(date.year / 10 % 10, 2)
    put(date.year % 10, 3)
    to.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 4, as: UInt8.self)
    put(date.month / 10, 5)
    put(date.month % 10, 6)
    to.storeBytes(of: UInt8(ascii: "-"), toByteOffset: 7, as: UInt8.self)
    put(date.day / 10, 8)
    put(date.day % 10, 9)
    commit(10)
  }
}
