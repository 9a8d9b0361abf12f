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
    return isLocal && (domain[0] == UInt8(ascii: "[") ? isLiteral(domain) : HostName.isValid(domain))
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

  /// `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321, 4.1.3); other literals are of no known kind.
  private static func isLiteral(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text[text.count - 1] == UInt8(ascii: "]") else { return false }
    let address = text[1..<(text.count - 1)]
    let tag = "ipv6:".utf8
    let isTagged = address.count > tag.count && zip(address, tag).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    return isTagged ? InternetAddress.isIPv6(address.dropFirst(tag.count)) : InternetAddress.isIPv4(address)
  }

  /// The same with letters of any script (RFC 6531, 3.3; RFC 6532).
  static func isInternationalised(_ text: UnsafeRawBufferPointer) -> Bool {
    if text.allSatisfy({ $0 < 0x80 }) { return isValid(text) }
    guard text.count <= 254, let at = separator(text) else { return false }
    let local = UnsafeRawBufferPointer(rebasing: text[..<at])
    let domain = UnsafeRawBufferPointer(rebasing: text[(at + 1)...])
    // Bytes of other scripts count as letters: the rest is ASCII's own rules.
    let plain = local.map { $0 < 0x80 ? $0 : UInt8(ascii: "a") }
    let isLocal = plain.withUnsafeBytes { bytes in
      bytes.first == UInt8(ascii: "\"") ? isQuoted(bytes) : isDotAtom(bytes)
    }
    guard (1...64).contains(local.count), isLocal, !domain.isEmpty else { return false }
    return domain[0] == UInt8(ascii: "[")
      ? isLiteral(domain) : HostName.isInternationalised(String(decoding: domain, as: UTF8.self))
  }
}
