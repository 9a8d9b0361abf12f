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
  /// How many dates of each mapping depended on an assumed order, or were placeholders.
  private var dates: [(ambiguous: Int, placeholders: Int)]
  /// Where a mapping has a script.
  var scripts: ScriptQueue?
  /// Records that wait for what scripts make of them.
  var pending = PendingRecords()

  /// - Parameter engine: runs the mapping file's scripts; needed where it has some.
  public init(_ file: MappingFile, unmapped: UnmappedFields = .drop, engine: (any ScriptEngine)? = nil) {
    mappings = file.mappings
    self.unmapped = unmapped
    dates = .init(repeating: (0, 0), count: file.mappings.count)
    if !file.scripts.isEmpty { scripts = ScriptQueue(engine ?? NoScriptEngine(), file) }
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if record.shape.id != planShape { choosePlan(record, &emit) }
    guard scripts == nil else { return try queue(record, &emit) }
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
    if plans.isEmpty { made.tell(record.shape, mappings, unmapped, at: record.position, &emit) }
    if plans.count > 4096 { plans.removeAll() }
    plans[record.shape.id] = made
    plan = made
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
        dates[Int(step.mapping)].ambiguous += 1
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
      if try writeValue(record, step, plan, &output) { return }
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

  /// Writes name and value; false where the value is absent, before or behind its transforms.
  private mutating func writeValue(
    _ record: Record, _ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer
  ) throws(RecordError) -> Bool {
    let index = Int(step.mapping)
    output.append(UnsafeRawBufferPointer(start: plan.names + Int(step.nameStart), count: Int(step.nameLength)))
    if case .constant(let json) = mappings[index].source {
      output.append(json)
      return true
    }
    let before = (run.ambiguousDates, run.placeholderDates)
    defer {
      dates[index].ambiguous += run.ambiguousDates - before.0
      dates[index].placeholders += run.placeholderDates - before.1
    }
    let value = try source(record, plan, index)
    if value.isAbsent, !runsOnAbsent(index) {
      run.form = .null
      return false
    }
    return try run.write(value, mappings[index].transforms, to: &output)
  }

  /// Whether mapping `index` has a script that looks at the record, and so makes values out of none.
  private func runsOnAbsent(_ index: Int) -> Bool {
    scripts?.mappings.contains { $0.mapping == index && run.seesRecord[$0.script] } ?? false
  }

  /// The value that mapping `index` starts from; null where no field is there.
  mutating func source(_ record: Record, _ plan: MapPlan, _ index: Int) throws(RecordError) -> FieldValue {
    let sources = plan.sources[index]
    if case .fields(_, let separator?) = mappings[index].source {
      guard try join(record, sources, separator) else { return .null }
      return joinedValue()
    }
    let chosen = sources.first { !record[$0].isAbsent } ?? sources.first
    return chosen.map { record[$0] } ?? .null
  }

  private mutating func writeAbsent(
    _ record: Record, _ step: MapStep, _ plan: MapPlan, _ output: inout OutputBuffer
  ) throws(RecordError) {
    let mapping = mappings[Int(step.mapping)]
    let sources = plan.sources[Int(step.mapping)]
    if mapping.defaultValue == nil, mapping.isRequired {
      throw RecordError(
        .mapRequired,
        sources.isEmpty
          ? "no field of the record feeds it: check the mapping's source names"
          : "the value is absent and the mapping requires it")
    }
    if mapping.defaultValue == nil, sources.isEmpty, !runsOnAbsent(Int(step.mapping)) { return }
    output.append(UnsafeRawBufferPointer(start: plan.names + Int(step.nameStart), count: Int(step.nameLength)))
    if let stand = mapping.defaultValue {
      output.append(stand)
    } else if case .field = mapping.source, let value = sources.first.map({ record[$0] }), value.isAbsent,
      !mapping.turnsEmptyToNull
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
    if scripts != nil { try runScripts(&emit) }
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    if scripts != nil { try runScripts(&emit) }
    for (mapping, count) in zip(mappings, dates) {
      if count.ambiguous > 0 {
        emit.tell(
          Diagnostic(
            .warning, code: "date.ambiguous",
            "\(count.ambiguous) dates could be DD/MM as well and were read as MM/DD: say which with \"input\" in the mapping",
            field: mapping.target))
      }
      if count.placeholders > 0 {
        emit.tell(
          Diagnostic(
            .warning, code: "date.placeholder", "\(count.placeholders) dates of all nines or zeros became null",
            field: mapping.target))
      }
    }
  }
}
