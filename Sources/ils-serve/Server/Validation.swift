import Foundation
import SystemPackage

/// ils-parse | ils-map | ils-validate --validate-only over an upload: what would be refused, and nothing is loaded.
struct Validation: Sendable {
  let tools: Tools
  let taken: ImportRequest
  /// A folder for rejects, which is removed afterwards.
  let work: String

  func run() async throws -> JSON {
    let plain = ["--log-format", "json", "--progress", "none"]
    var plans = [
      (
        "parse",
        plain + taken.options.reading(isNDJSON: taken.isNDJSON)
          + ["--manifest", work + "/manifest.json", "--rejects", work + "/parse.rejects.ndjson", "--", taken.file]
      )
    ]
    if let mapping = taken.mapping {
      plans.append(("map", plain + ["-m", mapping, "--rejects", work + "/map.rejects.ndjson"]))
    }
    plans.append(
      (
        "validate",
        plain + [taken.type, "--validate-only", "--summary=json"]
          + taken.options.validating
      ))
    let statuses = try await StagePipe(tools: tools, folder: taken.folder, work: work, output: "summary.json").run(
      plans
    ) { _, _ in }
    if let index = statuses.firstIndex(where: { $0 > 1 && $0 != 141 }) {
      let log = Array(FileManager.default.contents(atPath: "\(work)/\(plans[index].0).log") ?? Data())
      throw Problem(
        .unprocessableContent, Tools.complaint(in: log) ?? "ils-\(plans[index].0) ended with status \(statuses[index])")
    }
    return try await summary()
  }

  /// The counts of ils-validate, with what the stages before it refused.
  private func summary() async throws -> JSON {
    let said = FileManager.default.contents(atPath: work + "/summary.json").flatMap { JSON($0) }
    let total = FileManager.default.contents(atPath: work + "/manifest.json").flatMap { JSON($0) }?["rows"]?.int ?? 0
    let valid = said?["valid"]?.int ?? 0
    var fields = said?["faults"]?.array ?? []
    var earlier: [String: (count: Int, rows: [JSON], line: FaultStream.Line)] = [:]
    try await FaultStream(paths: ["parse", "map"].map { "\(work)/\($0).rejects.ndjson" }).each { line in
      let key = "\(line.field ?? "")|\(line.code)"
      var known = earlier[key] ?? (0, [], line)
      known.count += 1
      if known.rows.count < 3, let row = line.row { known.rows.append(.object(["row": .int(row)])) }
      earlier[key] = known
      return true
    }
    for known in earlier.values.sorted(by: { $0.count > $1.count }) {
      fields.append(
        .object([
          "field": known.line.field.map(JSON.string) ?? .null, "code": .string(known.line.code),
          "severity": .string("error"),
          "count": .int(known.count), "share": .double(Double(known.count * 10_000 / max(total, 1)) / 10_000),
          "message": .string(known.line.message), "examples": .array(known.rows),
        ]))
    }
    return .object([
      "total": .int(total), "valid": .int(valid), "rejected": .int(max(total - valid, 0)), "fields": .array(fields),
    ])
  }
}
