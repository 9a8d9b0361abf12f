/// In which order a date of three numbers names day, month and year.
public enum DateOrder: String, Sendable {
  case monthDayYear = "MDY"
  case dayMonthYear = "DMY"
  case yearMonthDay = "YMD"
}

/// Days counted as Excel does (ECMA-376, part 1, 18.17.4.1).
public enum SerialSystem: Sendable {
  /// 1 is 1900-01-01, and 60 is the 29 February 1900 that never was.
  case from1900
  /// 0 is 1904-01-01: workbooks that began on a Macintosh.
  case from1904
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
  /// Texts of digits are serial numbers of days.
  public var serials: SerialSystem?

  public init(
    order: DateOrder = .monthDayYear, isOrderAssumed: Bool = true, pivot: Int = 30, cutsTime: Bool = false,
    serials: SerialSystem? = nil
  ) {
    self.order = order
    self.isOrderAssumed = isOrderAssumed
    self.pivot = pivot
    self.cutsTime = cutsTime
    self.serials = serials
  }

  /// The order that a pattern such as `DD/MM/YYYY` names; nil where it does not name each part once. What it says of hours
  /// and behind them is passed over.
  public static func order(ofPattern pattern: String) -> DateOrder? {
    var letters: [Character] = []
    for letter in pattern.uppercased().prefix(while: { $0 != "H" }) {
      if "DMY".contains(letter) {
        if letters.last != letter { letters.append(letter) }
      } else if letter.isLetter, letter != "T" {
        return nil
      }
    }
    return DateOrder(rawValue: String(letters))
  }

  /// Reads `text`, white space around it aside.
  /// - Complexity: O(*n*), without allocation.
  public func read(_ text: UnsafeRawBufferPointer) -> DateReading {
    if let date = CivilDate(iso: text) { return .date(date, isAmbiguous: false) }
    if let serials, let reading = read(serial: text, serials) { return reading }
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
    guard parts.count == 3, parts.digits[1] <= 2 else { return nil }
    if parts.digits[0] == 4 {
      guard parts.digits[2] <= 2 else { return nil }
      return CivilDate(year: a, month: b, day: c).map { .date($0, isAmbiguous: false) }
    }
    guard parts.digits[0] <= 2 else { return nil }
    switch order {
    case .yearMonthDay:
      guard parts.digits[2] <= 2 else { return nil }
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

  /// Eight digits: `20240115`, or by a given order `15012024`; six, with two for the year, by a given order alone.
  private func compact(_ parts: DateParts) -> DateReading? {
    let number = parts.numbers[0]
    switch (parts.digits[0], isOrderAssumed ? .yearMonthDay : order) {
    case (8, .yearMonthDay): return make(number / 10_000, number / 100 % 100, number % 100, other: nil)
    case (8, .dayMonthYear): return make(number % 10_000, number / 10_000 % 100, number / 1_000_000, other: nil)
    case (8, .monthDayYear): return make(number % 10_000, number / 1_000_000, number / 10_000 % 100, other: nil)
    case (6, _) where isOrderAssumed: return nil
    case (6, .yearMonthDay): return make(year(number / 10_000, 2), number / 100 % 100, number % 100, other: nil)
    case (6, .dayMonthYear): return make(year(number % 100, 2), number / 100 % 100, number / 10_000, other: nil)
    case (6, .monthDayYear): return make(year(number % 100, 2), number / 10_000, number / 100 % 100, other: nil)
    default: return nil
    }
  }

  /// Day and year around a month that is named: a number of four digits, else the last, is the year.
  private func named(_ month: Int, _ parts: DateParts) -> DateReading? {
    guard parts.count == 2 else { return nil }
    let yearFirst = parts.digits[0] == 4
    let day = yearFirst ? 1 : 0
    guard parts.digits[day] <= 2 else { return nil }
    let year = year(parts.numbers[1 - day], parts.digits[1 - day])
    return year.flatMap { CivilDate(year: $0, month: month, day: parts.numbers[day]) }
      .map { .date($0, isAmbiguous: false) }
  }

  private func year(_ number: Int, _ digits: Int) -> Int? {
    switch digits {
    case 4: number
    case 2: number <= pivot ? 2000 + number : 1900 + number
    default: nil
    }
  }

  // MARK: - Serial numbers

  /// Reads `45306` or `45306.25` as a day of `system`; nil where it is no such number.
  package func read(serial text: UnsafeRawBufferPointer, _ system: SerialSystem) -> DateReading? {
    var serial = 0
    var at = 0
    while at < text.count, text[at] &- 0x30 < 10, at < 8 {
      serial = serial * 10 + Int(text[at] - 0x30)
      at += 1
    }
    guard at > 0 else { return nil }
    var hasFraction = false
    if at + 1 < text.count, text[at] == UInt8(ascii: ".") {
      at += 1
      while at < text.count, text[at] &- 0x30 < 10 {
        if text[at] != 0x30 { hasFraction = true }
        at += 1
      }
    }
    guard at == text.count, let date = DateReader.date(excelSerial: serial, system) else { return nil }
    return hasFraction && !cutsTime ? .hasTime : .date(date, isAmbiguous: false)
  }

  /// The day that a serial number stands for; nil for none and for the day that never was.
  public static func date(excelSerial serial: Int, _ system: SerialSystem = .from1900) -> CivilDate? {
    guard serial >= 0, serial <= 2_958_465 else { return nil }
    switch system {
    case .from1904: return CivilDate(daysSinceEpoch: serial - 24_107)
    case .from1900:
      guard serial >= 1, serial != 60 else { return nil }
      return CivilDate(daysSinceEpoch: serial - (serial < 60 ? 25_568 : 25_569))
    }
  }
}
