import ILSDates
import ILSRecord

/// What the values of one source field look like, gathered over all records that were seen.
public struct ColumnProfile: Sendable {
  public let name: String
  /// Values that are neither null nor empty.
  public private(set) var present = 0
  public private(set) var absent = 0
  public private(set) var numbers = 0
  public private(set) var emails = 0
  public private(set) var phones = 0
  public private(set) var genders = 0
  /// Values made of letters, spaces and what names have beside them.
  public private(set) var wordy = 0
  /// Values of one word, most of it digits.
  public private(set) var idLike = 0
  /// Values that are a state's numbers for its people, by their form or check digits.
  public private(set) var national = 0
  public private(set) var dates = DateEvidence()
  /// Each value and how often it came, as long as there are few; nil where there are many, and no list of words.
  public private(set) var words: [String: Int]? = [:]
  /// Hashes of values, as long as there are few: whether they repeat.
  private var seen: Set<Int> = []
  private var repeats = 0

  /// A list of words has no more than these.
  private static var wordLimit: Int { 12 }

  /// Distinct values are counted among the first so many.
  private static var distinctLimit: Int { 2000 }

  public init(name: String) { self.name = name }

  /// Whether no value came twice.
  public var isUnique: Bool { present > 1 && repeats == 0 }

  public mutating func add(_ value: FieldValue) {
    guard !value.isAbsent, value.kind != .object, value.kind != .array, let string = try? value.string() else {
      absent += 1
      return
    }
    var text = string
    text.withUTF8 { bytes in
      let trimmed = Trim.trimmed(UnsafeRawBufferPointer(bytes))
      if trimmed.isEmpty {
        absent += 1
      } else {
        add(trimmed, isNumber: value.kind == .number)
      }
    }
  }

  private mutating func add(_ text: UnsafeRawBufferPointer, isNumber: Bool) {
    present += 1
    if isNumber { numbers += 1 }
    dates.add(text, isNumber: isNumber)
    var letters = 0
    var digits = 0
    var others = 0
    var at: Int?
    var hasClock = false
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...: letters += 1
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "'"), UInt8(ascii: "."), UInt8(ascii: ","): break
      case UInt8(ascii: "@"): at = index
      case UInt8(ascii: ":"):
        others += 1
        if index + 1 < text.count, text[index + 1] &- UInt8(ascii: "0") < 10 { hasClock = true }
      default: others += 1
      }
    }
    if let at, at > 0, text[(at + 1)...].contains(UInt8(ascii: ".")), !text.contains(0x20) { emails += 1 }
    let phone = PhoneDigits(text)
    if phone.count >= 7, phone.count <= 15, letters == 0, !hasClock { phones += 1 }
    if text.count <= 20, ValueTable.genders.holds(text) { genders += 1 }
    if letters > 0, digits == 0, others == 0, at == nil { wordy += 1 }
    if digits > 0, digits >= letters, at == nil, !text.contains(0x20), others == 0 { idLike += 1 }
    if NationalNumber.isOne(text) { national += 1 }
    addWord(text)
    if seen.count < Self.distinctLimit {
      var hasher = Hasher()
      hasher.combine(bytes: text)
      if !seen.insert(hasher.finalize()).inserted { repeats += 1 }
    }
  }

  private mutating func addWord(_ text: UnsafeRawBufferPointer) {
    guard words != nil else { return }
    let word = String(decoding: text, as: UTF8.self)
    if text.count > 40 || (words?.count == Self.wordLimit && words?[word] == nil) {
      words = nil
    } else {
      words?[word, default: 0] += 1
    }
  }

  /// Whether its name or its values say that it holds a state's numbers for its people.
  var isNational: Bool {
    NationalNumber.isNamed(FieldName(name)) || (present >= 3 && share(national) >= 0.9)
  }

  /// The share of present values that `count` is.
  func share(_ count: Int) -> Double { present == 0 ? 0 : Double(count) / Double(present) }
}

/// What a column's values say about the order of day and month.
public struct DateEvidence: Equatable, Sendable {
  /// Values that are dates whatever the order.
  public private(set) var iso = 0
  public private(set) var named = 0
  /// Values that are dates only with the month, or only with the day, in front.
  public private(set) var monthFirst = 0
  public private(set) var dayFirst = 0
  /// Values that are dates with both, of different days.
  public private(set) var ambiguous = 0
  public private(set) var placeholders = 0
  public private(set) var withTime = 0
  /// JSON numbers that are days.
  public private(set) var serials = 0
  public private(set) var others = 0

  public init() {}

  public var total: Int { iso + named + monthFirst + dayFirst + ambiguous + placeholders }

  mutating func add(_ text: UnsafeRawBufferPointer, isNumber: Bool) {
    if isNumber, case .date = DateReader().read(number: text) {
      serials += 1
      return
    }
    guard !isNumber, text.count >= 6, text.count <= 40 else {
      others += 1
      return
    }
    let month = DateReader(order: .monthDayYear, isOrderAssumed: true, cutsTime: true).read(text)
    let day = DateReader(order: .dayMonthYear, isOrderAssumed: true, cutsTime: true).read(text)
    switch (month, day) {
    case (.placeholder, _), (_, .placeholder): placeholders += 1
    case (.date(_, let assumed), _) where assumed.contains(.order): ambiguous += 1
    case (.date(let a, _), .date(let b, _)) where a == b:
      if text[0] &- 0x30 < 10,
        !text.contains(where: { ($0 | 0x20) &- 0x61 < 26 && $0 | 0x20 != 0x74 && $0 | 0x20 != 0x7A })
      {
        iso += 1
      } else {
        named += 1
      }
    case (.date, _): monthFirst += 1
    case (_, .date): dayFirst += 1
    default:
      others += 1
      return
    }
    if DateReader(order: .monthDayYear).read(text) == .hasTime
      || DateReader(order: .dayMonthYear).read(text) == .hasTime
    {
      withTime += 1
    }
  }
}

extension ValueTable {
  /// Whether `text`, white space and case aside, is a key.
  func holds(_ text: UnsafeRawBufferPointer) -> Bool {
    var folded = OutputBuffer(capacity: 64)
    LetterCase.append(text, upper: false, to: &folded)
    return index(of: folded.bytes) != nil
  }
}
