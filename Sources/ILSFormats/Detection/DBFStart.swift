/// How tables of dBase start.
enum DBFStart {
  /// The versions that have such a header, and those whose header is another.
  private static let known: Set<UInt8> = [
    0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB,
  ]
  static let dBase7: Set<UInt8> = [0x04, 0x8C]
  private static let types = Set("CNFDLMGPBTIYVQWO@+0".utf8)

  /// Whether `head` starts such a table: its version, a day, sizes, zeros, and the kind of its first field.
  static func starts(_ head: UnsafeRawBufferPointer) -> Bool {
    guard mayStart(head), head.count >= 64 else { return false }
    if dBase7.contains(head[0]) { return true }
    let name = head[32..<43].prefix { $0 != 0 }
    return types.contains(head[43]) && !name.isEmpty && name.allSatisfy { $0 > 0x20 }
  }

  /// Whether more bytes behind `head` could show that it starts one.
  static func isOpen(_ head: UnsafeRawBufferPointer) -> Bool { head.count < 64 && mayStart(head) }

  private static func mayStart(_ head: UnsafeRawBufferPointer) -> Bool {
    guard let version = head.first, known.contains(version) || dBase7.contains(version) else { return false }
    func holds(_ at: Int, _ most: UInt8) -> Bool { at >= head.count || head[at] <= most }
    guard holds(2, 12), holds(3, 31), holds(12, 0), holds(13, 0), holds(14, 1), holds(15, 1), holds(30, 0), holds(31, 0)
    else { return false }
    guard head.count >= 12, let start = head.u16(8), let length = head.u16(10) else { return true }
    return start >= 65 && length >= 2
  }
}
