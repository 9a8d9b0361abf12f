import ILSDates
import ILSRecord

/// What a column's type keeps exactly. The server would round, cut, re-zone or guess the rest without a word.
enum ValueCheck: Equatable {
  case integer
  /// Digits behind the point at most; nil for any number of them. Below 0, as many digits before it must be 0.
  case decimal(scale: Int?)
  /// A binary floating-point number of so many bits.
  case float(Int)
  case date
  /// Fraction digits of seconds, and whether an offset belongs to it.
  case timestamp(Int, hasZone: Bool)
  case time(Int, hasZone: Bool)
  case interval(IntervalKind)
  /// Text that is cut behind so many bytes.
  case bytes(Int)
  /// Text of so many characters: blanks behind them are cut (ISO 9075-2, store assignment), all else is refused.
  case characters(Int)
  /// JSON of which no text is kept.
  case json
  /// What a clock shows: a day alone, or a day and its time, without an offset.
  case clock(hasTime: Bool)
  /// What two columns take that have the same text.
  indirect case both(ValueCheck, ValueCheck)
  /// An array, a range or several: each part.
  indirect case parts(ValueCheck)

  /// - Parameters:
  ///   - kind: a type's name in `pg_type`, that of the base of a domain.
  ///   - modifier: the type's modifier (`atttypmod`); -1 for none.
  init?(kind: String, modifier: Int) {
    let precision = modifier < 0 ? 6 : modifier
    switch kind {
    case "int2", "int4", "int8": self = .integer
    case "numeric":
      // Eleven bits with a sign; four are added to the whole.
      self = .decimal(scale: modifier < 4 ? nil : (((modifier - 4) & 0x7FF) ^ 0x400) - 0x400)
    case "money": self = .decimal(scale: 2)
    case "float4": self = .float(32)
    case "float8": self = .float(64)
    case "date": self = .date
    case "timestamp": self = .timestamp(precision, hasZone: false)
    case "timestamptz": self = .timestamp(precision, hasZone: true)
    case "time": self = .time(precision, hasZone: false)
    case "timetz": self = .time(precision, hasZone: true)
    case "interval": self = .interval(IntervalKind(modifier: modifier))
    case "jsonb": self = .json
    case "name": self = .bytes(63)
    case "char": self = .bytes(1)
    case "varchar" where modifier >= 4: self = .characters(modifier - 4)
    default:
      guard let parts = ValueCheck.parts(kind: kind, modifier: modifier) else { return nil }
      self = parts
    }
  }

  /// Why the column would not hold `text` as it is; nil where it would.
  /// - Complexity: O(*n*) in bytes.
  func fault(in text: UnsafeRawBufferPointer) -> Fault? {
    switch self {
    case .integer: return DecimalText(text)?.isPlainInteger == true ? nil : .type("a whole number")
    case .decimal(let scale):
      guard let number = DecimalText(text) else { return .type("a decimal number") }
      guard let scale else { return nil }
      return number.isZero || number.exponent >= -scale ? nil : .inexact("it would be rounded")
    case .float(let bits):
      guard let number = DecimalText(text) else { return .type("a decimal number") }
      return number.isKept(inBits: bits, text) ? nil : .inexact("it would be rounded")
    case .date:
      var rest = ISOText(text)
      return rest.date() && (rest.isAtEnd || rest.midnight()) ? nil : .notISO("1980-02-01")
    case .timestamp(let digits, let hasZone):
      var rest = ISOText(text)
      guard rest.date() else { return .notISO(example(hasZone, date: true)) }
      // A day alone is the midnight it begins with, where no zone would have to be made up.
      if rest.isAtEnd, !hasZone { return nil }
      guard rest.separator() else { return .notISO(example(hasZone, date: true)) }
      return fault(&rest, digits, hasZone, date: true)
    case .time(let digits, let hasZone):
      var rest = ISOText(text)
      return fault(&rest, digits, hasZone, date: false)
    case .clock(let hasTime):
      var rest = ISOText(text)
      guard rest.date(), rest.isAtEnd != hasTime else {
        return .notISO(hasTime ? example(false, date: true) : "1980-02-01")
      }
      return hasTime ? ValueCheck.timestamp(6, hasZone: false).fault(in: text) : nil
    case .both(let first, let second): return first.fault(in: text) ?? second.fault(in: text)
    case .interval(let kind): return kind.fault(in: text).map { .inexact($0) }
    case .json: return Self.repeatsName(text) ? .inexact("of a name that occurs twice, one value would be lost") : nil
    case .parts(let check): return Self.firstPart(of: text) { check.fault(in: $0)?.ofPart }
    case .bytes(let limit): return text.count <= limit ? nil : .inexact("it would be cut behind \(limit) bytes")
    case .characters(let limit):
      return Self.losesBlanks(text, behind: limit)
        ? .inexact("its blanks would be cut behind \(limit) characters") : nil
    }
  }

  private func fault(_ rest: inout ISOText, _ digits: Int, _ hasZone: Bool, date: Bool) -> Fault? {
    guard let fraction = rest.time() else { return .notISO(example(hasZone, date: date)) }
    let isZoned = rest.zone()
    guard rest.isAtEnd else { return .notISO(example(hasZone, date: date)) }
    // One without an offset is of the session's zone, which is UTC: the loader says so.
    if isZoned, !hasZone { return .inexact("its offset from UTC would be lost") }
    return fraction <= digits ? nil : .inexact("its seconds would be rounded")
  }

  /// Whether the column keeps a moment and `text`, which it takes, names no offset from UTC.
  func assumesUTC(_ text: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .timestamp(_, hasZone: true), .time(_, hasZone: true):
      // An offset stands behind the colon of the minutes: before it, a hyphen is the date's.
      guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return true }
      return !text[colon...].contains { [UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains($0) }
    case .both(let first, let second): return first.assumesUTC(text) || second.assumesUTC(text)
    case .parts(let check): return Self.firstPart(of: text) { check.assumesUTC($0) ? true : nil } ?? false
    default: return false
    }
  }

  private func example(_ hasZone: Bool, date: Bool) -> String {
    (date ? "1980-02-01T" : "") + "09:30:00" + (hasZone ? "+01:00" : "")
  }

  enum Fault: Equatable {
    /// It is not what the type holds.
    case type(String)
    /// It is no date or time of ISO 8601, which looks like this.
    case notISO(String)
    case inexact(String)

    /// The same of a part of a value.
    fileprivate var ofPart: Fault {
      switch self {
      case .type(let what): .type("\(what) as each part")
      case .notISO(let example): .notISO("\(example), in each part")
      case .inexact(let why): .inexact(why)
      }
    }

    /// - Parameter type: the column's type, as SQL writes it.
    func error(_ type: String) -> RecordError {
      switch self {
      case .type(let what): RecordError(RefusalFault.valueType, message: "a column of type \(type) takes \(what)")
      case .notISO(let example):
        RecordError(RefusalFault.valueNotISO, message: "a column of type \(type) takes ISO 8601, as \(example)")
      case .inexact(let why):
        RecordError(RefusalFault.valueInexact, message: "a column of type \(type) does not hold it exactly: \(why)")
      }
    }
  }
}

/// A decimal number in text: `-12.50`, `1e-3`.
struct DecimalText {
  /// The digits between the first and the last that are not 0.
  private(set) var digits: [UInt8] = []
  /// The power of ten of the last of them.
  private(set) var exponent = 0
  /// Written with digits and a sign alone.
  private(set) var isPlainInteger = true

  var isZero: Bool { digits.isEmpty }

  init?(_ text: UnsafeRawBufferPointer) {
    var at = 0
    var end = text.count
    while at < end, text[at] == 0x20 { at += 1 }
    while end > at, text[end - 1] == 0x20 { end -= 1 }
    if at < end, text[at] == UInt8(ascii: "-") || text[at] == UInt8(ascii: "+") { at += 1 }
    var count = 0
    var isFraction = false
    while at < end {
      let byte = text[at]
      if byte == UInt8(ascii: "."), !isFraction {
        (isFraction, isPlainInteger) = (true, false)
      } else if (0x30...0x39).contains(byte) {
        count += 1
        if isFraction { exponent -= 1 }
        if byte != 0x30 || !digits.isEmpty { digits.append(byte) }
      } else {
        break
      }
      at += 1
    }
    guard count > 0 else { return nil }
    if at < end {
      guard text[at] | 0x20 == UInt8(ascii: "e"), end - at <= 8,
        let power = Int(String(decoding: text[(at + 1)..<end], as: UTF8.self))
      else { return nil }
      isPlainInteger = false
      exponent += power
    }
    while digits.last == 0x30 {
      digits.removeLast()
      exponent += 1
    }
  }

  /// Whether the number is what is read back of a floating-point number that was made of it.
  func isKept(inBits bits: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    let string = String(decoding: text, as: UTF8.self).trimmed
    let back = bits == 32 ? Float(string)?.description : Double(string)?.description
    guard var back else { return false }
    let same = back.withUTF8 { DecimalText(UnsafeRawBufferPointer($0)) }
    return same.map { $0.digits == digits && ($0.exponent == exponent || isZero) } ?? false
  }
}

/// Reads dates and times of ISO 8601, extended form.
struct ISOText {
  private let text: UnsafeRawBufferPointer
  private var at = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  var isAtEnd: Bool { at == text.count }

  private mutating func take(_ byte: Character) -> Bool {
    guard at < text.count, text[at] == byte.asciiValue else { return false }
    at += 1
    return true
  }

  private mutating func number(_ count: Int, upTo limit: Int) -> Int? {
    guard at + count <= text.count else { return nil }
    var number = 0
    for byte in text[at..<(at + count)] {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    guard number <= limit else { return nil }
    at += count
    return number
  }

  mutating func date() -> Bool {
    guard let year = number(4, upTo: 9999), take("-"), let month = number(2, upTo: 12), take("-"),
      let day = number(2, upTo: 31)
    else { return false }
    return CivilDate(year: year, month: month, day: day) != nil
  }

  /// The day of what a column of days takes, as the database writes it; nil for what it does not.
  static func day(in text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var rest = ISOText(text)
    guard rest.date(), rest.isAtEnd || rest.midnight() else { return nil }
    return UnsafeRawBufferPointer(rebasing: text[..<10])
  }

  mutating func separator() -> Bool { take("T") || take(" ") }

  /// A time that adds nothing to its day.
  mutating func midnight() -> Bool {
    guard separator(), number(2, upTo: 0) != nil, take(":"), number(2, upTo: 0) != nil else { return false }
    if isAtEnd { return true }
    guard take(":"), number(2, upTo: 0) != nil else { return false }
    if take(".") { while take("0") {} }
    return isAtEnd
  }

  /// How many digits of a second's fraction a time needs; nil where it is none.
  mutating func time() -> Int? {
    guard number(2, upTo: 23) != nil, take(":"), number(2, upTo: 59) != nil else { return nil }
    guard take(":") else { return 0 }
    guard number(2, upTo: 59) != nil else { return nil }
    guard take(".") else { return 0 }
    let start = at
    var needed = 0
    while let digit = number(1, upTo: 9) { if digit > 0 { needed = at - start } }
    return at > start ? needed : nil
  }

  /// Whether an offset from UTC stands here: `Z`, `+01`, `+01:00`, `+0100`.
  mutating func zone() -> Bool {
    if take("Z") { return true }
    guard take("+") || take("-"), number(2, upTo: 15) != nil else { return false }
    if isAtEnd { return true }
    _ = take(":")
    return number(2, upTo: 59) != nil
  }
}
