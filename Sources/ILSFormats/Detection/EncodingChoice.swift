/// Which encoding a text that is not all UTF-8 is in, what else it could be, and how sure that is.
struct EncodingChoice {
  let page: CodePage
  /// The language that most words seem to be of.
  let language: String?
  /// 0 to 1: how likely the text reads as it was meant.
  let certainty: Double
  /// Encodings in which the sample reads the same.
  let same: [CodePage]
  /// Encodings in which it reads otherwise, the likeliest first.
  let others: [(page: CodePage, certainty: Double)]
  /// Bytes that mean nothing in the encoding.
  let undefined: Int
  /// The bytes from 0x80 that were weighed.
  let bytes: [Bool]

  /// Below this a person is asked.
  static let enough = 0.95

  var isCertain: Bool { certainty >= Self.enough }

  init(_ evidence: EncodingEvidence) {
    let asUnicode = EncodingScore(.unicode, bytes: evidence.unicode).value
    let scores = CodePage.all.map { EncodingScore($0, evidence, asUnicode: asUnicode) }.sorted { $0.value > $1.value }
    let best = scores[0]
    // Each text counts once, in the encoding that it is likeliest in.
    var texts: [EncodingScore] = []
    for score in scores where !texts.contains(where: { $0.scalars == score.scalars }) { texts.append(score) }
    let chances = texts.map { Foundations.exp(max(($0.value - best.value) * Self.caution, -700)) }
    let total = chances.reduce(0, +)
    page = best.page
    language = best.language
    undefined = best.undefined
    bytes = evidence.bytes
    certainty = chances[0] / total
    same = scores.dropFirst().filter { $0.scalars == best.scalars && $0.page.name != best.page.name }.map(\.page)
    var named: Set<String> = [best.page.name]
    others = zip(texts, chances).dropFirst().filter { named.insert($0.0.page.name).inserted }.prefix(4)
      .map { ($0.0.page, $0.1 / total) }
  }

  /// Letters beside each other are no independent witnesses.
  private static let caution = 0.7
}
