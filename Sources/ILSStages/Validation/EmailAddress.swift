/// E-mail addresses as the mail standards define them (RFC 5321, 4.1.2 and 4.5.3.1), without comments and folding, which
/// no address book holds.
enum EmailAddress {
  /// A dot-atom or quoted local part of at most 64 bytes, `@`, and a domain of labels or an address literal.
  static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count <= 254, let at = separator(text) else { return false }
    let local = UnsafeRawBufferPointer(rebasing: text[..<at])
    let domain = UnsafeRawBufferPointer(rebasing: text[(at + 1)...])
    guard (1...64).contains(local.count), !domain.isEmpty else { return false }
    let isLocal = local[0] == UInt8(ascii: "\"") ? isQuoted(local) : isDotAtom(local)
    return isLocal && (domain[0] == UInt8(ascii: "[") ? isLiteral(domain) : isDomain(domain))
  }

  /// The `@` between the parts: the last one, since a quoted local part may hold others.
  private static func separator(_ text: UnsafeRawBufferPointer) -> Int? { text.lastIndex(of: UInt8(ascii: "@")) }

  private static func isDotAtom(_ text: UnsafeRawBufferPointer) -> Bool {
    var last = UInt8(ascii: ".")
    for byte in text {
      if byte == UInt8(ascii: ".") {
        if last == byte { return false }
      } else if !isAtomByte(byte) {
        return false
      }
      last = byte
    }
    return last != UInt8(ascii: ".")
  }

  private static func isAtomByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
      UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
      UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
      UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func isQuoted(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count >= 3, text[text.count - 1] == UInt8(ascii: "\"") else { return false }
    var at = 1
    while at < text.count - 1 {
      let byte = text[at]
      if byte == UInt8(ascii: "\\") {
        at += 1
        guard at < text.count - 1, (0x20...0x7E).contains(text[at]) else { return false }
      } else if !(0x20...0x7E).contains(byte) || byte == UInt8(ascii: "\"") {
        return false
      }
      at += 1
    }
    return true
  }

  private static func isDomain(_ text: UnsafeRawBufferPointer) -> Bool {
    var length = 0
    var last = UInt8(ascii: "-")
    for byte in text {
      if byte == UInt8(ascii: ".") {
        if length == 0 || last == UInt8(ascii: "-") { return false }
        length = 0
      } else {
        let isAlphanumeric =
          (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
        guard isAlphanumeric || (byte == UInt8(ascii: "-") && length > 0), length < 63 else { return false }
        length += 1
      }
      last = byte
    }
    return length > 0 && last != UInt8(ascii: "-")
  }

  /// `[192.0.2.1]`; other literals are not worth a clinic's while.
  private static func isLiteral(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text[text.count - 1] == UInt8(ascii: "]") else { return false }
    let parts = text[1..<(text.count - 1)].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && Int(String(decoding: part, as: UTF8.self)).map { $0 <= 255 } ?? false
      }
  }
}
