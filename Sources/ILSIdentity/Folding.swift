import CScan
import ILSRecord
@_spi(_Unicode) import Swift

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

  /// The same of a text that has sixteen bytes behind it: most names are one step.
  @inlinable @inline(__always)
  public mutating func append(_ text: PaddedBytes, folding: Folding) {
    if folding == .name, appendLetters(text) { return }
    append(text.bytes, folding: folding)
  }

  /// A name of up to sixteen ASCII letters and nothing else; false, with nothing appended, for any other.
  @inlinable @inline(__always)
  mutating func appendLetters(_ text: PaddedBytes) -> Bool {
    guard text.count <= 16, let from = text.bytes.baseAddress else { return false }
    let all = UInt32(1) << UInt32(text.count) - 1
    guard ils_letters16(reserve(16), from) & all == all else { return false }
    commit(text.count)
    return true
  }

  private mutating func appendLowerCase(_ text: UnsafeRawBufferPointer) {
    guard let from = text.baseAddress else { return }
    var seen: UInt8 = 0
    for byte in text { seen |= byte }
    if seen < 0x80 {
      ils_ascii_case(reserve(text.count), from, text.count, 0)
      return commit(text.count)
    }
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
    if !appendShortLetters(text) { appendNameSlowly(text) }
  }

  /// Names of letters of two bytes at most: Latin with accents, Greek, Cyrillic; false, with nothing appended, where there is
  /// another letter.
  private mutating func appendShortLetters(_ text: UnsafeRawBufferPointer) -> Bool {
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
        guard byte &- 0xC2 < 30, at + 1 < text.count, text[at + 1] & 0xC0 == 0x80 else { return false }
        scalar = (byte & 0x1F) << 6 | UInt32(text[at + 1] & 0x3F)
        at += 1
      }
      at += 1
      let folded = ShortLetters.folded[Int(scalar)]
      if folded == ShortLetters.other { return false }
      out.storeBytes(of: folded, toByteOffset: written, as: UInt32.self)
      written += Int(folded >> 24)
    }
    commit(written)
    return true
  }

  /// Letters are taken apart first (NFD): as one character or as a letter and its marks, they are the same.
  fileprivate mutating func appendNameSlowly(_ text: UnsafeRawBufferPointer) {
    let apart = String(String.UnicodeScalarView(String(decoding: text, as: UTF8.self)._nfd))
    for scalar in apart.lowercased().unicodeScalars {
      if let base = BaseLetters.of[scalar.value] { append(base) } else if scalar.isPartOfName { append(String(scalar)) }
    }
  }
}

/// What the characters below U+0800 become in a name: what the way for all of them says of each that does not depend on its
/// neighbours.
private enum ShortLetters {
  /// What stands for a character that the way for all must look at.
  static let other = UInt32.max

  /// Up to three bytes, the first lowest, and their number in the highest.
  static let folded: [UInt32] = (0..<0x800).map { (value: UInt32) in
    guard let scalar = Unicode.Scalar(value) else { return other }
    var text = String(Character(scalar))
    // Marks that are kept change places with others.
    if text._nfd.contains(where: { $0.isPartOfName && $0.properties.canonicalCombiningClass != .notReordered }) {
      return other
    }
    var buffer = OutputBuffer()
    text.withUTF8 { buffer.appendNameSlowly(UnsafeRawBufferPointer($0)) }
    if buffer.count > 3 { return other }
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
