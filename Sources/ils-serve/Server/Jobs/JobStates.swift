import Foundation
import ILSRecord
import ILSStore

/// What a job's state is, put together from the job tables and the spool folder.
actor JobStates {
  private let spool: String
  private let tables: JobTables
  private let runner: JobRunner
  /// What the tables said a moment ago: many may ask at once.
  private var heard: [String: Heard<JSONValue?>] = [:]
  private var listed: Heard<[String: JSONValue]>?
  /// What the logs of jobs that have ended hold, by the job and its attempt.
  private var notes: [String: (attempt: Int, notes: [String])] = [:]

  private struct Heard<Value: Sendable> {
    let at: ContinuousClock.Instant
    let value: Task<Value, any Error>
    var isOpen = true

    func isFresh(for time: Duration) -> Bool { isOpen || at.duration(to: .now) < time }
  }

  static let final: Set<String> = ["completed", "failed", "cancelled", "rolled_back"]

  init(spool: String, _ tables: JobTables, _ runner: JobRunner) {
    (self.spool, self.tables, self.runner) = (spool, tables, runner)
  }

  /// The status object of the guide, and what else is known; without errors.
  /// - Throws: a problem: 404 where no such job is known, 503 where the database is away.
  func status(of id: String) async throws -> JSONValue {
    let folder = JobFolder(spool: spool, id: id)
    let heard = try await record(of: id)
    guard folder.exists || heard != nil else { throw Problem(.notFound, "there is no job \(id)") }
    return await put(together: heard, folder)
  }

  /// All jobs of the tables and those that wait, the newest first.
  func list(limit: Int, status wanted: String?) async throws -> [JSONValue] {
    let jobs = try await records()
    var found: [JSONValue] = []
    for id in Set(jobs.keys).union(JobFolder.all(in: spool).map(\.id)).sorted(by: >) where found.count < limit {
      let status = await put(together: jobs[id], JobFolder(spool: spool, id: id))
      if wanted == nil || status["status"]?.string == wanted { found.append(status) }
    }
    return found
  }

  /// Forgets what was heard of a job, since it has just been changed.
  func forget(_ id: String) {
    heard[id] = nil
    listed = nil
  }

  /// What was assumed and warned of in a job that has ended. Its logs are read once, however often somebody asks: that takes
  /// longer than all the rest of a status.
  func notes(of folder: JobFolder) -> [String] {
    let attempt = folder.attempts
    if let known = notes[folder.id], known.attempt == attempt { return known.notes }
    if notes.count >= 100 { notes = [:] }
    let found = noted(in: folder.attempt(attempt))
    notes[folder.id] = (attempt, found)
    return found
  }

  /// Whether the database answers.
  func isReachable() async -> Bool { (try? await records()) != nil }

  // MARK: - What the tables say

  /// The records of all jobs: asked for once a second at most, and never twice at a time.
  private func records() async throws -> [String: JSONValue] {
    if let listed, listed.isFresh(for: .seconds(1)) { return try await listed.value.value }
    let question = Task { [tables] in try await tables.records() }
    listed = Heard(at: .now, value: question)
    defer { listed?.isOpen = false }
    return try await question.value
  }

  private func record(of id: String) async throws -> JSONValue? {
    if let known = heard[id], known.isFresh(for: .milliseconds(250)) { return try await known.value.value }
    guard let job = JobID(id) else { return nil }
    let question = Task { [tables] in try await tables.record(of: job) }
    if heard.count > 1000 { heard = heard.filter(\.value.isOpen) }
    heard[id] = Heard(at: .now, value: question)
    defer { heard[id]?.isOpen = false }
    return try await question.value
  }

  // MARK: - Put together

  /// What the job's record and its folder say together.
  private func put(together heard: JSONValue?, _ folder: JobFolder) async -> JSONValue {
    let request = folder.request
    // Asked first: a job that is over by then has its result.
    let stand = await runner.stand(of: folder.id)
    let result = await result(of: folder)
    // What was heard may be a moment older than how the loader ended; only a rollback comes later.
    let record = heard?["status"]?.string == "rolled back" ? heard : result?.record ?? heard
    let isAtWork = stand == .waits || stand == .runs || stand == .rests && request != nil && result == nil
    let state = stand == .waits ? "pending" : state(record, request != nil, result, isAtWork)
    var status = describe(record, folder.id, request).with("status", .string(state))
    if let message = result?.message { status = status.with("message", .string(message)) }
    if let total = folder.total, let progress = status["progress"], progress["total"]?.integer == nil {
      status = status.with("progress", progress.with("total", .count(total)))
    }
    let hasFile = request.map { access("\(folder.path)/\($0.file)", R_OK) == 0 } ?? false
    return status.with("resumable", .boolean(["failed", "cancelled"].contains(state) && !isAtWork && hasFile))
  }

  private func result(of folder: JobFolder) async -> JobResult? {
    if let result = folder.result { return result }
    return await runner.unsavedResult(of: folder.id)
  }

  private func state(_ record: JSONValue?, _ isOurs: Bool, _ result: JobResult?, _ isAtWork: Bool) -> String {
    let told = record?["status"]?.string?.replacing(" ", with: "_")
    if told == "completed" || told == "rolled_back" { return told ?? "" }
    if isAtWork { return "processing" }
    if let result { return result.isCancelled || told == "cancelled" ? "cancelled" : "failed" }
    // Nobody is at work on it here, and nobody says how it ended: a loader that was started elsewhere may be.
    return isOurs ? "failed" : told ?? "failed"
  }

  /// The job's record by the guide's names.
  private func describe(_ record: JSONValue?, _ id: String, _ request: JobRequest?) -> JSONValue {
    var progress = JSONValue.object([
      ("total", .null), ("processed", .count(0)), ("successful", .count(0)), ("failed", .count(0)),
      ("skipped", .count(0)),
    ])
    for (name, value) in record?["progress"]?.members ?? [] { progress = progress.with(name, value) }
    var status = JSONValue.object([("id", .string(id)), ("progress", progress)])
    for name in ["kind", "startedAt", "endedAt", "equation", "undoes", "deleted", "restored", "kept", "dryRun"] {
      status = status.with(name, record?[name])
    }
    status = status.with("type", record?["entity"] ?? request.map { .string($0.type) })
      .with("source", record?["source"] ?? request.map { .string($0.source) })
    guard let request else { return status }
    status = status.with("requestedAt", .string(request.requestedAt)).with("startedBy", .string(request.startedBy))
    return request.options.isDryRun ? status.with("dryRun", .boolean(true)) : status
  }
}
