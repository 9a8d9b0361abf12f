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

/// What a reading rests on beside the text and what was asked for.
public struct DateAssumptions: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Both numbers could be the month, and nothing but the assumed order says which is.
  public static let order = DateAssumptions(rawValue: 1)
  /// The year has two digits, and nobody said of which century they are.
  public static let century = DateAssumptions(rawValue: 2)
}

/// What a text says, read as a date.
public enum DateReading: Equatable, Sendable {
  case date(CivilDate, DateAssumptions)
  /// All nines or all zeros: how legacy systems write "none".
  case placeholder
  /// A date with a time of day, which nobody asked to cut off.
  case hasTime
  /// A year and nothing else. No serial number of a day either: 1980 would be one of 1905.
  case yearAlone
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
  /// Two-digit years up to this one are of the 2000s, others of the 1900s; nil where nobody said.
  public var pivot: Int?
  /// The order was given without separators, as `DDMMYY`: numbers are such dates, not serial numbers of days.
  public var isCompact = false
  /// A time of day is cut off.
  public var cutsTime: Bool
  /// Texts of digits are serial numbers of days.
  public var serials: SerialSystem?

  public init(
    order: DateOrder = .monthDayYear, isOrderAssumed: Bool = true, pivot: Int? = nil, cutsTime: Bool = false,
    serials: SerialSystem? = nil
  ) {
    self.order = order
    self.isOrderAssumed = isOrderAssumed
    self.pivot = pivot
    self.cutsTime = cutsTime
    self.serials = serials
  }

  /// Reads dates of the order that a pattern such as `DD/MM/YYYY` names; nil where it does not name each part once. What it
  /// says of hours and behind them is passed over.
  public init?(pattern: String) {
    let day = pattern.uppercased().prefix { $0 != "H" }
    var letters: [Character] = []
    for letter in day {
      if "DMY".contains(letter) {
        if letters.last != letter { letters.append(letter) }
      } else if letter.isLetter, letter != "T" {
        return nil
      }
    }
    guard let order = DateOrder(rawValue: String(letters)) else { return nil }
    self.init(order: order, isOrderAssumed: false)
    isCompact = day.allSatisfy { "DMY".contains($0) }
  }

  /// The pivot where nobody said one.
  public static var assumedPivot: Int { 30 }
  /// The years that two digits stand for then.
  public static var assumedYears: String { "\(1901 + assumedPivot) to \(2000 + assumedPivot)" }

  /// Reads `text`, white space around it aside.
  /// - Complexity: O(*n*), without allocation.
  public func read(_ text: UnsafeRawBufferPointer) -> DateReading {
    if let date = CivilDate(iso: text) { return .date(date, []) }
    if let serials, let reading = read(serial: text, serials) { return reading }
    var parts = DateParts(text)
    guard parts.scan() else { return .unreadable }
    if parts.isPlaceholder { return .placeholder }
    guard let reading = date(parts) else { return parts.isYearAlone ? .yearAlone : .unreadable }
    // Another weekday than the text names: one of the two is wrong, or the order of day and month.
    if case .date(let day, _) = reading, !parts.agrees(with: day) { return .unreadable }
    return parts.hasTime && !cutsTime ? .hasTime : reading
  }

  private func date(_ parts: DateParts) -> DateReading? {
    if let month = parts.namedMonth { return named(month, parts) }
    let (a, b, c) = (parts.numbers[0], parts.numbers[1], parts.numbers[2])
    if parts.count == 1 { return compact(parts) }
    guard parts.count == 3, parts.digits[1] <= 2 else { return nil }
    if parts.digits[0] == 4 {
      guard parts.digits[2] <= 2 else { return nil }
      return CivilDate(year: a, month: b, day: c).map { .date($0, []) }
    }
    guard parts.digits[0] <= 2 else { return nil }
    switch order {
    case .yearMonthDay:
      guard parts.digits[2] <= 2 else { return nil }
      return make(Year(a, parts.digits[0], pivot), b, c, other: nil)
    case .monthDayYear:
      return make(Year(c, parts.digits[2], pivot), a, b, other: (b, a))
    case .dayMonthYear:
      return make(Year(c, parts.digits[2], pivot), b, a, other: (a, b))
    }
  }

  private func make(_ year: Year?, _ month: Int, _ day: Int, other: (month: Int, day: Int)?) -> DateReading? {
    guard let year, let date = CivilDate(year: year.number, month: month, day: day) else { return nil }
    let isAmbiguous =
      isOrderAssumed && month != day
      && (other.map { CivilDate(year: year.number, month: $0.month, day: $0.day) != nil } ?? false)
    return .date(date, isAmbiguous ? [.order, year.assumption] : year.assumption)
  }

  /// Eight digits: `20240115`, or by a given order `15012024`; six, with two for the year, by a given order alone.
  private func compact(_ parts: DateParts) -> DateReading? {
    let number = parts.numbers[0]
    let (front, middle, end) = (number / 10_000, number / 100 % 100, number % 100)
    switch (parts.digits[0], isOrderAssumed ? .yearMonthDay : order) {
    case (8, .yearMonthDay): return make(Year(front, 4, pivot), middle, end, other: nil)
    case (8, .dayMonthYear): return make(Year(number % 10_000, 4, pivot), front % 100, front / 100, other: nil)
    case (8, .monthDayYear): return make(Year(number % 10_000, 4, pivot), front / 100, front % 100, other: nil)
    case (6, _) where isOrderAssumed: return nil
    case (6, .yearMonthDay): return make(Year(front, 2, pivot), middle, end, other: nil)
    case (6, .dayMonthYear): return make(Year(end, 2, pivot), middle, front, other: nil)
    case (6, .monthDayYear): return make(Year(end, 2, pivot), front, middle, other: nil)
    default: return nil
    }
  }

  /// Day and year around a month that is named: a number of four digits, else the last, is the year.
  private func named(_ month: Int, _ parts: DateParts) -> DateReading? {
    guard parts.count == 2 else { return nil }
    let yearFirst = parts.digits[0] == 4
    let day = yearFirst ? 1 : 0
    guard parts.digits[day] <= 2 else { return nil }
    return make(Year(parts.numbers[1 - day], parts.digits[1 - day], pivot), month, parts.numbers[day], other: nil)
  }

  /// A year as it was written.
  private struct Year {
    let number: Int
    let assumption: DateAssumptions

    /// Nil where it has neither two digits nor four.
    init?(_ number: Int, _ digits: Int, _ pivot: Int?) {
      guard digits == 4 || digits == 2 else { return nil }
      self.number = digits == 4 ? number : number + (number <= pivot ?? DateReader.assumedPivot ? 2000 : 1900)
      assumption = digits == 2 && pivot == nil ? .century : []
    }
  }

  // MARK: - Serial numbers

  /// Reads a JSON number: the serial number of a day, as a workbook's cell without a date style holds, or a compact date.
  ///
  /// What nobody called a serial number is one only from 1910 to 2099: others are years, ages, or dates that lost a zero.
  public func read(number text: UnsafeRawBufferPointer) -> DateReading {
    if serials == nil, !isCompact, let reading = read(serial: text, .from1900) {
      guard case .date(let date, _) = reading else { return reading }
      if (1910...2099).contains(date.year) { return reading }
    }
    return read(text)
  }

  /// Reads `45306` or `45306.25` as a day of `system`; nil where it is no such number.
  private func read(serial text: UnsafeRawBufferPointer, _ system: SerialSystem) -> DateReading? {
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
    if !hasFraction, DateReader.years.contains(serial) { return .yearAlone }
    return hasFraction && !cutsTime ? .hasTime : .date(date, [])
  }

  /// Numbers that are rather years than days.
  static let years = 1900...2100

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
