import ILSRecord

/// A custom function, by its number among the mapping file's scripts.
struct Custom: Transform {
  let script: Int

  func apply(to value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    if run.callsScript(script, value) { try run.takeReply() }
  }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) { try apply(to: value, in: &run) }
}

extension NamedTransform {
  static let custom = NamedTransform("custom", isIdempotent: false, examples: []) { options in
    [Custom(script: options.script)]
  }
}
