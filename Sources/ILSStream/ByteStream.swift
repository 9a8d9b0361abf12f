import ILSRecord

/// Bytes that come one portion after the other.
public protocol ByteStream: ~Copyable {
  /// Reads at most `buffer.count` bytes; 0 at the end.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(StopError) -> Int

  /// Whether a read would return at once. Where not, what is written should be on its way first.
  var isReady: Bool { get }

  /// The same after so many milliseconds at most.
  mutating func isReady(within milliseconds: Int) -> Bool

  /// Bytes read so far, as they are stored.
  var bytesRead: Int { get }
}

/// Where bytes go.
public protocol ByteSink: ~Copyable {
  /// Makes the sink ready, the first time: before the run writes anything anywhere.
  mutating func begin() throws(StopError)

  /// Writes all of `buffer` and empties it.
  mutating func write(_ buffer: inout OutputBuffer) throws(StopError)

  /// Ends the writing: now a reader sees the end.
  mutating func close() throws(StopError)
}

extension ByteSink where Self: ~Copyable {
  public mutating func begin() throws(StopError) {}
  public mutating func close() throws(StopError) {}
}
