import CZlib
import ILSRecord

/// Deflates one file of an archive (RFC 1951), and keeps what came of it.
final class Deflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private(set) var output: [UInt8] = []
  private(set) var sum: UInt32 = 0
  private(set) var count = 0

  init() throws(StopError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A window of 32 KiB and no header, as archives have it.
    guard
      deflateInit2_(
        stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw StopError(.software, MendFault.mendTable, "zlib cannot start") }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  func append(_ bytes: UnsafeRawBufferPointer, isLast: Bool = false) {
    sum = UInt32(
      truncatingIfNeeded: crc32(UInt(sum), bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
    count += bytes.count
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(bytes.count)
    var block = [UInt8](repeating: 0, count: 1 << 16)
    repeat {
      let room = block.count
      block.withUnsafeMutableBufferPointer {
        stream.pointee.next_out = $0.baseAddress
        stream.pointee.avail_out = UInt32(room)
        _ = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
      }
      output += block[..<(room - Int(stream.pointee.avail_out))]
    } while stream.pointee.avail_out == 0
  }
}
