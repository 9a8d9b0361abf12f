import ILSRecord

/// Which encoding a text is in, and how sure that is.
public struct TextEncoding: Sendable {
  /// By the name that iconv(3) knows it by.
  public let name: String
  /// Bytes of the byte order mark in front of the text.
  public let mark: Int
  /// What it was told from, for people.
  public let evidence: [String]
  /// What speaks against it.
  public private(set) var objections: [String] = []
  /// 0 to 1.
  public let certainty: Double
  /// What was weighed, where the bytes do not say it by themselves.
  private(set) var choice: EncodingChoice?

  public var isUTF8: Bool { name == "UTF-8" }

  /// It is sure enough to go on without being told.
  public var isCertain: Bool { certainty >= EncodingChoice.enough || isUTF8 }

  /// Romanian's letters with a comma below are read as such with a cedilla, which is what the encoding has.
  var hasCedillas: Bool {
    guard let choice, choice.language == "Romanian", ["WINDOWS-1250", "ISO-8859-2"].contains(name) else { return false }
    return [0xAA, 0xBA, 0xDE, 0xFE].contains { choice.bytes[$0] }
  }

  init(_ name: String, mark: Int = 0, _ evidence: String, _ certainty: Double = 1) {
    self.name = name
    self.mark = mark
    self.evidence = [evidence]
    self.certainty = certainty
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
  /// UTF-8, and else by which encoding makes names and words of it.
  /// - Parameter isWhole: the sample is the whole text.
  public static func detect(_ sample: UnsafeRawBufferPointer, isWhole: Bool = true) -> TextEncoding {
    if let marked = marked(sample) { return marked }
    if let wide = wide(sample) { return wide }
    if sample.contains(0x1B), let name = iso2022(sample) { return TextEncoding(name, "its escape sequences") }
    guard let invalid = firstInvalidUTF8(sample) else { return TextEncoding("UTF-8", "valid throughout") }
    // The sample may end inside a character.
    if !isWhole, sample.count - invalid < 4 { return TextEncoding("UTF-8", "valid throughout") }
    return TextEncoding(EncodingEvidence(sample, isWhole: isWhole))
  }

  private init(_ found: EncodingEvidence) {
    let choice = EncodingChoice(found)
    name = choice.page.name
    mark = 0
    certainty = choice.certainty
    self.choice = choice
    let rows = "\(found.rows) \(found.rows == 1 ? "row" : "rows") beyond ASCII"
    if choice.page.name == "UTF-8" {
      evidence = ["\(found.rows - found.invalidCount) of \(rows) are UTF-8"]
      objections = ["\(found.invalidCount) \(found.invalidCount == 1 ? "is" : "are") not, and refused"]
    } else {
      evidence = [
        "\(rows), not UTF-8", choice.language.map { "letters as in words of \($0)" } ?? "signs and characters as usual",
      ]
      if choice.undefined > 0 {
        objections.append("\(choice.undefined) \(choice.undefined == 1 ? "byte means" : "bytes mean") nothing in it")
      }
      if found.unicodeCells > 0 {
        objections.append("\(found.unicodeCells) \(found.unicodeCells == 1 ? "cell is" : "cells are") UTF-8")
      }
    }
  }

  private static func iso2022(_ sample: UnsafeRawBufferPointer) -> String? {
    let marks: [(bytes: [UInt8], name: String)] = [
      ([0x1B, 0x24, 0x42], "ISO-2022-JP"), ([0x1B, 0x24, 0x40], "ISO-2022-JP"),
      ([0x1B, 0x24, 0x29, 0x43], "ISO-2022-KR"),
    ]
    guard !sample.contains(where: { $0 >= 0x80 }) else { return nil }
    return sample.indices.lazy.filter { sample[$0] == 0x1B }
      .compactMap { at in marks.first { sample[at...].starts(with: $0.bytes) }?.name }.first
  }

  func decision(at position: Position) -> Decision {
    let same = choice.map { $0.same.map(\.name) } ?? []
    let alike = same.isEmpty ? [] : ["the same text as in " + same.prefix(3).joined(separator: ", ")]
    return Decision(
      "encoding", .init(name, certainty: certainty), evidence: evidence + alike, objections: objections,
      others: choice?.others.filter { $0.certainty >= 0.005 }.map { .init($0.page.name, certainty: $0.certainty) }
        ?? [],
      option: "--encoding", at: position)
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
