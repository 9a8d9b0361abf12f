import ILSCommand
import ILSRecord
import ILSStream
import Glibc

/// Writes what is to be said of jobs: NDJSON for programs, an aligned table for people at a terminal.
public struct Printer: ~Copyable {
  /// A column of the table: its title, and the member that it shows (`progress.failed`).
  public struct Column: Sendable {
    public enum Kind: Sendable { case text, number, time }

    let title: String
    let path: [String]
    let kind: Kind

    public init(_ title: String, _ path: String, _ kind: Kind = .text) {
      self.title = title
      self.path = path.split(separator: ".").map(String.init)
      self.kind = kind
    }
  }

  private var output: OutputFile
  private var buffer = OutputBuffer(capacity: 1 << 16)
  private let isTable: Bool
  private let columns: [Column]
  private var table: Table
  /// A line that `update` writes over.
  private var hasLine = false

  /// - Parameters:
  ///   - path: where it is written; nil for stdout.
  ///   - isJSON: NDJSON is wanted on a terminal, too.
  ///   - columns: the table's; none for a list of names and values.
  ///   - yields: which columns, by their titles, give way where the terminal is narrower than the table.
  ///   - names: what is shown of jobs' ids where there is no room for all of them; asked for a table alone.
  public init(
    to path: String?, isJSON: Bool, columns: [Column], yields: [(title: String, how: Table.Yield)] = [],
    names: (() throws(StopError) -> [String: String])? = nil
  ) throws(StopError) {
    let isTable = !isJSON && path == nil && isatty(STDOUT_FILENO) == 1
    let room = isTable ? Table.terminalWidth : nil
    let ids = room == nil ? [:] : try names?() ?? [:]
    output = try OutputFile(path)
    self.isTable = isTable
    self.columns = columns
    let inOrder = [("JOB", Table.Yield.shortened(ids))] + yields.map { ($0.title, $0.how) }
    table = Table(
      columns.map(\.title), numbers: Set(columns.indices.filter { columns[$0].kind == .number }), room: room,
      yields: inOrder.compactMap { title, how in
        columns.firstIndex { $0.title == title }.map { (column: $0, how: how) }
      })
  }

  /// One record, in the table or as a line.
  public mutating func write(_ value: JSONValue) throws(StopError) {
    if !isTable {
      value.write(to: &buffer)
      buffer.append("\n" as StaticString)
    } else if columns.isEmpty {
      Table.write(pairs: Self.flatten(value, []), to: &buffer)
    } else {
      table.add(columns.map { Self.cell($0, value) }, to: &buffer)
    }
    if buffer.count >= 1 << 16 { try output.write(&buffer) }
  }

  /// Tells the state of a job at once; on a terminal, over the state before.
  public mutating func update(_ record: JSONValue) throws(StopError) {
    if isTable {
      buffer.append((hasLine ? "\r\u{1B}[K" : "") + Self.line(record).visible)
      hasLine = true
    } else {
      try write(record)
    }
    try output.write(&buffer)
  }

  /// Writes what is left.
  public mutating func close() throws(StopError) {
    if isTable, !columns.isEmpty { table.flush(to: &buffer) }
    if hasLine { buffer.append("\n" as StaticString) }
    try output.write(&buffer)
    try output.close()
  }

  // MARK: - Text

  private static func cell(_ column: Column, _ record: JSONValue) -> String {
    var value: JSONValue? = record
    for name in column.path { value = value?[name] }
    let text = text(value ?? .null)
    return column.kind == .time ? time(text) : text
  }

  /// `2026-11-23T12:45:39.123+00:00` to the second.
  private static func time(_ text: String) -> String { String(text.prefix(19).map { $0 == "T" ? " " : $0 }) }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: ""
    case .string(let text), .number(let text): text
    default: value.text
    }
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
