import ILSRecord
import ILSSchema
import ILSStream

/// What a person reads at the end: what was assumed, what became of the rows, what to do next.
struct MigrationSummary {
  private let plan: MigrationPlan
  private let notes: RunNotes
  private let reasons: RejectReasons
  private let job: JSONValue?
  private let manifest: Manifest?
  /// A stage did not come to its end: no count of the whole is known.
  private let isCutOff: Bool
  private let isShort: Bool

  init(
    _ plan: MigrationPlan, notes: RunNotes, reasons: RejectReasons, job: JSONValue?, manifest: Manifest?,
    isCutOff: Bool, isShort: Bool
  ) {
    (self.plan, self.notes, self.reasons, self.job, self.manifest) = (plan, notes, reasons, job, manifest)
    (self.isCutOff, self.isShort) = (isCutOff, isShort)
  }

  var text: String {
    (noted + outcome + refused + next).map { $0 + "\n" }.joined()
  }

  var noted: [String] { notes.noted }

  private var outcome: [String] {
    if isShort, let least = plan.leastRows {
      return equation + ["\(manifest?.rows ?? 0) rows are fewer than the \(least) that --expect-rows asks for"]
    }
    return isCutOff ? cutOff : equation
  }

  private var equation: [String] {
    if let job { return [heading(of: job), sum(of: job)] }
    guard let manifest else { return [] }
    return ["\(manifest.rows) rows = \(manifest.rows - reasons.records) valid + \(reasons.records) refused"]
  }

  private func heading(of job: JSONValue) -> String {
    let isDry = job["dryRun"] == .boolean(true)
    return "\(job["entity"]?.string ?? plan.entity) from \(job["source"]?.string ?? "no named source"): "
      + "\(job["status"]?.string ?? "unknown")\(isDry ? ", as a dry run: nothing was kept" : "")"
  }

  private func sum(of job: JSONValue) -> String {
    let parts = (job["equation"]?.members ?? []).compactMap { name, value -> String? in
      guard let count = value.integer, name != "rows", count > 0 || name == "inserted" else { return nil }
      return "\(count) \(name)"
    }
    guard let records = plan.mended else {
      let rows = job["equation"]?["rows"]?.integer.map(String.init) ?? "?"
      return "\(rows) rows = \(parts.joined(separator: " + "))"
    }
    // No manifest holds the mended records: what ils-load did not get, the stages before it refused.
    let loaded = (job["equation"]?.members ?? []).reduce(0) { $0 + ($1.name == "rows" ? 0 : $1.value.integer ?? 0) }
    let refused = records - loaded > 0 ? ["\(records - loaded) refused before"] : []
    return "\(records) mended record\(records == 1 ? "" : "s") = \((parts + refused).joined(separator: " + "))"
  }

  /// What is in the database although the run did not end.
  private var cutOff: [String] {
    guard let id = plan.job else { return ["not finished: nothing was loaded"] }
    guard let job else { return ["not finished: the database did not say what is in job \(id), if it had begun"] }
    if job["status"]?.string == "completed" { return equation }
    let progress = job["progress"]
    func count(_ name: String) -> Int {
      job[name]?.integer ?? progress?[name]?.integer ?? job["equation"]?[name]?.integer ?? 0
    }
    let done = ["inserted", "updated", "skipped", "failed"].map { "\(count($0)) \($0)" }.joined(separator: ", ")
    return ["not finished: job \(id) has \(plan.isAtomic ? "loaded nothing (all or nothing)" : "come to \(done)")"]
  }

  private var refused: [String] {
    guard reasons.records > 0 else { return [] }
    let files = plan.stages.map { plan.path("\($0.name.rawValue).rejects.ndjson") }
      .filter { FileStatus(path: $0).map { $0.size > 0 } == true }
    return ["refused, and why (a record may have several faults):"] + reasons.lines
      + ["each refused record, as it came and with its reasons, is in:"] + files.map { "  \($0)" } + unmapped
  }

  /// What a person lacks whose every record has fields that the schema does not know, and no mapping.
  private var unmapped: [String] {
    let unknown = SchemaFault.schemaAdditionalProperties.rawValue
    guard !plan.stages.contains(where: { $0.name == .map }),
      reasons.reasons.contains(where: { $0.code == unknown && $0.count == reasons.records })
    else { return [] }
    return [
      "no mapping says which columns are which fields: this proposes one, to be read and given as --mappings mapping.json:",
      "  ils-parse \(plan.file.shellQuoted) | ils-map --suggest \(plan.entity) > mapping.json",
    ]
  }

  private var next: [String] {
    var lines = ["a report for people: ils-report \(plan.folder.shellQuoted) -o report.html"]
    guard let id = plan.job else { return lines }
    let state = job?["status"]?.string
    if isCutOff, state != "completed" {
      if plan.file != "-" { lines.append("to go on: ils-migrate --resume \(plan.folder.shellQuoted)") }
      if !plan.isAtomic { lines.append("to undo what was loaded: ils-rollback \(id)") }
    } else if state == "completed" {
      lines.append("to undo it: ils-rollback \(job?["job"]?.string ?? id)")
    }
    return lines
  }
}
