import ILSCommand
import ILSMapping
import ILSRecord
import ILSStore
import ILSStream

extension FieldAnswer {
  /// Writes answers to stdout, for people or as NDJSON.
  public static func write(_ answers: [FieldAnswer], asText: Bool) throws(StopError) {
    var output = try OutputFile(nil)
    var buffer = OutputBuffer()
    for answer in answers {
      if asText {
        buffer.append(answer.text)
      } else {
        answer.json.write(to: &buffer)
        buffer.append("\n" as StaticString)
      }
    }
    try output.write(&buffer)
    try output.close()
  }

  /// The answer for people, a line each step: from the database back to the bytes.
  public var text: String {
    var lines = ["\(table) \(id) \(column.name) = \(Self.shown(column.value))", "  \(says)"]
    if let job { lines.append(Self.line(of: job)) }
    if let loaded { lines.append("  loaded   \(Self.shown(loaded))") }
    for trace in traces.reversed() { lines += trace.lines }
    if let found { lines += source(found) }
    for other in others {
      lines.append("  also     \(Self.place(other.file, other.position)): \(other.became)")
    }
    return lines.map(\.visible).joined(separator: "\n") + "\n"
  }

  private static func shown(_ value: String?) -> String { value.map { JSONValue.string($0).text } ?? "null" }

  private static func line(of job: WritingJob) -> String {
    let json = job.json
    let batch = json["batch"]
    var line = "  job      \(job.id)"
    if let batch {
      let part = batch["part"]?.string.flatMap { $0.isEmpty ? nil : " of part \($0)" } ?? ""
      line += ", batch \(batch["number"]?.text ?? "?")\(part)"
    }
    line += ", " + Self.time(batch?["endedAt"]?.string ?? json["startedAt"]?.string ?? "")
    let who = [json["databaseUser"]?.string, json["osUser"]?.string.map { "(\($0))" }].compactMap { $0 }
    line += " by " + who.joined(separator: " ") + (json["host"]?.string.map { " at \($0)" } ?? "")
    return line
  }

  /// `2026-11-23T12:45:39.123+00:00` to the second.
  private static func time(_ text: String) -> String { String(text.prefix(19).map { $0 == "T" ? " " : $0 }) }

  private func source(_ found: JobReplay.Found) -> [String] {
    var position = found.position
    position.sheet = sheet(found)
    var lines = [
      "  record   \(Self.place(found.source.path, position))"
        + (found.source.isSame ? ", the file that was loaded" : ", which may not be the file that was loaded")
        + (found.source.name == found.source.path ? "" : " as \(found.source.name)")
    ]
    for place in places { lines.append(place.text) }
    lines.append("  parsed   " + String(decoding: found.stages[0], as: UTF8.self))
    return lines
  }

  private static func place(_ file: String, _ position: Position) -> String {
    file + (position.sheet.map { "[\($0)]" } ?? "") + (position.row.map { ", row \($0)" } ?? "")
  }
}

extension FieldTrace {
  /// The last step first: the way back.
  fileprivate var lines: [String] {
    var lines: [String] = []
    if let last = steps.last?.after ?? nil, outcome != last { lines.append("  becomes  \(outcome ?? "null")") }
    if steps.isEmpty || steps.last?.refusal != nil { lines.append("  mapped   to \(outcome ?? "null")") }
    for step in steps.reversed() {
      lines.append("  \(step.label): \(step.before ?? "null") -> \(step.refusal ?? step.after ?? "null")")
    }
    for source in sources { lines.append("  from     \(source.name) = \(source.value ?? "no such field")") }
    return lines
  }
}

extension CellPlace {
  fileprivate var text: String {
    var parts: [String] = []
    if let cell { parts.append("cell \(cell)") }
    if let path { parts.append(path) }
    if let line { parts.append("line \(line)") }
    if let offset, let raw {
      parts.append("bytes \(offset) to \(offset + raw.count)" + (isUnpacked ? " of what it unpacks to" : ""))
    }
    if let raw {
      let shown = Self.raw(raw)
      parts.append((shown.name == "raw" ? "" : "in base 64 ") + (shown.value.string ?? ""))
    }
    if let note { parts.append(note) }
    return "  cell     \(field): " + parts.joined(separator: ", ")
  }
}
