/// Little-endian numbers at byte offsets, as zip, OLE2 and BIFF keep them; nil beyond the end.
extension UnsafeRawBufferPointer {
  @inline(__always)
  func u8(_ at: Int) -> Int? { at >= 0 && at < count ? Int(self[at]) : nil }

  @inline(__always)
  func u16(_ at: Int) -> Int? {
    at >= 0 && at + 2 <= count ? Int(UInt16(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt16.self))) : nil
  }

  @inline(__always)
  func u32(_ at: Int) -> Int? {
    at >= 0 && at + 4 <= count ? Int(UInt32(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt32.self))) : nil
  }

  @inline(__always)
  func u64(_ at: Int) -> UInt64? {
    at >= 0 && at + 8 <= count ? UInt64(littleEndian: loadUnaligned(fromByteOffset: at, as: UInt64.self)) : nil
  }

  /// `length` bytes from `at`, or nil where they are not all there.
  @inline(__always)
  func run(_ at: Int, _ length: Int) -> UnsafeRawBufferPointer? {
    guard at >= 0, length >= 0, at <= count, length <= count - at else { return nil }
    return UnsafeRawBufferPointer(rebasing: self[at..<(at + length)])
  }
}
