import ILSRecord
import ILSStream

/// Where what a run makes goes: records, rejects, and what is told; and how the run ends.
///
/// Bytes are written in blocks, and whatever there is before the run waits for more input. Back-pressure is a blocked
/// write.
struct Delivery: ~Copyable {
  /// The ways out of a run.
  struct Sinks: ~Copyable {
    var output: any ByteSink & ~Copyable
    /// nil where nobody keeps rejects.
    var rejects: (any ByteSink & ~Copyable)?
    /// What people and programs read of the run's course: stderr.
    var news: any NewsSink

    init(
      output: consuming any ByteSink & ~Copyable, rejects: consuming (any ByteSink & ~Copyable)?, news: any NewsSink
    ) {
      self.output = output
      self.rejects = rejects
      self.news = news
    }
  }

  private var sinks: Sinks
  /// The rejects' file, as the user named it.
  private let rejectsName: String?
  private var progress: Progress
  /// What stands between the records and the output.
  var gate: (any RecordGate)?
  /// What is said at the end about all faults together.
  var summary: FaultSummary?

  /// Output is written once this much has gathered.
  static var blockSize: Int { 1 << 17 }

  init(_ sinks: consuming Sinks, rejectsName: String?, progress: Progress) {
    self.sinks = sinks
    self.rejectsName = rejectsName
    self.progress = progress
  }

  /// Nothing more that is read could come out.
  func isSatisfied(_ emitter: borrowing Emitter) -> Bool { gate?.isSatisfied == true ? true : emitter.isFull }

  // MARK: - On the way

  /// Writes what has gathered: a full block of records, or all whole ones if the run is about to wait.
  /// - Throws: `run.too_many_rejects` once the budget is spent.
  mutating func deliver(_ emitter: inout Emitter, waiting: Bool, atEnd: Bool = false) throws(StopError) {
    if emitter.isOverBudget(atEnd: atEnd) { try stopOverBudget(&emitter) }
    if emitter.output.count >= Self.blockSize || ((waiting || gate != nil) && !emitter.output.isEmpty) {
      try writeWholeRecords(&emitter)
    }
    if emitter.rejects.count >= Self.blockSize || waiting { try sinks.rejects?.write(&emitter.rejects) }
    let news = emitter.takeDiagnostics()
    if !news.isEmpty { tell(news) }
  }

  /// A decoder may be in the middle of a record: that one stays.
  private mutating func writeWholeRecords(_ emitter: inout Emitter) throws(StopError) {
    try sinks.rejects?.begin()
    let unfinished = emitter.output.takeBehindLastLineFeed()
    gate?.filter(&emitter.output)
    try sinks.output.write(&emitter.output)
    emitter.output.append(unfinished)
  }

  private mutating func stopOverBudget(_ emitter: inout Emitter) throws(StopError) -> Never {
    try sinks.rejects?.write(&emitter.rejects)
    tell(emitter.takeDiagnostics())
    // What a loader says of rows that are in the table is said nowhere else.
    if !emitter.output.isEmpty { try writeWholeRecords(&emitter) }
    throw StopError(
      .dataError, CommandFault.runTooManyRejects,
      "stopped: \(emitter.rejected) of \(emitter.read) records were refused, more than the run allows; "
        + "what was written is not whole")
  }

  mutating func tell(_ news: [Diagnostic]) {
    progress.clear()
    sinks.news.write(news)
  }

  /// Notes how far the run has come in the source that is being read.
  mutating func note(records: Int, bytes: Int) { progress.update(records: records, bytes: bytes) }

  /// Notes that a source of so many bytes is done.
  mutating func endSource(bytes: Int) { progress.endSource(bytes: bytes) }

  // MARK: - The end

  /// Writes all that is left, ends the output, and says what the run comes to.
  ///
  /// - Parameter beforeEnd: runs once rejects are safe and before a reader sees the end: the place for a manifest.
  mutating func close(_ emitter: inout Emitter, beforeEnd: () throws(StopError) -> Void) throws(StopError) -> ExitStatus
  {
    try deliver(&emitter, waiting: true, atEnd: true)
    progress.finish(records: emitter.read)
    if let gate {
      // Reading may have stopped in the middle of a record.
      _ = emitter.output.takeBehindLastLineFeed()
      gate.finish(&emitter)
      sinks.news.write(emitter.takeDiagnostics())
    }
    if let summary, summary.isOutput {
      let text = summary.text(emitter)
      emitter.output.append(text.bytes)
    }
    try sinks.output.write(&emitter.output)
    try beforeEnd()
    try sinks.output.close()
    sinks.news.write(ending(emitter))
    if let summary, !summary.isOutput { sinks.news.write(summary.text(emitter)) }
    return emitter.rejected > 0 ? .rejected : .success
  }

  /// What was counted and not told one by one, and how many records were refused.
  private func ending(_ emitter: borrowing Emitter) -> [Diagnostic] {
    var told: [Diagnostic] = emitter.tally.filter { $0.value.count > Emitter.toldInFull }
      .sorted { ($0.value.count, $1.key.code) > ($1.value.count, $0.key.code) }
      .map { key, met in
        Diagnostic(
          key.severity, code: key.code, "\(met.count - Emitter.toldInFull) more, \(met.count) in all", field: key.field)
      }
    if emitter.rejected > 0 {
      told.append(
        Diagnostic(
          .info, CommandFault.runRejected,
          "\(emitter.rejected) of \(emitter.read) records refused"
            + (rejectsName.map { "; they are in \($0)" } ?? "; --rejects FILE keeps them")))
    }
    return told
  }
}

/// Where people and programs read of a run's course.
protocol NewsSink {
  func write(_ diagnostics: [Diagnostic])
  /// Writes text as it is.
  func write(_ text: borrowing OutputBuffer)
}
