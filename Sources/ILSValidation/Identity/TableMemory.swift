import ILSRecord

/// Where tables of identity keys lie: in this process's memory, or wherever a subclass puts them.
open class TableMemory {
  public init() {}

  /// Memory that is aligned to 64 bytes, and may hold anything.
  open func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    bytes < UnsafeMutableRawPointer.hugePage
      ? .allocate(byteCount: bytes, alignment: 64) : .allocate(inHugePages: bytes)
  }

  open func release(_ memory: UnsafeMutableRawPointer, _ bytes: Int) { memory.deallocate() }
}

/// Hands out pieces of memory that all go together.
struct ChunkMemory: ~Copyable {
  let memory: TableMemory
  private var slabs: [(memory: UnsafeMutableRawPointer, size: Int)] = []
  /// Bytes of the last slab that nobody has yet.
  private var left = 0
  /// Pieces that came back.
  private var spare: [UnsafeMutableRawPointer] = []

  static var chunkSize: Int { 1024 }
  /// Pages that nobody writes to are not there: a large slab costs little, but for a huge page.
  private static var firstSlab: Int { 1 << 18 }
  private static var smallSlabs: Int { 8 }

  init(_ memory: TableMemory) { self.memory = memory }

  deinit { for slab in slabs { memory.release(slab.memory, slab.size) } }

  mutating func chunk() -> UnsafeMutableRawPointer { spare.popLast() ?? piece(Self.chunkSize) }

  /// A piece of several chunks in a row.
  mutating func piece(_ bytes: Int) -> UnsafeMutableRawPointer {
    if left < bytes { addSlab(bytes) }
    defer { left -= bytes }
    return slabs[slabs.count - 1].memory + (slabs[slabs.count - 1].size - left)
  }

  private mutating func addSlab(_ bytes: Int) {
    if let last = slabs.last { giveBack(last.memory + (last.size - left), left) }
    left = max(slabs.count < Self.smallSlabs ? Self.firstSlab : UnsafeMutableRawPointer.hugePage, bytes)
    slabs.append((memory.allocate(left), left))
  }

  /// Takes a piece back, chunk by chunk.
  mutating func giveBack(_ piece: UnsafeMutableRawPointer, _ bytes: Int) {
    for start in stride(from: 0, to: bytes - Self.chunkSize + 1, by: Self.chunkSize) { spare.append(piece + start) }
  }
}
