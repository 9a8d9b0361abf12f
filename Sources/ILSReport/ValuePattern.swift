import ILSRecord

/// What a text is made of: a digit is 9, a capital letter A, any other letter a, several of one kind `A+` or `a+`, all else as it is.
enum ValuePattern {
  private static let longest = 64
  /// Of a long text, its beginning is looked at.
  private static let scanned = 200

  static func write(_ text: UnsafeRawBufferPointer, to buffer: inout OutputBuffer) {
    buffer.removeAll()
    var end = min(text.count, scanned)
    while end < text.count, end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
    var (last, isRun): (Unicode.Scalar?, Bool) = (nil, false)
    for scalar in String(decoding: UnsafeRawBufferPointer(rebasing: text[..<end]), as: UTF8.self).unicodeScalars {
      let kind = kind(of: scalar)
      if isLetter(kind), kind == last {
        if !isRun { buffer.append(UInt8(ascii: "+")) }
        isRun = true
        continue
      }
      guard buffer.count < longest else { return buffer.append("…") }
      (last, isRun) = (kind, false)
      if kind.isASCII { buffer.append(UInt8(kind.value)) } else { buffer.append(String(kind)) }
    }
    if end < text.count { buffer.append("…") }
  }

  private static func isLetter(_ kind: Unicode.Scalar) -> Bool { kind == "A" || kind == "a" }

  private static func kind(of scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar {
    case "0"..."9": return "9"
    case "A"..."Z": return "A"
    case "a"..."z": return "a"
    default:
      guard !scalar.isASCII, scalar.properties.isAlphabetic else { return scalar }
      return scalar.properties.isUppercase ? "A" : "a"
    }
  }
}
