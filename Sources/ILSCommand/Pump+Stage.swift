import ILSRecord
import ILSStream

extension Pump {
  /// Feeds every record of `inputs` (`-` or none: stdin) to `stage` and lets it finish; once its rejects are safe and it
  /// is sure that no more were refused than the run allows, the stage commits. Where the run stops before, the stage
  /// abandons.
  public mutating func pump<S: Stage & ~Copyable>(_ inputs: [String], through stage: inout S) throws(StopError) {
    try commit(&stage) { (pump, stage) throws(StopError) in try pump.feed(inputs, to: &stage) }
  }

  /// The same of one stream.
  mutating func pump<S: Stage & ~Copyable>(
    _ stream: consuming any ByteStream & ~Copyable, named name: String = "-", through stage: inout S
  ) throws(StopError) {
    var reader = LineReader(stream)
    try commit(&stage) { (pump, stage) throws(StopError) in try pump.feed(&reader, named: name, to: &stage) }
  }

  private mutating func commit<S: Stage & ~Copyable>(
    _ stage: inout S, behind feed: (inout Pump, inout S) throws(StopError) -> Void
  ) throws(StopError) {
    do throws(StopError) {
      try feed(&self, &stage)
      try finish(&stage)
    } catch {
      stage.abandon(emit: &emitter)
      try? deliver(waiting: true)
      throw error
    }
    try perform { (emit) throws(StopError) in try stage.commit(emit: &emit) }
  }

  /// Feeds every record of `inputs` to `stage`, and no more: the stage neither finishes nor commits.
  public mutating func feed<S: Stage & ~Copyable>(_ inputs: [String], to stage: inout S) throws(StopError) {
    for input in inputs.isEmpty ? ["-"] : inputs {
      var reader = LineReader(try ByteSource(input))
      try feed(&reader, named: input, to: &stage)
    }
  }

  private mutating func feed<S: Stage & ~Copyable>(_ reader: inout LineReader, named name: String, to stage: inout S)
    throws(StopError)
  {
    emitter.inputName = name == "-" ? nil : name
    var scanner = RecordScanner()
    while true {
      switch reader.next() {
      case .line(let line):
        try take(line, reader.number, isLast: reader.isUnterminated, &scanner, &stage)
      case .tooLong(let head):
        emitter.countTaken()
        try makeRoom(&stage)
        emitter.reject(
          unreadable: RecordError(
            RecordFault.jsonTooLong, message: "the line is longer than \(LineReader.lineLimit >> 20) MiB"),
          line: reader.number, head)
        try deliver(waiting: false)
      case .needsInput:
        var waits = !reader.source.isReady
        if waits, comes(in: &reader, for: &stage) { waits = false }
        if waits { try wait(&stage) }
        try deliver(waiting: waits)
        try reader.fill()
        delivery.note(records: emitter.read, bytes: reader.source.bytesRead)
      case .end:
        try wait(&stage)
        delivery.endSource(bytes: reader.source.bytesRead)
        return
      }
    }
  }

  @inline(__always)
  private mutating func take<S: Stage & ~Copyable>(
    _ padded: PaddedBytes, _ number: Int, isLast: Bool, _ scanner: inout RecordScanner, _ stage: inout S
  ) throws(StopError) {
    if isBlank(padded.bytes) { return }
    emitter.countTaken()
    let record: Record
    do throws(RecordError) {
      record = try scanner.scan(padded, number: number)
    } catch {
      try makeRoom(&stage)
      return try refuse(error, padded.bytes, number, isLast: isLast)
    }
    let mark = emitter.output.count
    do throws(StageError) {
      try stage.process(record, emit: &emitter)
    } catch {
      emitter.output.truncate(to: mark)
      try settle(error) { $0.reject($1, at: record.position, input: .record(record.bytes)) }
    }
    if stage.hasMore { try takeRest(of: &stage) }
    if emitter.output.count >= Delivery.blockSize || emitter.hasNews { try deliver(waiting: false) }
  }

  private func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
    line.isEmpty || (line[0] != UInt8(ascii: "{") && line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
  }

  /// A first line that starts a workbook, an archive, an array or delimited text.
  private func looksLikeTable(_ line: UnsafeRawBufferPointer) -> Bool {
    guard let first = line.first(where: { $0 > 0x20 }), first != UInt8(ascii: "{") else { return false }
    if first == UInt8(ascii: "[") || line.starts(with: [0x50, 0x4B]) || line.starts(with: [0xD0, 0xCF]) {
      return true
    }
    return line.contains { [0x2C, 0x3B, 0x09, 0x7C].contains($0) }
  }

  private func noRecords(_ name: String?) -> StopError {
    StopError(
      .dataError, CommandFault.inputNoRecords,
      "these are no records but a table or a file of another program: ils-parse it first, and pass on what that writes",
      at: Position(file: name, row: 1))
  }

  /// Stops where one of `inputs` is a file that starts as no record does, so that nothing else is asked for first. What comes
  /// through a pipe is seen when it is read.
  public func checkRecords(_ inputs: [String]) throws(StopError) {
    for input in inputs.isEmpty ? ["-"] : inputs {
      let path = input == "-" ? "/dev/stdin" : input
      guard let status = FileStatus(path: path), status.isRegular else { continue }
      var source = try ByteSource(path)
      let head = try source.peek { $0.count < 1 << 16 && !$0.contains(0x0A) }
      let isTable = head.withUnsafeBytes { looksLikeTable(UnsafeRawBufferPointer(rebasing: $0.prefix { $0 != 0x0A })) }
      if isTable { throw noRecords(input == "-" ? nil : input) }
    }
  }

  /// A line that holds no record. Part of one at the end is what a stage that was killed leaves in the pipe: the records
  /// before it are not all there were.
  @inline(never)
  private mutating func refuse(_ error: RecordError, _ line: UnsafeRawBufferPointer, _ number: Int, isLast: Bool)
    throws(StopError)
  {
    if number == 1, looksLikeTable(line) {
      try halt(noRecords(emitter.inputName))
    }
    if isLast, error.isA(RecordFault.jsonTruncated) || error.isA(RecordFault.jsonUtf8) {
      try halt(
        StopError(
          .dataError, RecordFault.jsonTruncated,
          "the input ends in the middle of a record: what wrote it was stopped; run it again, or take that line out",
          at: Position(file: emitter.inputName, row: number)))
    }
    emitter.reject(unreadable: error, line: number, line)
    try deliver(waiting: false)
  }

  /// A stage's refusal is set aside, and the run goes on; with anything else it stops.
  @inline(never)
  private mutating func settle(_ error: StageError, _ setAside: (inout Emitter, Rejection) -> Void) throws(StopError) {
    switch error {
    case .stop(let stop): try halt(stop)
    case .reject(let rejection): setAside(&emitter, rejection)
    }
  }

  /// Tells `stage` that a line is about to be refused.
  private mutating func makeRoom<S: Stage & ~Copyable>(_ stage: inout S) throws(StopError) {
    do throws(StageError) {
      try stage.refusalComes(emit: &emitter)
    } catch {
      try settle(error) { $0.reject($1) }
    }
    // What the stage has settled for it may be more than the run allows.
    if emitter.isFull { try deliver(waiting: false) }
  }

  /// Whether more comes while `stage` has patience.
  private func comes<S: Stage & ~Copyable>(in reader: inout LineReader, for stage: inout S) -> Bool {
    let patience = stage.patience
    guard patience > 0 else { return false }
    let begun = steadyMilliseconds()
    guard reader.isReady(within: patience) else { return false }
    stage.hasWaited(milliseconds: steadyMilliseconds() - begun + 1)
    return true
  }

  /// Tells `stage` that the next record is not there yet.
  private mutating func wait<S: Stage & ~Copyable>(_ stage: inout S) throws(StopError) {
    do throws(StageError) {
      try stage.sourceWaits(emit: &emitter)
    } catch {
      try settle(error) { $0.reject($1) }
    }
    if stage.hasMore { try takeRest(of: &stage) }
  }

  /// Takes the rest of a batch from `stage`, part by part.
  @inline(never)
  private mutating func takeRest<S: Stage & ~Copyable>(of stage: inout S) throws(StopError) {
    while stage.hasMore {
      try deliver(waiting: false)
      do throws(StageError) {
        try stage.goOn(emit: &emitter)
      } catch {
        try settle(error) { $0.reject($1) }
      }
    }
  }

  /// Lets `stage` finish, writes what it still emits, and makes sure that the run keeps within its budget.
  private mutating func finish<S: Stage & ~Copyable>(_ stage: inout S) throws(StopError) {
    do throws(StageError) {
      try stage.finish(emit: &emitter)
    } catch {
      try settle(error) { $0.reject($1) }
    }
    try delivery.deliver(&emitter, waiting: true, atEnd: true)
  }
}
