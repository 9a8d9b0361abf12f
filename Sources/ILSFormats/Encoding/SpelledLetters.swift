import ILSRecord

/// Letters beyond ASCII that a text spells with signs of ASCII, with a letter and a mark, or lost to a `?`, and controls
/// among its letters: looked for in its first MiB.
struct SpelledLetters {
  /// `&eacute;`, `&#233;`, `&amp;`: as web pages write them.
  private var entities = 0
  /// `M?ller`: a program wrote what its encoding does not have.
  private var lost = 0
  /// `M+APw-ller`: UTF-7; `~{...~}`: HZ.
  private var shifted = 0
  /// A letter and a mark above or below it, in place of one letter with that mark.
  private var decomposed = 0
  /// Characters that control a printer or a screen: vertical tabs, form feeds, U+2028.
  private var controls = 0
  private var left = 1 << 20
  /// A byte, and those behind it at which one may start that goes on in what comes.
  private var tail: [UInt8] = [0x0A]

  /// Bytes behind the first one of such a letter that say what it is, at the most.
  private static var reach: Int { 10 }

  mutating func count(in text: UnsafeRawBufferPointer) {
    guard left > 0, !text.isEmpty else { return }
    let all = tail + text.prefix(left)
    left -= min(text.count, left)
    let end = max(all.count - Self.reach, 1)
    take(all, 1..<end)
    tail = Array(all[(end - 1)...])
  }

  private mutating func take(_ text: [UInt8], _ places: Range<Int>) {
    func each(_ sign: Unicode.Scalar, _ isOne: (Int) -> Bool) -> Int {
      var count = 0
      text.withUnsafeBytes { LostLetters.each(Int32(sign.value), $0, places) { if isOne($0) { count += 1 } } }
      return count
    }
    entities += each("&") { Self.isEntity(text[($0 + 1)...].prefix(Self.reach)) }
    lost += each("?") { Self.isLost(text, $0) }
    shifted += each("+") { Self.isShifted(text[($0 + 1)...].prefix(Self.reach)) }
    shifted += each("~") { text[$0 + 1] == UInt8(ascii: "{") }
    decomposed += each("\u{CC}") { Self.isMark(text, $0) } + each("\u{CD}") { Self.isMark(text, $0) }
    controls += each("\u{E2}") { text[$0 + 1] == 0x80 && (text[$0 + 2] == 0xA8 || text[$0 + 2] == 0xA9) }
    // DOS ends a text with it; in front of more, files were joined.
    controls += each("\u{1A}") { text[$0 + 1] > 0x20 }
    controls += text[places].count(where: Self.isControl)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// U+0300 to U+036F behind a letter.
  private static func isMark(_ text: [UInt8], _ at: Int) -> Bool {
    (text[at] == 0xCC ? 0x80...0xBF : 0x80...0xAF).contains(text[at + 1]) && isLetter(text[at - 1])
  }

  /// Neither white space nor what separates cells and rows.
  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x1B && byte > 1 && byte != 0x09 && byte != 0x0A && byte != 0x0D && byte != 0x1A || byte == 0x7F
  }

  private static func isEntity(_ text: ArraySlice<UInt8>) -> Bool {
    guard let end = text.firstIndex(of: UInt8(ascii: ";")) else { return false }
    let name = text[..<end]
    if name.first == UInt8(ascii: "#") {
      let digits = name.dropFirst()
      guard let first = digits.first else { return false }
      return first | 0x20 == UInt8(ascii: "x") ? digits.count > 1 : digits.allSatisfy(isDigit)
    }
    let word = String(decoding: name, as: UTF8.self)
    let kinds = ["acute", "grave", "circ", "uml", "tilde", "cedil", "ring", "slash", "caron", "lig", "quo"]
    return ["amp", "lt", "gt", "quot", "apos", "nbsp", "euro", "ndash", "mdash"].contains(word)
      || kinds.contains { word.count > $0.count && word.count < $0.count + 3 && word.hasSuffix($0) }
  }

  /// Between two letters, the second a small one; what an address on the web has behind it is none.
  private static func isLost(_ text: [UInt8], _ at: Int) -> Bool {
    guard at + 2 < text.count, isLetter(text[at - 1]), (0x61...0x7A).contains(text[at + 1]) else { return false }
    let behind = text[(at + 1)...].prefix(reach).prefix { $0 > 0x20 && $0 != UInt8(ascii: ",") }
    return !behind.contains { [UInt8(ascii: "="), UInt8(ascii: "&"), UInt8(ascii: "/")].contains($0) }
  }

  /// A letter of the alphabets of Europe in UTF-7 (RFC 2152): no number goes on with a capital.
  private static func isShifted(_ text: ArraySlice<UInt8>) -> Bool {
    guard let end = text.firstIndex(of: UInt8(ascii: "-")), [0x41, 0x42].contains(text.first) else { return false }
    let digits = text[..<end]
    return [3, 6, 8].contains(digits.count)
      && digits.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x2B || $0 == 0x2F }
  }

  /// Ends the text, and says how many there were.
  mutating func tell(_ position: Position, _ emit: inout Emitter) {
    take(tail, 1..<tail.count)
    tail = [0x0A]
    let place = left > 0 ? "" : " in the first MiB"
    let found: [(count: Int, fault: TextFault, message: String)] = [
      (
        entities, .textSpelled,
        "signs are written as web pages write them, like &eacute; or &#39; (\(entities)\(place)), and are kept so: export as plain text"
      ),
      (
        lost, .textLost,
        "? stands between letters, as in M?ller (\(lost)\(place)): what was there was lost before the export, and nothing "
          + "brings it back but another one, as UTF-8"
      ),
      (
        decomposed, .textDecomposed,
        "letters are written as a letter and a mark behind it (\(decomposed)\(place)), and kept so: names that look alike may "
          + "differ; normalize_unicode in a mapping makes one character of both"
      ),
      (
        controls, .textUnseen,
        "controls such as vertical tabs and form feeds stand among the text (\(controls)\(place)), and are kept: "
          + "strip_control in a mapping takes them out"
      ),
      (
        shifted, .textSpelled,
        "letters seem to be written in UTF-7 or HZ (\(shifted)\(place)), and are kept so: if they are, say --encoding UTF-7 or HZ"
      ),
    ]
    for (count, fault, message) in found where count > 0 {
      emit.tell(Diagnostic(.warning, fault, message, at: position))
    }
  }
}
