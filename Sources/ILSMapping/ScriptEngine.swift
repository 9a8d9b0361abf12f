import ILSRecord

/// Runs custom functions, somewhere where they can do no harm.
///
/// Calls go in batches, and every call gets one reply, in the calls' order. `ils-map` gives a worker process to it.
public protocol ScriptEngine {
  /// Makes the scripts ready.
  /// - Returns: for each, whether it looks at the record beside the value.
  /// - Throws: `configuration` where one is no JavaScript, naming its place.
  mutating func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool]

  /// Makes the calls in `calls`: a line each, `[script,value]` or `[script,value,record]` as JSON.
  ///
  /// Appends a line per call to `replies`: `=` and the outcome as JSON, or `!` and why there is none.
  mutating func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError)
}

/// Stands in where nobody gave an engine.
struct NoScriptEngine: ScriptEngine {
  mutating func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool] {
    throw StopError(.software, code: "script.no_engine", "this tool runs no custom functions")
  }

  mutating func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError) {}
}

/// What scripts made of values, in the order of the calls.
struct ScriptReplies: ~Copyable {
  var lines = OutputBuffer()
  private var at = 0

  init() {}

  /// Makes room for the replies to the next batch.
  mutating func restart() {
    lines.removeAll()
    at = 0
  }

  /// Appends the next reply's JSON to `buffer`.
  /// - Throws: `script.error` where the script did not end well; the message is the engine's, without values.
  mutating func next(into buffer: inout OutputBuffer) throws(RecordError) {
    let rest = UnsafeRawBufferPointer(rebasing: lines.bytes[at...])
    let end = rest.firstIndex(of: 0x0A) ?? rest.count
    guard end > 0 else {
      throw RecordError(code: "script.lost", message: "the custom function gave no answer")
    }
    let line = UnsafeRawBufferPointer(rebasing: rest[1..<end])
    at += min(end + 1, rest.count)
    if rest[0] == UInt8(ascii: "=") { return buffer.append(line) }
    throw ScriptReplies.fault(String(decoding: line, as: UTF8.self))
  }

  /// The error for `time`, `memory`, `value`, or the name of an exception, a tab, and its message. That message may hold
  /// what the value held, so it goes where values go.
  private static func fault(_ reason: String) -> RecordError {
    let parts = reason.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
    switch parts[0] {
    case "time":
      return RecordError(code: "script.time", message: "the custom function ran longer than it may, and was ended")
    case "memory":
      return RecordError(
        code: "script.memory", message: "the custom function took more memory than it may, and was ended")
    case "value":
      return RecordError(code: "script.value", message: "the custom function returned something that is no JSON value")
    default:
      return RecordError(
        code: "script.error", message: "the custom function threw \(parts[0])",
        value: parts.count > 1 ? String(parts[1]) : nil)
    }
  }
}
