/// How likely letters stand beside each other in the words of one language; learned from lists of words of ours.
///
/// Of a language in Latin letters only those beyond ASCII are weighed: by how common they are, and by what stands in front of
/// and behind them. In other scripts each letter is weighed by the one in front of it. All figures are natural logarithms
/// of probabilities.
struct LanguageModel {
  enum Script { case latin, cyrillic, greek, hebrew, arabic }

  let name: String
  let script: Script
  /// How often each letter was met, by its scalar.
  private var letters: [Double]
  private var total = 0.0
  private var pairs: [UInt32: Double] = [:]

  /// Scalars below this are told apart; none of these scripts has letters in words beyond it, but for Vietnamese.
  static let limit: UInt32 = 0x700
  /// What stands where a word begins or ends.
  static let edge: UInt32 = 0

  init(_ name: String, _ script: Script, words: String) {
    self.name = name
    self.script = script
    letters = Array(repeating: 0, count: Int(Self.limit))
    for word in words.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "\n" }) { learn(word) }
  }

  private mutating func learn(_ word: Substring) {
    let scalars = [Self.edge] + word.unicodeScalars.map { Letter.folded($0.value) } + [Self.edge]
    for at in 1..<scalars.count {
      let (first, second) = (scalars[at - 1], scalars[at])
      guard first < Self.limit, second < Self.limit else { continue }
      if second >= 0x80 || (script != .latin && second != Self.edge) {
        letters[Int(second)] += 1
        total += 1
      }
      if script == .latin, first < 0x80, second < 0x80 { continue }
      pairs[Self.key(first, second), default: 0] += 1
    }
    if script != .latin { letters[Int(Self.edge)] += 1 }
  }

  private static func key(_ first: UInt32, _ second: UInt32) -> UInt32 { first << 16 | second }

  /// How likely `letter` is between two others; all three are folded.
  func score(_ letter: UInt32, after previous: UInt32, before next: UInt32) -> Double {
    script == .latin ? latinScore(letter, previous, next) : pairScore(letter, previous, next)
  }

  private func latinScore(_ letter: UInt32, _ previous: UInt32, _ next: UInt32) -> Double {
    let met = letters[Int(letter)]
    // A letter of another language may stand in a name: the rarer, the less it is known anywhere.
    var score = Foundations.log((met + 0.06) / (total + 12)) - (met == 0 && !Letter.isKnownLatin(letter) ? 3 : 0)
    score += beside(previous, pairs[Self.key(previous, letter)] ?? 0, met)
    if next < 0x80 { score += beside(next, pairs[Self.key(letter, next)] ?? 0, met) }
    return score
  }

  /// How much likelier a neighbour is beside a letter than elsewhere.
  private func beside(_ neighbour: UInt32, _ together: Double, _ met: Double) -> Double {
    let usual = Letter.usualShare(neighbour)
    return Foundations.log((together + 3 * usual) / (met + 3) / usual)
  }

  private func pairScore(_ letter: UInt32, _ previous: UInt32, _ next: UInt32) -> Double {
    if letter < 0x80 || Letter.script(letter) != script { return -9 }
    // Letters of two scripts do not share a word.
    let mixture = (Letter.isASCII(previous) ? -7.0 : 0) + (Letter.isASCII(next) ? -7.0 : 0)
    let alone = (letters[Int(letter)] + 0.1) / (total + 6)
    let front = previous >= 0x80 && previous < Self.limit ? previous : Self.edge
    let together = pairs[Self.key(front, letter)] ?? 0
    return Foundations.log((together + 6 * alone) / (letters[Int(front)] + 6)) + mixture
  }

  /// All languages, made when first asked for.
  static let all: [LanguageModel] =
    (westernWords + easternWords).map { LanguageModel($0.0, .latin, words: $0.1) }
    + cyrillicWords.map { LanguageModel($0.0, .cyrillic, words: $0.1) }
    + greekWords.map { LanguageModel($0.0, .greek, words: $0.1) }
    + hebrewWords.map { LanguageModel($0.0, .hebrew, words: $0.1) }
    + arabicWords.map { LanguageModel($0.0, .arabic, words: $0.1) }
}
