import ILSRecord
import ILSStream

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Writes what a verb has to say: NDJSON for programs, an aligned table for people at a terminal.
struct Printer: ~Copyable {
  /// A column of the table: its title, and the member that it shows (`progress.failed`).
  struct Column {
    enum Kind { case text, number, time }

    let title: String
    let path: [String]
    let kind: Kind

    init(_ title: String, _ path: String, _ kind: Kind = .text) {
      self.title = title
      self.path = path.split(separator: ".").map(String.init)
      self.kind = kind
    }
  }

  private var output: OutputFile
  private var buffer = OutputBuffer(capacity: 1 << 16)
  private let isTable: Bool
  private let columns: [Column]
  /// The first rows wait here until the columns' widths are known.
  private var waiting: [[String]] = []
  private var widths: [Int]?
  /// A line that `update` writes over.
  private var hasLine = false

  /// Rows that decide how wide the columns are.
  private static let sample = 200

  /// - Parameter columns: the table's; none for a list of names and values.
  init(_ options: JobsOptions, columns: [Column]) throws(StopError) {
    output = try OutputFile(options.output)
    isTable = !options.json && options.output == nil && isatty(STDOUT_FILENO) == 1
    self.columns = columns
  }

  mutating func write(_ value: JSONValue) throws(StopError) {
    if !isTable {
      value.write(to: &buffer)
      buffer.append("\n" as StaticString)
    } else if columns.isEmpty {
      let pairs = Self.flatten(value, [])
      let width = pairs.map(\.name.count).max() ?? 0
      for (name, text) in pairs { buffer.append(Self.pad(name, width) + "  " + text + "\n") }
    } else {
      waiting.append(columns.map { Self.cell($0, value) })
      if widths != nil || waiting.count >= Self.sample { writeTable() }
    }
    if buffer.count >= 1 << 16 { try output.write(&buffer) }
  }

  /// Tells the state of a job at once; on a terminal, over the state before.
  mutating func update(_ record: JSONValue) throws(StopError) {
    if isTable {
      buffer.append((hasLine ? "\r\u{1B}[K" : "") + Self.line(record))
      hasLine = true
    } else {
      try write(record)
    }
    try output.write(&buffer)
  }

  mutating func close() throws(StopError) {
    if isTable, !columns.isEmpty { writeTable() }
    if hasLine { buffer.append("\n" as StaticString) }
    try output.write(&buffer)
    try output.close()
  }

  // MARK: - Text

  private mutating func writeTable() {
    if widths == nil {
      waiting.insert(columns.map(\.title), at: 0)
      widths = columns.indices.map { column in waiting.map { $0[column].count }.max() ?? 0 }
    }
    for row in waiting {
      let cells = columns.indices.map { column in
        Self.pad(row[column], widths?[column] ?? 0, toRight: columns[column].kind == .number)
      }
      var line = cells.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      buffer.append(line + "\n")
    }
    waiting.removeAll(keepingCapacity: true)
  }

  private static func cell(_ column: Column, _ record: JSONValue) -> String {
    var value: JSONValue? = record
    for name in column.path { value = value?[name] }
    let text = text(value ?? .null)
    return column.kind == .time ? time(text) : text
  }

  /// `2026-11-23T12:45:39.123+00:00` to the second.
  private static func time(_ text: String) -> String { String(text.prefix(19).map { $0 == "T" ? " " : $0 }) }

  /// A value without anything that a terminal would obey.
  private static func text(_ value: JSONValue) -> String {
    let text =
      switch value {
      case .null: ""
      case .string(let text), .number(let text): text
      default: value.text
      }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
  }

  private static func pad(_ text: String, _ width: Int, toRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(width - text.count, 0))
    return toRight ? space + text : text + space
  }

  /// Members of members by their whole names: `progress.failed`.
  private static func flatten(_ value: JSONValue, _ path: [String]) -> [(name: String, text: String)] {
    guard let members = value.members else { return [(path.joined(separator: "."), text(value))] }
    return members.flatMap { flatten($0.value, path + [$0.name]) }
  }

  private static func line(_ record: JSONValue) -> String {
    let progress = record["progress"]
    func count(_ name: String) -> Int { progress?[name]?.integer ?? 0 }
    var line = "\(text(record["job"] ?? .null).prefix(13)) \(text(record["status"] ?? .null)): \(count("processed"))"
    if let total = progress?["total"]?.integer, total > 0 {
      line += " of \(total) (\(count("processed") * 100 / total)%)"
    }
    line += " records, \(count("successful")) loaded, \(count("failed")) failed, \(count("skipped")) skipped"
    return line
  }
}
