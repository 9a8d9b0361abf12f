@_spi(_Unicode) import Swift

/// A field's name as words, however it was written: `Patient_First_Name`, `patientFirstName`, `PATIENT FIRST NAME`. Letters
/// lose their accents.
struct FieldName: Equatable {
  let words: [String]

  init(_ name: String) {
    var words: [String] = []
    var word = ""
    var previous: Character?
    // What stands in brackets explains the name: "Gender (M/F)". Salesforce marks the fields that its users made.
    var plain = name.prefix { $0 != "(" && $0 != "[" }
    for mark in ["__c", "__pc"] where plain.hasSuffix(mark) { plain.removeLast(mark.count) }
    let characters = Array(plain.isEmpty ? name[...] : plain)
    func flush() {
      if !word.isEmpty { words.append(FieldName.folded(word)) }
      word = ""
    }
    for (index, character) in characters.enumerated() {
      if "#\u{2116}\u{B0}\u{BA}".contains(character) {
        // N°, Nº, N.º and #: a number. The ring alone says nothing.
        if character == "#" || character == "\u{2116}" {
          flush()
        } else if word.isEmpty, words.last == "n" {
          words.removeLast()
        } else if word.lowercased() != "n" {
          continue
        }
        word = "number"
        flush()
        previous = nil
        continue
      }
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

  /// The same without little words, and with all words for a number, shortened or of other languages, as that one.
  var canonical: String {
    words.filter { !FieldName.littleWords.contains($0) }
      .map { word in
        if FieldName.numberWords.contains(word) { return "number" }
        // German: Auftragsnummer, Auftragsnr.
        let ending = ["nummer", "nr"].first { word.hasSuffix($0) && word.count > $0.count + 2 }
        return ending.map { word.dropLast($0.count) + "number" } ?? word
      }.joined()
  }

  /// Whether both are one name, however a number is called in it.
  func isSame(as other: FieldName) -> Bool { joined == other.joined || canonical == other.canonical }

  private static let littleWords: Set<String> = ["de", "du", "des", "del", "di", "of", "the"]
  private static let numberWords: Set<String> = ["no", "nr", "num", "nbr", "numero", "nummer", "number"]

  private static func folded(_ word: String) -> String {
    var folded = ""
    for scalar in word.lowercased()._nfd where scalar.properties.canonicalCombiningClass == .notReordered {
      switch scalar {
      case "\u{DF}": folded += "ss"
      case "\u{E6}": folded += "ae"
      case "\u{153}": folded += "oe"
      case "\u{F8}": folded += "o"
      default: folded.unicodeScalars.append(scalar)
      }
    }
    return folded
  }

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

  /// Its words of one or two letters, such as those for an eye.
  var shortWords: [String] { words.filter { $0.count <= 2 } }

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
