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
/// source field feeds which target.
public struct MapStage: Stage, ~Copyable {
  private let mappings: [FieldMapping]
  private let unmapped: UnmappedFields
  private var plans: [Int: MapPlan] = [:]
  private var plan: MapPlan
  private var run = TransformRun()
  private var joined = OutputBuffer()
  /// How many dates of each mapping depended on an assumed order, or were placeholders.
  private var dates: [(ambiguous: Int, placeholders: Int)]

  public init(_ file: MappingFile, unmapped: UnmappedFields = .drop) {
    mappings = file.mappings
    self.unmapped = unmapped
    dates = .init(repeating: (0, 0), count: file.mappings.count)
    plan = MapPlan.none
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    if record.shape.id != plan.shape { choosePlan(record, &emit) }
    if let collision = plan.collision { throw .reject(Rejection(collision)) }
    var errors: [RecordError] = []
    emit.output.append(UInt8(ascii: "{"))
    var isFirst = true
    for index in plan.own { copy(record, index, &isFirst, &emit.output) }
    for index in mappings.indices { write(record, index, &isFirst, &emit.output, &errors) }
    if !plan.unmapped.isEmpty { writeUnmapped(record, &isFirst, &emit.output) }
    guard errors.isEmpty else { throw .reject(Rejection(errors)) }
    emit.output.append(UInt8(ascii: "}"))
    emit.endRecord()
  }

  @inline(never)
  private mutating func choosePlan(_ record: Record, _ emit: inout Emitter) {
    if let known = plans[record.shape.id] {
      plan = known
      return
    }
    plan = MapPlan(record.shape, mappings, unmapped)
    if plans.isEmpty { plan.tell(record.shape, mappings, unmapped, at: record.position, &emit) }
    if plans.count > 4096 { plans.removeAll() }
    plans[record.shape.id] = plan
  }

  // MARK: - Fields

  @inline(__always)
  private func writeName(_ name: ArraySlice<UInt8>, _ isFirst: inout Bool, _ output: inout OutputBuffer) {
    if !isFirst { output.append(UInt8(ascii: ",")) }
    isFirst = false
    name.withUnsafeBytes { output.append($0) }
  }

  /// Copies a field, name and value, as it came.
  @inline(__always)
  private func copy(_ record: Record, _ index: Int, _ isFirst: inout Bool, _ output: inout OutputBuffer) {
    writeName(record.shape.written(index), &isFirst, &output)
    output.append(record[index].raw)
  }

  @inline(__always)
  private mutating func write(
    _ record: Record, _ index: Int, _ isFirst: inout Bool, _ output: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    let target = plan.targets[index]
    if target.source >= 0 {
      let value = record[target.source]
      if !value.isAbsent {
        writeName(target.name[...], &isFirst, &output)
        if target.isPlain {
          output.append(value.raw)
        } else {
          transform(value, index, &output, &errors)
        }
        return
      }
    }
    writeRarer(record, index, &isFirst, &output, &errors)
  }

  private mutating func transform(
    _ value: FieldValue, _ index: Int, _ output: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    let before = (run.ambiguousDates, run.placeholderDates)
    do throws(RecordError) {
      try run.write(value, mappings[index].transforms, to: &output)
    } catch {
      var error = error
      error.field = mappings[index].target
      error.value = try? value.string()
      errors.append(error)
    }
    dates[index].ambiguous += run.ambiguousDates - before.0
    dates[index].placeholders += run.placeholderDates - before.1
  }

  /// Absent values, constants and joined fields.
  @inline(never)
  private mutating func writeRarer(
    _ record: Record, _ index: Int, _ isFirst: inout Bool, _ output: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    let mapping = mappings[index]
    let name = plan.targets[index].name[...]
    var present: FieldValue?
    switch mapping.source {
    case .constant(let json):
      writeName(name, &isFirst, &output)
      output.append(json)
      return
    case .field:
      if plan.targets[index].source >= 0 { present = record[plan.targets[index].source] }
    case .fields(_, let separator):
      do throws(RecordError) {
        if let separator {
          if try join(record, plan.targets[index].sources, separator) {
            writeName(name, &isFirst, &output)
            transform(joinedValue(), index, &output, &errors)
            return
          }
        } else if let chosen = plan.targets[index].sources.first(where: { !record[$0].isAbsent }) {
          writeName(name, &isFirst, &output)
          transform(record[chosen], index, &output, &errors)
          return
        }
      } catch {
        errors.append(error)
        return
      }
    }
    writeAbsent(present, mapping, name, &isFirst, &output, &errors)
  }

  private mutating func writeAbsent(
    _ value: FieldValue?, _ mapping: FieldMapping, _ name: ArraySlice<UInt8>, _ isFirst: inout Bool,
    _ output: inout OutputBuffer, _ errors: inout [RecordError]
  ) {
    if let stand = mapping.defaultValue {
      writeName(name, &isFirst, &output)
      output.append(stand)
    } else if mapping.isRequired {
      errors.append(
        RecordError(
          code: "map.required", field: mapping.target,
          message: value == nil
            ? "no field of the record feeds it: check the mapping's source names"
            : "the value is absent and the mapping requires it"))
    } else if let value {
      writeName(name, &isFirst, &output)
      output.append(mapping.transforms.contains(.emptyToNull) ? UnsafeRawBufferPointer.null : value.raw)
    }
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
    let raw = UnsafeRawBufferPointer(rebasing: joined.bytes[length...])
    return FieldValue(raw: raw, kind: .string, hasEscapes: raw.contains(UInt8(ascii: "\\")), isASCII: false)
  }

  private func writeUnmapped(_ record: Record, _ isFirst: inout Bool, _ output: inout OutputBuffer) {
    guard case .gather(let field) = unmapped else {
      for index in plan.unmapped { copy(record, index, &isFirst, &output) }
      return
    }
    output.append(isFirst ? "" as StaticString : ",")
    output.appendJSONString(field)
    output.append(":{" as StaticString)
    var isFirstInside = true
    for index in plan.unmapped { copy(record, index, &isFirstInside, &output) }
    output.append(UInt8(ascii: "}"))
    isFirst = false
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
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
