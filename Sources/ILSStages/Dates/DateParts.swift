import ILSRecord

/// The numbers, the month's name and the time of day that a text is made of.
struct DateParts {
  private let text: UnsafeRawBufferPointer
  private var at = 0
  private(set) var count = 0
  private(set) var numbers: InlineArray<3, Int> = [0, 0, 0]
  /// How many digits each number was written with.
  private(set) var digits: InlineArray<3, Int> = [0, 0, 0]
  private(set) var namedMonth: Int?
  private(set) var hasTime = false

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// All nines or all zeros.
  var isPlaceholder: Bool {
    guard count > 0, namedMonth == nil, count == 3 || digits[0] == 8 else { return false }
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

  /// Takes the text apart; false where it holds something that no date holds.
  mutating func scan() -> Bool {
    skipSpace()
    while at < text.count {
      let byte = text[at]
      if isDigit(byte) {
        if count >= 2, count + (namedMonth == nil ? 0 : 1) >= 3 { return scanTime() }
        guard scanNumber() else { return false }
      } else if isLetter(byte) {
        if count + (namedMonth == nil ? 0 : 1) >= 3 || count == 1 && digits[0] == 8 { return scanTime() }
        guard scanWord() else { return false }
      } else {
        return false
      }
      skipSeparator()
    }
    return count > 0
  }

  private mutating func scanNumber() -> Bool {
    let start = at
    var number = 0
    while at < text.count, isDigit(text[at]), at - start < 9 {
      number = number * 10 + Int(text[at] - 0x30)
      at += 1
    }
    guard count < 3, at == text.count || !isDigit(text[at]) else { return false }
    numbers[count] = number
    digits[count] = at - start
    count += 1
    skipOrdinal()
    return true
  }

  /// `st`, `nd`, `rd`, `th` behind a day.
  private mutating func skipOrdinal() {
    guard at + 1 < text.count, at + 2 == text.count || !isLetter(text[at + 2]) else { return }
    let ending = (text[at] | 0x20, text[at + 1] | 0x20)
    for known in [(0x73, 0x74), (0x6E, 0x64), (0x72, 0x64), (0x74, 0x68)] as [(UInt8, UInt8)] where known == ending {
      at += 2
    }
  }

  /// A month's name, in full or by its first three letters (`Sept` too); weekdays are passed over.
  private mutating func scanWord() -> Bool {
    let start = at
    while at < text.count, isLetter(text[at]) { at += 1 }
    let word = UnsafeRawBufferPointer(rebasing: text[start..<at])
    if at < text.count, text[at] == UInt8(ascii: ".") { at += 1 }
    if let month = DateParts.index(of: word, in: DateParts.months) {
      guard namedMonth == nil else { return false }
      namedMonth = month + 1
      return true
    }
    return count == 0 && DateParts.index(of: word, in: DateParts.weekdays) != nil
  }

  private static let months: [StaticString] = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]
  private static let weekdays: [StaticString] = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// Which of `names` the word is, or the first three letters or more of.
  private static func index(of word: UnsafeRawBufferPointer, in names: [StaticString]) -> Int? {
    guard word.count >= 3 else { return nil }
    return names.firstIndex { name in
      word.count <= name.utf8CodeUnitCount
        && (word.count == name.utf8CodeUnitCount || word.count <= 4)
        && word.indices.allSatisfy { word[$0] | 0x20 == name.utf8Start[$0] }
    }
  }

  /// A time of day behind a whole date: it is one if it looks like one. Midnight says nothing and is no time.
  private mutating func scanTime() -> Bool {
    var isMidnight = true
    if text[at] | 0x20 == UInt8(ascii: "t") { at += 1 }
    guard at < text.count, isDigit(text[at]) else { return false }
    var hasColon = false
    while at < text.count {
      let byte = text[at]
      switch byte {
      case UInt8(ascii: "0"): break
      case UInt8(ascii: "1")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isMidnight = false
      case UInt8(ascii: ":"): hasColon = true
      case UInt8(ascii: "."), UInt8(ascii: " "): break
      case _ where isLetter(byte): isMidnight = false
      default: return false
      }
      at += 1
    }
    hasTime = !isMidnight
    return hasColon
  }

  private mutating func skipSpace() { while at < text.count, text[at] == 0x20 || text[at] == 0x09 { at += 1 } }

  private mutating func skipSeparator() {
    skipSpace()
    if at < text.count, count + (namedMonth == nil ? 0 : 1) < 3 {
      switch text[at] {
      case UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ","): at += 1
      default: break
      }
    }
    skipSpace()
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  private func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
}
