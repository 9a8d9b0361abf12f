import ILSRecord

/// Tells the encodings from before Unicode apart, as far as bytes can tell.
///
/// Multi-byte encodings are told by their structure, which text in another encoding breaks soon; single-byte ones by
/// which of them makes letters of the bytes inside words. Between two that make the same of a text, it does not matter.
enum LegacyEncoding {
  static func detect(_ sample: UnsafeRawBufferPointer) -> TextEncoding {
    let multibyte = [("SHIFT_JIS", shiftJIS(sample)), ("GBK", gbk(sample))].compactMap { name, pairs in
      pairs.map { (name: name, pairs: $0) }
    }
    let high = sample.count { $0 >= 0x80 }
    if let best = multibyte.max(by: { $0.pairs < $1.pairs }), best.pairs * 4 >= high, best.pairs >= 4 {
      return TextEncoding(best.name, "its pairs of bytes fit", min(0.5 + Double(best.pairs) / 40, 0.9))
    }
    if cyrillicShare(sample) > 0.7 { return TextEncoding("WINDOWS-1251", "words of Cyrillic letters", 0.8) }
    if centralEuropean(sample) { return TextEncoding("WINDOWS-1250", "letters of Central Europe", 0.6) }
    if sample.contains(0xA4), !sample.contains(where: { (0x80...0x9F).contains($0) }) {
      return TextEncoding("ISO-8859-15", "the euro sign's place is taken", 0.6)
    }
    return TextEncoding("WINDOWS-1252", "not UTF-8, and nothing speaks against it", 0.6)
  }

  /// How many characters of two bytes that are common in Japanese there are (kana and the first level of kanji of
  /// JIS X 0208); nil where the bytes do not fit.
  private static func shiftJIS(_ sample: UnsafeRawBufferPointer) -> Int? {
    pairs(sample) { lead, _ in
      lead == 0x82 || lead == 0x83 || (0x88...0x97).contains(lead)
    } lead: { lead in
      switch lead {
      case 0x81...0x9F, 0xE0...0xFC: true
      case 0xA1...0xDF: false  // half-width katakana: a byte of its own
      default: nil
      }
    } isTrail: {
      (0x40...0x7E).contains($0) || (0x80...0xFC).contains($0)
    }
  }

  /// The same for the first level of GB 2312.
  private static func gbk(_ sample: UnsafeRawBufferPointer) -> Int? {
    pairs(sample) { lead, trail in
      (0xB0...0xD7).contains(lead) && trail >= 0xA1
    } lead: {
      (0x81...0xFE).contains($0) ? true : nil
    } isTrail: {
      (0x40...0x7E).contains($0) || (0x80...0xFE).contains($0)
    }
  }

  /// - Parameter lead: whether a high byte starts a pair; nil where it cannot stand.
  private static func pairs(
    _ sample: UnsafeRawBufferPointer, isCommon: (UInt8, UInt8) -> Bool, lead: (UInt8) -> Bool?, isTrail: (UInt8) -> Bool
  ) -> Int? {
    var count = 0
    var at = 0
    while at < sample.count {
      if sample[at] < 0x80 {
        at += 1
        continue
      }
      guard let isPair = lead(sample[at]) else { return nil }
      at += 1
      guard isPair, at < sample.count else { continue }
      guard isTrail(sample[at]) else { return nil }
      if isCommon(sample[at - 1], sample[at]) { count += 1 }
      at += 1
    }
    return count
  }

  /// The share of high bytes that stand beside another one and are letters of Windows-1251.
  private static func cyrillicShare(_ sample: UnsafeRawBufferPointer) -> Double {
    var high = 0
    var cyrillic = 0
    for at in sample.indices where sample[at] >= 0x80 {
      high += 1
      let hasNeighbour =
        (at > 0 && sample[at - 1] >= 0xC0) || (at + 1 < sample.count && sample[at + 1] >= 0xC0)
      if hasNeighbour, sample[at] >= 0xC0 || sample[at] == 0xA8 || sample[at] == 0xB8 { cyrillic += 1 }
    }
    return high < 8 ? 0 : Double(cyrillic) / Double(high)
  }

  /// Bytes that are letters in Windows-1250 and signs in Windows-1252, inside words: s, z, t, l with their marks.
  private static func centralEuropean(_ sample: UnsafeRawBufferPointer) -> Bool {
    let letters: Set<UInt8> = [
      0x9C, 0x9D, 0x9F, 0xB3, 0xB9, 0xBA, 0xBE, 0xBF, 0xE6, 0xF8, 0xEC, 0xF2, 0xEF, 0xF5, 0xFB,
    ]
    let signs: Set<UInt8> = [0x9D, 0x9F, 0xB3, 0xB9, 0xBA, 0xBE, 0xBF]
    var inWords = 0
    var isSure = false
    for at in sample.indices where letters.contains(sample[at]) {
      let isInside =
        at > 0 && at + 1 < sample.count && isASCIILetter(sample[at - 1]) && isASCIILetter(sample[at + 1])
      guard isInside else { continue }
      inWords += 1
      if signs.contains(sample[at]) { isSure = true }
    }
    return isSure && inWords >= 2
  }

  private static func isASCIILetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
}
