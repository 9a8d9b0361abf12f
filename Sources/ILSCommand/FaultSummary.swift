import ArgumentParser
import ILSRecord

/// All faults of a run together: for each field and code how many, which share of the records, and the first places.
public struct FaultSummary: Sendable {
  public enum Style: String, ExpressibleByArgument, CaseIterable, Sendable { case text, json }

  private let style: Style
  /// It is what the tool writes, in place of records; else it goes to stderr.
  let isOutput: Bool
  private let showsValues: Bool

  public init(_ style: Style, isOutput: Bool, showsValues: Bool) {
    (self.style, self.isOutput, self.showsValues) = (style, isOutput, showsValues)
  }

  private typealias Entry = (key: Emitter.Tally, value: Emitter.Count)

  func text(_ emitter: borrowing Emitter) -> OutputBuffer {
    let (read, rejected) = (emitter.read, emitter.rejected)
    var output = OutputBuffer()
    let entries = emitter.tally.filter { $0.key.severity <= .warning }.sorted {
      ($1.value.count, $0.key.field ?? "", $0.key.code) < ($0.value.count, $1.key.field ?? "", $1.key.code)
    }
    switch style {
    case .json: writeJSON(entries, read, rejected, to: &output)
    case .text: writeText(entries, read, rejected, to: &output)
    }
    return output
  }

  // MARK: - JSON

  private func writeJSON(_ entries: [Entry], _ read: Int, _ rejected: Int, to output: inout OutputBuffer) {
    func number(_ value: Int) -> JSONValue { .number("\(value)") }
    let faults = entries.map { key, met -> JSONValue in
      var members: [(name: String, value: JSONValue)] = []
      if let field = key.field { members.append(("field", .string(field))) }
      members += [
        ("code", .string(key.code)), ("severity", .string("\(key.severity)")), ("count", number(met.count)),
        ("share", .number(share(met.count, of: read))), ("examples", .array(met.examples.map(example))),
      ]
      return .object(members)
    }
    JSONValue.object([
      ("records", number(read)), ("valid", number(read - rejected)), ("refused", number(rejected)),
      ("faults", .array(faults)),
    ]).write(to: &output)
    output.append("\n" as StaticString)
  }

  private func example(_ position: Position, _ value: String?) -> JSONValue {
    var members: [(name: String, value: JSONValue)] = []
    if let file = position.file { members.append(("file", .string(file))) }
    if let sheet = position.sheet { members.append(("sheet", .string(sheet))) }
    if let row = position.row { members.append(("row", .number("\(row)"))) }
    if showsValues, let value { members.append(("value", .string(value))) }
    return .object(members)
  }

  /// A share from 0 to 1 with four decimals.
  private func share(_ count: Int, of total: Int) -> String {
    let tenThousandths = total == 0 ? 0 : (count * 10_000 + total / 2) / total
    if tenThousandths >= 10_000 { return "\(tenThousandths / 10_000)" }
    return "0." + "\(tenThousandths + 10_000)".dropFirst()
  }

  // MARK: - Text

  private func writeText(_ entries: [Entry], _ read: Int, _ rejected: Int, to output: inout OutputBuffer) {
    output.append("\(read) records: \(read - rejected) valid, \(rejected) refused\n")
    if entries.isEmpty { return }
    var table = Table(["FIELD", "CODE", "COUNT", "SHARE", "FIRST ROWS"], numbers: [2, 3], sample: .max)
    for (key, met) in entries {
      let places = met.examples.map { example in
        (example.position.row.map(String.init) ?? "?") + (showsValues ? example.value.map { " \($0)" } ?? "" : "")
      }
      let row = [
        key.field ?? "", key.severity == .warning ? "\(key.code) (warning)" : key.code, "\(met.count)",
        percent(met.count, of: read), places.joined(separator: ", "),
      ]
      table.add(row, to: &output)
    }
    table.flush(to: &output)
  }

  private func percent(_ count: Int, of total: Int) -> String {
    let hundredths = total == 0 ? 0 : (count * 10_000 + total / 2) / total
    if hundredths == 0, count > 0 { return "<0.01%" }
    return "\(hundredths / 100).\("\(hundredths % 100 + 100)".dropFirst())%"
  }
}
