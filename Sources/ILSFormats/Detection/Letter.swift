import Glibc

/// What is known of single characters, by their scalars.
enum Letter {
  /// The small letter, where it is one scalar.
  static func folded(_ scalar: UInt32) -> UInt32 { scalar < LanguageModel.limit ? foldings[Int(scalar)] : scalar }

  private static let foldings: [UInt32] = (0..<LanguageModel.limit).map { scalar in
    guard let unicode = Unicode.Scalar(scalar) else { return scalar }
    let small = unicode.properties.lowercaseMapping.unicodeScalars
    guard small.count == 1, let only = small.first, only.value < LanguageModel.limit else { return scalar }
    return only.value
  }

  enum Kind: UInt8 { case other, letter, capital }

  /// Ordinals (ª, º) and the micro sign are letters to Unicode alone.
  static func kind(_ scalar: UInt32) -> Kind { scalar < LanguageModel.limit ? kinds[Int(scalar)] : .other }

  private static let kinds: [Kind] = (0..<LanguageModel.limit).map { scalar in
    guard let unicode = Unicode.Scalar(scalar), ![0xAA, 0xB5, 0xBA].contains(scalar) else { return .other }
    let properties = unicode.properties
    if properties.generalCategory == .uppercaseLetter { return .capital }
    return properties.isAlphabetic ? .letter : .other
  }

  static func isASCII(_ scalar: UInt32) -> Bool { scalar | 0x20 >= 0x61 && scalar | 0x20 <= 0x7A }

  static func script(_ scalar: UInt32) -> LanguageModel.Script {
    switch scalar {
    case ..<0x370: .latin
    case ..<0x400: .greek
    case ..<0x590: .cyrillic
    case ..<0x600: .hebrew
    default: .arabic
    }
  }

  /// A letter that some language in Latin letters uses.
  static func isKnownLatin(_ scalar: UInt32) -> Bool { knownLatin.contains(scalar) }

  private static let knownLatin = Set(
    (LanguageModel.westernWords + LanguageModel.easternWords).flatMap { $0.1.unicodeScalars.map { folded($0.value) } })

  /// The share that a small letter, or the edge of a word, has of all neighbours of a letter beyond ASCII.
  static func usualShare(_ scalar: UInt32) -> Double {
    scalar < 0x80 ? usualShares[Int(scalar)] : 0.003
  }

  private static let usualShares: [Double] = {
    var counts = [Double](repeating: 0.5, count: 128)
    for (_, words) in LanguageModel.westernWords + LanguageModel.easternWords {
      for word in words.split(separator: " ") {
        counts[Int(LanguageModel.edge)] += 2
        for scalar in word.unicodeScalars where scalar.value < 0x80 { counts[Int(folded(scalar.value))] += 1 }
      }
    }
    let total = counts.reduce(0, +)
    return counts.map { $0 / total }
  }()
}

/// The little of mathematics that the decisions need.
enum Foundations {
  static func log(_ value: Double) -> Double { Glibc.log(value) }

  static func exp(_ value: Double) -> Double { Glibc.exp(value) }
}
