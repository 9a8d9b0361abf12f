import CZlib
import ILSRecord

/// Undoes gzip (RFC 1952), also of several members one behind the other.
///
/// A class, since Swift 6.3.1 aborts when it may inline the deinit of one noncopyable struct inside another's setter.
final class Inflater: Decompressor {
  // zlib keeps a pointer to its stream: it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private let name: String
  /// Between two members: the end of the file is in order here, and nowhere else.
  private var isBetweenMembers = false

  static var inputSize: Int { 1 << 17 }

  init(name: String, head: UnsafeRawBufferPointer) throws(StopError) {
    self.name = name
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(byteCount: max(Self.inputSize, head.count), alignment: 16)
    input.copyMemory(from: head)
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(head.count)
    // 15 bits of window; 16 more: gzip alone.
    guard inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw StopError(.software, StreamFault.gzipInit, "zlib cannot start", at: Position(file: name))
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, more: (UnsafeMutableRawBufferPointer) throws(StopError) -> Int
  ) throws(StopError) -> Int {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(clamping: buffer.count)
    let room = Int(stream.pointee.avail_out)
    while Int(stream.pointee.avail_out) == room {
      if stream.pointee.avail_in == 0 {
        let got = try more(input)
        if got == 0 {
          if isBetweenMembers { return 0 }
          throw Compression.truncated(.gzipTruncated, name)
        }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(got)
      }
      if isBetweenMembers, try !startMember() { return 0 }
      let result = inflate(stream, Z_NO_FLUSH)
      if result == Z_STREAM_END {
        isBetweenMembers = true
      } else if result != Z_OK && result != Z_BUF_ERROR {
        // What came out before the fault counts, however it is read; zlib says the same again next time.
        if Int(stream.pointee.avail_out) < room { break }
        throw Compression.corrupt(.gzipCorrupt, name)
      }
    }
    return room - Int(stream.pointee.avail_out)
  }

  /// Starts the next member; false where only padding zeros follow, as tapes and block devices leave them.
  private func startMember() throws(StopError) -> Bool {
    while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
      stream.pointee.next_in += 1
      stream.pointee.avail_in -= 1
    }
    if stream.pointee.avail_in == 0 { return true }
    guard stream.pointee.next_in.pointee == 0x1F else {
      throw StopError(
        .dataError, StreamFault.gzipTrailing,
        "something else follows the compressed data; cut it off or get the file again", at: Position(file: name))
    }
    isBetweenMembers = false
    inflateReset(stream)
    return true
  }
}
