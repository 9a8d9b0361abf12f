import CZlib
import ILSRecord
import Glibc

/// One part of a zip archive, unpacked piece by piece into a window that never splits what is still needed.
///
/// The window is followed by 64 zero bytes, so that scanners need not ask for its end at every byte.
///
/// A class, since zlib keeps a pointer to its stream.
final class PartStream {
  private let stream: UnsafeMutablePointer<z_stream>
  private let entry: ZipArchive.Entry
  private var packed: UnsafeRawBufferPointer
  /// What of it the unpacker has at present.
  private var feeding = UnsafeRawBufferPointer(start: nil, count: 0)
  private let release: ((UnsafeRawBufferPointer) -> Void)?
  private(set) var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// Bytes in the window.
  private(set) var count = 0
  /// Bytes unpacked so far.
  private(set) var total = 0
  private var checksum: uLong = 0
  /// The byte of the archive that is unpacked next.
  var position: Int { entry.headerOffset + entry.packedSize - packed.count - Int(stream.pointee.avail_in) }
  private(set) var isAtEnd = false

  /// Bytes that are unpacked at a time: what stays in the second-level cache.
  private static var step: Int { 1 << 16 }
  static var padding: Int { 64 }
  /// Packed bytes that are given to the unpacker at a time.
  private static var feed: Int { 4 << 20 }
  /// The longest token: a cell's text has 32,767 characters, each of them at most `&#x10FFFF;` or an `_x` escape.
  private static var tokenLimit: Int { 4 << 20 }
  /// A part beyond this size that shrank more than `ratioLimit` times is no sheet that a person made.
  private static var bombSize: Int { 64 << 20 }
  private static var ratioLimit: Int { 400 }

  init(_ archive: ZipArchive, _ entry: ZipArchive.Entry) throws(StopError) {
    let packed = try archive.packed(entry)
    self.entry = entry
    self.packed = packed
    release = archive.release
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    capacity = Self.step * 2
    base = .allocate(capacity: capacity + Self.padding)
    base.initialize(repeating: 0, count: capacity + Self.padding)
    checksum = crc32(0, nil, 0)
    guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw StopError(.software, WorkbookFileFault.zipInit, "zlib cannot start")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    base.deallocate()
  }

  /// Forgets what stands before `keep` and unpacks more behind the rest. `base` and `count` are others afterwards.
  /// - Returns: false at the end of the part.
  func refill(keeping keep: Int) throws(StopError) -> Bool {
    let rest = count - keep
    if rest > 0, keep > 0 { memmove(base, base + keep, rest) }
    count = rest
    if isAtEnd {
      pad()
      return false
    }
    if capacity - count < Self.step { try grow() }
    let got = entry.method == 0 ? store() : try unpack()
    if got > 0 { checksum = crc32(checksum, base + count, uInt(got)) }
    count += got
    total += got
    pad()
    if isAtEnd { try check() }
    try checkRatio()
    return got > 0
  }

  private func pad() { (base + count).update(repeating: 0, count: Self.padding) }

  private func grow() throws(StopError) {
    guard capacity < Self.tokenLimit else {
      throw fault(.xmlTokenLimit, "a piece of the workbook is longer than \(Self.tokenLimit >> 20) MiB: no cell is")
    }
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + Self.padding)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  private func store() -> Int {
    let got = min(capacity - count, packed.count, Self.step)
    if got > 0, let from = packed.baseAddress { memcpy(base + count, from, got) }
    packed = UnsafeRawBufferPointer(rebasing: packed[got...])
    isAtEnd = packed.isEmpty
    return got
  }

  private func unpack() throws(StopError) -> Int {
    let room = min(capacity - count, Self.step)
    stream.pointee.next_out = base + count
    stream.pointee.avail_out = uInt(room)
    while stream.pointee.avail_out > 0 {
      if stream.pointee.avail_in == 0 {
        release?(feeding)
        let fed = min(packed.count, Self.feed)
        feeding = UnsafeRawBufferPointer(rebasing: packed[..<fed])
        stream.pointee.next_in = UnsafeMutablePointer(
          mutating: packed.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = uInt(fed)
        packed = UnsafeRawBufferPointer(rebasing: packed[fed...])
      }
      let result = inflate(stream, Z_NO_FLUSH)
      if result == Z_STREAM_END {
        isAtEnd = true
        break
      }
      guard result == Z_OK else {
        throw result == Z_BUF_ERROR && packed.isEmpty
          ? fault(.zipTruncated, "a part of the workbook ends too early: the file was cut off; get it again")
          : fault(.zipCorrupt, "a part of the workbook cannot be unpacked: the file is damaged")
      }
    }
    return room - Int(stream.pointee.avail_out)
  }

  private func check() throws(StopError) {
    guard UInt32(truncatingIfNeeded: checksum) == entry.crc else {
      throw fault(.zipChecksum, "a part of the workbook does not match its checksum: the file is damaged")
    }
  }

  private func checkRatio() throws(StopError) {
    if total > Self.bombSize, total / max(entry.packedSize, 1) > Self.ratioLimit {
      throw fault(
        .zipBomb,
        "a part of the workbook unpacks to more than \(Self.ratioLimit) times its size: refused as a zip bomb")
    }
  }

  private func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError { ZipArchive.fault(fault, message) }
}
