import Glibc
import ILSRecord

/// Letters that did not survive what was done with a text before it came here, and signs in it that nobody sees.
struct LostLetters {
  /// Of UTF-8 that was read as Windows-1252: `JosÃ©`.
  private(set) var mangled = 0
  /// Of UTF-8 that was read as text of the Macintosh or of DOS: `Jos√©`, `Jos├®`.
  private(set) var otherwise = 0
  /// U+FFFD in place of what a program could not read.
  private(set) var lost = 0
  /// Signs of no width, and of direction: U+FEFF inside a row, U+200B and others.
  private(set) var unseen = 0

  /// The end of what was counted: a byte, and behind it those at which a letter may start that goes on in what comes.
  private var tail: [UInt8] = [0x0A]

  /// Bytes behind the first one of a letter that say what it is, at the most.
  private static var reach: Int { 7 }

  /// Counts in the next portion of a text.
  /// - Complexity: O(*n*); text that is all ASCII is gone through once, eight bytes a step.
  mutating func count(in text: UnsafeRawBufferPointer) {
    pass(text)
    guard text.count > LostLetters.reach + 1, LostLetters.hasHighByte(text) else { return }
    count(in: text, from: 1..<(text.count - LostLetters.reach))
  }

  /// Passes over a portion in which no letter begins that is counted; one that began before it may end in it.
  mutating func pass(_ text: UnsafeRawBufferPointer) {
    guard !text.isEmpty else { return }
    let isShort = text.count <= LostLetters.reach + 1
    let seam = tail + text.prefix(LostLetters.reach + 1)
    let end = isShort ? max(seam.count - LostLetters.reach, 1) : tail.count + 1
    seam.withUnsafeBytes { count(in: $0, from: 1..<end) }
    tail = isShort ? Array(seam[(end - 1)...]) : Array(text.suffix(LostLetters.reach + 1))
  }

  /// Counts the letters that start in `places`.
  private mutating func count(in text: UnsafeRawBufferPointer, from places: Range<Int>) {
    LostLetters.each(0xC3, text, places) {
      let third = text[$0 + 2]
      if third == 0xC2 || third == 0xE2, Mojibake.isMangled(text, $0) { mangled += 1 }
    }
    LostLetters.each(0xEF, text, places) {
      if text[$0 + 1] == 0xBF, text[$0 + 2] == 0xBD { lost += 1 }
      if text[$0 + 1] == 0xBB, text[$0 + 2] == 0xBF, !LostLetters.startsRow(text, $0) { unseen += 1 }
    }
    LostLetters.each(0xE2, text, places) {
      if LostLetters.isOtherwise(text, $0) { otherwise += 1 }
      if LostLetters.isUnseen(text[$0 + 1], text[$0 + 2]) { unseen += 1 }
    }
  }

  /// Whether a row starts there: a byte order mark that does is none of its text.
  private static func startsRow(_ text: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    text[at - 1] == 0x0A || text[at - 1] == 0x0D
  }

  /// The bytes behind 0xE2 of U+200B, of the marks of direction (U+200E, U+200F, U+202A to U+202E), and of U+2060 to U+2069.
  static func isUnseen(_ second: UInt8, _ third: UInt8) -> Bool {
    switch (second, third) {
    case (0x80, 0x8B), (0x80, 0x8E), (0x80, 0x8F), (0x80, 0xAA...0xAE), (0x81, 0xA0...0xA9): true
    default: false
    }
  }

  private static func hasHighByte(_ text: UnsafeRawBufferPointer) -> Bool {
    var all: UInt64 = 0
    let words = text.count / 8
    for word in 0..<words { all |= text.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self) }
    for byte in text[(words * 8)...] { all |= UInt64(byte) }
    return all & 0x8080_8080_8080_8080 != 0
  }

  /// Calls `take` with each of `places` at which `byte` stands and two more bytes do behind it.
  static func each(
    _ byte: Int32, _ text: UnsafeRawBufferPointer, _ places: Range<Int>, _ take: (Int) -> Void
  ) {
    guard let start = text.baseAddress else { return }
    let end = min(places.upperBound, text.count - 2)
    var at = places.lowerBound
    while at < end, let found = memchr(start + at, byte, end - at) {
      at = UnsafeRawPointer(found) - start
      take(at)
      at += 1
    }
  }

  /// `√` or `├`, which the first byte of a letter is there, and what is no ASCII behind it; `├─` is a drawing.
  private static func isOtherwise(_ text: UnsafeRawBufferPointer, _ at: Int) -> Bool {
    let isRoot = text[at + 1] == 0x88 && text[at + 2] == 0x9A
    guard isRoot || text[at + 1] == 0x94 && text[at + 2] == 0x9C, at + 3 < text.count, text[at + 3] >= 0x80
    else { return false }
    return text[at + 3] != 0xE2 || at + 4 >= text.count || text[at + 4] != 0x94
  }

  /// Ends the text, and says how many there were.
  /// - Parameter isMended: those that can be are put right.
  mutating func tell(isMended: Bool, _ position: Position, _ emit: inout Emitter) {
    tail.withUnsafeBytes { count(in: $0, from: 1..<$0.count) }
    tail = [0x0A]
    if mangled > 0 { tellMangled(isMended, position, &emit) }
    if otherwise > 0 {
      emit.tell(
        Diagnostic(
          .warning, TextFault.textMojibake,
          "\(letters(otherwise)) like \u{221A}\u{A9} or \u{251C}\u{AE} in place of \u{E9}: the text was read as one of the "
            + "Macintosh or of DOS before it was exported: export it again as UTF-8", at: position))
    }
    if lost > 0 {
      emit.tell(
        Diagnostic(
          .warning, TextFault.textLost,
          "\(letters(lost)) \(lost == 1 ? "is" : "are") U+FFFD (\u{FFFD}): what was there was lost before the export, and nothing brings it back but "
            + "another one", at: position))
    }
    if unseen > 0 {
      emit.tell(
        Diagnostic(
          .warning, TextFault.textUnseen,
          "signs that nobody sees, of no width or of direction, are kept as they came (\(unseen)): values that look alike "
            + "may differ; strip_control in a mapping takes them out", at: position))
    }
  }

  private func tellMangled(_ isMended: Bool, _ position: Position, _ emit: inout Emitter) {
    emit.note(
      Decision(
        "mojibake", .init(isMended ? "mended" : "kept", certainty: 0.9),
        evidence: ["\(letters(mangled)) were read as Windows-1252 and are UTF-8"],
        option: "--mend-mojibake", at: position))
    emit.tell(
      Diagnostic(
        isMended ? .info : .warning, TextFault.textMojibake,
        "\(letters(mangled)) like \u{C3}\u{A9} in place of \u{E9}: the text was read in the wrong encoding before it was exported"
          + (isMended ? "; put right" : "; --mend-mojibake puts it right"), at: position))
  }

  private func letters(_ count: Int) -> String { "\(count) \(count == 1 ? "letter" : "letters")" }
}
