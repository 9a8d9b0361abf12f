import ILSRecord

/// Undoes what a file was compressed with.
protocol Decompressor: AnyObject {
  /// Puts the next bytes into `buffer`; 0 at the end.
  /// - Parameter more: reads what is stored into its argument; 0 at the end of the file.
  /// - Throws: `FORMAT.truncated` where the file ends too early, `FORMAT.corrupt` where its data is wrong.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, more: (UnsafeMutableRawBufferPointer) throws(StopError) -> Int
  ) throws(StopError) -> Int
}

/// How a file may be compressed, as its first bytes tell.
enum Compression: CaseIterable {
  case gzip, zstd, xz

  /// RFC 1952, 2.3.1; RFC 8878, 3.1.1; The .xz File Format, 2.1.1.1.
  var magic: [UInt8] {
    switch self {
    case .gzip: [0x1F, 0x8B]
    case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
    case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
    }
  }

  /// What `head` starts with; nil where it is none of them.
  init?(_ head: UnsafeRawBufferPointer) {
    guard let found = Self.allCases.first(where: { head.starts(with: $0.magic) }) else { return nil }
    self = found
  }

  /// Whether more bytes behind `head` could still show one of them.
  static func isOpen(_ head: UnsafeRawBufferPointer) -> Bool {
    allCases.contains { head.count < $0.magic.count && $0.magic.starts(with: head) }
  }

  /// - Parameter head: the compressed bytes that were read while the format was found out.
  func decompressor(_ name: String, _ head: UnsafeRawBufferPointer) throws(StopError) -> any Decompressor {
    switch self {
    case .gzip: try Inflater(name: name, head: head)
    case .zstd: try ZstdDecoder(name: name, head: head)
    case .xz: try XzDecoder(name: name, head: head)
    }
  }
}

extension Compression {
  static func truncated(_ fault: StreamFault, _ name: String) -> StopError {
    StopError(
      .dataError, fault, "the compressed file ends too early: it was cut off; get it again",
      at: Position(file: name))
  }

  static func corrupt(_ fault: StreamFault, _ name: String) -> StopError {
    StopError(
      .dataError, fault, "the compressed data is damaged; get the file again",
      at: Position(file: name))
  }
}
