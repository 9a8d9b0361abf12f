import ILSRecord
import ILSStream
import Glibc

/// Tells diagnostics on stderr: `file:row: field: message [code]` for people, one JSON object each for programs.
public struct DiagnosticWriter: NewsSink {
  private let tool: String
  private let isJSON: Bool
  private let showsValues: Bool
  private let threshold: Diagnostic.Severity

  public init(tool: String, _ options: CommonOptions) {
    self.tool = tool
    isJSON = options.logFormat == .json
    showsValues = options.showValues
    threshold = DiagnosticWriter.threshold(environment("LOG_LEVEL"))
  }

  /// For a tool without options of its own for it: text, no values.
  public init(tool: String) {
    self.tool = tool
    (isJSON, showsValues) = (false, false)
    threshold = DiagnosticWriter.threshold(environment("LOG_LEVEL"))
  }

  /// The level that LOG_LEVEL names; info where it names none.
  static func threshold(_ level: String?) -> Diagnostic.Severity {
    switch level?.lowercased() {
    case "error": .error
    case "warn", "warning": .warning
    case "debug", "trace": .debug
    default: .info
    }
  }

  public func write(_ diagnostics: [Diagnostic]) {
    var buffer = OutputBuffer(capacity: 1024)
    for diagnostic in diagnostics where diagnostic.severity <= threshold {
      buffer.append(line(diagnostic) + "\n")
    }
    write(buffer)
  }

  /// What is told of one diagnostic: one line, whatever the names in it hold.
  func line(_ diagnostic: Diagnostic) -> String { (isJSON ? json(diagnostic) : text(diagnostic)).visible }

  func write(_ text: borrowing OutputBuffer) {
    // stderr that cannot be written leaves nobody to tell.
    _ = Descriptor(STDERR_FILENO, owned: false).writeAll(text.bytes)
  }

  public func write(_ diagnostic: Diagnostic) { write([diagnostic]) }

  public func write(_ stop: StopError) {
    write(Diagnostic(.error, code: stop.code, stop.message, at: stop.position))
  }

  private func text(_ diagnostic: Diagnostic) -> String {
    let position = diagnostic.position
    var line: String
    if position == Position() {
      line = "\(tool): "
    } else {
      line = position.file.map { $0 == "-" ? "stdin" : $0 } ?? "stdin"
      if let sheet = position.sheet { line += "[\(sheet)]" }
      if let row = position.row { line += ":\(row)" }
      line += ": "
    }
    if diagnostic.severity == .warning { line += "warning: " }
    if let field = diagnostic.field { line += "\(field): " }
    line += diagnostic.message
    if showsValues, let value = diagnostic.value { line += ": " + JSONValue.string(value).text }
    return line + " [\(diagnostic.code)]"
  }

  /// In a string of JSON, an escape stands for its character still.
  private func json(_ diagnostic: Diagnostic) -> String {
    var members: [(name: String, value: JSONValue)] = [
      ("level", .string("\(diagnostic.severity)")), ("tool", .string(tool)),
    ]
    func add(_ name: String, _ text: String?) { if let text { members.append((name, .string(text))) } }
    add("file", diagnostic.position.file)
    add("sheet", diagnostic.position.sheet)
    if let row = diagnostic.position.row { members.append(("row", .number("\(row)"))) }
    add("field", diagnostic.field)
    add("code", diagnostic.code)
    add("message", diagnostic.message)
    if showsValues { add("value", diagnostic.value) }
    return JSONValue.object(members).text
  }
}
