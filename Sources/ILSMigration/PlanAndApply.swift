import Glibc
import ILSCommand
import ILSRecord
import ILSStream

/// Plan, approve, apply: a rehearsal is written down, somebody approves the file, and only what it says is done.
public enum PlanAndApply {
  /// Rehearses a migration and writes what it came to.
  public static func plan(
    _ arguments: [String], to path: String, job: () -> String, _ diagnostics: DiagnosticWriter
  ) throws(StopError) -> ExitStatusCode {
    var request = try MigrationRequest(arguments)
    guard request.mode == .load, request.resumes == nil, request.file != "-" else {
      throw MigrationRequest.usage("plan takes a file to load: no --dry-run, --validate-only, --resume or -")
    }
    try WrittenFiles.check(inputs: try request.files(), [("-o", path)], writesStdout: false)
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
    let plan = ApprovedPlan(
      arguments: kept(arguments), inputs: inputs, target: try ApprovedPlan.target(of: request),
      outcome: try result.outcome(in: folder), seconds: result.seconds, notes: result.noted,
      refused: result.reasons.lines)
    try MigrationFolder.write([plan.json], to: path)
    print(
      "the plan is \(path), and takes about \(max(plan.seconds, 1)) s; once it is approved: ils-migrate apply \(path.shellQuoted)"
    )
    return result.status
  }

  /// Does what an approved plan says, and nothing else.
  public static func apply(
    _ path: String, _ more: [String], job: () -> String, _ diagnostics: DiagnosticWriter
  ) throws(StopError) -> ExitStatusCode {
    let plan = try ApprovedPlan(reading: path)
    let request = try MigrationRequest(plan.arguments + more)
    let differences = try plan.differences(to: request)
    try stop(differences)
    // The same once more, into a folder of its own: rows may have come, or gone, that change what becomes of these.
    var rehearsal = request
    rehearsal.mode = .dryRun
    rehearsal.isQuiet = true
    rehearsal.folder = request.folder.map { "\($0)-rehearsal" }
    let tried = try MigrationRun(rehearsal, job: job, diagnostics).run()
    if let folder = tried.folder { try compare(plan, try tried.outcome(in: folder), tried.status) }
    let done = try MigrationRun(request, job: job, diagnostics).run()
    guard done.status <= 1, let folder = done.folder else { return done.status }
    let outcome = try done.outcome(in: folder)
    guard outcome.counts == plan.outcome.counts, outcome.rejects == plan.outcome.rejects else {
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
    if outcome.rejects != plan.outcome.rejects { found.append("other records would be refused, or for other reasons") }
    try stop(found)
  }

  private static func stop(_ differences: [String]) throws(StopError) {
    guard !differences.isEmpty else { return }
    throw StopError(
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
