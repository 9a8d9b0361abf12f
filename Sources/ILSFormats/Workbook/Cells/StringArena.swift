import ILSRecord

/// A workbook's shared strings, each kept once as the JSON string that it will be written as.
///
/// Strings lie one behind the other in blocks, each behind its length: 8 bytes more than the text, and growing moves none.
final class StringArena {
  private var blocks: [UnsafeMutableRawPointer] = []
  private var offsets: [UInt32] = []
  private var used = 0
  private var room = 0
  private var total = 0

  private static var blockShift: Int { 20 }
  private static var blockSize: Int { 1 << blockShift }
  /// All strings together; a process that may map 512 MB keeps room for the rest.
  private static var totalLimit: Int { 288 << 20 }
  private static var countLimit: Int { 8 << 20 }

  deinit { for block in blocks { block.deallocate() } }

  var count: Int { offsets.count }

  /// - Throws: `workbook.strings_limit`
  func append(_ json: UnsafeRawBufferPointer) throws(StopError) {
    let needed = json.count + 4
    guard total + needed <= Self.totalLimit, offsets.count < Self.countLimit, needed <= Self.blockSize else {
      throw StopError(
        .dataError, code: "workbook.strings_limit",
        "the workbook's shared strings need more than \(Self.totalLimit >> 20) MiB, or one is longer than any cell may be"
      )
    }
    if room < needed {
      blocks.append(.allocate(byteCount: Self.blockSize + 64, alignment: 16))
      used = 0
      room = Self.blockSize
    }
    let to = blocks[blocks.count - 1] + used
    to.storeBytes(of: UInt32(json.count), as: UInt32.self)
    if let from = json.baseAddress { (to + 4).copyMemory(from: from, byteCount: json.count) }
    offsets.append(UInt32((blocks.count - 1) << Self.blockShift + used))
    used += needed
    room -= needed
    total += needed
  }

  /// String `index` with its quotes; nil where there is none. 16 bytes behind it are readable.
  @inline(__always)
  subscript(index: Int) -> UnsafeRawBufferPointer? {
    guard index >= 0, index < offsets.count else { return nil }
    let offset = Int(offsets.withUnsafeBufferPointer { $0[index] })
    let at = blocks.withUnsafeBufferPointer { $0[offset >> Self.blockShift] } + (offset & (Self.blockSize - 1))
    return UnsafeRawBufferPointer(start: at + 4, count: Int(at.loadUnaligned(as: UInt32.self)))
  }
}
