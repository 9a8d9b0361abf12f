import ILSRecord

/// How one field of a record came about: what its mapping took, and what each of its transforms made of that.
public struct FieldTrace: Equatable, Sendable {
  /// What a value is on its way, as JSON text; nil where the record has no such field.
  public typealias Value = String?

  public struct Step: Equatable, Sendable {
    /// As the mapping file says it: `trim`, `{"transform":"pad","length":8}`, `values`, `customTransform`.
    public let label: String
    public let before: Value
    public let after: Value
    /// Why the transform refuses the value: code and message.
    public let refusal: String?
  }

  /// The fields that the mapping takes, with their values.
  public let sources: [(name: String, value: Value)]
  public let steps: [Step]
  /// What the field is in the end: behind `defaultValue`, `onError` and `otherwise` too.
  public let outcome: Value
  /// Why the record is refused for this field.
  public let refusal: String?

  public static func == (a: FieldTrace, b: FieldTrace) -> Bool {
    a.sources.elementsEqual(b.sources, by: ==) && a.steps == b.steps && a.outcome == b.outcome
      && a.refusal == b.refusal
  }
}

extension MappingFile {
  /// Traces the field called `target` through its mapping; nil where none feeds it.
  ///
  /// The stage itself maps the record, with none of the field's transforms, then the first of them, the first two, and so on:
  /// what it says is what it does.
  /// - Parameters:
  ///   - record: one record, as JSON.
  ///   - engine: runs the file's scripts; asked for each time.
  public func trace(
    _ target: String, of record: [UInt8], engine: () -> any ScriptEngine
  ) throws(StopError) -> FieldTrace? {
    guard let mapping = mappings.first(where: { $0.target == target }) else { return nil }
    let whole = try run(mapping, record, engine)
    let json = try? JSONValue(parsing: record)
    let sources = mapping.source.names.map { (name: $0, value: json?[$0]?.text) }
    var steps: [FieldTrace.Step] = []
    var before = try run(mapping.taking(0), record, engine).value
    for count in mapping.transforms.indices.map({ $0 + 1 }) {
      let after = try run(mapping.taking(count), record, engine)
      steps.append(
        FieldTrace.Step(
          label: mapping.labels[count - 1], before: before, after: after.value, refusal: after.refusal))
      if after.refusal != nil { break }
      before = after.value
    }
    return FieldTrace(sources: sources, steps: steps, outcome: whole.value, refusal: whole.refusal)
  }

  /// What becomes of a record, and why it is refused.
  /// - Parameter unmapped: what becomes of fields that no mapping names.
  public func map(
    _ record: [UInt8], unmapped: UnmappedFields, engine: () -> any ScriptEngine
  ) throws(StopError) -> (record: [UInt8]?, refusal: String?) {
    var emitter = Emitter(stage: "ils-map")
    var stage = MapStage(self, unmapped: unmapped, engine: runsScripts ? engine() : nil)
    var line = OutputBuffer(capacity: record.count + 64)
    line.append(record)
    var scanner = RecordScanner()
    do {
      let record = try scanner.scan(line.padded, number: 1)
      try stage.process(record, emit: &emitter)
      try stage.finish(emit: &emitter)
    } catch let error as StageError {
      switch error {
      case .stop(let stop): throw stop
      case .reject(let rejection): return (nil, Self.text(rejection.errors.map { ($0.code, $0.message) }))
      }
    } catch {
      return (nil, "\(error)")
    }
    if emitter.rejected > 0 {
      let errors = emitter.takeDiagnostics().filter { $0.severity == .error }
      return (nil, Self.text(errors.map { ($0.code, $0.message) }))
    }
    return (Array(emitter.output.bytes.dropLast()), nil)
  }

  private static func text(_ errors: [(code: String, message: String)]) -> String {
    errors.map { "\($0.message) [\($0.code)]" }.joined(separator: "; ")
  }

  private func run(
    _ mapping: FieldMapping, _ record: [UInt8], _ engine: () -> any ScriptEngine
  ) throws(StopError) -> (value: FieldTrace.Value, refusal: String?) {
    let mapped = try replacing([mapping]).map(record, unmapped: .drop, engine: engine)
    let json = mapped.record.flatMap { try? JSONValue(parsing: $0) }
    return (json?[mapping.target]?.text, mapped.refusal)
  }
}

extension FieldMapping {
  /// The same with the first `count` transforms alone, and nothing in place of what is absent or cannot be read.
  fileprivate func taking(_ count: Int) -> FieldMapping {
    var copy = self
    copy.transforms = Array(transforms.prefix(count))
    copy.labels = Array(labels.prefix(count))
    copy.isRequired = false
    copy.defaultValue = nil
    copy.onError = .refuse
    return copy
  }
}
