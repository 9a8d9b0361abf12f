import ILSRecord

/// The part that holds a workbook's shared strings (ECMA-376 part 1, 18.4).
enum SharedStrings {
  /// Reads every string of the part into `arena`. The part's own counts are not believed.
  static func read(_ stream: PartStream, into arena: StringArena) throws(StopError) {
    var tokens = XMLTokens(stream)
    var text = OutputBuffer()
    while true {
      while readPlain(&tokens, &text) { try arena.append(text.bytes) }
      let kind = try tokens.next()
      if kind == .end { return }
      guard tokens.name == XMLName.si else { continue }
      if kind == .open || kind == .empty {
        text.removeAll()
        text.append(UInt8(ascii: "\""))
        if kind == .open, try readRichText(&tokens, until: XMLName.si, into: &text) { arena.strikeNext() }
        text.append(UInt8(ascii: "\""))
        try arena.append(text.bytes)
      }
    }
  }

  /// Reads a string in its usual spelling, `<si><t>text</t></si>`; false, and nothing is read, for any other.
  @inline(__always)
  private static func readPlain(_ tokens: inout XMLTokens, _ text: inout OutputBuffer) -> Bool {
    guard let start = tokens.ahead(64), XMLPattern.isStringStart(start) else { return false }
    text.removeAll()
    text.append(UInt8(ascii: "\""))
    guard let end = XMLText.append(upToMarkup: start + 7, tokens.windowEnd, to: &text),
      XMLPattern.isStringEnd(end)
    else { return false }
    text.append(UInt8(ascii: "\""))
    tokens.jump(to: end.assumingMemoryBound(to: UInt8.self) + 9)
    return true
  }

  /// A cell's text has 32,767 characters: JSON may need six bytes for one.
  private static var lengthLimit: Int { 1 << 20 }

  /// - Throws: `xml.token_limit` for a text that no cell has.
  static func checkLength(_ length: Int) throws(StopError) {
    guard length <= lengthLimit else {
      throw StopError(
        .dataError, WorkbookFileFault.xmlTokenLimit, "a text is longer than \(lengthLimit >> 20) MiB: no cell is")
    }
  }

  /// Appends the texts up to the end tag `name`: all runs, one behind the other, without the phonetic ones.
  /// - Returns: whether some are struck through.
  static func readRichText(_ tokens: inout XMLTokens, until name: UInt64, into text: inout OutputBuffer)
    throws(StopError) -> Bool
  {
    let start = text.count
    var isText = false
    var isPhonetic = false
    var isStruck = false
    while true {
      switch try tokens.next() {
      case .end: throw StopError(.dataError, WorkbookFileFault.xmlTruncated, "a string never ends: the file is damaged")
      case .open:
        if tokens.name == XMLName.t { isText = true } else if tokens.name == XMLName.rPh { isPhonetic = true }
        if isStrike(tokens) { isStruck = true }
      case .close:
        if tokens.name == XMLName.t { isText = false } else if tokens.name == XMLName.rPh { isPhonetic = false }
        if tokens.name == name { return isStruck }
      case .text:
        guard isText, !isPhonetic else { continue }
        XMLText.append(tokens.text, to: &text)
        try checkLength(text.count - start)
      case .cdata: if isText, !isPhonetic { XMLText.append(tokens.text, to: &text, isRaw: true) }
      case .empty: if isStrike(tokens) { isStruck = true }
      }
    }
  }

  /// Whether the element at hand strikes text through (ECMA-376 part 1, 18.4.10).
  static func isStrike(_ tokens: borrowing XMLTokens) -> Bool {
    tokens.name == XMLName.strike && !["0", "false", "off"].contains(tokens.attribute("val"))
  }
}
