/// Uniform resource identifiers (RFC 3986, appendix A).
enum UniformIdentifier {
  /// `URI`: an absolute one, with a scheme; a fragment is allowed.
  static func isURI(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let colon = text.firstIndex(of: UInt8(ascii: ":")), isScheme(text[..<colon]) else { return false }
    return isHierarchical(text[(colon + 1)...], isRelative: false)
  }

  /// `URI-reference`.
  static func isReference(_ text: UnsafeRawBufferPointer) -> Bool {
    isURI(text) || isHierarchical(text[...], isRelative: true)
  }

  private typealias Text = Slice<UnsafeRawBufferPointer>

  private static func isScheme(_ text: Text) -> Bool {
    guard let first = text.first, isLetter(first) else { return false }
    return text.allSatisfy { isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) }
  }

  private static func isHierarchical(_ text: Text, isRelative: Bool) -> Bool {
    var rest = text
    if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
      guard areValid(rest[(hash + 1)...], "/?:@") else { return false }
      rest = rest[..<hash]
    }
    if let question = rest.firstIndex(of: UInt8(ascii: "?")) {
      guard areValid(rest[(question + 1)...], "/?:@") else { return false }
      rest = rest[..<question]
    }
    if rest.starts(with: "//".utf8) {
      rest = rest.dropFirst(2)
      let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
      guard isAuthority(rest[..<end]) else { return false }
      rest = rest[end...]
    } else if isRelative, rest.prefix(while: { $0 != UInt8(ascii: "/") }).contains(UInt8(ascii: ":")) {
      // It would be a scheme.
      return false
    }
    return areValid(rest, "/:@")
  }

  private static func isAuthority(_ text: Text) -> Bool {
    var rest = text
    if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
      guard areValid(rest[..<at], ":") else { return false }
      rest = rest[(at + 1)...]
    }
    if rest.first == UInt8(ascii: "[") {
      guard let close = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
      let literal = rest[(rest.startIndex + 1)..<close]
      guard InternetAddress.isIPv6(literal) || isFutureLiteral(literal) else { return false }
      rest = rest[(close + 1)...]
      return rest.isEmpty || isPort(rest)
    }
    let colon = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
    return areValid(rest[..<colon], "") && (colon == rest.endIndex || isPort(rest[colon...]))
  }

  private static func isPort(_ text: Text) -> Bool {
    text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(isDigit)
  }

  /// `IPvFuture`: "v1.something".
  private static func isFutureLiteral(_ text: Text) -> Bool {
    guard let first = text.first, first | 0x20 == UInt8(ascii: "v"), let dot = text.firstIndex(of: UInt8(ascii: "."))
    else {
      return false
    }
    let version = text[(text.startIndex + 1)..<dot]
    let address = text[(dot + 1)...]
    return !version.isEmpty && version.allSatisfy(InternetAddress.isHexadecimal) && !address.isEmpty
      && areValid(address, ":") && !address.contains(UInt8(ascii: "%"))
  }

  /// Unreserved characters, sub-delimiters, percent-encoded bytes, and those of `more`.
  private static func areValid(_ text: Text, _ more: StaticString) -> Bool {
    var at = text.startIndex
    while at < text.endIndex {
      let byte = text[at]
      if byte == UInt8(ascii: "%") {
        guard at + 2 < text.endIndex, InternetAddress.isHexadecimal(text[at + 1]),
          InternetAddress.isHexadecimal(text[at + 2])
        else { return false }
        at += 3
        continue
      }
      guard isLetter(byte) || isDigit(byte) || "-._~!$&'()*+,;=".utf8.contains(byte) || contains(more, byte) else {
        return false
      }
      at += 1
    }
    return true
  }

  private static func contains(_ set: StaticString, _ byte: UInt8) -> Bool {
    UnsafeBufferPointer(start: set.utf8Start, count: set.utf8CodeUnitCount).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}
