import ILSRecord

/// In which order a date of three numbers names day, month and year.
public enum DateOrder: String, Sendable {
  case monthDayYear = "MDY"
  case dayMonthYear = "DMY"
  case yearMonthDay = "YMD"
}

/// What a text says, read as a date.
public enum DateReading: Equatable, Sendable {
  /// - isAmbiguous: both numbers could be the month, and nothing but the assumed order says which is.
  case date(CivilDate, isAmbiguous: Bool)
  /// All nines or all zeros: how legacy systems write "none".
  case placeholder
  /// A date with a time of day, which nobody asked to cut off.
  case hasTime
  case unreadable
}

/// Reads dates as legacy systems write them.
///
/// ISO 8601 dates, and dates that name the month, have one meaning and are always read. The order of three numbers is
/// never guessed from a value: it is the one that was given.
public struct DateReader: Equatable, Sendable {
  public var order: DateOrder
  /// The order was not given: readings that depend on it are ambiguous.
  public var isOrderAssumed: Bool
  /// Two-digit years up to this one are of the 2000s, others of the 1900s.
  public var pivot: Int
  /// A time of day is cut off.
  public var cutsTime: Bool

  public init(
    order: DateOrder = .monthDayYear, isOrderAssumed: Bool = true, pivot: Int = 30, cutsTime: Bool = false
  ) {
    self.order = order
    self.isOrderAssumed = isOrderAssumed
    self.pivot = pivot
    self.cutsTime = cutsTime
  }

  /// The order that a pattern such as `DD/MM/YYYY` names; nil where it does not name each part once.
  public static func order(ofPattern pattern: String) -> DateOrder? {
    var letters: [Character] = []
    for letter in pattern.uppercased() where "DMY".contains(letter) && letters.last != letter { letters.append(letter) }
    return DateOrder(rawValue: String(letters))
  }

  /// Reads `text`, white space around it aside.
  /// - Complexity: O(*n*), without allocation.
  public func read(_ text: UnsafeRawBufferPointer) -> DateReading {
    if let date = CivilDate(iso: text) { return .date(date, isAmbiguous: false) }
    var parts = DateParts(text)
    guard parts.scan() else { return .unreadable }
    if parts.isPlaceholder { return .placeholder }
    guard let reading = date(parts) else { return .unreadable }
    return parts.hasTime && !cutsTime ? .hasTime : reading
  }

  private func date(_ parts: DateParts) -> DateReading? {
    if let month = parts.namedMonth { return named(month, parts) }
    let (a, b, c) = (parts.numbers[0], parts.numbers[1], parts.numbers[2])
    if parts.count == 1 { return compact(parts) }
    guard parts.count == 3 else { return nil }
    if parts.digits[0] >= 3 {
      return CivilDate(year: a, month: b, day: c).map { .date($0, isAmbiguous: false) }
    }
    switch order {
    case .yearMonthDay:
      guard isOrderAssumed || parts.digits[0] == 2 else { return nil }
      return make(year(a, parts.digits[0]), b, c, other: nil)
    case .monthDayYear:
      return make(year(c, parts.digits[2]), a, b, other: (b, a))
    case .dayMonthYear:
      return make(year(c, parts.digits[2]), b, a, other: (a, b))
    }
  }

  private func make(_ year: Int?, _ month: Int, _ day: Int, other: (month: Int, day: Int)?) -> DateReading? {
    guard let year, let date = CivilDate(year: year, month: month, day: day) else { return nil }
    let isAmbiguous =
      isOrderAssumed && month != day
      && (other.map { CivilDate(year: year, month: $0.month, day: $0.day) != nil } ?? false)
    return .date(date, isAmbiguous: isAmbiguous)
  }

  /// Eight digits: `20240115`, or by a given order `15012024`.
  private func compact(_ parts: DateParts) -> DateReading? {
    guard parts.digits[0] == 8 else { return nil }
    let number = parts.numbers[0]
    let (high, middle, low) = (number / 1_000_000, number / 10_000 % 100, number % 10_000)
    if isOrderAssumed || order == .yearMonthDay {
      return make(number / 10_000, number / 100 % 100, number % 100, other: nil)
    }
    return order == .dayMonthYear ? make(low, middle, high, other: nil) : make(low, high, middle, other: nil)
  }

  /// Day and year around a month that is named: the number of three or four digits, else the last, is the year.
  private func named(_ month: Int, _ parts: DateParts) -> DateReading? {
    guard parts.count == 2 else { return nil }
    let yearFirst = parts.digits[0] >= 3
    let day = parts.numbers[yearFirst ? 1 : 0]
    let year = year(parts.numbers[yearFirst ? 0 : 1], parts.digits[yearFirst ? 0 : 1])
    return year.flatMap { CivilDate(year: $0, month: month, day: day) }.map { .date($0, isAmbiguous: false) }
  }

  private func year(_ number: Int, _ digits: Int) -> Int? {
    switch digits {
    case 4: number
    case 2: number <= pivot ? 2000 + number : 1900 + number
    default: nil
    }
  }

  /// The day that an Excel serial number of the 1900 system stands for; 60 is the 29 February 1900 that never was
  /// (ECMA-376, part 1, 18.17.4.1).
  public static func date(excelSerial serial: Int) -> CivilDate? {
    guard serial >= 1, serial != 60, serial <= 2_958_465 else { return nil }
    return CivilDate(daysSinceEpoch: serial - (serial < 60 ? 25_568 : 25_569))
  }
}
