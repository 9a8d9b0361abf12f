import Glibc
import ILSRecord

/// Letters that did not survive what was done with a text before it came here.
struct LostLetters {
  /// Of UTF-8 that was read as Windows-1252: `JosÃ©`.
  private(set) var mangled = 0
  /// Of UTF-8 that was read as text of the Macintosh or of DOS: `Jos√©`, `Jos├®`.
  private(set) var otherwise = 0
  /// U+FFFD in place of what a program could not read.
  private(set) var lost = 0

  /// - Complexity: O(*n*); text that is all ASCII is gone through once, eight bytes a step.
  mutating func count(in text: UnsafeRawBufferPointer) {
    guard LostLetters.hasHighByte(text) else { return }
    mangled += Mojibake.count(in: text)
    LostLetters.each(0xEF, text) { if text[$0 + 1] == 0xBF, text[$0 + 2] == 0xBD { lost += 1 } }
    LostLetters.each(0xE2, text) { if LostLetters.isOtherwise(text, $0) { otherwise += 1 } }
  }

  private static func hasHighByte(_ text: UnsafeRawBufferPointer) -> Bool {
    var all: UInt64 = 0
    let words = text.count / 8
    for word in 0..<words { all |= text.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self) }
    for byte in text[(words * 8)...] { all |= UInt64(byte) }
    return all & 0x8080_8080_8080_8080 != 0
  }

  private static func each(_ byte: Int32, _ text: UnsafeRawBufferPointer, _ take: (Int) -> Void) {
    guard text.count > 2, let start = text.baseAddress else { return }
    var at = 0
    while at < text.count - 2, let found = memchr(start + at, byte, text.count - 2 - at) {
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

  /// Says how many there were.
  /// - Parameter isMended: those that can be are put right.
  func tell(isMended: Bool, _ position: Position, _ emit: inout Emitter) {
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
