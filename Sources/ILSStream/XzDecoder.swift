import CLzma
import ILSRecord

/// Undoes xz, also of several streams one behind the other.
final class XzDecoder: Decompressor {
  // liblzma keeps a pointer to its stream: it must not move.
  private let stream: UnsafeMutablePointer<lzma_stream>
  private let storage: UnsafeMutableRawBufferPointer
  private let name: String
  private var isAtEnd = false
  private var isDone = false

  /// Twice what `xz -9` makes a decoder need, so that no file can ask for more.
  private static var memoryLimit: UInt64 { 128 << 20 }

  init(name: String, head: UnsafeRawBufferPointer) throws(StopError) {
    self.name = name
    stream = .allocate(capacity: 1)
    stream.initialize(to: lzma_stream())
    storage = .allocate(byteCount: max(Inflater.inputSize, head.count), alignment: 16)
    storage.copyMemory(from: head)
    stream.pointee.next_in = UnsafePointer(storage.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = head.count
    guard lzma_stream_decoder(stream, Self.memoryLimit, ils_lzma_concatenated) == LZMA_OK else {
      throw StopError(.software, StreamFault.xzInit, "liblzma cannot start", at: Position(file: name))
    }
  }

  deinit {
    lzma_end(stream)
    stream.deallocate()
    storage.deallocate()
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, more: (UnsafeMutableRawBufferPointer) throws(StopError) -> Int
  ) throws(StopError) -> Int {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = buffer.count
    while stream.pointee.avail_out == buffer.count, !isDone {
      if stream.pointee.avail_in == 0, !isAtEnd {
        let got = try more(storage)
        isAtEnd = got == 0
        stream.pointee.next_in = UnsafePointer(storage.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = got
      }
      switch lzma_code(stream, isAtEnd ? LZMA_FINISH : LZMA_RUN) {
      case LZMA_OK: break
      case LZMA_STREAM_END: isDone = true
      case LZMA_BUF_ERROR:
        // No progress: more input is needed, and there may be none.
        if isAtEnd { throw Compression.truncated(.xzTruncated, name) }
      default: throw Compression.corrupt(.xzCorrupt, name)
      }
    }
    return buffer.count - stream.pointee.avail_out
  }
}
