import Glibc
import ILSCommand
import ILSRecord
import ILSStore
import ILSStream

/// What the stages said, each thing once: how often, and the first rows that it was said of.
public struct RunNotes {
  public struct Note {
    public let level: String
    public let tool: String
    public let file: String?
    public let sheet: String?
    public let field: String?
    public let code: String
    public let message: String
    public internal(set) var count = 1
    public internal(set) var rows: [Int] = []

    /// One line for people. Names come from the source: they go through the diagnostic writer's own masking.
    public var text: String {
      var text = file.map { $0 + (sheet.map { "[\($0)]" } ?? "") } ?? tool
      if count == 1, let row = rows.first { text += ":\(row)" }
      text += ": "
      if level != "info" { text += "\(level): " }
      if let field { text += "\(field): " }
      text += "\(message) [\(code)]"
      if count > 1 {
        text +=
          " (\(count) times\(rows.isEmpty ? "" : ", rows \(rows.map(String.init).joined(separator: ", ")) ...")" + ")"
      }
      return text
    }

    var json: JSONValue {
      var members: [(name: String, value: JSONValue)] = [
        ("note", .string(code)), ("level", .string(level)), ("tool", .string(tool)),
      ]
      for (name, text) in [("file", file), ("sheet", sheet), ("field", field)] {
        if let text { members.append((name, .string(text))) }
      }
      members += [
        ("message", .string(message)), ("count", .number("\(count)")), ("rows", .array(rows.map { .number("\($0)") })),
      ]
      return .object(members)
    }
  }

  /// In the order in which each was said first.
  public private(set) var notes: [Note] = []
  /// What the stages said of their progress last, as they said it.
  public private(set) var progress: [JSONValue] = []
  private var places: [String: Int] = [:]

  /// What was assumed and what was warned of, as people read it. Refused records are told by their reasons, elsewhere.
  public var noted: [String] {
    notes.filter { note in
      switch note.level {
      case "warning": true
      case "info": JobFault(rawValue: note.code) == nil && note.code != CommandFault.runRejected.rawValue
      default: false
      }
    }.map(\.text)
  }

  /// Why records were refused, as people read it.
  public var refused: [String] { notes.filter { $0.level == "error" }.map(\.text) }

  private static let rowsKept = 3
  /// How many different things are kept of each stage.
  private static let limit = 1000

  public init() {}

  /// Adds what a stage's log holds. Lines that are none of the toolkit's are kept as errors.
  public mutating func read(_ path: String, of stage: StageName) throws(StopError) {
    guard access(path, R_OK) == 0 else { return }
    var reader = LineReader(try ByteSource(path))
    var last: JSONValue?
    while true {
      switch reader.next() {
      case .line(let line): if let said = read(line: Array(line.bytes), of: stage) { last = said }
      case .tooLong: continue
      case .needsInput: try reader.fill()
      case .end:
        if let last { progress.append(last) }
        return
      }
    }
  }

  /// Adds what `log` holds, a stage's log as it said it.
  public mutating func read(log: some Collection<UInt8>, of stage: StageName) {
    let last = log.split(separator: 0x0A).reduce(nil) { last, line in read(line: Array(line), of: stage) ?? last }
    if let last { progress.append(last) }
  }

  /// Adds a line of a log; what it says of progress is returned instead.
  private mutating func read(line: [UInt8], of stage: StageName) -> JSONValue? {
    let said = try? JSONValue(parsing: line)
    if let said, said["progress"] != nil { return said }
    add(said, String(decoding: line, as: UTF8.self), stage)
    return nil
  }

  private mutating func add(_ said: JSONValue?, _ line: String, _ stage: StageName) {
    guard let said, let code = said["code"]?.string, let message = said["message"]?.string else {
      return insert(
        Note(
          level: "error", tool: stage.tool, file: nil, sheet: nil, field: nil,
          code: MigrationFault.stageMessage.rawValue, message: line))
    }
    let field = said["field"]?.string
    if let total = Self.total(message), raise(stage, code, field, to: total) { return }
    var note = Note(
      level: said["level"]?.string ?? "info", tool: said["tool"]?.string ?? stage.tool, file: said["file"]?.string,
      sheet: said["sheet"]?.string, field: field, code: code, message: message)
    note.rows = said["row"]?.integer.map { [$0] } ?? []
    insert(note)
  }

  private mutating func insert(_ note: Note) {
    let key = [note.level, note.tool, note.file ?? "", note.sheet ?? "", note.field ?? "", note.code, note.message]
      .joined(separator: "\u{0}")
    if let place = places[key] {
      notes[place].count += 1
      if notes[place].rows.count < Self.rowsKept { notes[place].rows += note.rows }
    } else if notes.count < Self.limit {
      places[key] = notes.count
      notes.append(note)
    }
  }

  /// `95 more, 100 in all`: a stage tells the first of a kind one by one, and at its end how many there were.
  private static func total(_ message: String) -> Int? {
    let words = message.split(separator: " ")
    guard words.count == 5, words[1] == "more,", words[3] == "in", words[4] == "all" else { return nil }
    return Int(words[2])
  }

  private mutating func raise(_ stage: StageName, _ code: String, _ field: String?, to total: Int) -> Bool {
    guard let place = notes.firstIndex(where: { $0.tool == stage.tool && $0.code == code && $0.field == field }) else {
      return false
    }
    notes[place].count = max(notes[place].count, total)
    return true
  }
}
