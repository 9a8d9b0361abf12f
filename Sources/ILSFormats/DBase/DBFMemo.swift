import ILSRecord

/// The memo file beside a dBase table (.dbt, .fpt): texts of any length, in blocks.
struct DBFMemo {
  enum Kind: Sendable { case dBase3, dBase4, foxPro }

  /// What stands at a block.
  enum Found {
    case text(UnsafeRawBufferPointer)
    /// A picture or an object.
    case other
    /// There is no such block, or it goes on behind the end of the file: so many bytes were looked at.
    case missing(Int)
  }

  private let bytes: UnsafeRawBufferPointer
  private let kind: Kind
  private let blockSize: Int

  /// - Parameter version: of the table.
  init(_ bytes: UnsafeRawBufferPointer, version: UInt8) {
    self.bytes = bytes
    switch version {
    case 0x30, 0x31, 0x32, 0xF5, 0xFB:
      kind = .foxPro
      let size = bytes.count >= 8 ? Int(bytes[6]) << 8 | Int(bytes[7]) : 0
      // 0 stands for blocks of one byte.
      blockSize = max(size, 1)
    case 0x8B, 0x8E, 0xCB:
      kind = .dBase4
      let size = bytes.u16(20) ?? 0
      blockSize = size == 0 ? 512 : size
    default:
      kind = .dBase3
      blockSize = 512
    }
  }

  var size: Int { bytes.count }

  /// Wraps that an editor has put between the lines of a text, and no person.
  var hasSoftBreaks: Bool { kind != .foxPro }

  /// - Complexity: O(*n*) in the text.
  func text(at block: Int) -> Found {
    guard block > 0, block <= bytes.count / blockSize else { return .missing(0) }
    let at = block * blockSize
    switch kind {
    case .foxPro: return foxPro(at)
    case .dBase4:
      guard bytes.u32(at) == 0x0008_FFFF else { return marked(at) }
      guard let length = bytes.u32(at + 4), length >= 8, let text = bytes.run(at + 8, length - 8) else {
        return .missing(0)
      }
      return .text(text)
    case .dBase3: return marked(at)
    }
  }

  private func foxPro(_ at: Int) -> Found {
    guard let kind = bytes.u32(at), let length = bytes.u32(at + 4) else { return .missing(0) }
    guard let text = bytes.run(at + 8, Int(UInt32(length).byteSwapped)) else { return .missing(0) }
    return UInt32(kind).byteSwapped == 1 ? .text(text) : .other
  }

  /// A text that a byte 26 ends.
  private func marked(_ at: Int) -> Found {
    guard at < bytes.count, let end = bytes[at...].firstIndex(of: 0x1A) else {
      return .missing(max(bytes.count - at, 0))
    }
    return .text(UnsafeRawBufferPointer(rebasing: bytes[at..<end]))
  }
}
