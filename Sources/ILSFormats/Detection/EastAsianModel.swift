/// How likely characters are in the names, towns and notes of one East Asian language.
struct EastAsianModel {
  private var counts: [UInt32: Double] = [:]
  private var total = 0.0
  /// Scripts that the language writes beside the characters of the list, with the logarithm of what one character of
  /// theirs is worth.
  private let scripts: [(range: ClosedRange<UInt32>, score: Double)]

  private init(_ words: String, _ scripts: [(ClosedRange<UInt32>, Double)]) {
    self.scripts = scripts
    for scalar in words.unicodeScalars where scalar.value > 0x80 {
      counts[scalar.value, default: 0] += 1
      total += 1
    }
  }

  private static let ideographs: ClosedRange<UInt32> = 0x4E00...0x9FFF

  static let japanese = EastAsianModel(
    LanguageModel.japaneseWords,
    [(0x3041...0x3096, -6), (0x30A1...0x30FC, -6), (0xFF61...0xFF9F, -4.8), (ideographs, -10)])
  static let simplified = EastAsianModel(LanguageModel.simplifiedWords, [(ideographs, -9.5)])
  static let traditional = EastAsianModel(LanguageModel.traditionalWords, [(ideographs, -9.5)])
  static let korean = EastAsianModel(LanguageModel.koreanWords, [(0xAC00...0xD7A3, -9)])

  /// nil where the language does not write `scalar`.
  func score(_ scalar: UInt32) -> Double? {
    if let count = counts[scalar] { return Foundations.log(0.7 * (count + 0.5) / (total * 1.5)) }
    return scripts.first { $0.range.contains(scalar) }?.score
  }
}
