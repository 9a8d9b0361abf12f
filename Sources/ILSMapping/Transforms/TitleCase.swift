import ILSRecord

/// Names in capitals, or in none, as people write them.
///
/// A word that has both cases already is left alone (McDonald, O'Brien, deVries, MacLeod): somebody knew how it is written.
struct TitleCase: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard run.isString(value) else { return }
    try run.load(value)
    run.become(TitleCase.of(run.text.string()))
  }

  /// Small words inside a name: at its start they are capitalised.
  private static let particles: Set<String> = [
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "bin", "ibn", "af", "av",
    "zu",
    "ter", "ten", "of", "the", "and",
  ]
  private static let numerals: Set<String> = ["ii", "iii", "iv", "vi", "vii", "viii", "ix"]

  static func of(_ text: String) -> String {
    var result = ""
    var word = ""
    var isFirst = true
    // A word that follows no white space (behind a hyphen or a dot) is no particle, and one that no word follows is none.
    var followsSpace = false
    func flush(_ rest: Substring) {
      guard !word.isEmpty else { return }
      result += cased(word, isParticle: followsSpace && !isFirst && isFollowedByName(rest))
      isFirst = false
      word = ""
    }
    for (at, character) in zip(text.indices, text) {
      if character.isLetter || character.isNumber || character == "'" || character == "\u{2019}" {
        word.append(character)
      } else {
        flush(text[at...])
        result.append(character)
        followsSpace = character.isWhitespace
      }
    }
    flush("")
    return result
  }

  /// Whether white space and then another part of the name follow: Le is a surname in `Thu Le`, and in `Thu Le MD`.
  private static func isFollowedByName(_ rest: Substring) -> Bool {
    guard rest.first?.isWhitespace == true else { return false }
    let next = rest.drop(while: \.isWhitespace).prefix { $0.isLetter || $0 == "." }
    return !next.isEmpty && !PersonName.isSuffix(next)
  }

  private static func cased(_ word: String, isParticle: Bool) -> String {
    let lower = word.lowercased()
    let isMixed = word != lower && word != word.uppercased()
    if isMixed, word.count > 1 { return word }
    if isParticle, particles.contains(lower) { return lower }
    if numerals.contains(lower) { return lower.uppercased() }
    var result = ""
    var capitalises = true
    var letters = 0
    for character in lower {
      result += capitalises ? capital(character) : String(character)
      letters += 1
      // O'Brien, D'Angelo and L'Oreal; not Jo'anne's s.
      capitalises = (character == "'" || character == "\u{2019}") && letters == 2
      if letters == 2, result == "Mc", lower.count > 3 { capitalises = true }
    }
    return result
  }

  /// The capital, where it is one character: ß and its like stay.
  private static func capital(_ character: Character) -> String {
    let upper = character.uppercased()
    return upper.count == 1 ? upper : String(character)
  }
}

extension NamedTransform {
  static let titleCase = NamedTransform(
    "title_case",
    examples: [
      ("", "JOHN MCDONALD", "John McDonald"), ("", "o'brien", "O'Brien"), ("", "McDonald", "McDonald"),
      ("", "anne-marie SMITH iii", "Anne-Marie Smith III"), ("", "vincent van gogh", "Vincent van Gogh"),
      ("", "van gogh", "Van Gogh"), ("", "ÉLODIE", "Élodie"), ("", "john e smith", "John E Smith"),
      ("", "THU LE", "Thu Le"), ("", "WEI DU, MD", "Wei Du, Md"), ("", "CATHERINE DE LA TOUR", "Catherine de la Tour"),
      ("", "BAO LE JR.", "Bao Le Jr."),
    ]
  ) { _ in [TitleCase()] }
}
