import ILSRecord

/// The part that holds a workbook's shared strings (ECMA-376 part 1, 18.4).
enum SharedStrings {
  /// Reads every string of the part into `arena`. The part's own counts are not believed.
  static func read(_ stream: PartStream, into arena: StringArena) throws(StopError) {
    var tokens = XMLTokens(stream)
    var text = OutputBuffer()
    while true {
      let kind = try tokens.next()
      if kind == .end { return }
      guard tokens.name == XMLName.si else { continue }
      if kind == .open || kind == .empty {
        text.removeAll()
        text.append(UInt8(ascii: "\""))
        if kind == .open { try readRichText(&tokens, until: XMLName.si, into: &text) }
        text.append(UInt8(ascii: "\""))
        try arena.append(text.bytes)
      }
    }
  }

  /// Appends the texts up to the end tag `name`: all runs, one behind the other, without the phonetic ones.
  static func readRichText(_ tokens: inout XMLTokens, until name: UInt64, into text: inout OutputBuffer)
    throws(StopError)
  {
    var isText = false
    var isPhonetic = false
    while true {
      switch try tokens.next() {
      case .end: throw StopError(.dataError, code: "xml.truncated", "a string never ends: the file is damaged")
      case .open:
        if tokens.name == XMLName.t { isText = true } else if tokens.name == XMLName.rPh { isPhonetic = true }
      case .close:
        if tokens.name == XMLName.t { isText = false } else if tokens.name == XMLName.rPh { isPhonetic = false }
        if tokens.name == name { return }
      case .text: if isText, !isPhonetic { XMLText.append(tokens.text, to: &text) }
      case .cdata: if isText, !isPhonetic { XMLText.append(tokens.text, to: &text, isRaw: true) }
      case .empty: break
      }
    }
  }
}
