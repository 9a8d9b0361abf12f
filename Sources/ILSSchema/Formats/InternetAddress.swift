/// Addresses of Internet hosts in their text forms.
enum InternetAddress {
  /// Four decimal numbers without leading zeros (RFC 2673, 3.2).
  static func isIPv4(_ text: some Collection<UInt8>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        guard (1...3).contains(part.count), part.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
        if part.count > 1, part.first == UInt8(ascii: "0") { return false }
        return part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
      }
  }

  /// Eight groups of hexadecimal digits, `::` for a run of zeros once, the last two perhaps as IPv4 (RFC 4291, 2.2).
  static func isIPv6(_ text: some Collection<UInt8>) -> Bool {
    var groups = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard groups.count >= 3 else { return false }
    var count = 0
    if let last = groups.last, last.contains(UInt8(ascii: ".")) {
      guard isIPv4(last) else { return false }
      groups.removeLast()
      count = 2
    }
    // An empty group at an end is half of "::"; the other half is the empty one beside it.
    if groups.first?.isEmpty == true {
      guard groups.count > 1, groups[1].isEmpty else { return false }
      groups.removeFirst()
    }
    if count == 0, groups.last?.isEmpty == true {
      guard groups.count > 1, groups[groups.count - 2].isEmpty else { return false }
      groups.removeLast()
    }
    guard groups.allSatisfy({ $0.count <= 4 && $0.allSatisfy(isHexadecimal) }) else { return false }
    let gaps = groups.count(where: \.isEmpty)
    count += groups.count - gaps
    return gaps == 0 ? count == 8 : gaps == 1 && count < 8
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6 }

  /// 8-4-4-4-12 hexadecimal digits (RFC 9562, 4).
  static func isUUID(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count == 36
      && text.indices.allSatisfy { index in
        [8, 13, 18, 23].contains(index) ? text[index] == UInt8(ascii: "-") : isHexadecimal(text[index])
      }
  }
}
