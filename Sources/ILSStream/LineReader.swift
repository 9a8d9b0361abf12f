import ILSRecord
import Glibc

/// Cuts a source into lines, without copying them.
public struct LineReader: ~Copyable {
  public enum Step {
    /// A line without its line feed, valid until the next call.
    case line(PaddedBytes)
    /// The buffer holds no whole line: call `fill`.
    case needsInput
    /// A line beyond the limit; its first bytes. The rest of it is passed over.
    case tooLong(UnsafeRawBufferPointer)
    case end
  }

  public var source: any ByteStream & ~Copyable
  /// The number of the line that `next` returned last, from 1.
  public private(set) var number = 0
  private var buffer: UnsafeMutableRawBufferPointer
  /// Bytes that lie between `from` and `to` are not yet handed out; no line feed before `searched`.
  private var from = 0
  private var to = 0
  private var searched = 0
  private var isAtEnd = false
  private var isSkipping = false
  /// The line that `next` returned last has no line feed behind it: the source ended there.
  public private(set) var isUnterminated = false

  public static var blockSize: Int { 1 << 18 }
  /// The longest line that is taken for a record.
  public static var lineLimit: Int { 16 << 20 }
  private static var padding: Int { 64 }

  public init(_ source: consuming any ByteStream & ~Copyable) {
    self.source = source
    buffer = .allocate(byteCount: Self.blockSize + Self.padding, alignment: 16)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { buffer.deallocate() }

  /// The next line of those that are in memory.
  public mutating func next() -> Step {
    let start = buffer.baseAddress!
    if let feed = memchr(start + searched, 0x0A, to - searched) {
      let at = UnsafeRawPointer(feed) - UnsafeRawPointer(start)
      let line = PaddedBytes(from..<at, of: UnsafeRawBufferPointer(buffer))
      from = at + 1
      searched = from
      if isSkipping {
        isSkipping = false
        return next()
      }
      number += 1
      return .line(line)
    }
    searched = to
    if isSkipping { from = to }
    if isAtEnd { return lastLine() }
    if to - from >= Self.lineLimit {
      isSkipping = true
      number += 1
      return .tooLong(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[from..<(from + 4096)]))
    }
    return .needsInput
  }

  /// What lies behind the last line feed.
  private mutating func lastLine() -> Step {
    guard from < to else { return .end }
    let line = PaddedBytes(from..<to, of: UnsafeRawBufferPointer(buffer))
    from = to
    number += 1
    isUnterminated = true
    return .line(line)
  }

  /// Whether the source has more, or its end, after so many milliseconds at most.
  public mutating func isReady(within milliseconds: Int) -> Bool { source.isReady(within: milliseconds) }

  /// Reads more of the source; blocks until there is some. Lines handed out before are gone.
  public mutating func fill() throws(StopError) {
    if from > 0 {
      buffer.baseAddress!.copyMemory(from: buffer.baseAddress! + from, byteCount: to - from)
      to -= from
      searched -= from
      from = 0
    }
    if buffer.count - Self.padding - to < Self.blockSize / 2 { grow() }
    let got = try source.read(
      into: UnsafeMutableRawBufferPointer(rebasing: buffer[to..<(buffer.count - Self.padding)]))
    if got == 0 { isAtEnd = true }
    to += got
  }

  private mutating func grow() {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }
}
