import ILSRecord

/// The bytes of one stream, one behind the other. 64 bytes behind them are readable.
///
/// A stream may own its bytes, and frees them with itself. So no view of them leaves it: numbers are read by value, and
/// runs are lent to a closure. A stream that is a part of the file points into the file, which outlives every decoder.
final class StreamBytes {
  private let bytes: UnsafeRawBufferPointer
  private let copy: UnsafeMutableRawPointer?

  private static var copyLimit: Int { 192 << 20 }

  /// The parts `runs` of `source`, up to `limit` bytes. They are copied where there are several, or where `copies` says that
  /// `source` is no part of the file.
  /// - Throws: `ole2.too_large`
  init(_ source: UnsafeRawBufferPointer, _ runs: [Range<Int>], limit: Int, copies: Bool = false) throws(StopError) {
    if runs.count <= 1, !copies {
      bytes = UnsafeRawBufferPointer(rebasing: source[(runs.first ?? 0..<0).prefix(limit)])
      copy = nil
      return
    }
    guard limit <= Self.copyLimit else {
      throw StopError(
        .dataError, WorkbookFileFault.ole2TooLarge,
        "the workbook is scattered over a file of more than \(Self.copyLimit >> 20) MB: save it again with Excel")
    }
    let room = StreamBytes.room(limit)
    var filled = 0
    for run in runs {
      let part = UnsafeRawBufferPointer(rebasing: source[run.prefix(limit - filled)])
      UnsafeMutableRawBufferPointer(rebasing: room[filled...]).copyMemory(from: part)
      filled += part.count
    }
    bytes = UnsafeRawBufferPointer(start: room.baseAddress, count: filled)
    copy = room.baseAddress
  }

  /// A stream that was written here.
  init(owning written: borrowing OutputBuffer) {
    let room = StreamBytes.room(written.count)
    room.copyMemory(from: written.bytes)
    bytes = UnsafeRawBufferPointer(start: room.baseAddress, count: written.count)
    copy = room.baseAddress
  }

  /// A stream that is a file of its own.
  init(_ whole: UnsafeRawBufferPointer) {
    bytes = whole
    copy = nil
  }

  deinit { copy?.deallocate() }

  /// Zeros for `count` bytes and the 64 behind them.
  private static func room(_ count: Int) -> UnsafeMutableRawBufferPointer {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 64, alignment: 16)
    room.initializeMemory(as: UInt8.self, repeating: 0)
    return room
  }

  var count: Int { bytes.count }

  @inline(__always) func u8(_ at: Int) -> Int? { bytes.u8(at) }
  @inline(__always) func u16(_ at: Int) -> Int? { bytes.u16(at) }
  @inline(__always) func u32(_ at: Int) -> Int? { bytes.u32(at) }
  @inline(__always) func u64(_ at: Int) -> UInt64? { bytes.u64(at) }

  /// Lends the bytes to `body`, which must not keep them.
  @inline(__always)
  func withBytes<Result: ~Copyable>(
    _ body: (UnsafeRawBufferPointer) throws(StopError) -> Result
  ) throws(StopError) -> Result {
    let result = try body(bytes)
    extendLifetime(self)
    return result
  }

  /// Lends the `length` bytes from `at` to `body`, as far as they are there.
  @inline(__always)
  func withRun(_ at: Int, _ length: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    let from = min(max(at, 0), bytes.count)
    body(UnsafeRawBufferPointer(rebasing: bytes[from..<min(from + max(length, 0), bytes.count)]))
    extendLifetime(self)
  }
}
