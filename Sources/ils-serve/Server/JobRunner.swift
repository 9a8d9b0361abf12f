import Foundation
import Logging

/// Runs jobs, so many at once; the others wait in the order in which they came.
///
/// What it knows is in the spool folder and in the database: one that is started anew goes on where the last one stopped.
actor JobRunner {
  private let settings: Settings
  private let tools: Tools
  private let logger: Logger
  private var queue: [String] = []
  private var running: [String: Task<Void, Never>] = [:]
  /// The processes of each job, by their place in the pipe; the last is the loader.
  private var stages: [String: [Int: pid_t]] = [:]
  /// How jobs ended that the spool had no room to say so.
  private var unsaved: [String: JobResult] = [:]
  /// Where in its pipe a job's loader stands.
  private var lastPlace: [String: Int] = [:]
  private(set) var isStopping = false

  init(_ settings: Settings, _ tools: Tools, _ logger: Logger) {
    (self.settings, self.tools, self.logger) = (settings, tools, logger)
  }

  func isAtWork(on id: String) -> Bool { running[id] != nil || queue.contains(id) }
  func waits(_ id: String) -> Bool { queue.contains(id) && running[id] == nil }
  var counts: (running: Int, waiting: Int) { (running.count, queue.count) }
  func unsavedResult(of id: String) -> JobResult? { unsaved[id] }

  /// How many jobs of a token wait or run.
  func jobs(of caller: String) -> Int {
    Set(queue).union(running.keys)
      .count { JobFolder(spool: settings.spool, id: $0).request?.startedBy == caller }
  }

  // MARK: - What may be asked

  /// Takes up what an earlier server left unfinished; what was cancelled stays so.
  func recover() {
    for folder in JobFolder.all(in: settings.spool) where folder.result == nil {
      if folder.isCancelled {
        save(JobResult(isCancelled: true, endedAt: Date().iso), of: folder)
      } else {
        submit(folder.id)
      }
    }
  }

  func submit(_ id: String) {
    guard !isStopping, !isAtWork(on: id) else { return }
    queue.append(id)
    start()
  }

  /// Ends a job behind its present batch, or takes it from the queue; false where it is neither.
  func cancel(_ id: String) -> Bool {
    let folder = JobFolder(spool: settings.spool, id: id)
    guard isAtWork(on: id) else { return false }
    try? folder.write(JSON.bool(true), to: "cancelled")
    if let place = queue.firstIndex(of: id) {
      queue.remove(at: place)
      save(JobResult(isCancelled: true, endedAt: Date().iso), of: folder)
    } else {
      Task { await self.endStages(of: id) }
    }
    return true
  }

  /// The loader is asked first, so that it finishes its batch; then the stages that it may wait for; in the end nobody is asked.
  private func endStages(of id: String) async {
    signal(id, SIGTERM) { $0 == $1 }
    for (patience, number) in [(2.0, SIGTERM), (20.0, SIGKILL)] {
      let end = ContinuousClock.now.advanced(by: .seconds(patience))
      while ContinuousClock.now < end {
        if stages[id] == nil || running[id] == nil { return }
        try? await Task.sleep(for: .milliseconds(100))
      }
      signal(id, number) { _, _ in true }
    }
  }

  /// Signals those stages of a job that `isMeant` says, by their place and that of the last.
  private func signal(_ id: String, _ number: Int32, where isMeant: (Int, Int) -> Bool) {
    let processes = stages[id] ?? [:]
    let last = lastPlace[id] ?? processes.keys.max() ?? 0
    for (place, process) in processes where isMeant(place, last) { kill(process, number) }
  }

  /// Takes a job up again that failed or was cancelled.
  func resume(_ id: String) {
    let folder = JobFolder(spool: settings.spool, id: id)
    folder.remove("cancelled")
    folder.remove("result.json")
    unsaved[id] = nil
    submit(id)
  }

  /// Lets loaders finish their batch, and waits for them. Their jobs go on with the next server.
  func stop() async {
    isStopping = true
    queue.removeAll()
    for id in running.keys { Task { await self.endStages(of: id) } }
    for task in running.values { await task.value }
  }

  // MARK: - Running

  private func start() {
    while running.count < settings.jobLimit, !queue.isEmpty {
      let id = queue.removeFirst()
      running[id] = Task {
        await self.execute(JobFolder(spool: self.settings.spool, id: id))
        self.end(id)
      }
    }
  }

  private func end(_ id: String) {
    running[id] = nil
    stages[id] = nil
    lastPlace[id] = nil
    if !isStopping { start() }
  }

  /// A stage of a job began, or ended (nil).
  private func note(_ id: String, _ place: Int, _ process: pid_t?) {
    stages[id, default: [:]][place] = process
    // Asked for before it was there.
    if let process, isStopping || JobFolder(spool: settings.spool, id: id).isCancelled { kill(process, SIGTERM) }
  }

  /// Says in the spool how a job ended; where that has no room, it is kept in mind.
  private func save(_ result: JobResult, of folder: JobFolder) {
    do {
      try folder.write(result, to: "result.json")
      unsaved[folder.id] = nil
    } catch {
      unsaved[folder.id] = result
      logger.error("job \(folder.id): the spool has no room for how it ended")
    }
  }

  private func execute(_ folder: JobFolder) async {
    guard let request = folder.request else { return }
    logger.info("job \(folder.id): begun")
    var result: JobResult
    do {
      result = try await attempt(folder, request)
    } catch {
      result = JobResult(message: (error as? Problem)?.detail ?? "\(error)", endedAt: Date().iso)
    }
    folder.gatherLoadRejects()
    // The next server goes on with it.
    if isStopping, result.record == nil, !folder.isCancelled { return }
    result.isCancelled = folder.isCancelled && result.record == nil
    save(result, of: folder)
    if result.record?["status"]?.string == "completed" { folder.remove("upload") }
    logger.info("job \(folder.id): ended, \(result.statuses)")
  }

  private func attempt(_ folder: JobFolder, _ request: JobRequest) async throws -> JobResult {
    if !settings.allowsScripts, folder.hasScript {
      throw Fault("custom transforms are not allowed here (the server was started without --allow-scripts)")
    }
    while true {
      let shown = try await tools.run("ils-jobs", ["show", folder.id])
      let record = shown.status == 0 ? JSON(shown.output) : nil
      // A loader that outlived its server has brought it to its end.
      if let record, ["completed", "rolled back"].contains(record["status"]?.string) {
        return JobResult(record: record, endedAt: record["endedAt"]?.string ?? Date().iso)
      }
      let pipeline = Pipeline(
        tools: tools, folder: folder, request: request, attempt: try folder.attempt(folder.attempts + 1),
        isResumed: record != nil)
      if folder.total == nil { try await pipeline.count() }
      lastPlace[folder.id] = request.hasMapping ? 3 : 2
      // As much room as the whole spool has: what one file makes may not take that of all others.
      let limited = Limited(seconds: 30 * 86_400, folder: pipeline.attempt, bytes: settings.quota.spoolBytes)
      let result = try await limited.run { try await pipeline.run { await self.note(folder.id, $0, $1) } }
      stages[folder.id] = nil
      guard pipeline.metAnotherLoader, !isStopping, !folder.isCancelled else { return result }
      // What its stages refused is not whole: the loader that is at work has the rejects that count.
      try FileManager.default.removeItem(atPath: pipeline.attempt)
      try await Task.sleep(for: .seconds(1))
    }
  }

  // MARK: - Tidying

  /// Removes what is kept of jobs that ended, and of uploads that nobody used.
  func tidy() {
    for (id, result) in unsaved { save(result, of: JobFolder(spool: settings.spool, id: id)) }
    let limit = Date().addingTimeInterval(-settings.retention)
    for folder in JobFolder.all(in: settings.spool) where folder.result != nil && !isAtWork(on: folder.id) {
      if age(folder.path + "/result.json") < limit { try? FileManager.default.removeItem(atPath: folder.path) }
    }
    let uploads = settings.spool + "/uploads"
    for name in (try? FileManager.default.contentsOfDirectory(atPath: uploads)) ?? [] {
      if age("\(uploads)/\(name)") < Date().addingTimeInterval(-3600) {
        try? FileManager.default.removeItem(atPath: "\(uploads)/\(name)")
      }
    }
  }

  private func age(_ path: String) -> Date {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date ?? Date()
  }
}
