import ILSRecord

/// Copies of records that wait until a batch of script calls is worth its way, and then for the answers.
struct PendingRecords: ~Copyable {
  private struct Entry {
    let start: Int
    let count: Int
    let firstSlot: Int
    let slotCount: Int
    let shape: Shape
    let line: Int
    let calls: Int
  }

  private var bytes = OutputBuffer()
  /// Their `FieldSlot`s, one behind the other.
  private var slots = OutputBuffer()
  private var slotCount = 0
  private var entries: [Entry] = []
  /// A line a call.
  private var calls = OutputBuffer()
  private var callCount = 0
  /// Calls of the records that are here.
  private var callsOfRecords = 0
  /// The record that is next, once the calls run.
  private(set) var next = 0
  private var answered = (calls: 0, bytes: 0)

  /// A batch is run once it has this many bytes, or the source would wait.
  static var batchSize: Int { 1 << 20 }
  /// A batch is mapped in parts of about this many bytes of output.
  static var partSize: Int { 1 << 17 }

  init() {}

  var isEmpty: Bool { entries.isEmpty }
  /// Records are left to be mapped.
  var hasNext: Bool { next < entries.count }
  /// How many calls the next record made.
  var callsOfNext: Int { entries[next].calls }
  var isFull: Bool { calls.count + bytes.count >= Self.batchSize }

  mutating func append(_ record: Record) {
    entries.append(
      Entry(
        start: bytes.count, count: record.bytes.count, firstSlot: slotCount, slotCount: record.fields.count,
        shape: record.shape, line: record.line, calls: callCount - callsOfRecords))
    callsOfRecords = callCount
    bytes.append(record.bytes)
    slots.append(UnsafeRawBufferPointer(record.fields))
    slotCount += record.fields.count
  }

  /// Queues a call of the record that is appended next; `write` writes it.
  mutating func call(_ write: (inout OutputBuffer) -> Void) {
    write(&calls)
    callCount += 1
  }

  /// Lets `engine` answer some of the calls that have no answer yet.
  mutating func ask(_ engine: inout any ScriptEngine, into replies: inout ScriptReplies) throws(StopError) {
    let left = UnsafeRawBufferPointer(rebasing: calls.bytes[answered.bytes...])
    let count = callCount - answered.calls
    var done = 0
    try replies.receive { (lines) throws(StopError) in
      done = try engine.run(left, count: count, into: &lines)
      return done
    }
    answered.calls += done
    for _ in 0..<done {
      answered.bytes = (calls.bytes.lineFeed(from: answered.bytes) ?? calls.count - 1) + 1
    }
  }

  mutating func advance() { next += 1 }

  /// The next record: a view, valid until the next change.
  func nextRecord() -> Record {
    let entry = entries[next]
    return Record(
      bytes: bytes.padded[entry.start..<entry.start + entry.count],
      fields: UnsafeBufferPointer(
        start: UnsafeRawPointer(slots.bytes.baseAddress! + entry.firstSlot * MemoryLayout<FieldSlot>.stride)
          .assumingMemoryBound(to: FieldSlot.self), count: entry.slotCount),
      shape: entry.shape, line: entry.line)
  }

  mutating func removeAll() {
    bytes.removeAll()
    slots.removeAll()
    slotCount = 0
    entries.removeAll(keepingCapacity: true)
    calls.removeAll()
    callCount = 0
    callsOfRecords = 0
    next = 0
    answered = (0, 0)
  }
}

/// The mappings of a file that have scripts, and what runs them.
struct ScriptQueue {
  var engine: any ScriptEngine
  let scripts: [MappingScript]
  /// Mappings with a script, and the transforms in front of it.
  let mappings: [(mapping: Int, script: Int, before: ArraySlice<any Transform>)]
  var isCompiled = false

  init(_ engine: any ScriptEngine, _ file: MappingFile) {
    self.engine = engine
    scripts = file.scripts
    mappings = file.mappings.enumerated().compactMap { index, mapping in
      for (at, transform) in mapping.transforms.enumerated() {
        if let call = transform as? Custom { return (index, call.script, mapping.transforms[..<at]) }
      }
      return nil
    }
  }
}

extension MapStage {
  /// Keeps `record` until its scripts have run, and asks for that.
  @inline(never)
  mutating func queue(_ record: Record, _ emit: inout Emitter) throws(StageError) {
    try compileScripts()
    guard let plan, let scripts else { return }
    if plan.collision == nil {
      for (mapping, script, before) in scripts.mappings { call(script, of: mapping, behind: before, record, plan) }
    }
    pending.append(record)
    if pending.isFull { try startScripts(&emit) }
  }

  private mutating func compileScripts() throws(StageError) {
    guard var scripts, !scripts.isCompiled else { return }
    do throws(StopError) {
      run.seesRecord = try scripts.engine.compile(scripts.scripts)
    } catch {
      throw .stop(error)
    }
    scripts.isCompiled = true
    self.scripts = scripts
  }

  /// Queues one call. Where a transform in front of the script refuses the value there is none: mapping the record will
  /// come to the same refusal.
  private mutating func call(
    _ script: Int, of mapping: Int, behind before: ArraySlice<any Transform>, _ record: Record, _ plan: MapPlan
  ) {
    do throws(RecordError) {
      let value = try source(record, plan, mapping)
      if value.isAbsent, !run.seesRecord[script] { return }
      try run.run(value, before)
      guard run.callsScript(script, value) else { return }
      pending.call { calls in
        calls.append(UInt8(ascii: "["))
        calls.append(decimal: script)
        calls.append(UInt8(ascii: ","))
        run.writeForm(value, to: &calls)
        if run.seesRecord[script] {
          calls.append(UInt8(ascii: ","))
          calls.append(record.bytes)
        }
        calls.append("]\n" as StaticString)
      }
    } catch {
      return
    }
  }

  /// Begins with the records that wait. What an earlier batch has left comes first, whoever drives the stage.
  mutating func startScripts(_ emit: inout Emitter) throws(StageError) {
    try endScripts(&emit)
    swap(&running, &pending)
  }

  /// Maps all that is left of the batch that runs.
  mutating func endScripts(_ emit: inout Emitter) throws(StageError) {
    while running.hasNext { try goOn(emit: &emit) }
  }

  public var hasMore: Bool { running.hasNext }

  /// Maps the next records of the batch that runs, until a block of output has gathered.
  public mutating func goOn(emit: inout Emitter) throws(StageError) {
    var batch = PendingRecords()
    swap(&batch, &running)
    defer {
      if !batch.hasNext { batch.removeAll() }
      swap(&batch, &running)
    }
    let enough = emit.output.count + PendingRecords.partSize
    while batch.hasNext, emit.output.count < enough {
      if emit.isFull { return batch.removeAll() }
      do throws(StopError) {
        while run.replies.unread < batch.callsOfNext {
          guard scripts != nil else { return }
          try batch.ask(&scripts!.engine, into: &run.replies)
        }
      } catch {
        batch.removeAll()
        throw .stop(error)
      }
      run.replies.begin(batch.callsOfNext)
      try mapNext(batch, &emit)
      run.replies.end()
      batch.advance()
    }
  }

  private mutating func mapNext(_ batch: borrowing PendingRecords, _ emit: inout Emitter) throws(StageError) {
    let record = batch.nextRecord()
    if record.shape.id != planShape { choosePlan(record, &emit) }
    let mark = emit.output.count
    do throws(StageError) {
      try map(record, &emit)
    } catch .reject(let rejection) {
      emit.output.truncate(to: mark)
      emit.reject(rejection, at: record.position, input: .record(record.bytes))
    }
  }
}
