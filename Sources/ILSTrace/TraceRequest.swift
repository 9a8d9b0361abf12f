import ILSCommand
import ILSReading

/// What is asked, and what is given to answer it.
public struct TraceRequest {
  /// Files that jobs are said to have loaded.
  public var sources: [String]
  /// For jobs that do not know theirs.
  public var mapping: GivenMapping?
  public var reading: ReadingOptions
  public var common: CommonOptions

  public init(sources: [String], mapping: GivenMapping?, reading: ReadingOptions, common: CommonOptions) {
    (self.sources, self.mapping, self.reading, self.common) = (sources, mapping, reading, common)
  }
}
