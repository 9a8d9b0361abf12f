/// The letters that names are written with where those of the left are not at hand (Unicode, NFKD; and letters with strokes).
/// Those with accents are not among them: they are taken apart before.
enum BaseLetters {
  static let of: [UInt32: String] = {
    var bases: [UInt32: String] = [:]
    for (letters, base) in table { for letter in letters.unicodeScalars { bases[letter.value] = base } }
    return bases
  }()

  private static let table: [(letters: String, base: String)] = [
    ("æ", "ae"), ("đð", "d"), ("ħ", "h"), ("ı", "i"), ("ł", "l"), ("ŋ", "n"), ("ø", "o"), ("œ", "oe"), ("ſ", "s"),
    ("ß", "ss"), ("ŧ", "t"), ("þ", "th"),
    ("ϐ", "β"), ("ϵ", "ε"), ("ϑ", "θ"), ("ϰ", "κ"), ("ϖ", "π"), ("ϱ", "ρ"), ("ςϲ", "σ"), ("ϕ", "φ"),
  ]
}
