import Foundation
import ILSMigration
import ILSRecord
import ILSStore
import SystemPackage

/// One run of ils-parse | ils-map | ils-validate | ils-load over a job's upload.
struct Attempt: Sendable {
  let tools: Tools
  let folder: JobFolder
  let request: JobRequest
  /// The folder of this attempt.
  let path: String
  let plan: MigrationPlan

  /// - Parameter isResumed: the job is in the tables already: go on with it.
  init(_ tools: Tools, _ folder: JobFolder, _ request: JobRequest, isResumed: Bool) throws {
    (self.tools, self.folder, self.request) = (tools, folder, request)
    path = folder.attempt(folder.attempts + 1)
    let more = (request.hasMapping ? ["--mappings=\(folder.path)/mapping.json"] : []) + ["--outcomes=none"]
    let plan = MigrationPlan(
      try request.migration(more), folder: path, job: request.id, source: request.source)
    self.plan = isResumed ? plan.resumed() : plan
    try PrivateFiles.makeFolder(path)
  }

  /// Counts the rows of the upload, so that progress has a total.
  /// - Parameter begun: as for `run`: who ends a job ends this, too.
  func count(begun: @escaping @Sendable (StageName, pid_t?) async -> Void) async throws {
    let reading = try request.migration([]).passed[.parse] ?? []
    let log = StageLog("\(path)/count.log")
    let status = try await tools.stage(
      StageName.parse.tool,
      ["--log-format", "json", "--progress", "none", "--manifest", folder.path + "/total.json"] + reading
        + ["--", request.file], in: folder.path, from: nil, to: try .open("/dev/null", .writeOnly),
      log: try log.create(), by: folder.actor, begun: { await begun(.parse, $0) })
    await begun(.parse, nil)
    if status > 1 {
      throw Fault("ils-parse: \(Diagnostics(of: log.path).complaint ?? "it ended with status \(status)")")
    }
  }

  /// Runs the stages, to the end of the last.
  /// - Parameter begun: gets each stage's process id once it is there, and nil when it has ended.
  func run(begun: @escaping @Sendable (StageName, pid_t?) async -> Void) async throws -> JobResult {
    let runner = PlanRunner(tools: tools, plan: plan, folder: folder.path, caller: folder.actor)
    let statuses = try await runner.run(begun: begun)
    return JobResult(
      statuses: statuses, message: runner.complaint(statuses), record: JobFolder.loadRecord(in: path))
  }

  /// Whether the loader found another at work on the job, or that another has ended it: then what this attempt's stages refused
  /// is not whole.
  var metAnotherLoader: Bool { said([JobFault.jobLocked, .jobExists, .jobNotResumable]) }

  /// Whether the loader gave up since others held rows, or changed the same ones: once they are done, it can go on.
  var gaveWay: Bool { said([DatabaseFault.dbLocked, .dbCollision]) }

  /// Whether the loader said one of these.
  private func said(_ faults: [some FaultCodes]) -> Bool {
    !Diagnostics(of: plan.path("load.log")).codes.isDisjoint(with: faults.map(\.rawValue))
  }
}

extension JobRequest {
  /// What ils-migrate would be asked.
  func migration(_ more: [String]) throws -> MigrationRequest {
    try options.request(
      type: type, file: file, more: (isNDJSON ? ["--format=ndjson"] : []) + ["--source=\(source)"] + more)
  }
}
