import Foundation
import Hummingbird
import HTTPTypes
import ILSMigration
import ILSRecord
import ServeParts

/// The pipe without its last stage: what would be refused, and nothing is loaded.
struct ValidationResource: Resource {
  static let method = HTTPRequest.Method.post
  static let path = "api/import/validate"
  static let scope: Scope? = .read
  let service: Service

  init(_ service: Service) { self.service = service }

  func answer(_ request: Request, _ context: ServeContext) async throws -> Response {
    let service = service
    try await service.checks.ask(for: context.caller.name)
    return try await service.reception.take(request, context.caller) { taken in
      defer { service.reception.release(taken) }
      let summary: JSONValue = try await service.checks.run(for: context.caller.name) {
        try await service.limited(taken.work, for: context).run { try await self.summary(of: taken) }
      }
      return JSONValue.object([("success", .boolean(true)), ("validation", summary)]).response()
    }
  }

  private func summary(of taken: ImportRequest) async throws -> JSONValue {
    let plan = MigrationPlan(
      try taken.migration(["--validate-only"]), folder: taken.work, job: "", source: "validation")
    let runner = PlanRunner(
      tools: service.tools, plan: plan, folder: taken.folder,
      more: [.validate: ["--validate-only", "--summary=json", "--rejects", "/dev/null"]])
    let statuses = try await runner.run()
    if let complaint = runner.complaint(statuses) { throw Problem(.unprocessableContent, complaint) }
    return try await summary(plan, read(runner.output))
  }

  private func read(_ path: String) -> JSONValue? {
    FileManager.default.contents(atPath: path).flatMap { JSONValue(read: $0) }
  }

  /// The counts of ils-validate, with what the stages before it refused.
  private func summary(_ plan: MigrationPlan, _ said: JSONValue?) async throws -> JSONValue {
    let total = read(plan.path("manifest.json"))?["rows"]?.integer ?? 0
    let valid = said?["valid"]?.integer ?? 0
    var earlier: [String: (count: Int, rows: [JSONValue], fault: RejectLines.Fault)] = [:]
    let stages: [StageName] = [.parse, .map]
    try await RejectLines(paths: stages.map { plan.path("\($0.rawValue).rejects.ndjson") }).each { fault in
      let key = "\(fault.field ?? "")|\(fault.code)"
      var known = earlier[key] ?? (0, [], fault)
      known.count += 1
      if known.rows.count < 3, let row = fault.row { known.rows.append(.object([("row", .count(row))])) }
      earlier[key] = known
      return true
    }
    let fields = earlier.values.sorted { ($1.count, $0.fault.code) < ($0.count, $1.fault.code) }.map { known in
      JSONValue.object([
        ("field", known.fault.field.map { .string($0) } ?? .null), ("code", .string(known.fault.code)),
        ("severity", .string("error")), ("count", .count(known.count)),
        ("share", .number("\(Double(known.count * 10_000 / max(total, 1)) / 10_000)")),
        ("message", .string(known.fault.message)), ("examples", .array(known.rows)),
      ])
    }
    return .object([
      ("total", .count(total)), ("valid", .count(valid)), ("rejected", .count(max(total - valid, 0))),
      ("fields", .array((said?["faults"]?.array ?? []) + fields)), ("notes", .texts(noted(in: plan.folder))),
    ])
  }
}
