import Glibc
import ILSCommand
import ILSRecord
import ILSStream

/// Plan, approve, apply: a rehearsal is written down, somebody approves the file, and only what it says is done.
public enum PlanAndApply {
  /// Rehearses a migration and writes what it came to.
  /// - Parameter applied: an earlier plan; what has changed since it was applied is planned.
  public static func plan(
    _ arguments: [String], since applied: String? = nil, to path: String, job: () -> String,
    _ diagnostics: DiagnosticWriter
  ) throws(StopError) -> ExitStatusCode {
    let base = try applied.map { (path) throws(StopError) in try ApprovedPlan(reading: path) }
    let named = try completed(arguments, since: base)
    var request = try MigrationRequest(named)
    guard request.mode == .load, request.resumes == nil, request.file != "-" else {
      throw MigrationRequest.usage("plan takes a file to load: no --dry-run, --validate-only, --resume or -")
    }
    let read = try request.files() + [applied].compactMap(\.self)
    try WrittenFiles.check(inputs: read, [("-o", path)], writesStdout: false)
    request.records = ""
    var delta = try base.map { (base) throws(StopError) in try PlanDelta(since: base, request) }
    let inputs = try ApprovedPlan.inputs(of: request)
    request.mode = .dryRun
    let run = try MigrationRun(request, job: job, diagnostics)
    let result = try run.run()
    guard result.status <= 1, let folder = result.folder else {
      diagnostics.write(
        Diagnostic(.error, MigrationFault.planFailed, "no plan was made: mend what is said above, and plan again"))
      return result.status
    }
    // What was rehearsed is what was digested: a source that changed meanwhile is no source of a plan.
    guard inputs == (try ApprovedPlan.inputs(of: request)) else {
      throw StopError(
        .temporaryFailure, MigrationFault.planChanged, "an input changed while it was rehearsed: plan again")
    }
    delta = try delta?.counted(request, result, in: folder)
    delta?.lines.forEach { print($0) }
    let plan = ApprovedPlan(
      arguments: kept(named), inputs: inputs, database: try ApprovedPlan.database(of: request),
      target: try ApprovedPlan.target(of: request),
      outcome: try result.outcome(in: folder), delta: delta, seconds: result.seconds, notes: result.noted,
      refused: result.reasons.lines)
    try MigrationFolder.write([plan.json], to: path)
    print(
      "the plan is \(path), and takes about \(max(plan.seconds, 1)) s; once it is approved: ils-migrate apply \(path.shellQuoted)"
    )
    return result.status
  }

  /// The arguments with what a plan says in so many words although nobody gave it.
  private static func completed(_ arguments: [String], since base: ApprovedPlan?) throws(StopError) -> [String] {
    let request = try MigrationRequest(arguments)
    var more: [String] = []
    if let base {
      let old = try MigrationRequest(base.arguments)
      guard old.entity == request.entity, request.source == nil || request.source == old.source else {
        throw MigrationRequest.usage("--delta takes a plan of the same type and import source")
      }
      guard request.duplicates != "--skip-duplicates" else {
        throw MigrationRequest.usage("--delta updates what has changed: it excludes --skip-duplicates")
      }
      guard request.passed[.load]?.contains("--outcomes=none") != true else {
        throw MigrationRequest.usage("--delta counts outcomes: it excludes --outcomes none")
      }
      more = ["--name-rows"] + (request.duplicates == nil ? ["--update-existing"] : [])
      if request.source == nil, let source = old.source { more.append("--source=\(source)") }
    } else if request.source == nil {
      // Rows keep the mark of their import source: it is approved with the rest, and not the time of the load.
      more = ["--source=csv_migration_\(Glibc.time(nil))"]
    }
    let place = arguments.firstIndex(of: "--") ?? arguments.count
    return arguments[..<place] + more + arguments[place...]
  }

  /// Does what an approved plan says, and nothing else.
  public static func apply(
    _ path: String, approved: String?, _ more: [String], job: () -> String, _ diagnostics: DiagnosticWriter
  ) throws(StopError) -> ExitStatusCode {
    let plan = try ApprovedPlan(reading: path)
    if let approved, plan.sha256 != approved.lowercased() {
      throw StopError(
        .dataError, MigrationFault.planOther,
        "nothing was loaded, since the plan's SHA-256 is \(plan.sha256), and another was approved",
        at: Position(file: path))
    }
    var request = try MigrationRequest(more + plan.arguments)
    (request.plan, request.records) = (plan.sha256, plan.outcome.records)
    let differences = try plan.differences(to: request)
    try stop(differences)
    // The same once more, into a folder of its own: rows may have come, or gone, that change what becomes of these.
    diagnostics.write(
      Diagnostic(.info, MigrationFault.planApplied, "applies the plan of SHA-256 \(plan.sha256) to \(plan.database)"))
    var rehearsal = request
    rehearsal.mode = .dryRun
    rehearsal.plan = nil
    rehearsal.isQuiet = true
    rehearsal.folder = request.folder.map { "\($0)-rehearsal" }
    let tried = try MigrationRun(rehearsal, job: job, diagnostics).run()
    if let folder = tried.folder {
      try compare(plan, try tried.outcome(in: folder), tried.status)
      guard try plan.delta == plan.delta?.counted(request, tried, in: folder) else {
        throw stale(["other rows have been edited, have changed, or are gone, since the plan before"])
      }
    }
    let done = try MigrationRun(request, job: job, diagnostics).run()
    guard done.status <= 1, let folder = done.folder else { return done.status }
    let outcome = try done.outcome(in: folder)
    guard outcome == plan.outcome else {
      diagnostics.write(
        Diagnostic(
          .error, MigrationFault.planOutcome,
          "somebody wrote to the table meanwhile: planned \(plan.outcome.counts.joined(separator: ", ")), done \(outcome.counts.joined(separator: ", "))"
            + "; look at it, or undo it as said above"))
      return ExitStatus.dataError.rawValue
    }
    return done.status
  }

  private static func compare(_ plan: ApprovedPlan, _ outcome: ApprovedPlan.Outcome, _ status: Int32) throws(StopError)
  {
    guard status <= 1 else {
      throw StopError(.dataError, MigrationFault.planStale, "the rehearsal failed, and nothing was loaded: plan again")
    }
    var found: [String] = []
    if outcome.counts != plan.outcome.counts {
      found.append(
        "planned \(plan.outcome.counts.joined(separator: ", ")); now \(outcome.counts.joined(separator: ", "))")
    }
    if outcome.records != plan.outcome.records { found.append("the records have other values") }
    if outcome.settled != plan.outcome.settled {
      found.append("other rows, or other columns of them, would be updated or skipped")
    }
    if outcome.rejects != plan.outcome.rejects { found.append("other records would be refused, or for other reasons") }
    try stop(found)
  }

  private static func stop(_ differences: [String]) throws(StopError) {
    if !differences.isEmpty { throw stale(differences) }
  }

  private static func stale(_ differences: [String]) -> StopError {
    StopError(
      .dataError, MigrationFault.planStale,
      "nothing was loaded, since the plan is not true any more: \(differences.joined(separator: "; ")): plan again")
  }

  /// The arguments without what belongs to one run: where it keeps its files, and which database, whose URL may hold a password.
  private static func kept(_ arguments: [String]) -> [String] {
    var kept: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if ["--keep", "--database"].contains(argument) {
        _ = rest.popFirst()
      } else if !argument.hasPrefix("--keep="), !argument.hasPrefix("--database="), argument != "--json" {
        kept.append(argument)
      }
    }
    return kept
  }
}
