import Foundation
import SystemPackage

/// One run of ils-parse | ils-map | ils-validate | ils-load over a job's upload.
///
/// All that the stages write goes to files, nothing to the server: if the server is killed, they go on to their end.
struct Pipeline: Sendable {
  let tools: Tools
  let folder: JobFolder
  let request: JobRequest
  /// The folder of this attempt.
  let attempt: String
  /// The job is in the tables already: go on with it.
  let isResumed: Bool

  private var usesMapping: Bool { request.hasMapping }
  private static let plain = ["--log-format", "json", "--progress", "none"]

  private var plans: [StagePipe.Plan] {
    func rejects(_ stage: String) -> String { "\(attempt)/\(stage).rejects.ndjson" }
    var plans: [StagePipe.Plan] = [
      (
        name: "parse",
        arguments: Self.plain + request.options.reading(isNDJSON: request.isNDJSON)
          + ["--manifest", "\(attempt)/manifest.json", "--rejects", rejects("parse"), "--", request.file]
      )
    ]
    if usesMapping {
      plans.append(
        (
          name: "map",
          arguments: Self.plain + ["--mapping", folder.path + "/mapping.json", "--rejects", rejects("map")]
        ))
    }
    plans.append(
      (
        name: "validate",
        arguments: Self.plain + [request.type] + request.options.validating + ["--rejects", rejects("validate")]
      ))
    let earlier = plans.flatMap { ["--rejects-in", rejects($0.name)] }
    plans.append(
      (
        name: "load",
        arguments: Self.plain + [request.type, isResumed ? "--resume" : "--id", request.id, "--source", request.source]
          + ["--outcomes", "none", "--manifest", "\(attempt)/manifest.json", "--rejects", rejects("load")] + earlier
          + request.options.loading
      ))
    return plans
  }

  /// Counts the rows of the upload, so that progress has a total.
  func count() async throws {
    let outcome = try await tools.run(
      "ils-parse",
      Self.plain + request.options.reading(isNDJSON: request.isNDJSON)
        + ["--manifest", folder.path + "/total.json", "-o", "/dev/null", "--", request.file], in: folder.path,
      seconds: nil)
    if outcome.status > 1 { throw Fault("ils-parse: \(outcome.complaint)") }
  }

  /// Runs the stages, to the end of the last.
  /// - Parameter begun: gets each stage's process id once it is there, and nil when it has ended.
  func run(begun: @escaping @Sendable (Int, pid_t?) async -> Void) async throws -> JobResult {
    let plans = plans
    let statuses = try await StagePipe(
      tools: tools, folder: folder.path, work: attempt, output: "outcomes.ndjson", caller: request.startedBy
    )
    .run(plans, begun: begun)
    return result(statuses, plans.map(\.name))
  }

  /// A stage that fails takes its writers with it (141, a closed pipe): the first real failure is the reason.
  private func result(_ statuses: [Int], _ names: [String]) -> JobResult {
    var result = JobResult(statuses: statuses, endedAt: Date().iso)
    if let index = statuses.firstIndex(where: { $0 > 1 && $0 != 141 }) {
      let log = Array(FileManager.default.contents(atPath: "\(attempt)/\(names[index]).log") ?? Data())
      result.message = "ils-\(names[index]): \(Tools.complaint(in: log) ?? "it ended with status \(statuses[index])")"
    }
    if let last = FileManager.default.contents(atPath: "\(attempt)/outcomes.ndjson")?
      .split(separator: UInt8(ascii: "\n")).last, let record = JSON(last), record["kind"]?.string == "load"
    {
      result.record = record
    }
    return result
  }

  /// Whether the loader found another at work on the job: one that a killed server left behind.
  var metAnotherLoader: Bool {
    let log = Array(FileManager.default.contents(atPath: "\(attempt)/load.log") ?? Data())
    return Tools.codes(in: log).contains("job.locked")
  }
}
