import ILSRecord

/// Which encoding a text is in, and how sure that is.
public struct TextEncoding: Equatable, Sendable {
  /// By the name that iconv(3) knows it by.
  public let name: String
  /// Bytes of the byte order mark in front of the text.
  public let mark: Int
  /// What it was told from, for people.
  public let reason: String
  /// 0 to 1.
  public let confidence: Double

  public var isUTF8: Bool { name == "UTF-8" }

  init(_ name: String, mark: Int = 0, _ reason: String, _ confidence: Double = 1) {
    self.name = name
    self.mark = mark
    self.reason = reason
    self.confidence = confidence
  }

  /// An encoding that was named; a byte order mark is passed over where there is one.
  public init(named name: String, sample: UnsafeRawBufferPointer) {
    let isUTF8 = ["utf-8", "utf8", "utf-8-sig"].contains(name.lowercased())
    let found = TextEncoding.marked(sample)
    let isSame = found.map { found in
      found.name.lowercased().hasPrefix(name.lowercased()) || (isUTF8 && found.isUTF8)
    }
    // "UTF-16" alone says no byte order: a mark does.
    let name = isSame == true ? found?.name ?? name : name
    self.init(isUTF8 ? "UTF-8" : name, mark: isSame == true ? found?.mark ?? 0 : 0, "as named")
  }

  /// Tells the encoding of a text from a sample of it: by a byte order mark, by zeros between ASCII, by whether it is
  /// UTF-8, and else by which legacy encoding makes words of it.
  public static func detect(_ sample: UnsafeRawBufferPointer) -> TextEncoding {
    if let marked = marked(sample) { return marked }
    if let wide = wide(sample) { return wide }
    guard let invalid = firstInvalidUTF8(sample) else { return TextEncoding("UTF-8", "valid throughout") }
    // The sample may end inside a character.
    if sample.count - invalid < 4, sample.count >= 1 << 12 { return TextEncoding("UTF-8", "valid throughout") }
    return LegacyEncoding.detect(sample)
  }

  private static func marked(_ sample: UnsafeRawBufferPointer) -> TextEncoding? {
    let marks: [(bytes: [UInt8], name: String)] = [
      ([0xEF, 0xBB, 0xBF], "UTF-8"), ([0xFF, 0xFE, 0, 0], "UTF-32LE"), ([0, 0, 0xFE, 0xFF], "UTF-32BE"),
      ([0xFF, 0xFE], "UTF-16LE"), ([0xFE, 0xFF], "UTF-16BE"),
    ]
    return marks.first { sample.starts(with: $0.bytes) }.map {
      TextEncoding($0.name, mark: $0.bytes.count, "byte order mark")
    }
  }

  /// UTF-16 and UTF-32 without a mark: most characters of a table are ASCII, so most of their other bytes are zero.
  private static func wide(_ sample: UnsafeRawBufferPointer) -> TextEncoding? {
    let head = sample.prefix(4096)
    guard head.count >= 8, head.contains(0) else { return nil }
    var zeros = [0, 0, 0, 0]
    for (offset, byte) in head.enumerated() where byte == 0 { zeros[offset % 4] += 1 }
    let quarter = Double(head.count) / 4
    let share = zeros.map { Double($0) / quarter }
    func isMostly(_ pattern: [Bool]) -> Bool {
      zip(share, pattern).allSatisfy { share, isZero in isZero ? share > 0.7 : share < 0.2 }
    }
    let patterns: [([Bool], String)] = [
      ([false, true, false, true], "UTF-16LE"), ([true, false, true, false], "UTF-16BE"),
      ([false, true, true, true], "UTF-32LE"), ([true, true, true, false], "UTF-32BE"),
    ]
    return patterns.first { isMostly($0.0) }.map { TextEncoding($0.1, "zeros between ASCII", 0.95) }
  }
}
