import ILSCommand
import ILSJobs
import ILSRecord
import ILSReport
import ILSStore
import ILSStream

/// What was compared with what, for the page.
struct Facts {
  private(set) var lines: [(name: String, value: String)] = []
  private(set) var title = "Verification of a migration"

  init(_ verification: Verification) {
    let place = verification.place
    add("Database", place["database"]?.string)
    add("Seen by role", place["role"]?.string)
    add("As of", (place["at"]?.string).map { String($0.prefix(19)).replacing("T", with: " ") + " UTC" })
    add("By", "ils-verify \(Toolkit.version)")
  }

  private mutating func add(_ name: String, _ value: String?) { if let value { lines.append((name, value)) } }

  mutating func scope(_ entity: LoadSchema, _ set: [String], _ source: String?) {
    title = "Verification of \(entity.entity)\(source.map { " from \($0)" } ?? "")"
    lines.insert(("Table", entity.table), at: 0)
    if !set.isEmpty { add("Only rows with", set.joined(separator: ", ")) }
    if let source { add("Only rows of source", source) }
  }

  mutating func sources(_ inputs: [String], _ sum: Digested.Sum) {
    add("Records from", inputs.map { $0 == "-" ? "the standard input" : $0 }.joined(separator: ", "))
    add("Records", "\(sum.records)")
    add("SHA-256 of the records", sum.sha256)
  }
}

enum PageFile {
  /// - Throws: `usage` where the page would be written over something else.
  static func check(
    _ path: String?, inputs: [String], schema: String?, _ options: FilterOptions
  ) throws(StopError) {
    try WrittenFiles.check(
      inputs: inputs, others: [schema], [("--html", path), ("-o", options.output), ("--rejects", options.rejects)],
      writesStdout: options.output ?? "-" == "-")
  }

  static func write(_ path: String, _ checks: [VerifyCheck], _ verdict: Verdict, _ facts: Facts) throws(StopError) {
    var page = VerificationPage(
      title: facts.title, facts: facts.lines, checks: checks.map(\.json), verdict: verdict.json, made: today().iso)
    page.write()
    var output = try OutputFile(path)
    var buffer = OutputBuffer(capacity: 1 << 16)
    buffer.append(page.text + "\n")
    try output.write(&buffer)
    try output.close()
  }
}
