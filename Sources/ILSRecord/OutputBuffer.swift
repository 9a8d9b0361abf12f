import CScan

/// A growable run of bytes that records are written into.
///
/// It grows by doubling and never shrinks, so a stage that reuses one allocates nothing per record. At least
/// `OutputBuffer.slack` bytes behind the end may be scribbled on, so that copies can go sixteen bytes at a time.
public struct OutputBuffer: ~Copyable {
  /// Bytes behind `count` that are always writable.
  @inlinable public static var slack: Int { 64 }

  @usableFromInline var start: UnsafeMutableRawPointer
  @usableFromInline var capacity: Int
  /// The bytes written so far.
  public private(set) var count: Int

  public init(capacity: Int = 4096) {
    self.capacity = max(capacity, 64)
    start = .allocate(byteCount: self.capacity + Self.slack, alignment: 16)
    count = 0
  }

  deinit { start.deallocate() }

  /// The bytes written so far. Valid until the next append.
  @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  @inlinable public var isEmpty: Bool { count == 0 }

  /// A pointer at which `needed` bytes, and `slack` more, may be written; `commit` says how many were.
  @inlinable @inline(__always)
  public mutating func reserve(_ needed: Int) -> UnsafeMutableRawPointer {
    if capacity - count < needed { grow(needed) }
    return start + count
  }

  /// Counts `written` bytes, put at the pointer that `reserve` gave, as part of the buffer.
  @inlinable @inline(__always)
  public mutating func commit(_ written: Int) { setCount(count + written) }

  @usableFromInline @inline(__always)
  mutating func setCount(_ newCount: Int) { count = newCount }

  @usableFromInline @inline(never)
  mutating func grow(_ needed: Int) {
    let larger = max(capacity * 2, count + needed)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: larger + Self.slack, alignment: 16)
    moved.copyMemory(from: start, byteCount: count)
    start.deallocate()
    start = moved
    capacity = larger
  }

  @inlinable @inline(__always)
  public mutating func append(_ byte: UInt8) {
    reserve(1).storeBytes(of: byte, as: UInt8.self)
    setCount(count + 1)
  }

  @inlinable @inline(__always)
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let from = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count).copyMemory(from: from, byteCount: bytes.count)
    setCount(count + bytes.count)
  }

  public mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Appends the UTF-8 of `text` as it stands: no quotes, no escapes.
  public mutating func append(_ text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  public mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends the decimal digits of `number`.
  public mutating func append(decimal number: Int) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var at = 20
      var rest = number.magnitude
      repeat {
        at -= 1
        digits[at] = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
        rest /= 10
      } while rest > 0
      if number < 0 { append(UInt8(ascii: "-")) }
      append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[at...]))
    }
  }

  /// Puts `byte` in the place of the one at `index`, which must have been written.
  @inlinable
  public mutating func replaceByte(at index: Int, with byte: UInt8) {
    precondition(index < count)
    (start + index).storeBytes(of: byte, as: UInt8.self)
  }

  /// Forgets all that was written behind the first `length` bytes.
  @inlinable
  public mutating func truncate(to length: Int) { setCount(min(count, length)) }

  @inlinable
  public mutating func removeAll() { setCount(0) }

  /// Forgets the first `length` bytes and moves the rest to the front.
  public mutating func removeFirst(_ length: Int) {
    let rest = count - length
    if rest > 0 { start.copyMemory(from: start + length, byteCount: rest) }
    count = max(rest, 0)
  }

  /// Takes away, and returns, what stands behind the last line feed: a record that is still being written.
  public mutating func takeBehindLastLineFeed() -> [UInt8] {
    let end = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    if end == count { return [] }
    let behind = [UInt8](bytes[end...])
    count = end
    return behind
  }

  /// A copy of the bytes, for tests and messages.
  public func string() -> String { String(decoding: bytes, as: UTF8.self) }
}
