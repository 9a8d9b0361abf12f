import CZstd
import ILSRecord

/// Undoes Zstandard (RFC 8878), also of several frames one behind the other.
///
/// The library refuses windows of more than 128 MiB, which `zstd --long=28` and above make, so that no file can ask for more.
final class ZstdDecoder: Decompressor {
  private let context: OpaquePointer
  private let storage: UnsafeMutableRawBufferPointer
  private var input: ZSTD_inBuffer
  private let name: String
  /// Between two frames: the end of the file is in order here, and nowhere else.
  private var isBetweenFrames = false

  init(name: String, head: UnsafeRawBufferPointer) throws(StopError) {
    guard let context = ZSTD_createDCtx() else {
      throw StopError(.software, StreamFault.zstdInit, "libzstd cannot start", at: Position(file: name))
    }
    self.context = context
    self.name = name
    storage = .allocate(byteCount: max(Inflater.inputSize, head.count), alignment: 16)
    storage.copyMemory(from: head)
    input = ZSTD_inBuffer(src: storage.baseAddress, size: head.count, pos: 0)
  }

  deinit {
    ZSTD_freeDCtx(context)
    storage.deallocate()
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, more: (UnsafeMutableRawBufferPointer) throws(StopError) -> Int
  ) throws(StopError) -> Int {
    var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
    while output.pos == 0 {
      // With no input left it may still hold back output: it is asked before the file is.
      let before = input.pos
      let left = ZSTD_decompressStream(context, &output, &input)
      if ZSTD_isError(left) != 0 { throw Compression.corrupt(.zstdCorrupt, name) }
      if left == 0 {
        isBetweenFrames = true
      } else if input.pos > before || output.pos > 0 {
        isBetweenFrames = false
      }
      guard output.pos == 0, input.pos == input.size else { continue }
      let got = try more(storage)
      if got == 0 {
        if isBetweenFrames { return 0 }
        throw Compression.truncated(.zstdTruncated, name)
      }
      input = ZSTD_inBuffer(src: storage.baseAddress, size: got, pos: 0)
    }
    return output.pos
  }
}
