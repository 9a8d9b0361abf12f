import ILSCommand
import ILSRecord
import ILSReport

/// A profile as people read it: a line a field.
enum ProfileTable {
  static func write(_ fields: [FieldProfile], records: Int, to output: inout OutputBuffer) {
    output.append(
      "\(records) record\(records == 1 ? "" : "s"), \(fields.count) field\(fields.count == 1 ? "" : "s")\n")
    var table = Table(
      ["FIELD", "TYPE", "FILLED", "%", "DISTINCT", "LENGTH", "MIN", "MAX", "MOST FREQUENT", "PATTERNS"],
      numbers: [2, 3, 4], sample: .max, room: Table.terminalWidth,
      yields: [
        (8, .cut(to: 20)), (9, .cut(to: 20)), (6, .cut(to: 10)), (7, .cut(to: 10)), (0, .cut(to: 12)), (5, .leftOut),
        (9, .leftOut),
      ])
    for field in fields { table.add(row(field, records), to: &output) }
    table.flush(to: &output)
  }

  private static func row(_ field: FieldProfile, _ records: Int) -> [String] {
    let share = records == 0 ? 0 : field.filled * 100 / records
    let length =
      field.filled == 0
      ? "" : field.shortest == field.longest ? "\(field.longest)" : "\(field.shortest)-\(field.longest)"
    // No field that lacks a value is full, and none that has one is empty.
    let percent = share == 0 && field.filled > 0 ? "<1" : "\(share)"
    let distinct = field.isDistinctExact ? "\(field.distinct)" : "more than \(field.distinct)"
    return [
      field.name, field.type, "\(field.filled)", percent, distinct, length, field.least ?? "", field.greatest ?? "",
      list(field.top), list(field.topPatterns),
    ]
  }

  private static func list(_ counts: [(text: String, count: Int)]) -> String {
    counts.map { "\($0.text) (\($0.count))" }.joined(separator: ", ")
  }
}
