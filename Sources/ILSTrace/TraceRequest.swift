import ILSCommand
import ILSReading
import ILSRecord
import ILSStream

/// What is asked, and what is given to answer it.
public struct TraceRequest {
  /// Files that jobs are said to have loaded.
  public var sources: [String]
  /// For jobs that do not know theirs.
  public var mapping: GivenMapping?
  public var reading: ReadingOptions
  public var common: CommonOptions

  /// - Throws: `usage` where a source is no file.
  public init(
    sources: [String], mapping: GivenMapping?, reading: ReadingOptions, common: CommonOptions
  ) throws(StopError) {
    try Descriptor.check(sources)
    guard !sources.contains("-") else {
      throw StopError(.usage, UsageFault.usage, "--from takes files: a source is read more than once")
    }
    (self.sources, self.mapping, self.reading, self.common) = (sources, mapping, reading, common)
  }
}
