import ILSRecord

/// How two values of a field are compared.
public enum Folding: Sendable {
  case none
  /// Upper and lower case are the same.
  case `case`
  /// As people write names: case, accents, white space and punctuation make no difference.
  case name
}

extension OutputBuffer {
  /// Appends `text`, folded.
  /// - Complexity: O(*n*); ASCII takes one pass.
  public mutating func append(_ text: UnsafeRawBufferPointer, folding: Folding) {
    switch folding {
    case .none: append(text)
    case .case: appendLowerCase(text)
    case .name: appendName(text)
    }
  }

  private mutating func appendLowerCase(_ text: UnsafeRawBufferPointer) {
    let out = reserve(text.count)
    var at = 0
    var seen: UInt64 = 0
    while at + 8 <= text.count {
      let word = text.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      seen |= word
      out.storeBytes(of: lowerCase(word), toByteOffset: at, as: UInt64.self)
      at += 8
    }
    while at < text.count {
      seen |= UInt64(text[at])
      out.storeBytes(of: text[at] &- 0x41 < 26 ? text[at] | 0x20 : text[at], toByteOffset: at, as: UInt8.self)
      at += 1
    }
    if seen & 0x8080_8080_8080_8080 == 0 { return commit(at) }
    append(String(decoding: text, as: UTF8.self).lowercased())
  }

  private mutating func appendName(_ text: UnsafeRawBufferPointer) {
    let out = reserve(text.count).assumingMemoryBound(to: UInt8.self)
    var at = 0
    var seen: UInt8 = 0
    for byte in text {
      seen |= byte
      let lower = byte | 0x20
      let isDigit = byte &- 0x30 < 10
      out[at] = isDigit ? byte : lower
      at += isDigit || lower &- 0x61 < 26 ? 1 : 0
    }
    if seen < 0x80 { return commit(at) }
    if !appendLatinName(text) { appendNameSlowly(text) }
  }

  /// Names of Latin letters with accents; false, with nothing appended, where there is another letter.
  private mutating func appendLatinName(_ text: UnsafeRawBufferPointer) -> Bool {
    // A letter of two bytes becomes at most three.
    let out = reserve(text.count * 2)
    var written = 0
    var at = 0
    while at < text.count {
      let byte = UInt32(text[at])
      var scalar = byte
      if byte == 0xE2, at + 2 < text.count, text[at + 1] == 0x80 {
        // General punctuation, U+2000 to U+203F.
        at += 3
        continue
      }
      if byte >= 0x80 {
        guard byte &- 0xC2 < 8, at + 1 < text.count, text[at + 1] & 0xC0 == 0x80 else { return false }
        scalar = (byte & 0x1F) << 6 | UInt32(text[at + 1] & 0x3F)
        at += 1
      }
      at += 1
      let folded = LatinLetters.folded[Int(scalar)]
      out.storeBytes(of: folded, toByteOffset: written, as: UInt32.self)
      written += Int(folded >> 24)
    }
    commit(written)
    return true
  }

  fileprivate mutating func appendNameSlowly(_ text: UnsafeRawBufferPointer) {
    for scalar in String(decoding: text, as: UTF8.self).lowercased().unicodeScalars {
      if let base = BaseLetters.of[scalar.value] { append(base) } else if scalar.isPartOfName { append(String(scalar)) }
    }
  }
}

/// Eight ASCII characters in lower case.
@inline(__always)
private func lowerCase(_ word: UInt64) -> UInt64 {
  let each: UInt64 = 0x0101_0101_0101_0101
  // Bit 7 of a byte: it is at least "A", and it is beyond "Z".
  let capitals = (word &+ each &* 0x3F) & ~(word &+ each &* 0x25) & (each &* 0x80)
  return word | capitals >> 2
}

/// What the characters below U+0280 become in a name: what the way for all of them says of each, since none depends on its neighbours.
private enum LatinLetters {
  /// Up to three bytes, the first lowest, and their number in the highest.
  static let folded: [UInt32] = (0..<0x280).map { (value: UInt32) in
    var buffer = OutputBuffer()
    var text = String(Unicode.Scalar(value).map { Character($0) } ?? " ")
    text.withUTF8 { buffer.appendNameSlowly(UnsafeRawBufferPointer($0)) }
    precondition(buffer.count <= 3)
    return buffer.bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } | UInt32(buffer.count) << 24
  }
}

extension Unicode.Scalar {
  /// Letters, digits, and the marks that scripts write vowels with; no accent that may be left out.
  fileprivate var isPartOfName: Bool {
    if (0x300..<0x370).contains(value) { return false }
    switch properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .letterNumber, .otherNumber, .nonspacingMark, .spacingMark:
      return true
    default: return false
    }
  }
}
