import ILSRecord
import ILSStream

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One run of one tool: sources are pumped through a decoder or a stage, and what comes out goes where it belongs.
///
/// Bytes are written in blocks, and always before the source would make this process wait, so that a slow producer is
/// seen at once downstream. Back-pressure is a blocked write.
public struct StageRun: ~Copyable {
  public let tool: String
  public var emitter: Emitter
  private var output: OutputFile
  private var rejects: RejectFile?
  private let rejectsName: String?
  private let diagnostics: DiagnosticWriter
  private let budget: RejectBudget
  private var progress: Progress
  /// Records that were read, whatever became of them.
  public private(set) var read = 0
  /// Lines that held no record.
  public private(set) var unreadable = 0
  private var bytesOfEarlierSources = 0
  private var gate: (any RecordGate)?
  /// What is said at the end about all faults together.
  public var summary: FaultSummary?

  /// Output is written once this much has gathered.
  private static var blockSize: Int { 1 << 17 }

  /// - Parameters:
  ///   - inputs: the files that will be read; rejects must not overwrite them.
  ///   - survivesClosedReader: a closed stdout ends the output, not the run.
  public init(_ tool: String, _ options: FilterOptions, inputs: [String], survivesClosedReader: Bool = false)
    throws(StopError)
  {
    try Descriptor.check(inputs)
    if survivesClosedReader { signal(SIGPIPE, SIG_IGN) }
    let output = try OutputFile(options.output, survivesClosedReader: survivesClosedReader)
    var rejects: RejectFile?
    if let path = options.rejects { rejects = try RejectFile(path, sparing: inputs) }
    self.tool = tool
    self.output = output
    self.rejects = rejects
    rejectsName = options.rejects
    emitter = Emitter(stage: tool)
    diagnostics = DiagnosticWriter(tool: tool, options.common)
    budget = options.budget
    progress = Progress(tool, options.common.progress, inputs: inputs)
    emitter.keepsRejects = options.rejects != nil
    if case .count(let most) = budget { emitter.rejectLimit = most + 1 }
  }

  /// From now on, only what `gate` makes of the records is written.
  public mutating func pass(through gate: any RecordGate) { self.gate = gate }

  /// Nothing more that is read could come out.
  private var isSatisfied: Bool { gate?.isSatisfied == true ? true : emitter.isFull }

  // MARK: - Records

  /// Feeds every record of `inputs` (`-` or none: stdin) to `stage`, then lets it finish.
  public mutating func pump<S: Stage & ~Copyable>(_ inputs: [String], through stage: inout S) throws(StopError) {
    try feed(inputs, to: &stage)
    try finish(&stage)
  }

  /// Feeds every record of `inputs` to `stage`, without finishing it.
  public mutating func feed<S: Stage & ~Copyable>(_ inputs: [String], to stage: inout S) throws(StopError) {
    for input in inputs.isEmpty ? ["-"] : inputs {
      try feed(try ByteSource(input), named: input, to: &stage)
    }
  }

  private mutating func feed<S: Stage & ~Copyable>(
    _ source: consuming ByteSource, named name: String, to stage: inout S
  )
    throws(StopError)
  {
    emitter.inputName = name == "-" ? nil : name
    var reader = LineReader(source)
    var scanner = RecordScanner()
    while true {
      switch reader.next() {
      case .line(let line):
        try take(line, reader.number, isLast: reader.isUnterminated, &scanner, &stage)
      case .tooLong(let head):
        read += 1
        unreadable += 1
        refuse(
          Rejection(
            RecordError(code: "json.too_long", message: "the line is longer than \(LineReader.lineLimit >> 20) MiB")),
          at: Position(row: reader.number), .raw(head))
        try deliver(waiting: false)
      case .needsInput:
        let waits = !reader.source.isReady
        if waits { try wait(&stage) }
        try deliver(waiting: waits)
        try reader.fill()
        progress.update(records: read, bytes: bytesOfEarlierSources + reader.source.bytesRead)
      case .end:
        try wait(&stage)
        bytesOfEarlierSources += reader.source.bytesRead
        return
      }
    }
  }

  @inline(__always)
  private mutating func take<S: Stage & ~Copyable>(
    _ padded: PaddedBytes, _ number: Int, isLast: Bool, _ scanner: inout RecordScanner, _ stage: inout S
  ) throws(StopError) {
    let line = padded.bytes
    if isBlank(line) { return }
    read += 1
    let record: Record
    do throws(RecordError) {
      record = try scanner.scan(padded, number: number)
    } catch {
      if isLast, ["json.truncated", "json.utf8"].contains(error.code) { try haltCutOff(number) }
      unreadable += 1
      refuse(Rejection(error), at: Position(row: number), .raw(line))
      try deliver(waiting: false)
      return
    }
    let mark = emitter.output.count
    do throws(StageError) {
      try stage.process(record, emit: &emitter)
    } catch {
      emitter.output.truncate(to: mark)
      try handle(error, record)
    }
    if emitter.output.count >= Self.blockSize || emitter.hasNews { try deliver(waiting: false) }
  }

  /// Tells `stage` that the next record is not there yet.
  private mutating func wait<S: Stage & ~Copyable>(_ stage: inout S) throws(StopError) {
    do throws(StageError) {
      try stage.sourceWaits(emit: &emitter)
    } catch {
      switch error {
      case .stop(let stop): throw stop
      case .reject(let rejection): refuse(rejection, at: Position(), .raw(UnsafeRawBufferPointer(start: nil, count: 0)))
      }
    }
  }

  private func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
    line.isEmpty || (line[0] != UInt8(ascii: "{") && line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
  }

  @inline(never)
  private mutating func handle(_ error: StageError, _ record: Record) throws(StopError) {
    switch error {
    case .stop(let stop): try halt(stop)
    case .reject(let rejection): refuse(rejection, at: record.position, .record(record.bytes))
    }
  }

  /// Writes what is known so far, since it may say why, and stops.
  private mutating func halt(_ stop: StopError) throws(StopError) -> Never {
    try? deliver(waiting: true)
    throw stop
  }

  /// Part of a record is what a stage that was killed leaves in the pipe: the records before it are not all there were.
  private mutating func haltCutOff(_ number: Int) throws(StopError) -> Never {
    try halt(
      StopError(
        .dataError, code: "json.truncated",
        "the input ends in the middle of a record: what wrote it was stopped; run it again, or take that line out",
        at: Position(file: emitter.inputName, row: number)))
  }

  private mutating func refuse(_ rejection: Rejection, at position: Position, _ input: RejectedInput) {
    emitter.reject(rejection, at: position, input: input)
  }

  /// Lets `stage` finish and writes what it still emits.
  public mutating func finish<S: Stage & ~Copyable>(_ stage: inout S) throws(StopError) {
    do throws(StageError) {
      try stage.finish(emit: &emitter)
    } catch {
      switch error {
      case .stop(let stop): try halt(stop)
      case .reject(let rejection): refuse(rejection, at: Position(), .raw(UnsafeRawBufferPointer(start: nil, count: 0)))
      }
    }
    try deliver(waiting: true)
  }

  // MARK: - Bytes

  /// Feeds every byte of `source` to `decoder`, then lets it finish.
  public mutating func decode<D: RecordDecoder & ~Copyable>(_ source: inout ByteSource, with decoder: inout D)
    throws(StopError)
  {
    let padding = 64
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: LineReader.blockSize + padding, alignment: 16)
    defer { block.deallocate() }
    block.initializeMemory(as: UInt8.self, repeating: 0)
    let room = UnsafeMutableRawBufferPointer(rebasing: block[..<LineReader.blockSize])
    while true {
      let got = try source.read(into: room)
      if got == 0 { break }
      try decoder.decode(PaddedBytes(0..<got, of: UnsafeRawBufferPointer(block)), emit: &emitter)
      read = emitter.emitted + emitter.rejected
      progress.update(records: read, bytes: bytesOfEarlierSources + source.bytesRead)
      let waits = !source.isReady
      if waits { try decoder.sourceWaits(emit: &emitter) }
      try deliver(waiting: waits)
      if isSatisfied { return }
    }
    try decoder.finish(emit: &emitter)
    read = emitter.emitted + emitter.rejected
    bytesOfEarlierSources += source.bytesRead
    try deliver(waiting: true)
  }

  /// Takes what `step` emits, piece by piece, until it returns nil; until then it returns how many of the source's
  /// `bytes` were read.
  public mutating func pull(
    bytes: Int, _ step: (inout Emitter) throws(StopError) -> Int?
  ) throws(StopError) {
    while true {
      let position: Int?
      do throws(StopError) {
        position = try step(&emitter)
      } catch {
        try halt(error)
      }
      read = emitter.emitted + emitter.rejected
      progress.update(records: read, bytes: bytesOfEarlierSources + (position ?? bytes))
      try deliver(waiting: position == nil)
      if position == nil || isSatisfied { break }
    }
    bytesOfEarlierSources += bytes
  }

  // MARK: - Delivery

  /// Writes what has gathered: a full block of records, or all whole ones if this process is about to wait.
  public mutating func deliver(waiting: Bool) throws(StopError) {
    if emitter.output.count >= Self.blockSize || ((waiting || gate != nil) && !emitter.output.isEmpty) {
      try writeWholeRecords()
    }
    if rejects != nil, emitter.rejects.count >= Self.blockSize || waiting { try rejects?.write(&emitter.rejects) }
    let news = emitter.takeDiagnostics()
    if !news.isEmpty {
      progress.clear()
      diagnostics.write(news)
    }
    if budget.isExceeded(rejected: emitter.rejected, total: read, atEnd: false) { try stopOverBudget() }
  }

  /// A decoder may be in the middle of a record: that one stays.
  private mutating func writeWholeRecords() throws(StopError) {
    try rejects?.begin()
    let unfinished = emitter.output.takeBehindLastLineFeed()
    gate?.filter(&emitter.output)
    try output.write(&emitter.output)
    emitter.output.append(unfinished)
  }

  private mutating func stopOverBudget() throws(StopError) -> Never {
    try rejects?.write(&emitter.rejects)
    throw StopError(
      .dataError, code: "run.too_many_rejects",
      "stopped: \(emitter.rejected) of \(read) records were refused, more than the run allows; what was written is not whole"
    )
  }

  /// Tells something at once.
  public mutating func tell(_ diagnostic: Diagnostic) {
    progress.clear()
    diagnostics.write(diagnostic)
  }

  /// Writes all that is left, ends the output, and says what the run comes to.
  ///
  /// - Parameter beforeEnd: runs once rejects are safe and before a reader sees the end: the place for a manifest.
  public consuming func close(beforeEnd: () throws(StopError) -> Void = {}) throws(StopError) -> ExitStatus {
    try deliver(waiting: true)
    if budget.isExceeded(rejected: emitter.rejected, total: read, atEnd: true) { try stopOverBudget() }
    progress.finish(records: read)
    if let gate {
      // Reading may have stopped in the middle of a record.
      _ = emitter.output.takeBehindLastLineFeed()
      gate.finish(&emitter)
      diagnostics.write(emitter.takeDiagnostics())
    }
    if let summary, summary.isOutput {
      summary.write(emitter.tally, read: read, rejected: emitter.rejected, to: &emitter.output)
    }
    try output.write(&emitter.output)
    try beforeEnd()
    try output.close()
    diagnostics.write(ending())
    if let summary, !summary.isOutput {
      var text = OutputBuffer()
      summary.write(emitter.tally, read: read, rejected: emitter.rejected, to: &text)
      _ = Descriptor(STDERR_FILENO, owned: false).writeAll(text.bytes)
    }
    return emitter.rejected > 0 ? .rejected : .success
  }

  /// What was counted and not told one by one, and how many records were refused.
  private func ending() -> [Diagnostic] {
    var told: [Diagnostic] = emitter.tally.filter { $0.value.count > Emitter.toldInFull }
      .sorted { ($0.value.count, $1.key.code) > ($1.value.count, $0.key.code) }
      .map { key, met in
        Diagnostic(
          key.severity, code: key.code, "\(met.count - Emitter.toldInFull) more, \(met.count) in all", field: key.field)
      }
    if emitter.rejected > 0 {
      told.append(
        Diagnostic(
          .info, code: "run.rejected",
          "\(emitter.rejected) of \(read) records refused"
            + (rejectsName.map { "; they are in \($0)" } ?? "; --rejects FILE keeps them")))
    }
    return told
  }
}
