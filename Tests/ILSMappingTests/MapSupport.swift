import FuzzSupport
import ILSMapping
import ILSRecord
import Testing

/// What came of mapping some records.
struct Mapped {
  var lines: [String] = []
  /// `field: code` of each error.
  var errors: [String] = []
  var diagnostics: [Diagnostic] = []
}

/// Maps NDJSON lines with a mapping file's text.
func map(
  _ mapping: String, _ records: [String], unmapped: UnmappedFields = .drop, engine: (any ScriptEngine)? = nil
) throws -> Mapped {
  let file = try MappingFile(JSONValue(parsing: Array(mapping.utf8)))
  var stage = MapStage(file, unmapped: unmapped, engine: engine)
  var emitter = Emitter(stage: "ils-map")
  try feed(records, to: &stage, &emitter)
  var mapped = Mapped()
  mapped.lines = emitter.output.string().split(separator: "\n").map(String.init)
  mapped.diagnostics = emitter.takeDiagnostics()
  mapped.errors = mapped.diagnostics.filter { $0.severity == .error && $0.code != "map.no_source" }
    .map { "\($0.field ?? ""): \($0.code)" }
  return mapped
}

/// What `transform` (JSON) makes of one value (JSON): the outcome as JSON, or the error's code.
func outcome(_ transform: String, _ value: String) throws -> String {
  let mapped = try map(
    #"{"mappings":[{"sourceField":"v","targetField":"w","transform":\#(transform)}]}"#, ["{\"v\":\(value)}"])
  if let error = mapped.errors.first { return error.replacing("w: ", with: "") }
  guard let line = mapped.lines.first else { return "nothing" }
  return String(line.dropFirst(5).dropLast())
}

/// The same, for a string given without its quotes; strings come back without them too.
func text(_ transform: String, _ value: String) throws -> String {
  let result = try outcome(transform, JSONValue.string(value).text)
  guard result.hasPrefix("\"") else { return result }
  return try JSONValue(parsing: Array(result.utf8)).string ?? result
}

/// The faults of a mapping file, as `place: message`.
func faults(_ mapping: String) throws -> [String] {
  do {
    _ = try MappingFile(JSONValue(parsing: Array(mapping.utf8)))
    return []
  } catch let faults as MappingFile.Faults {
    return faults.faults.map(\.description)
  }
}
