/// Why a stage did not take a record.
public enum StageError: Error, Equatable, Sendable {
  /// This record is refused; the stage goes on with the next.
  case reject(Rejection)
  /// The stage cannot go on.
  case stop(StopError)
}

/// One step of a pipeline: a record in, none or more out.
///
/// A stage knows no files, clock or network. What it writes for a record that it then refuses is taken back.
public protocol Stage: ~Copyable {
  /// Takes one record. `record` is a view: valid for this call alone.
  mutating func process(_ record: Record, emit: inout Emitter) throws(StageError)

  /// How long the next record is waited for before `sourceWaits` is called, in milliseconds: where to go on with a batch is
  /// worth more than to end it.
  var patience: Int { get }

  /// Called once the next record was waited for, and came in time.
  mutating func hasWaited(milliseconds: Int)

  /// Called when the next record is not there yet: what was held back for a batch should wait no longer.
  mutating func sourceWaits(emit: inout Emitter) throws(StageError)

  /// Called before a line is refused that holds no record: what is said of records before it comes first.
  mutating func refusalComes(emit: inout Emitter) throws(StageError)

  /// Whether a batch has more to write than it wrote so far. Whoever drives the stage takes the output away and calls
  /// `goOn` until there is no more, before the next record: so no batch has to fit into memory as a whole.
  var hasMore: Bool { get }

  /// Writes the next part of a batch.
  mutating func goOn(emit: inout Emitter) throws(StageError)

  /// Called once, behind the last record.
  mutating func finish(emit: inout Emitter) throws(StageError)

  /// Called once, when all records are taken, no more were refused than the run allows, and rejects are written: what
  /// the stage keeps elsewhere may now come to its end.
  mutating func commit(emit: inout Emitter) throws(StopError)

  /// Called in place of `commit` where the run stops before: whatever the stage keeps elsewhere did not come to its end.
  mutating func abandon(emit: inout Emitter)
}

extension Stage where Self: ~Copyable {
  public var patience: Int { 0 }
  public mutating func hasWaited(milliseconds: Int) {}
  public var hasMore: Bool { false }
  public mutating func goOn(emit: inout Emitter) throws(StageError) {}
  public mutating func sourceWaits(emit: inout Emitter) throws(StageError) {}
  public mutating func refusalComes(emit: inout Emitter) throws(StageError) {}
  public mutating func finish(emit: inout Emitter) throws(StageError) {}
  public mutating func commit(emit: inout Emitter) throws(StopError) {}
  public mutating func abandon(emit: inout Emitter) {}
}

/// Turns the bytes of a source into records; the records are the same however the bytes are split.
public protocol RecordDecoder: ~Copyable {
  /// Feeds the next bytes and emits each record that they complete.
  /// `chunk` is valid for this call alone.
  mutating func decode(_ chunk: PaddedBytes, emit: inout Emitter) throws(StopError)

  /// Called when the next bytes are not there yet: what was held back to find something out should wait no longer.
  mutating func sourceWaits(emit: inout Emitter) throws(StopError)

  /// Called once, behind the last byte.
  mutating func finish(emit: inout Emitter) throws(StopError)
}

extension RecordDecoder where Self: ~Copyable {
  public mutating func sourceWaits(emit: inout Emitter) throws(StopError) {}
}
