/// The numbers, the month's name and the time of day that a text is made of.
///
/// Holds views and small numbers alone: reading allocates nothing.
struct DateParts {
  private let text: UnsafeRawBufferPointer
  private var at = 0
  private(set) var count = 0
  private(set) var numbers: InlineArray<3, Int> = [0, 0, 0]
  /// How many digits each number was written with.
  private(set) var digits: InlineArray<3, Int> = [0, 0, 0]
  private(set) var namedMonth: Int?
  /// 0 for Monday.
  private var weekday: Int?
  private var hasClock = false
  /// A time of day that is not midnight, or midnight of another zone.
  private(set) var hasTime = false

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// All nines or all zeros.
  var isPlaceholder: Bool {
    guard namedMonth == nil, count == 3 || (count == 1 && (digits[0] == 8 || digits[0] == 6)) else { return false }
    func all(_ digit: Int) -> Bool {
      (0..<count).allSatisfy { index in
        var rest = numbers[index]
        for _ in 0..<digits[index] {
          if rest % 10 != digit { return false }
          rest /= 10
        }
        return true
      }
    }
    return all(9) || all(0)
  }

  /// Whether `date` is the weekday that the text names, if it names one.
  func agrees(with date: CivilDate) -> Bool {
    // 1970-01-01 was a Thursday.
    weekday.map { $0 == ((date.daysSinceEpoch + 3) % 7 + 7) % 7 } ?? true
  }

  /// One number of four digits that can be a year of ours.
  var isYearAlone: Bool {
    count == 1 && namedMonth == nil && digits[0] == 4 && DateReader.years.contains(numbers[0]) && !hasClock
  }

  /// Day, month and year are all there.
  private var isWhole: Bool {
    count + (namedMonth == nil ? 0 : 1) == 3 || (count == 1 && (digits[0] == 8 || digits[0] == 6))
  }

  /// Takes the text apart; false where it holds something that no date holds.
  mutating func scan() -> Bool {
    skipSeparators()
    while at < text.count {
      let byte = text[at]
      if isDigit(byte) {
        guard scanDigits() else { return false }
      } else if isLetter(byte) || byte >= 0x80 {
        guard scanWord() else { return false }
      } else {
        return false
      }
      skipSeparators()
    }
    return count > 0
  }

  // MARK: - Numbers

  private mutating func scanDigits() -> Bool {
    let start = at
    let number = scanNumber()
    guard at - start <= 9 else { return false }
    if at < text.count, text[at] == UInt8(ascii: ":") {
      at = start
      return scanClock()
    }
    if isWhole, count == 1, !hasClock, at - start == 4 || at - start == 6 {
      at = start
      return scanBareClock()
    }
    guard count < 3 else { return false }
    numbers[count] = number
    digits[count] = at - start
    count += 1
    skipOrdinal()
    return true
  }

  private mutating func scanNumber() -> Int {
    let start = at
    var number = 0
    while at < text.count, isDigit(text[at]) {
      if at - start < 9 { number = number * 10 + Int(text[at] - 0x30) }
      at += 1
    }
    return number
  }

  /// `st`, `nd`, `rd`, `th` behind a day.
  private mutating func skipOrdinal() {
    guard at + 1 < text.count, at + 2 == text.count || !isLetter(text[at + 2]) else { return }
    let first = text[at] | 0x20
    let second = text[at + 1] | 0x20
    switch (first, second) {
    case (0x73, 0x74), (0x6E, 0x64), (0x72, 0x64), (0x74, 0x68): at += 2
    default: break
    }
  }

  // MARK: - Words

  /// A month's name; weekdays and little words are passed over.
  private mutating func scanWord() -> Bool {
    let start = at
    while at < text.count, isLetter(text[at]) || text[at] >= 0x80, !isSpace(at) { at += 1 }
    let bytes = UnsafeRawBufferPointer(rebasing: text[start..<at])
    if bytes.count == 1, bytes[0] | 0x20 == UInt8(ascii: "t"), isWhole, !hasClock, at < text.count, isDigit(text[at]) {
      return scanBareClock()
    }
    guard let word = DateWord(bytes) else { return false }
    if at < text.count, text[at] == UInt8(ascii: ".") { at += 1 }
    if let month = word.month {
      guard namedMonth == nil else { return false }
      namedMonth = month
      return true
    }
    if let day = word.weekday {
      guard weekday == nil || weekday == day else { return false }
      weekday = day
      return true
    }
    if word.isPassedOver { return true }
    // Behind a clock, capitals name its zone.
    return hasClock && bytes.count <= 5 && bytes.allSatisfy { $0 < 0x80 && $0 & 0x20 == 0 }
  }

  // MARK: - Time of day

  /// `10:36`, `10:36:28.5`, with AM or PM and a zone behind it or not.
  private mutating func scanClock() -> Bool {
    guard !hasClock else { return false }
    hasClock = true
    var hour = scanNumber()
    at += 1
    guard at < text.count, isDigit(text[at]) else { return false }
    let minute = scanNumber()
    var second = 0
    if at < text.count, text[at] == UInt8(ascii: ":") {
      at += 1
      guard at < text.count, isDigit(text[at]) else { return false }
      second = scanNumber()
    }
    let fraction = scanFraction()
    guard hour <= 24, minute < 60, second <= 60 else { return false }
    skipSpace()
    if let isAfternoon = scanHalf() {
      guard (1...12).contains(hour) else { return false }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    hasTime = hour + minute + second + fraction > 0
    return scanOffset()
  }

  /// `1049`, `104941` or `10` behind a compact date or a T, and what `scanClock` reads.
  private mutating func scanBareClock() -> Bool {
    let start = at
    let number = scanNumber()
    if at < text.count, text[at] == UInt8(ascii: ":") {
      at = start
      return scanClock()
    }
    guard [2, 4, 6].contains(at - start) else { return false }
    hasClock = true
    let fraction = scanFraction()
    hasTime = number + fraction > 0
    return scanOffset()
  }

  private mutating func scanFraction() -> Int {
    guard at + 1 < text.count, text[at] == UInt8(ascii: ".") || text[at] == UInt8(ascii: ","), isDigit(text[at + 1])
    else { return 0 }
    at += 1
    return scanNumber()
  }

  /// `am`, `p.m.` and the like: true for the afternoon.
  private mutating func scanHalf() -> Bool? {
    guard at < text.count else { return nil }
    let half = text[at] | 0x20
    guard half == UInt8(ascii: "a") || half == UInt8(ascii: "p") else { return nil }
    var next = at + 1
    if next < text.count, text[next] == UInt8(ascii: ".") { next += 1 }
    guard next < text.count, text[next] | 0x20 == UInt8(ascii: "m") else { return nil }
    next += 1
    if next < text.count, text[next] == UInt8(ascii: ".") { next += 1 }
    guard next == text.count || !isLetter(text[next]) else { return nil }
    at = next
    return half == UInt8(ascii: "p")
  }

  /// `Z`, `+01:00`, `-0500`. At midnight of another zone it may be another day here.
  private mutating func scanOffset() -> Bool {
    let start = at
    skipSpace()
    guard at < text.count else { return true }
    if text[at] | 0x20 == UInt8(ascii: "z"), at + 1 == text.count || !isLetter(text[at + 1]) {
      at += 1
      return true
    }
    guard text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-"), at + 2 < text.count, isDigit(text[at + 1])
    else {
      at = start
      return true
    }
    at += 1
    let from = at
    var offset = scanNumber()
    if at < text.count, text[at] == UInt8(ascii: ":") {
      at += 1
      offset += scanNumber()
    }
    if offset > 0 { hasTime = true }
    return at - from <= 5
  }

  // MARK: - Bytes

  private mutating func skipSpace() { while at < text.count, text[at] == 0x20 || text[at] == 0x09 { at += 1 } }

  private mutating func skipSeparators() {
    while at < text.count {
      switch text[at] {
      case 0x20, 0x09...0x0D, UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ","): at += 1
      case 0xC2 where isSpace(at): at += 2
      default: return
      }
    }
  }

  /// U+00A0, which parts words in French.
  private func isSpace(_ at: Int) -> Bool { text[at] == 0xC2 && at + 1 < text.count && text[at + 1] == 0xA0 }
  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}
