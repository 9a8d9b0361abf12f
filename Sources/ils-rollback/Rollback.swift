import ArgumentParser
import ILSCommand
import ILSRecord
import ILSStore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

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

  @Argument(
    help: .init(
      "Ids of the jobs to undo, or prefixes of them; none: records with a \"job\" key on stdin.", valueName: "job"))
  var jobs: [String] = []

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
    if toSource != nil, !jobs.isEmpty { throw ValidationError("--to-source takes no jobs besides") }
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
      var kept = 0
      var verdict: StopError?
      for job in wanted {
        let undone = try undo(job, session, plan, &run)
        kept += undone.kept
        verdict = verdict ?? undone.verdict
      }
      let status = try run.close()
      if let verdict { throw verdict }
      return status == .success && kept > 0 ? .rejected : status
    }
  }

  /// The whole ids of the jobs that were asked for.
  private func locate(_ run: inout Pump, _ plan: RollbackPlan) throws(StopError) -> [JobID] {
    if let toSource { return try plan.jobs(ofSource: toSource) }
    var list = JobList()
    if jobs.isEmpty {
      guard isatty(0) == 0 else {
        throw StopError(.usage, code: "usage", "name the jobs to undo; ils-jobs list shows which there are")
      }
      try run.feed([], to: &list)
    }
    let catalogue = try JobCatalogue(database: database.url)
    var found: [JobID] = []
    for job in jobs + list.jobs { found.append(try catalogue.find(job)) }
    return found
  }

  /// Undoes one job; how many of its rows were kept or not found, and what is wrong with its equation.
  private func undo(
    _ job: JobID, _ session: RollbackSession, _ plan: RollbackPlan, _ run: inout Pump
  ) throws(StopError) -> (kept: Int, verdict: StopError?) {
    let rollback = try RollbackRun(undoes: job, session)
    if !rollback.lostColumns.isEmpty {
      run.tell(
        Diagnostic(
          .warning, code: "rollback.column",
          "columns that job \(job) changed are not there any more, their old values cannot go back: "
            + rollback.lostColumns.joined(separator: ", ")))
    }
    try rollback.undo()
    try rollback.tellKept { value throws(StopError) in try run.write(value) }
    if rollback.kept > 0 {
      for other in try plan.dependents(of: job) {
        run.tell(
          Diagnostic(
            .error, JobFault.rollbackDepends,
            "\(other.rows) rows of job \(other.job) (\(other.entity)) stand on rows of job \(job): "
              + "roll that one back first, or give --cascade"))
      }
      run.tell(
        Diagnostic(
          .warning, JobFault.rollbackKept, "\(rollback.kept) rows of job \(job) are kept, for the reasons given"))
    }
    if rollback.gone > 0 {
      run.tell(
        Diagnostic(
          .warning, code: "rollback.gone",
          "\(rollback.gone) rows of job \(job) are not found: they were deleted since, or are marked as another job's"))
    }
    let (record, verdict) = try rollback.finish()
    try run.write(record)
    try run.deliver(waiting: true)
    return (rollback.kept + max(rollback.gone, 0) + rollback.lostColumns.count, verdict)
  }
}

extension Pump {
  /// Writes one record of the tool's own.
  mutating func write(_ value: JSONValue) throws(StopError) {
    value.write(to: &emitter.output)
    emitter.endRecord()
    try deliver(waiting: false)
  }
}

/// Gathers the `job` of each record, each once, the last first: what was loaded last is undone first.
struct JobList: Stage {
  private(set) var jobs: [String] = []

  mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    guard let job = record["job"] else {
      throw .reject(Rejection(RecordError(JobFault.jobMissing, field: "job", message: "names no job to undo")))
    }
    do throws(RecordError) {
      let id = try job.string()
      if !jobs.contains(id) { jobs.insert(id, at: 0) }
    } catch {
      throw .reject(Rejection(error))
    }
  }
}
