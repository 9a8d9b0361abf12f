import Foundation

/// What a job's state is, put together from the job tables and the spool folder.
actor JobStates {
  private let settings: Settings
  private let tools: Tools
  private let runner: JobRunner
  /// What ils-jobs said a moment ago: many may ask at once.
  private var asked: [String: (at: ContinuousClock.Instant, record: Task<JSON?, any Error>, isOpen: Bool)] = [:]

  private var listed: (at: ContinuousClock.Instant, records: Task<[String: JSON], any Error>, isOver: Bool)?

  private static let freshness = Duration.milliseconds(250)
  static let final: Set<String> = ["completed", "failed", "cancelled", "rolled_back"]

  init(_ settings: Settings, _ tools: Tools, _ runner: JobRunner) {
    (self.settings, self.tools, self.runner) = (settings, tools, runner)
  }

  /// The status object of the guide, and what else is known; without errors.
  /// - Throws: a problem: 404 where no such job is known, 503 where the database is away.
  func status(of id: String) async throws -> JSON {
    let folder = JobFolder(spool: settings.spool, id: id)
    let request = folder.request
    let heard = try await record(of: id)
    guard request != nil || heard != nil else { throw Problem(.notFound, "there is no job \(id)") }
    return await put(together: heard, folder, request)
  }

  /// What the job's record and its folder say together.
  private func put(together heard: JSON?, _ folder: JobFolder, _ request: JobRequest?) async -> JSON {
    let id = folder.id
    let result = await result(of: folder)
    // What was heard may be a moment older than how the loader ended; only a rollback comes later.
    let record = heard?["status"]?.string == "rolled back" ? heard : result?.record ?? heard
    let isWaiting = await runner.waits(id)
    let isStopping = await runner.isStopping
    let isAtWork = await runner.isAtWork(on: id) || isStopping && request != nil && result == nil
    var status = describe(record, id, request)
    status["status"] = .string(
      state(record, request == nil ? nil : folder, result, isWaiting: isWaiting, isAtWork: isAtWork))
    if let message = result?.message { status["message"] = .string(message) }
    if let total = folder.total, status["progress"]?["total"]?.int == nil { status["progress"]?["total"] = .int(total) }
    let isOver = ["failed", "cancelled"].contains(status["status"]?.string)
    status["resumable"] = .bool(
      isOver && !isAtWork && request.map { access("\(folder.path)/\($0.file)", R_OK) == 0 } ?? false)
    return status
  }

  private func result(of folder: JobFolder) async -> JobResult? {
    if let result = folder.result { return result }
    return await runner.unsavedResult(of: folder.id)
  }

  /// All jobs of the tables and those that wait, the newest first.
  func list(limit: Int, status wanted: String?) async throws -> [JSON] {
    let jobs = try await records()
    var found: [JSON] = []
    for id in Set(jobs.keys).union(JobFolder.all(in: settings.spool).map(\.id)).sorted(by: >) where found.count < limit
    {
      var status: JSON
      let folder = JobFolder(spool: settings.spool, id: id)
      if folder.exists {
        status = await put(together: jobs[id], folder, folder.request)
      } else {
        status = describe(jobs[id], id, nil)
        status["status"] = .string(state(jobs[id], nil, nil, isWaiting: false, isAtWork: false))
      }
      if wanted == nil || status["status"]?.string == wanted { found.append(status) }
    }
    return found
  }

  /// Forgets what was heard of a job, since it has just been changed.
  func forget(_ id: String) { asked[id] = nil }

  /// Whether the database answers.
  func isReachable() async -> Bool { (try? await records()) != nil }

  /// The records of all jobs: asked for once a second at most, and never twice at a time.
  private func records() async throws -> [String: JSON] {
    let now = ContinuousClock.now
    if let listed, !listed.isOver || listed.at.duration(to: now) < .seconds(1) { return try await listed.records.value }
    let task = Task { [tools] in
      let outcome = try await tools.run("ils-jobs", ["list"], seconds: 20)
      guard outcome.status == 0 else { throw Problem(.serviceUnavailable, outcome.complaint) }
      var jobs: [String: JSON] = [:]
      for line in outcome.output.split(separator: UInt8(ascii: "\n")) {
        guard let record = JSON(line), let id = record["job"]?.string else { continue }
        jobs[id] = record
      }
      return jobs
    }
    listed = (now, task, false)
    defer { listed = (now, task, true) }
    return try await task.value
  }

  // MARK: -

  private func record(of id: String) async throws -> JSON? {
    let now = ContinuousClock.now
    if let asked = asked[id], asked.isOpen || asked.at.duration(to: now) < Self.freshness {
      return try await asked.record.value
    }
    let task = Task { [tools] in
      let outcome = try await tools.run("ils-jobs", ["show", id], seconds: 20)
      if outcome.status == 0 { return JSON(outcome.output) }
      if Tools.codes(in: outcome.log).isDisjoint(with: ["db.connect", "db.lost"]) && outcome.status != 69 {
        return nil
      }
      throw Problem(.serviceUnavailable, "the database is away")
    }
    if asked.count > 1000 { asked = asked.filter(\.value.isOpen) }
    asked[id] = (now, task, true)
    defer { asked[id]?.isOpen = false }
    return try await task.value
  }

  private func state(
    _ record: JSON?, _ folder: JobFolder?, _ result: JobResult?, isWaiting: Bool, isAtWork: Bool
  ) -> String {
    let told = record?["status"]?.string?.replacing(" ", with: "_")
    if isWaiting { return "pending" }
    if told == "completed" || told == "rolled_back" { return told ?? "" }
    if isAtWork { return "processing" }
    if let result { return result.isCancelled ? "cancelled" : told == "cancelled" ? "cancelled" : "failed" }
    // Nobody is at work on it here, and nobody says how it ended: a loader that was started elsewhere may be.
    return folder == nil ? told ?? "failed" : "failed"
  }

  /// The job's record by the guide's names.
  private func describe(_ record: JSON?, _ id: String, _ request: JobRequest?) -> JSON {
    let none: [String: JSON] = [
      "processed": .int(0), "successful": .int(0), "failed": .int(0), "skipped": .int(0), "total": .null,
    ]
    var status: [String: JSON] = ["id": .string(id), "progress": .object(none)]
    if let members = record?["progress"]?.members { status["progress"] = .object(none.merging(members) { $1 }) }
    for name in ["kind", "startedAt", "endedAt", "equation", "undoes", "deleted", "restored", "kept", "dryRun"] {
      if let value = record?[name] { status[name] = value }
    }
    status["type"] = record?["entity"] ?? request.map { .string($0.type) }
    status["source"] = record?["source"] ?? request.map { .string($0.source) }
    if let request {
      status["requestedAt"] = .string(request.requestedAt)
      status["startedBy"] = .string(request.startedBy)
      if request.options.dryRun == true { status["dryRun"] = .bool(true) }
    }
    return .object(status)
  }
}
