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
  private var loaders: [String: pid_t] = [:]
  private(set) var isStopping = false

  init(_ settings: Settings, _ tools: Tools, _ logger: Logger) {
    (self.settings, self.tools, self.logger) = (settings, tools, logger)
  }

  func isAtWork(on id: String) -> Bool { running[id] != nil || queue.contains(id) }
  func waits(_ id: String) -> Bool { queue.contains(id) && running[id] == nil }
  var counts: (running: Int, waiting: Int) { (running.count, queue.count) }

  // MARK: - What may be asked

  /// Takes up what an earlier server left unfinished.
  func recover() {
    for folder in JobFolder.all(in: settings.spool) where folder.result == nil { submit(folder.id) }
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
      try? folder.write(JobResult(isCancelled: true, endedAt: Date().iso), to: "result.json")
    } else if let loader = loaders[id] {
      kill(loader, SIGTERM)
    }
    return true
  }

  /// Takes a job up again that failed or was cancelled.
  func resume(_ id: String) {
    let folder = JobFolder(spool: settings.spool, id: id)
    folder.remove("cancelled")
    folder.remove("result.json")
    submit(id)
  }

  /// Lets loaders finish their batch, and waits for them. Their jobs go on with the next server.
  func stop() async {
    isStopping = true
    queue.removeAll()
    for loader in loaders.values { kill(loader, SIGTERM) }
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
    loaders[id] = nil
    if !isStopping { start() }
  }

  private func began(_ id: String, _ loader: pid_t) {
    loaders[id] = loader
    // Asked for before the loader was there.
    if isStopping || JobFolder(spool: settings.spool, id: id).isCancelled { kill(loader, SIGTERM) }
  }

  private func execute(_ folder: JobFolder) async {
    guard let request = folder.request else { return }
    logger.info("job \(folder.id): begun")
    var result: JobResult
    do {
      result = try await attempt(folder, request)
    } catch {
      result = JobResult(message: "\(error)", endedAt: Date().iso)
    }
    // The next server goes on with it.
    if isStopping, result.record == nil, !folder.isCancelled { return }
    result.isCancelled = folder.isCancelled && result.record == nil
    try? folder.write(result, to: "result.json")
    if result.record?["status"]?.string == "completed" { folder.remove("upload") }
    logger.info("job \(folder.id): ended, \(result.statuses)")
  }

  private func attempt(_ folder: JobFolder, _ request: JobRequest) async throws -> JobResult {
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
      let result = try await pipeline.run { await self.began(folder.id, $0) }
      loaders[folder.id] = nil
      guard pipeline.metAnotherLoader, !isStopping, !folder.isCancelled else { return result }
      try await Task.sleep(for: .seconds(1))
    }
  }

  // MARK: - Tidying

  /// Removes what is kept of jobs that ended, and of uploads that nobody used.
  func tidy() {
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
