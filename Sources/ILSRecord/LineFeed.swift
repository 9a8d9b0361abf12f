import Glibc

extension UnsafeRawBufferPointer {
  /// Where the first line feed at or behind `start` is; nil where there is none.
  public func lineFeed(from start: Int) -> Int? {
    guard start < count, let base = baseAddress, let found = memchr(base + start, 0x0A, count - start) else {
      return nil
    }
    return UnsafeRawPointer(found) - base
  }
}
