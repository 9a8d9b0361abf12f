import ArgumentParser
import Glibc
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore

@main
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-rollback", abstract: "Undo load jobs: exactly what they did, and nothing else.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var database: DatabaseOptions
  @Option(help: .init("Undo about N rows in one transaction.", valueName: "n"))
  var batchSize = 50_000

  @Flag(help: "Do it all, take it back, and say what would have happened.")
  var dryRun = false

  @Flag(help: "Undo rows that were edited since the import, too.")
  var force = false

  @Flag(help: "First undo the jobs whose rows stand on those of the jobs.")
  var cascade = false

  @Option(help: .init("Undo all jobs of this import source, the newest first.", valueName: "name"))
  var toSource: String?

  @Option(
    help: .init("With --to-source, only jobs that loaded this value into every row.", valueName: "column=value"))
  var set: [String] = []

  @Argument(
    help: .init(
      "Ids of the jobs to undo, prefixes of them, or last; none: records with a \"job\" key on stdin.", valueName: "job"
    ))
  var jobs: [String] = []

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
    if toSource != nil, !jobs.isEmpty { throw ValidationError("--to-source takes no jobs besides") }
    if toSource == nil, !set.isEmpty { throw ValidationError("--set needs --to-source") }
    if set.contains(where: { !$0.contains("=") }) { throw ValidationError("--set needs COLUMN=VALUE") }
  }

  func run() throws {
    try Toolkit.run("ils-rollback", options.common) {
      Interruption.watch()
      var run = try Pump("ils-rollback", options, inputs: [], survivesClosedReader: true)
      var jobOptions = JobOptions()
      jobOptions.isDryRun = dryRun
      jobOptions.batchSize = batchSize
      (jobOptions.isForced, jobOptions.isCascade) = (force, cascade)
      (jobOptions.osUser, jobOptions.host) = DatabaseOptions.who
      let session = try RollbackSession(
        database: database.url, options: jobOptions, isInterrupted: { Interruption.isRequested })
      let plan = RollbackPlan(session)
      var wanted = try locate(&run, plan)
      if cascade { wanted = try plan.cascade(wanted) }
      try plan.check(wanted)
      var undoing = Undoing(session, plan)
      for job in wanted { try undoing.undo(job, &run) }
      let status = try run.close()
      if let verdict = undoing.verdict { throw verdict }
      return status == .success && undoing.kept > 0 ? .rejected : status
    }
  }

  /// The whole ids of the jobs that were asked for.
  private func locate(_ run: inout Pump, _ plan: RollbackPlan) throws(StopError) -> [JobID] {
    if let toSource {
      let constants = set.map { text in
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (column: String(parts[0]), value: String(parts[1]))
      }
      return try plan.jobs(ofSource: toSource, with: constants)
    }
    var list = JobList()
    if jobs.isEmpty {
      guard isatty(0) == 0 else {
        throw StopError(.usage, UsageFault.usage, "name the jobs to undo; ils-jobs list shows which there are")
      }
      try run.feed([], to: &list)
    }
    let catalogue = try JobCatalogue(database: database.url)
    var found: [JobID] = []
    for job in jobs + list.jobs { found.append(try catalogue.find(job)) }
    return found
  }
}
