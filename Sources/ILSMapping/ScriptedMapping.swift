import ILSRecord

/// Copies of records that wait until a batch of script calls is worth its way.
struct PendingRecords: ~Copyable {
  private struct Entry {
    let start: Int
    let count: Int
    let firstSlot: Int
    let slotCount: Int
    let shape: Shape
    let line: Int
  }

  private var bytes = OutputBuffer()
  /// Their `FieldSlot`s, one behind the other.
  private var slots = OutputBuffer()
  private var slotCount = 0
  private var entries: [Entry] = []
  var calls = OutputBuffer()
  var callCount = 0

  /// A batch is run once it has this many bytes, or the source would wait.
  static var batchSize: Int { 1 << 20 }

  init() {}

  var count: Int { entries.count }
  var isFull: Bool { calls.count + bytes.count >= Self.batchSize }

  mutating func append(_ record: Record) {
    entries.append(
      Entry(
        start: bytes.count, count: record.bytes.count, firstSlot: slotCount, slotCount: record.fields.count,
        shape: record.shape, line: record.line))
    bytes.append(record.bytes)
    slots.append(UnsafeRawBufferPointer(record.fields))
    slotCount += record.fields.count
  }

  /// Record number `index`: a view, valid until the next change.
  func record(_ index: Int) -> Record {
    let entry = entries[index]
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
    if pending.isFull { try runScripts(&emit) }
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
      pending.calls.append(UInt8(ascii: "["))
      pending.calls.append(decimal: script)
      pending.calls.append(UInt8(ascii: ","))
      run.writeForm(value, to: &pending.calls)
      if run.seesRecord[script] {
        pending.calls.append(UInt8(ascii: ","))
        pending.calls.append(record.bytes)
      }
      pending.calls.append("]\n" as StaticString)
      pending.callCount += 1
    } catch {
      return
    }
  }

  /// Runs the calls of all records that wait, and maps these.
  mutating func runScripts(_ emit: inout Emitter) throws(StageError) {
    guard pending.count > 0, scripts != nil else { return }
    run.replies.restart()
    if pending.callCount > 0 {
      do throws(StopError) {
        try scripts?.engine.run(pending.calls.bytes, count: pending.callCount, into: &run.replies.lines)
      } catch {
        throw .stop(error)
      }
    }
    var batch = PendingRecords()
    swap(&batch, &pending)
    for index in 0..<batch.count where !emit.isFull { try mapPending(batch, index, &emit) }
    batch.removeAll()
    swap(&batch, &pending)
  }

  private mutating func mapPending(_ batch: borrowing PendingRecords, _ index: Int, _ emit: inout Emitter)
    throws(StageError)
  {
    let record = batch.record(index)
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
