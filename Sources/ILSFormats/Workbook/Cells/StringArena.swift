import ILSRecord

/// A workbook's shared strings, each kept once as the JSON string that it will be written as.
///
/// Strings lie one behind the other in blocks, each behind its length: 8 bytes more than the text, and growing moves none.
final class StringArena {
  private var table: StringTable
  private var countRoom = 1 << 10
  private var blockCount = 0
  private var used = 0
  private var room = 0
  private var total = 0

  private let totalLimit: Int
  private let countLimit: Int
  private static var blockLimit: Int { 1 << (32 - StringTable.blockShift) }

  /// - Parameter packed: the bytes that the strings come from, as the file has them. A small file that asks for more than
  ///   288 MiB means harm (a process that may map 512 MB keeps room for the rest); a large one may have more.
  init(packed: Int) {
    totalLimit = max(288 << 20, packed * 4)
    countLimit = (16 << 20) + packed / 8
    table = StringTable(blocks: .allocate(capacity: Self.blockLimit), offsets: .allocate(capacity: countRoom), count: 0)
  }

  deinit {
    for index in 0..<blockCount { table.blocks[index].deallocate() }
    table.blocks.deallocate()
    table.offsets.deallocate()
  }

  var count: Int { table.count }

  /// Strings that hold text which is struck through.
  private(set) var struck: Set<Int> = []

  /// Says that the string that comes next is such a one.
  func strikeNext() { struck.insert(count) }

  /// The strings as they are now; valid as long as the arena, and until the next `append`.
  var strings: StringTable { table }

  /// - Throws: `workbook.strings_limit`
  func append(_ json: UnsafeRawBufferPointer) throws(StopError) {
    let needed = json.count + 4
    guard total + needed <= totalLimit, blockCount < Self.blockLimit, table.count < countLimit,
      needed <= StringTable.blockSize
    else {
      throw StopError(
        .dataError, WorkbookFault.workbookStringsLimit,
        "the workbook's shared strings need more than \(totalLimit >> 20) MiB, or one is longer than any cell may be"
      )
    }
    if room < needed {
      table.blocks[blockCount] = .allocate(byteCount: StringTable.blockSize + 64, alignment: 16)
      blockCount += 1
      used = 0
      room = StringTable.blockSize
    }
    if table.count == countRoom { growOffsets() }
    let to = table.blocks[blockCount - 1] + used
    to.storeBytes(of: UInt32(json.count), as: UInt32.self)
    if let from = json.baseAddress { (to + 4).copyMemory(from: from, byteCount: json.count) }
    table.offsets[table.count] = UInt32((blockCount - 1) << StringTable.blockShift + used)
    table.count += 1
    used += needed
    room -= needed
    total += needed
  }

  private func growOffsets() {
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: countRoom * 2)
    larger.update(from: table.offsets, count: table.count)
    table.offsets.deallocate()
    table.offsets = larger
    countRoom *= 2
  }
}

/// A view of an arena's strings, for the loop over cells.
struct StringTable {
  fileprivate let blocks: UnsafeMutablePointer<UnsafeMutableRawPointer>
  fileprivate var offsets: UnsafeMutablePointer<UInt32>
  fileprivate(set) var count: Int

  fileprivate static var blockShift: Int { 20 }
  fileprivate static var blockSize: Int { 1 << blockShift }

  /// String `index` with its quotes; nil where there is none. 16 bytes behind it are readable.
  @inline(__always)
  subscript(index: Int) -> UnsafeRawBufferPointer? {
    guard index >= 0, index < count else { return nil }
    let offset = Int(offsets[index])
    let at = blocks[offset >> Self.blockShift] + (offset & (Self.blockSize - 1))
    return UnsafeRawBufferPointer(start: at + 4, count: Int(at.loadUnaligned(as: UInt32.self)))
  }
}

extension OutputBuffer {
  /// Appends `bytes` 16 at a time; 16 bytes behind them must be readable.
  @inline(__always)
  mutating func append(padded bytes: UnsafeRawBufferPointer) {
    guard let from = bytes.baseAddress else { return }
    let to = reserve(bytes.count)
    var at = 0
    while at < bytes.count {
      (to + at).storeBytes(of: (from + at).loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
      at += 16
    }
    commit(bytes.count)
  }
}
