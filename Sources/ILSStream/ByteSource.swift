import ILSRecord
import Glibc

/// The bytes of one input: a file or stdin, compression undone, and what a manifest says of them counted on the way.
public struct ByteSource: ByteStream, ~Copyable {
  /// The input as the user named it; `-` is stdin.
  public let name: String
  private let descriptor: Descriptor
  private var digest: SHA256?
  private var decompressor: (any Decompressor)?
  private var isStarted = false
  /// What was looked at and is still to be read.
  private var ahead: [UInt8] = []
  /// Bytes read so far, as they are stored (compressed, if they are).
  public private(set) var bytesRead = 0
  /// Bytes that compressed ones became so far.
  private var unpacked = 0
  /// The file's size, where it has one.
  public let totalBytes: Int?

  /// Opens `path`; `-` is stdin.
  /// - Parameter digesting: also computes SHA-256, for a manifest.
  public init(_ path: String, digesting: Bool = false) throws(StopError) {
    name = path
    descriptor = path == "-" ? Descriptor(STDIN_FILENO, owned: false) : try Descriptor(reading: path)
    if digesting { digest = SHA256() }
    let status = descriptor.status
    totalBytes = status.isRegular ? status.size : nil
    if status.isPipe { widenPipe(descriptor.number) }
    if status.isRegular { _ = posix_fadvise(descriptor.number, 0, 0, POSIX_FADV_SEQUENTIAL) }
  }

  public var status: FileStatus { descriptor.status }

  public var isReady: Bool { descriptor.isReadable }
  public func isReady(within milliseconds: Int) -> Bool { descriptor.isReadable(within: milliseconds) }

  /// Reads at most `buffer.count` bytes (8 at the least); 0 at the end. Compression is known by its first bytes, not
  /// by a name.
  /// - Throws: `io.read`; `gzip.truncated`, `gzip.corrupt`, and the same of `zstd` and `xz`; `io.expansion`.
  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(StopError) -> Int {
    if !ahead.isEmpty {
      let got = min(ahead.count, buffer.count)
      ahead.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<got])) }
      ahead.removeFirst(got)
      return got
    }
    if !isStarted { return try start(buffer) }
    guard decompressor != nil else { return try readStored(into: buffer) }
    return try decompress(into: buffer)
  }

  /// The first bytes, without taking them: as many as `isOpen` wants to see more of.
  public mutating func peek(while isOpen: (UnsafeRawBufferPointer) -> Bool) throws(StopError) -> [UInt8] {
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 12, alignment: 16)
    defer { block.deallocate() }
    var seen = ahead
    ahead = []
    while seen.withUnsafeBytes(isOpen) {
      let got = try read(into: block)
      if got == 0 { break }
      seen += UnsafeRawBufferPointer(rebasing: block[..<got])
    }
    ahead = seen
    return seen
  }

  /// Whether the bytes are stored in another form than they are read.
  public mutating func isCompressed() throws(StopError) -> Bool {
    _ = try peek { $0.isEmpty }
    return decompressor != nil
  }

  /// The descriptor, where it is a regular file's that holds the bytes as they are and was read from its start.
  var plainFile: Int32? {
    totalBytes != nil && decompressor == nil && bytesRead == ahead.count && descriptor.isAt(bytesRead)
      ? descriptor.number : nil
  }

  /// Counts `all` bytes of the input as read.
  mutating func passOver(_ all: UnsafeRawBufferPointer) {
    if all.count > bytesRead { digest?.update(UnsafeRawBufferPointer(rebasing: all[bytesRead...])) }
    bytesRead = max(all.count, bytesRead)
    ahead = []
  }

  private mutating func decompress(into buffer: UnsafeMutableRawBufferPointer) throws(StopError) -> Int {
    guard let decompressor else { return 0 }
    let got = try decompressor.read(into: buffer) { (input) throws(StopError) in try readStored(into: input) }
    unpacked += got
    if unpacked > Self.expansionFloor, unpacked / Self.expansionLimit > bytesRead { throw expansionFault }
    return got
  }

  /// What a compressed input may become: this much in any case, and beyond it so many times its size. Exports shrink to a
  /// twentieth, and gzip can make no more than 1,032 bytes of one.
  private static var expansionFloor: Int { 256 << 20 }
  private static var expansionLimit: Int { 1000 }

  private var expansionFault: StopError {
    StopError(
      .dataError, StreamFault.ioExpansion,
      "it unpacks to more than \(Self.expansionLimit) times its size (\(bytesRead) bytes became more than \(unpacked >> 20) MiB), as no export does: if it is one, unpack it first",
      at: Position(file: name == "-" ? nil : name))
  }

  /// The first read: gathers enough bytes to tell the format.
  private mutating func start(_ buffer: UnsafeMutableRawBufferPointer) throws(StopError) -> Int {
    isStarted = true
    var got = 0
    while Compression.isOpen(UnsafeRawBufferPointer(rebasing: buffer[..<got])) {
      let more = try readStored(into: UnsafeMutableRawBufferPointer(rebasing: buffer[got...]))
      if more == 0 { break }
      got += more
    }
    let head = UnsafeRawBufferPointer(rebasing: buffer[..<got])
    guard let compression = Compression(head) else { return got }
    decompressor = try compression.decompressor(name, head)
    return try decompress(into: buffer)
  }

  private mutating func readStored(into buffer: UnsafeMutableRawBufferPointer) throws(StopError) -> Int {
    let got = try descriptor.read(into: buffer, named: name)
    bytesRead += got
    if got > 0 { digest?.update(UnsafeRawBufferPointer(rebasing: buffer[..<got])) }
    return got
  }

  /// SHA-256 of the bytes as they are stored, as hexadecimal digits; nil where none was asked for.
  public mutating func finishDigest() -> String? { digest?.finish() }
}
