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
    let start = count
    for byte in text {
      guard byte < 0x80 else {
        truncate(to: start)
        return append(String(decoding: text, as: UTF8.self).lowercased())
      }
      append(byte &- 0x41 < 26 ? byte | 0x20 : byte)
    }
  }

  private mutating func appendName(_ text: UnsafeRawBufferPointer) {
    let start = count
    for byte in text {
      guard byte < 0x80 else {
        truncate(to: start)
        return appendNameSlowly(text)
      }
      let lower = byte | 0x20
      if lower &- 0x61 < 26 { append(lower) } else if byte &- 0x30 < 10 { append(byte) }
    }
  }

  private mutating func appendNameSlowly(_ text: UnsafeRawBufferPointer) {
    for scalar in String(decoding: text, as: UTF8.self).lowercased().unicodeScalars {
      if let base = BaseLetters.of[scalar.value] { append(base) } else if scalar.isPartOfName { append(String(scalar)) }
    }
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
