import ILSRecord

/// Looks at every record, and at the end writes one mapping file instead of records.
public struct SuggestStage: Stage, ~Copyable {
  private let suggester: Suggester
  private var source = SourceProfile()

  public init(_ suggester: Suggester) { self.suggester = suggester }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) { source.add(record) }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    let mapping = suggester.suggest(source.columns)
    emit.output.append(mapping.text)
    for name in mapping.missing {
      emit.tell(
        Diagnostic(
          .warning, MappingNotice.suggestMissing, "is required, and no source field looks like it", field: name))
    }
    for name in mapping.national {
      emit.tell(
        Diagnostic(
          .warning, MappingNotice.suggestNationalNumber,
          "holds numbers by which a state knows its people: no key of the clinic, so it feeds nothing", field: name))
    }
    if !mapping.unmapped.isEmpty {
      emit.tell(
        Diagnostic(
          .info, MappingNotice.suggestUnmapped,
          "these source fields feed nothing: \(mapping.unmapped.joined(separator: ", "))"))
    }
  }
}

extension SuggestedMapping {
  /// The mapping file, a mapping a line: for people to read and edit.
  public var text: String {
    var text = "{\n  \"mappings\": ["
    for (index, suggestion) in suggestions.enumerated() {
      text += index == 0 ? "\n    " : ",\n    "
      text += suggestion.json.text
    }
    text += suggestions.isEmpty ? "],\n" : "\n  ],\n"
    text += "  \"missing\": " + JSONValue.array(missing.map { .string($0) }).text + ",\n"
    text += "  \"unmapped\": " + JSONValue.array(unmapped.map { .string($0) }).text + "\n}\n"
    return text
  }
}
