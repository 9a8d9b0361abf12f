import ILSRecord

/// Runs custom functions, somewhere where they can do no harm.
///
/// Calls go in batches, and every call gets one reply, in the calls' order. `ils-map` gives a worker process to it.
public protocol ScriptEngine {
  /// Makes the scripts ready.
  /// - Returns: for each, whether it looks at the record beside the value.
  /// - Throws: `configuration` where one is no JavaScript, naming its place.
  mutating func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool]

  /// Answers the first of the calls in `calls`, one at least; those that are left are passed again.
  ///
  /// Calls are a line each, `[script,value]` or `[script,value,record]` as JSON. Appends a line per answered call to
  /// `replies`: `=` and the outcome as JSON, or `!` and why there is none.
  /// - Returns: how many calls were answered.
  /// - Throws: `configuration` where a function goes beyond its limits again and again.
  mutating func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError)
    -> Int
}

/// Stands in where nobody gave an engine.
struct NoScriptEngine: ScriptEngine {
  mutating func compile(_ scripts: [MappingScript]) throws(StopError) -> [Bool] {
    throw StopError(.software, MappingNotice.scriptNoEngine, "this tool runs no custom functions")
  }

  mutating func run(_ calls: UnsafeRawBufferPointer, count: Int, into replies: inout OutputBuffer) throws(StopError)
    -> Int
  {
    throw StopError(.software, MappingNotice.scriptNoEngine, "this tool runs no custom functions")
  }
}

/// What scripts made of values, in the order of the calls.
struct ScriptReplies: ~Copyable {
  private var lines = OutputBuffer()
  private var at = 0
  /// Replies that nobody has read yet.
  private(set) var unread = 0
  /// Those of them that belong to the present record.
  private var left = 0

  init() {}

  /// Lets `answer` append replies and say how many.
  mutating func receive(_ answer: (inout OutputBuffer) throws(StopError) -> Int) throws(StopError) {
    lines.removeFirst(at)
    at = 0
    unread += try answer(&lines)
  }

  /// The next `count` replies belong to one record.
  mutating func begin(_ count: Int) { left = count }

  /// Passes over what the record did not take of its replies: another's are never taken for them.
  mutating func end() {
    while left > 0 { _ = take() }
  }

  /// Appends the record's next reply's JSON to `buffer`.
  /// - Throws: `script.error` where the script did not end well; the message is the engine's, without values.
  mutating func next(into buffer: inout OutputBuffer) throws(RecordError) {
    guard left > 0, unread > 0 else {
      throw RecordError(MappingFault.scriptLost, message: "the custom function gave no answer")
    }
    let line = take()
    let text = UnsafeRawBufferPointer(rebasing: lines.bytes[(line.lowerBound + 1)..<line.upperBound])
    if lines.bytes[line.lowerBound] == UInt8(ascii: "=") { return buffer.append(text) }
    throw ScriptReplies.fault(String(decoding: text, as: UTF8.self))
  }

  /// The place of the next reply, which is not empty, without its line feed.
  private mutating func take() -> Range<Int> {
    let start = at
    let end = lines.bytes.lineFeed(from: start) ?? lines.count
    at = min(end + 1, lines.count)
    unread -= 1
    left -= 1
    return start..<end
  }

  /// The error for `time`, `memory`, `size`, `value`, or the name of an exception, a tab, and its message. That message may hold
  /// what the value held, so it goes where values go.
  private static func fault(_ reason: String) -> RecordError {
    let parts = reason.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
    switch parts[0] {
    case "time":
      return RecordError(MappingFault.scriptTime, message: "the custom function ran longer than it may, and was ended")
    case "memory":
      return RecordError(
        MappingFault.scriptMemory, message: "the custom function took more memory than it may, and was ended")
    case "size":
      return RecordError(MappingFault.scriptSize, message: "the custom function returned more than it may")
    case "value":
      return RecordError(
        MappingFault.scriptValue, message: "the custom function returned something that is no JSON value")
    default:
      return RecordError(
        MappingFault.scriptError, message: "the custom function threw \(parts[0])",
        value: parts.count > 1 ? String(parts[1]) : nil)
    }
  }
}
