/// How well a text reads in one encoding.
struct EncodingScore {
  let page: CodePage
  /// The natural logarithm of how likely the text is, up to what all encodings have in common.
  private(set) var value: Double
  /// The language that most words seem to be of.
  private(set) var language: String?
  /// Bytes that mean nothing in the encoding.
  private(set) var undefined = 0
  /// The text as it reads.
  private(set) var scalars: [UInt32]

  /// What one word is worth: in all languages alike, and in each.
  private struct Word {
    var common = 0.0
    var letters: [Double] = []
  }

  /// - Parameter asUnicode: what the cells that are UTF-8 are worth as such.
  init(_ page: CodePage, _ evidence: EncodingEvidence, asUnicode: Double) {
    self.init(page, bytes: evidence.legacy)
    value += page.prior(evidence)
    let unicode = EncodingScore(page, bytes: evidence.unicode)
    // Rows in UTF-8 among others are refused; what makes words of them by chance needs no such rows, unless they make far
    // better words as what they are.
    let refused = Self.foreignRow * Double(evidence.unicodeCells)
    let isChance =
      unicode.value > refused && unicode.value > asUnicode + Self.foreignRow - Double(evidence.unicodeCells)
    if page.name == "UTF-8" || isChance {
      value += unicode.value
      undefined += unicode.undefined
      scalars += unicode.scalars
    } else {
      value += refused
    }
    if evidence.legacy.isEmpty || page.name == "UTF-8" { language = unicode.language }
  }

  private static let foreignRow = -8.0

  /// The same of bytes alone, without what was known before.
  init(_ page: CodePage, bytes: [UInt8]) {
    self.page = page
    value = 0
    scalars = page.scalars(of: bytes)
    undefined = scalars.count { $0 == Signs.undefined }
    let languages = LanguageModel.all.filter { page.scripts.contains($0.script) }
    var words: [Word] = []
    var known: Set<ArraySlice<UInt32>> = []
    var at = 0
    while at < scalars.count {
      guard Self.isOfWord(scalars[at]) else {
        at += 1
        continue
      }
      let start = at
      while at < scalars.count, Self.isOfWord(scalars[at]) { at += 1 }
      let word = scalars[start..<at]
      // The same word again is no further evidence.
      guard word.contains(where: { $0 >= 0x80 }) else { continue }
      guard word.contains(Signs.undefined) || known.insert(word).inserted else { continue }
      words.append(rate(start..<at, languages))
    }
    add(words, languages)
  }

  private static func isOfWord(_ scalar: UInt32) -> Bool {
    scalar >= 0x80 || Letter.isASCII(scalar) || (scalar >= 0x30 && scalar <= 0x39)
  }

  private func neighbour(_ at: Int) -> UInt32 {
    guard scalars.indices.contains(at), scalars[at] >= 0x20 else { return LanguageModel.edge }
    return scalars[at]
  }

  private func rate(_ range: Range<Int>, _ languages: [LanguageModel]) -> Word {
    var word = Word()
    for at in range where scalars[at] >= 0x80 {
      let scalar = scalars[at]
      let (previous, next) = (neighbour(at - 1), neighbour(at + 1))
      if let score = page.eastAsian?.score(scalar) {
        word.common += score + (Letter.isASCII(previous) ? -4 : 0) + (Letter.isASCII(next) ? -4 : 0)
      } else if Letter.kind(scalar) == .other || page.eastAsian != nil {
        word.common += scalar > 0x2E00 && page.name == "UTF-8" ? -7 : Signs.score(scalar, after: previous, before: next)
      } else {
        word.common += caseScore(at)
        rateLetter(scalar, previous, next, languages, &word)
      }
    }
    return word
  }

  private func rateLetter(
    _ scalar: UInt32, _ previous: UInt32, _ next: UInt32, _ languages: [LanguageModel], _ word: inout Word
  ) {
    func beside(_ scalar: UInt32) -> UInt32 {
      Letter.kind(scalar) == .other ? LanguageModel.edge : Letter.folded(scalar)
    }
    if (0x30...0x39).contains(previous) || (0x30...0x39).contains(next) { word.common -= 3 }
    let (letter, front, back) = (Letter.folded(scalar), beside(previous), beside(next))
    if word.letters.isEmpty { word.letters = Array(repeating: 0, count: languages.count) }
    for (index, language) in languages.enumerated() {
      // A letter of another script than the language's.
      let fits = Letter.script(scalar) == language.script
      word.letters[index] += fits ? language.score(letter, after: front, before: back) : -16
    }
  }

  /// Capitals stand at the start of a word or make all of it.
  private func caseScore(_ at: Int) -> Double {
    let own = Letter.kind(scalars[at])
    let (previous, next) = (Letter.kind(neighbour(at - 1)), Letter.kind(neighbour(at + 1)))
    let hasCase = Letter.script(scalars[at]) != .hebrew && Letter.script(scalars[at]) != .arabic
    guard hasCase, scalars[at] != 0xDF else { return 0 }
    if own == .capital { return previous == .letter ? -4.5 : 0 }
    if next == .capital { return previous == .letter ? -2 : -3.5 }
    return previous == .capital && Letter.kind(neighbour(at - 2)) == .capital ? -3.5 : 0
  }

  /// Most words are of one language; the others may be of any.
  private mutating func add(_ words: [Word], _ languages: [LanguageModel]) {
    var totals = Array(repeating: 0.0, count: languages.count)
    var isAny = false
    for word in words {
      value += word.common
      guard !word.letters.isEmpty, let best = word.letters.max() else { continue }
      isAny = true
      let chances = word.letters.map { Foundations.exp($0 - best) }
      let other = 0.4 * chances.reduce(0, +) / Double(chances.count)
      for index in totals.indices { totals[index] += best + Foundations.log(0.6 * chances[index] + other) }
    }
    guard isAny, let best = totals.indices.max(by: { totals[$0] < totals[$1] }) else { return }
    value += totals[best]
    language = languages[best].name
  }
}
