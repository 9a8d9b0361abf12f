import Glibc
import ILSCommand
import ILSRecord
import ILSStore
import ILSStream

/// One run of a plan, from its folder to its verdict.
public struct MigrationRun {
  private let request: MigrationRequest
  private let plan: MigrationPlan
  private let diagnostics: DiagnosticWriter
  /// A password belongs into the environment: arguments are seen by everybody on the machine.
  private let environment: [String: String]

  /// Makes the folder and writes what is going to be run into it; takes it from the folder where a migration goes on.
  /// - Throws: `usage`, `noInput`, `cannotCreate`, `dataError`.
  public init(_ request: MigrationRequest, job: () -> String, _ diagnostics: DiagnosticWriter) throws(StopError) {
    self.request = request
    self.diagnostics = diagnostics
    environment = request.database.map { ["DATABASE_URL": $0] } ?? [:]
    umask(0o077)
    if let folder = request.resumes {
      let begun = try MigrationFolder.plan(in: folder)
      guard let job = begun.job.flatMap({ JobID($0) }) else {
        throw StopError(
          .usage, MigrationFault.migrateResume,
          "that run was to load nothing (--\(begun.mode.rawValue)): run it again as it was")
      }
      guard begun.file != "-" else {
        throw StopError(
          .usage, MigrationFault.migrateResume,
          "that run read its standard input, which is gone: ils-load --resume goes on with the same records")
      }
      // Where it was cut off before the loader had made its job, it begins, under the id that was told.
      plan = try JobCatalogue(database: request.databaseURL).has(job) ? begun.resumed() : begun
      return
    }
    if request.file != "-" { try Descriptor.check([request.file]) }
    var time = time_t()
    Glibc.time(&time)
    let folder = try MigrationFolder(new: request.folder, entity: request.entity, at: time)
    plan = MigrationPlan(request, folder: folder.path, job: job(), source: "csv_migration_\(time)")
    try MigrationFolder.write([plan.json], to: plan.path(MigrationFolder.planName))
  }

  /// Runs a plan in a folder that is there.
  init(_ plan: MigrationPlan, database: String?, _ diagnostics: DiagnosticWriter) throws(StopError) {
    var request = MigrationRequest()
    request.database = database
    (self.request, self.plan, self.diagnostics) = (request, plan, diagnostics)
    environment = database.map { ["DATABASE_URL": $0] } ?? [:]
    try MigrationFolder.write([plan.json], to: plan.path(MigrationFolder.planName))
  }

  /// What would be run, without a folder being made.
  public static func pipe(of request: MigrationRequest, job: String) -> String {
    let folder = request.folder ?? "migration"
    return MigrationPlan(request, folder: folder, job: job, source: "csv_migration").shellText
  }

  // MARK: - Running

  public func run() throws(StopError) -> RunResult {
    let begun = Glibc.time(nil)
    if request.initialises {
      let made = try StagePipe.runAlone(["ils-load", "--init"], environment: environment)
      if made != 0 { return RunResult(status: made) }
    }
    if let job = plan.job {
      diagnostics.write(
        Diagnostic(
          .info, MigrationFault.migrateJob,
          "job \(job); should it be cut off, it goes on by: ils-migrate --resume \(plan.folder.shellQuoted)"))
    }
    StopRequests.watch()
    var board = ProgressBoard(plan)
    var pipe = StagePipe(plan, environment: environment)
    let statuses = try pipe.run(asked: { StopRequests.count }) { board.update() }
    board.clear()
    return try conclude(statuses, seconds: Glibc.time(nil) - begun)
  }

  /// Gathers what the stages left, and tells it.
  private func conclude(_ statuses: [MigrationPlan.Status], seconds: Int) throws(StopError) -> RunResult {
    var (status, failed) = MigrationPlan.verdict(statuses)
    var notes = RunNotes()
    var reasons = RejectReasons()
    for stage in plan.stages {
      try notes.read(plan.path("\(stage.name.rawValue).log"), of: stage.name)
      try reasons.read(plan.path("\(stage.name.rawValue).rejects.ndjson"))
    }
    try MigrationFolder.write(notes.progress, to: plan.path("progress.ndjson"))
    try MigrationFolder.write(notes.notes.map(\.json), to: plan.path("notes.ndjson"))
    let job = try jobRecord(isWhole: failed == nil)
    if let job { try MigrationFolder.write([job], to: plan.path("job.json")) }
    MigrationFolder.removeEmptyFiles(in: plan.folder)
    let manifest = try manifest()
    let isShort = status <= 1 && plan.leastRows.map { (manifest?.rows ?? 0) < $0 } == true
    if isShort { status = ExitStatus.dataError.rawValue }
    if failed != nil, StopRequests.count > 0 {
      // The pipe was cut at both ends from here: that its parts did not come to theirs is no news.
      status = ExitStatus.temporaryFailure.rawValue
      diagnostics.write(Diagnostic(.error, MigrationFault.migrateInterrupted, "stopped, as somebody asked"))
    } else if let failed {
      tell(failureOf: plan.stages[failed].name, statuses[failed], notes)
    }
    let summary = MigrationSummary(
      plan, notes: notes, reasons: reasons, job: job, manifest: manifest, isCutOff: failed != nil, isShort: isShort)
    if request.writesJSON {
      if let job { print(job.text) }
    } else if !request.isQuiet {
      print(summary.text, terminator: "")
    }
    return RunResult(
      status: status, folder: plan.folder, job: job, reasons: reasons, noted: summary.noted, seconds: seconds)
  }

  private func manifest() throws(StopError) -> Manifest? {
    let path = plan.path("manifest.json")
    return access(path, R_OK) == 0 ? try Manifest(reading: path) : nil
  }

  /// What the loader said of its job last; where it did not come to that, what the database says.
  private func jobRecord(isWhole: Bool) throws(StopError) -> JSONValue? {
    guard plan.stages.last?.name == .load else { return nil }
    let said = try MigrationFolder.lastLine(of: plan.path("outcomes.ndjson"))
    if let said, said["kind"]?.string == "load" { return said }
    guard !isWhole, let job = plan.job else { return nil }
    // Whoever ended the loader by force left a job that says it is at work.
    let answer = plan.path("job.json")
    _ = try StagePipe.runAlone(["ils-jobs", "show", job, "--json"], environment: environment, output: answer)
    guard let found = try MigrationFolder.lastLine(of: answer) else { return nil }
    if found["status"]?.string == "processing" {
      _ = try StagePipe.runAlone(["ils-jobs", "cancel", job], environment: environment, output: "/dev/null")
    }
    return found
  }

  /// Why a stage failed, in its own words.
  private func tell(failureOf stage: StageName, _ status: MigrationPlan.Status, _ notes: RunNotes) {
    var lines = notes.notes.filter { $0.tool == stage.tool && $0.level == "error" }.suffix(5).map(\.text)
    let end = status > 128 ? "was ended by signal \(status - 128)" : "failed (exit status \(status))"
    lines.append("\(stage.tool) \(end); the logs are in \(plan.folder)")
    for line in lines { StandardError.write(line) }
  }
}

public typealias ExitStatusCode = Int32

/// What a run came to.
public struct RunResult {
  public let status: ExitStatusCode
  /// Where its files are; nil where it did not begin.
  var folder: String?
  var job: JSONValue?
  var reasons = RejectReasons()
  /// What was assumed and warned of, as a person reads it.
  var noted: [String] = []
  var seconds = 0
}

/// How many times somebody asked this process to stop.
enum StopRequests {
  private nonisolated(unsafe) static var asked: sig_atomic_t = 0

  static func watch() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in StopRequests.asked += 1 }
      sigaddset(&signals, number)
    }
    // Whoever started this may have them blocked.
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  static var count: Int32 { asked }
}

enum StandardError {
  static func write(_ line: String) {
    var buffer = OutputBuffer(capacity: line.utf8.count + 1)
    buffer.append(line + "\n")
    _ = Descriptor(STDERR_FILENO, owned: false).writeAll(buffer.bytes)
  }
}
