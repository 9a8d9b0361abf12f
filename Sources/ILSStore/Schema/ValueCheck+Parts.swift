import ILSRecord

/// Values that are made of others: arrays, ranges, and sets of ranges.
extension ValueCheck {
  /// What the types of PostgreSQL's own ranges hold.
  private static let rangeParts = [
    "numrange": "numeric", "daterange": "date", "tsrange": "timestamp", "tstzrange": "timestamptz",
    "nummultirange": "numeric", "datemultirange": "date", "tsmultirange": "timestamp", "tstzmultirange": "timestamptz",
  ]

  /// The check of each part; nil where no part is changed in silence, as of whole numbers, or the type has none.
  static func parts(kind: String, modifier: Int) -> ValueCheck? {
    let part = kind.hasPrefix("_") ? String(kind.dropFirst()) : rangeParts[kind]
    guard let part, let check = ValueCheck(kind: part, modifier: modifier) else { return nil }
    return check == .integer || check == .decimal(scale: nil) ? nil : .parts(check)
  }

  /// Calls `body` with each part of an array's or a range's text that is no null, as the server reads it, until it answers
  /// something.
  static func firstPart<T>(of text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> T?) -> T? {
    var at = 0
    // Where the numbers of an array's parts are said, they stand before it: [2:3]={1,2}
    if text.first == UInt8(ascii: "["), let end = text.firstIndex(of: UInt8(ascii: "=")) { at = end + 1 }
    var part: [UInt8] = []
    var (isQuoted, wasQuoted) = (false, false)
    func answer() -> T? {
      var bytes = part[...]
      if !wasQuoted {
        while bytes.last == 0x20 { bytes.removeLast() }
        let word = String(decoding: bytes, as: UTF8.self).lowercased()
        if word.isEmpty || word == "null" || word == "empty" { return nil }
      }
      return Array(bytes).withUnsafeBytes(body)
    }
    while at < text.count {
      let byte = text[at]
      at += 1
      if byte == UInt8(ascii: "\\"), at < text.count {
        part.append(text[at])
        at += 1
      } else if byte == UInt8(ascii: "\"") {
        (isQuoted, wasQuoted) = (!isQuoted, true)
      } else if isQuoted || !"{}[](),".utf8.contains(byte) {
        if byte != 0x20 || isQuoted || !part.isEmpty { part.append(byte) }
      } else {
        if let answer = answer() { return answer }
        part.removeAll(keepingCapacity: true)
        wasQuoted = false
      }
    }
    return answer()
  }

  /// Whether nothing but blanks of a text stands behind so many characters.
  static func losesBlanks(_ text: UnsafeRawBufferPointer, behind limit: Int) -> Bool {
    guard text.last == 0x20, text.count > limit else { return false }
    let body = text.prefix(text.count - text.reversed().prefix { $0 == 0x20 }.count)
    let blanks = text.count - body.count
    // Bytes that go on with a character are none of their own.
    let count = body.count { $0 & 0xC0 != 0x80 }
    return count <= limit && count + blanks > limit
  }

  /// Whether an object within a JSON text has a name twice: of two, the database would keep one. What is no JSON is for the
  /// database to refuse.
  static func repeatsName(_ text: UnsafeRawBufferPointer) -> Bool {
    do throws(RecordError) {
      _ = try JSONValue(parsing: Array(text))
      return false
    } catch {
      return error.code == RecordFault.jsonDuplicateKey.rawValue
    }
  }
}
