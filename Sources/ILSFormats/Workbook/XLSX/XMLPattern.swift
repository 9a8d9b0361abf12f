/// Tags as most writers spell them, told by comparing eight bytes at once. Behind a window 64 zero bytes are readable, so
/// that none of these asks for its end.
enum XMLPattern {
  @inline(__always)
  private static func eight(_ at: UnsafeRawPointer) -> UInt64 {
    UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
  }

  /// `<si><t>`
  @inline(__always)
  static func isStringStart(_ at: UnsafeRawPointer) -> Bool { eight(at) << 8 == 0x3E74_3C3E_6973_3C00 }

  /// `</t></si>`
  @inline(__always)
  static func isStringEnd(_ at: UnsafeRawPointer) -> Bool {
    eight(at) == 0x6973_2F3C_3E74_2F3C && (at + 8).load(as: UInt8.self) == UInt8(ascii: ">")
  }

  /// `<is><t>`
  @inline(__always)
  static func isInlineStart(_ at: UnsafeRawPointer) -> Bool { eight(at) << 8 == 0x3E74_3C3E_7369_3C00 }

  /// `</t></is></c>`
  @inline(__always)
  static func isInlineEnd(_ at: UnsafeRawPointer) -> Bool {
    eight(at) == 0x7369_2F3C_3E74_2F3C && eight(at + 5) == 0x3E63_2F3C_3E73_692F
  }

  /// `<v>`
  @inline(__always)
  static func isValueStart(_ at: UnsafeRawPointer) -> Bool { eight(at) & 0xFF_FFFF == 0x3E_763C }

  /// `</v></c>`
  @inline(__always)
  static func isValueEnd(_ at: UnsafeRawPointer) -> Bool { eight(at) == 0x3E63_2F3C_3E76_2F3C }

  /// `<c ` and `<c>`
  @inline(__always)
  static func isCell(_ at: UnsafeRawPointer) -> Bool {
    let three = eight(at) & 0xFF_FFFF
    return three == 0x20_633C
  }
}
