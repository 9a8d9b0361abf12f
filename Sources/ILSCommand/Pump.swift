import ILSRecord
import ILSStream
import Glibc

/// Drives one run of one tool: what a source holds goes through a stage or a decoder, and what comes out is delivered.
///
/// What has gathered is always delivered before the source would make this process wait, so that a slow producer is seen
/// at once downstream.
public struct Pump: ~Copyable {
  public var emitter: Emitter
  var delivery: Delivery

  /// - Parameters:
  ///   - inputs: the files that will be read; nothing that is written may be one of them,
  ///   - others: nor one of these, which are read beside: a mapping, a schema, a manifest.
  ///   - manifest: a manifest that will be written.
  ///   - survivesClosedReader: a closed stdout ends the output, not the run.
  public init(
    _ tool: String, _ options: FilterOptions, inputs: [String], others: [String?] = [], manifest: String? = nil,
    survivesClosedReader: Bool = false
  ) throws(StopError) {
    try Descriptor.check(inputs)
    try WrittenFiles.check(
      inputs: inputs, others: others,
      [("-o", options.output), ("--rejects", options.rejects), ("--manifest", manifest)],
      writesStdout: options.output ?? "-" == "-")
    if survivesClosedReader { signal(SIGPIPE, SIG_IGN) }
    let output = try OutputFile(options.output, survivesClosedReader: survivesClosedReader)
    var rejects: (any ByteSink & ~Copyable)?
    if let path = options.rejects { rejects = try RejectFile(path, sparing: inputs) }
    self.init(
      tool, budget: options.budget, keepsRejects: options.rejects != nil,
      Delivery(
        Delivery.Sinks(output: output, rejects: rejects, news: DiagnosticWriter(tool: tool, options.common)),
        rejectsName: options.rejects, progress: Progress(tool, options.common.progress, inputs: inputs)))
  }

  init(_ tool: String, budget: RejectBudget, keepsRejects: Bool, _ delivery: consuming Delivery) {
    emitter = Emitter(stage: tool)
    emitter.keepsRejects = keepsRejects
    emitter.budget = budget
    self.delivery = delivery
  }

  /// From now on, only what `gate` makes of the records is written.
  public mutating func pass(through gate: any RecordGate) { delivery.gate = gate }

  /// Says at the end what faults there were, all together.
  public mutating func sum(up summary: FaultSummary) { delivery.summary = summary }

  /// Tells something at once.
  public mutating func tell(_ diagnostic: Diagnostic) { delivery.tell([diagnostic]) }

  /// Writes what has gathered: a full block, or all whole records if this process is about to wait.
  public mutating func deliver(waiting: Bool) throws(StopError) { try delivery.deliver(&emitter, waiting: waiting) }

  /// Writes what is known so far, since it may say why, and stops.
  mutating func halt(_ stop: StopError) throws(StopError) -> Never {
    try? deliver(waiting: true)
    throw stop
  }

  /// Delivers what `step` emits, which takes no source.
  public mutating func perform(_ step: (inout Emitter) throws(StopError) -> Void) throws(StopError) {
    do throws(StopError) {
      try step(&emitter)
    } catch {
      try halt(error)
    }
    try deliver(waiting: true)
  }

  /// Writes all that is left, ends the output, and says what the run comes to.
  ///
  /// - Parameter beforeEnd: runs once rejects are safe and before a reader sees the end: the place for a manifest.
  public consuming func close(beforeEnd: () throws(StopError) -> Void = {}) throws(StopError) -> ExitStatus {
    try delivery.close(&emitter, beforeEnd: beforeEnd)
  }
}
