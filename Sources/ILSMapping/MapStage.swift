import ILSRecord

/// What becomes of source fields that no mapping names.
public enum UnmappedFields: Equatable, Sendable {
  case drop
  /// Behind the mapped ones, as they came.
  case keep
  /// Into one field, as an object.
  case gather(into: String)
}

/// Renames, transforms and fills the fields of records (ils-mapping(5)).
///
/// The toolkit's own fields come first, then the targets in the mapping file's order. Works out once per shape which
/// source field feeds which target. Values that no transform changes are copied byte for byte.
public struct MapStage: Stage, ~Copyable {
  let mappings: [FieldMapping]
  private let unmapped: UnmappedFields
  private var plans: [Int: MapPlan] = [:]
  var plan: MapPlan?
  private(set) var planShape = -1
  var run = TransformRun()
  private var joined = OutputBuffer()
  /// By mapping.
  private var notes: [NoteTally]
  /// Fields of which was told that they are dropped.
  private var toldDropped: Set<String> = []
  private var isFirstPlan = true
  /// Where a mapping has a script.
  var scripts: ScriptQueue?
  /// Whether there are any: asked for each value.
  private let hasScripts: Bool
  /// Records that wait for what scripts make of them.
  var pending = PendingRecords()
  /// Records whose scripts run.
  var running = PendingRecords()

  /// - Parameter engine: runs the mapping file's scripts; needed where it has some.
  public init(_ file: MappingFile, unmapped: UnmappedFields = .drop, engine: (any ScriptEngine)? = nil) {
    mappings = file.mappings
    self.unmapped = unmapped
    notes = .init(repeating: NoteTally(), count: file.mappings.count)
    hasScripts = !file.scripts.isEmpty
    if hasScripts { scripts = ScriptQueue(engine ?? NoScriptEngine(), file) }
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if record.shape.id != planShape { choosePlan(record, &emit) }
    if hasScripts { return try queue(record, &emit) }
    try map(record, &emit)
  }

  @inline(never)
  func unreachablePlan() -> Never { preconditionFailure("process chooses a plan before it maps") }

  @inline(never)
  mutating func choosePlan(_ record: Record, _ emit: inout Emitter) {
    planShape = record.shape.id
    if let known = plans[record.shape.id] {
      plan = known
      return
    }
    let made = MapPlan(record.shape, mappings, unmapped)
    if unmapped == .drop { tellDropped(made.unmappedNames, record, &emit) }
    if isFirstPlan { made.tellMissing(record.shape, mappings, at: record.position, &emit) }
    isFirstPlan = false
    if plans.count > 4096 { plans.removeAll() }
    plans[record.shape.id] = made
    plan = made
  }

  /// Says of every field once that no mapping names it: of those of the first record together, of others as they come.
  private mutating func tellDropped(_ names: [String], _ record: Record, _ emit: inout Emitter) {
    // Records that are each of another shape may bring names without end.
    guard toldDropped.count < 1000 else { return }
    let news = names.filter { toldDropped.insert($0).inserted }
    if isFirstPlan, !news.isEmpty {
      let list = news.joined(separator: ", ")
      emit.tell(Diagnostic(.info, MappingNotice.mapDropped, "no mapping names these fields, they are dropped: \(list)"))
    } else {
      for name in news {
        emit.tell(
          Diagnostic(
            .info, MappingNotice.mapDropped, "no mapping names this field, it is dropped", field: name,
            at: record.position))
      }
    }
    if toldDropped.count >= 1000 {
      emit.tell(
        Diagnostic(.warning, MappingNotice.mapDropped, "1000 fields are dropped; of further ones nothing is told"))
    }
  }

  /// Writes the record that `record` becomes.
  ///
  /// Every field is written with a comma in front; the brace takes the first comma's place at the end.
  @inline(__always)
  mutating func map(_ record: Record, _ emit: inout Emitter) throws(StageError) {
    guard let plan else { unreachablePlan() }
    if let collision = plan.collision { throw .reject(Rejection(collision)) }
    let start = emit.output.count
    let room = plan.room + record.bytes.count * plan.uses
    var errors: [RecordError] = []
    var begin = emit.output.reserve(room)
    var writer = MapWriter(to: begin, names: plan.names)
    for step in plan.steps {
      if put(record, step, &writer) { continue }
      emit.output.commit(writer.to - begin)
      write(record, step, plan, &emit.output, &errors)
      begin = emit.output.reserve(room)
      writer.to = begin
    }
    emit.output.commit(writer.to - begin)
    if !plan.gathered.isEmpty { gather(record, plan, &emit.output) }
    guard errors.isEmpty else { throw .reject(Rejection(errors)) }
    if emit.output.count == start { emit.output.append(UInt8(ascii: ",")) }
    emit.output.replaceByte(at: start, with: UInt8(ascii: "{"))
    emit.output.append(UInt8(ascii: "}"))
    emit.endRecord()
  }

  /// Writes one target the quick way; false where it has none, and then nothing has been written.
  @inline(__always)
  private mutating func put(_ record: Record, _ step: MapStep, _ writer: inout MapWriter) -> Bool {
    guard step.source >= 0 else { return false }
    let value = record[Int(step.source)]
    if value.isAbsent {
      guard step.takesAbsent, step.kind != .none else { return false }
      writer.putName(step)
      if step.turnsEmptyToNull {
        writer.putNull()
      } else {
        writer.put(value.raw.baseAddress!, value.raw.count)
      }
      return true
    }
    switch step.kind {
    case .copy:
      writer.putName(step)
      writer.put(value.raw.baseAddress!, value.raw.count)
      return true
    case .text: return writer.putText(value, step)
    case .phone: return writer.putPhone(value, step)
    case .date:
      switch writer.putDate(value, step) {
      case .written: return true
      case .ambiguous:
        notes[Int(step.mapping)].add(.dateOrder, at: record)
        return true
      case .notTaken: return false
      }
    case .table:
      guard let table = step.table else { return false }
      return table._withUnsafeGuaranteedRef { writer.putEntry(value, step, $0) }
    case .none: return false
    }
  }

  // MARK: - The general way

  /// Writes one target, whatever it takes.
  @inline(never)
  private mutating func write(
    _ record: Record, _ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    let index = Int(step.mapping)
    let start = output.count
    do throws(RecordError) {
      if try writeReadable(record, step, plan, &output) { return }
      output.truncate(to: start)
      try writeAbsent(record, step, plan, &output)
    } catch {
      var error = error
      error.field = mappings[index].target
      error.value = error.value ?? valueText(record, plan, index)
      errors.append(error)
      output.truncate(to: start)
    }
  }

  /// Writes name and value, or what the mapping wants in place of one that cannot be read; false where there is none.
  private mutating func writeReadable(
    _ record: Record, _ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer
  ) throws(RecordError) -> Bool {
    let index = Int(step.mapping)
    let start = output.count
    do throws(RecordError) {
      return try writeValue(record, step, plan, &output)
    } catch {
      let onError = mappings[index].onError
      guard let note = onError.note else { throw error }
      output.truncate(to: start)
      notes[index].add(note, because: error.code, at: record)
      run.form = .null
      if onError.isAbsent { return false }
      putName(step, plan, &output)
      if case .use(let json) = onError {
        output.append(json)
      } else {
        output.append(try source(record, plan, index).raw)
      }
      return true
    }
  }

  private func putName(_ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer) {
    output.append(UnsafeRawBufferPointer(start: plan.names + Int(step.nameStart), count: Int(step.nameLength)))
  }

  /// Writes name and value; false where the value is absent, before or behind its transforms.
  private mutating func writeValue(
    _ record: Record, _ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer
  ) throws(RecordError) -> Bool {
    let index = Int(step.mapping)
    putName(step, plan, &output)
    if case .constant(let json) = mappings[index].source {
      output.append(json)
      return true
    }
    run.notes = []
    defer { if !run.notes.isEmpty { notes[index].add(run.notes, at: record) } }
    let value = try source(record, plan, index)
    if value.isAbsent, !runsOnAbsent(index) {
      run.form = .null
      return false
    }
    return try run.write(value, mappings[index].transforms, to: &output)
  }

  /// Whether mapping `index` has a script that looks at the record, and so makes values out of none.
  private func runsOnAbsent(_ index: Int) -> Bool {
    hasScripts && scripts?.mappings.contains { $0.mapping == index && run.seesRecord[$0.script] } == true
  }

  /// The value that mapping `index` starts from; null where no field is there.
  mutating func source(_ record: Record, _ plan: MapPlan, _ index: Int) throws(RecordError) -> FieldValue {
    let sources = plan.sources[index]
    if case .fields(_, let separator?) = mappings[index].source {
      guard try join(record, sources, separator) else { return .null }
      return joinedValue()
    }
    guard let at = sources.firstIndex(where: { !record[$0].isAbsent }) else {
      return sources.first.map { record[$0] } ?? .null
    }
    let chosen = record[sources[at]]
    if sources[(at + 1)...].contains(where: { differs(record[$0], from: chosen) }) {
      run.notes.insert(MappingNotes(.passedOver))
    }
    return chosen
  }

  private func differs(_ value: FieldValue, from chosen: FieldValue) -> Bool {
    !value.isAbsent && !value.raw.elementsEqual(chosen.raw)
  }

  private mutating func writeAbsent(
    _ record: Record, _ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer
  ) throws(RecordError) {
    // A mapping is large: none is copied for a value.
    let index = Int(step.mapping)
    let sources = plan.sources[index]
    let stand = mappings[index].defaultValue
    if stand == nil, mappings[index].isRequired {
      throw RecordError(
        .mapRequired,
        sources.isEmpty
          ? "no field of the record feeds it: check the mapping's source names"
          : "the value is absent and the mapping requires it")
    }
    if stand == nil, sources.isEmpty, !runsOnAbsent(index) { return }
    putName(step, plan, &output)
    if let stand {
      output.append(stand)
    } else if case .field = mappings[index].source, let value = sources.first.map({ record[$0] }), value.isAbsent,
      !mappings[index].turnsEmptyToNull
    {
      output.append(value.raw)
    } else {
      // Transforms can leave a string of no characters behind; it stays one.
      let isText = if case .text = run.form { true } else { false }
      output.append(isText ? "\"\"" as StaticString : "null")
    }
  }

  /// What the record holds for mapping `index`, for `--show-values`.
  private mutating func valueText(_ record: Record, _ plan: MapPlan, _ index: Int) -> String? {
    guard let value = try? source(record, plan, index) else { return nil }
    return try? value.string()
  }

  /// Joins the texts of the fields that are present in `joined`; false where none is.
  private mutating func join(_ record: Record, _ sources: [Int], _ separator: String) throws(RecordError) -> Bool {
    joined.removeAll()
    var isAny = false
    for source in sources where !record[source].isAbsent {
      if isAny { joined.append(separator) }
      try record[source].decode(into: &joined)
      isAny = true
    }
    return isAny
  }

  /// What `join` made, as the value of a field.
  private mutating func joinedValue() -> FieldValue {
    let length = joined.count
    // The text is read while the buffer grows: make the room first, so that it stays where it is.
    _ = joined.reserve(length * 6 + 2)
    joined.appendJSONString(joined.bytes)
    let raw = joined.padded[length..<joined.count]
    return FieldValue(raw: raw, kind: .string, hasEscapes: raw.bytes.contains(UInt8(ascii: "\\")), isASCII: false)
  }

  /// Writes the fields that no mapping names, as they came, into one object.
  private func gather(_ record: Record, _ plan: MapPlan, _ output: inout OutputBuffer) {
    guard case .gather(let field) = unmapped else { return }
    output.append(UInt8(ascii: ","))
    output.appendJSONString(field)
    output.append(UInt8(ascii: ":"))
    for (count, index) in plan.gathered.enumerated() {
      output.append(count == 0 ? UInt8(ascii: "{") : UInt8(ascii: ","))
      output.append(record.shape.written(index))
      output.append(record[index].raw)
    }
    output.append(UInt8(ascii: "}"))
  }

  // MARK: - The end

  public mutating func sourceWaits(emit: inout Emitter) throws(StageError) {
    if !pending.isEmpty { try startScripts(&emit) }
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    if scripts != nil {
      try startScripts(&emit)
      try endScripts(&emit)
    }
    for (mapping, tally) in zip(mappings, notes) { tally.tell(of: mapping.target, &emit) }
  }
}
