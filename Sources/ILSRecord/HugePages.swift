import Glibc

extension UnsafeMutableRawPointer {
  /// What the processor maps by one entry of its tables, where the system lends itself to it (madvise(2)).
  public static var hugePage: Int { 1 << 21 }

  /// Memory for a large table that is met in another place each time: in huge pages, the processor knows where all of it is.
  public static func allocate(inHugePages bytes: Int) -> UnsafeMutableRawPointer {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: hugePage)
    madvise(memory, bytes, MADV_HUGEPAGE)
    return memory
  }
}
