/// A field's name as words, however it was written: `Patient_First_Name`, `patientFirstName`, `PATIENT FIRST NAME`.
struct FieldName: Equatable {
  let words: [String]

  init(_ name: String) {
    var words: [String] = []
    var word = ""
    var previous: Character?
    // What stands in brackets explains the name: "Gender (M/F)".
    let plain = name.prefix { $0 != "(" && $0 != "[" }
    let characters = Array(plain.isEmpty ? name[...] : plain)
    func flush() {
      if !word.isEmpty { words.append(word.lowercased()) }
      word = ""
    }
    for (index, character) in characters.enumerated() {
      guard character.isLetter || character.isNumber else {
        // An apostrophe is part of its word: "Patient's".
        if character != "'" && character != "\u{2019}" { flush() }
        previous = nil
        continue
      }
      if let previous {
        let next = index + 1 < characters.count ? characters[index + 1] : nil
        let startsWord = character.isUppercase && (previous.isLowercase || next?.isLowercase == true)
        if startsWord || character.isNumber != previous.isNumber { flush() }
      }
      word.append(character)
      previous = character
    }
    flush()
    self.words = words
  }

  private init(words: [String]) { self.words = words }

  /// Without spaces, so that `zip code` and `zipcode` are the same.
  var joined: String { words.joined() }

  /// Without `prefixes` in front, which name what the whole record is about; never empty.
  func dropping(prefixes: Set<String>) -> FieldName {
    let rest = words.drop { prefixes.contains($0) }
    return rest.isEmpty ? self : FieldName(words: Array(rest))
  }

  /// Without words that say nothing of their own; never empty.
  func droppingNoise() -> FieldName {
    let noise: Set<String> = [
      "field", "value", "text", "str", "col", "the", "of", "1", "primary", "current", "legal", "s",
    ]
    let rest = words.filter { !noise.contains($0) }
    return rest.isEmpty ? self : FieldName(words: rest)
  }

  /// Whether one letter too many, too few, or other than it should be stands between two names, or two change places.
  static func differByOne(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard abs(a.count - b.count) <= 1, min(a.count, b.count) >= 5 else { return false }
    let front = zip(a, b).prefix { $0 == $1 }.count
    let back = zip(a.reversed(), b.reversed()).prefix { $0 == $1 }.count
    if a.count == b.count, front + back == a.count - 2 {
      return a[front] == b[front + 1] && a[front + 1] == b[front]
    }
    return front + back >= max(a.count, b.count) - 1
  }
}
