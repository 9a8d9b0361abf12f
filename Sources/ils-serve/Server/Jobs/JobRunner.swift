import Foundation
import ILSMigration
import ILSRecord
import ILSStore
import Logging

/// Runs jobs, so many at once; the others wait in the order in which they came.
///
/// What it knows is in the spool folder and in the database: one that is started anew goes on where the last one stopped.
actor JobRunner {
  /// How many times a job goes on by itself when its loader gave way to others.
  private static let patience = 5

  private let settings: Settings
  private let tools: Tools
  private let tables: JobTables
  private let ledger: SpoolLedger
  private let logger: Logger
  private let processes = StageProcesses()
  private var queue: [String] = []
  private var running: [String: Task<Void, Never>] = [:]
  /// Whose job it is, of those that wait or run.
  private var owners: [String: String] = [:]
  /// How jobs ended that the spool had no room to say so.
  private var unsaved: [String: JobResult] = [:]
  /// Jobs at work that somebody cancelled: the spool may have had no room to say so.
  private var cancelled: Set<String> = []
  private(set) var isStopping = false

  init(_ settings: Settings, _ tools: Tools, _ tables: JobTables, _ ledger: SpoolLedger, _ logger: Logger) {
    (self.settings, self.tools, self.tables, self.ledger, self.logger) = (settings, tools, tables, ledger, logger)
  }

  private func isAtWork(on id: String) -> Bool { running[id] != nil || queue.contains(id) }
  func waits(_ id: String) -> Bool { queue.contains(id) && running[id] == nil }

  enum Stand: Sendable {
    case waits, runs
    /// Stopped with the server: the next one goes on.
    case rests
    case isOver
  }

  /// How a job stands here. Where it is over, its result is there to be read.
  func stand(of id: String) -> Stand {
    if waits(id) { return .waits }
    return running[id] != nil ? .runs : isStopping ? .rests : .isOver
  }

  var counts: (running: Int, waiting: Int) { (running.count, queue.count) }
  func unsavedResult(of id: String) -> JobResult? { unsaved[id] }

  /// How many jobs of a token wait or run.
  func jobs(of caller: String) -> Int { owners.values.count { $0 == caller } }

  // MARK: - What may be asked

  /// Takes up what an earlier server left unfinished, first that which is still at work; what was cancelled stays so.
  func recover() {
    let open = JobFolder.all(in: settings.spool).filter { $0.result == nil }
    let atWork = open.filter { !$0.heldLogs.isEmpty }
    let others = open.filter { folder in !atWork.contains { $0.id == folder.id } }
    for folder in others where folder.isCancelled { save(JobResult(isCancelled: true), of: folder) }
    for folder in atWork + others where folder.result == nil && unsaved[folder.id] == nil { submit(folder.id) }
  }

  /// Takes a new job, unless its token has as many as it may have; false then.
  func admit(_ id: String, of caller: String) -> Bool {
    guard jobs(of: caller) < settings.quota.jobsOfToken else { return false }
    submit(id)
    return true
  }

  private func submit(_ id: String) {
    guard !isStopping, !isAtWork(on: id) else { return }
    owners[id] = JobFolder(spool: settings.spool, id: id).request?.startedBy
    queue.append(id)
    start()
  }

  private func isCancelled(_ folder: JobFolder) -> Bool { cancelled.contains(folder.id) || folder.isCancelled }

  /// Ends a job behind its present batch, or takes it from the queue; false where it is neither.
  func cancel(_ id: String) -> Bool {
    let folder = JobFolder(spool: settings.spool, id: id)
    guard isAtWork(on: id) else { return false }
    cancelled.insert(id)
    // A file without contents: it may find room where there is none for anything else.
    if !PrivateFiles.make(folder.path + "/cancelled") {
      logger.error("job \(id): no room to note that it is cancelled")
    }
    if let place = queue.firstIndex(of: id) {
      queue.remove(at: place)
      owners[id] = nil
      cancelled.remove(id)
      save(JobResult(isCancelled: true), of: folder)
    } else {
      Task { await processes.end(id) }
    }
    return true
  }

  /// Takes a job up again that failed or was cancelled.
  func resume(_ id: String, by caller: String) throws {
    let folder = JobFolder(spool: settings.spool, id: id)
    try folder.note(actor: caller)
    folder.remove("cancelled")
    folder.remove("result.json")
    unsaved[id] = nil
    submit(id)
  }

  /// Lets loaders finish their batch, and waits for them. Their jobs go on with the next server.
  func stop() async {
    isStopping = true
    queue.removeAll()
    for id in running.keys { Task { await processes.end(id) } }
    for task in running.values { await task.value }
  }

  // MARK: - Running

  private func start() {
    while running.count < settings.jobLimit, !queue.isEmpty {
      let id = queue.removeFirst()
      running[id] = Task {
        await self.execute(JobFolder(spool: self.settings.spool, id: id))
        await self.end(id)
      }
    }
  }

  private func end(_ id: String) async {
    running[id] = nil
    cancelled.remove(id)
    owners[id] = nil
    await processes.forget(id)
    if !isStopping { start() }
  }

  /// A stage of a job began, or ended (nil).
  private func note(_ folder: JobFolder, _ stage: StageName, _ process: pid_t?) async {
    await processes.note(folder.id, stage, process)
    // Asked for before it was there.
    if process != nil, isStopping || isCancelled(folder) { await processes.end(folder.id, stage) }
  }

  /// Says in the spool how a job ended; where that has no room, it is kept in mind.
  private func save(_ result: JobResult, of folder: JobFolder) {
    do {
      try folder.write(result.json, to: "result.json")
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
      result = try await outcome(folder, request)
    } catch {
      result = JobResult(message: (error as? Problem)?.detail ?? "\(error)")
    }
    // The next server goes on with it.
    if isStopping, result.record == nil, !isCancelled(folder) { return }
    result.isCancelled = isCancelled(folder) && result.record == nil
    save(result, of: folder)
    if result.isCompleted { folder.remove("upload") }
    logger.info("job \(folder.id): ended, \(result.statuses)")
  }

  /// How the job ends: by the stages that a killed server left, or by an attempt of this one.
  private func outcome(_ folder: JobFolder, _ request: JobRequest) async throws -> JobResult {
    if let result = try await outlived(folder) { return result }
    if !settings.allowsScripts, folder.bringsScript {
      throw Fault("custom transforms are not allowed here (the server was started without --allow-scripts)")
    }
    guard let id = JobID(request.id) else { throw Fault("the job's id is none") }
    var timesGivenWay = 0
    while true {
      let record = try await record(of: id, folder)
      // Another loader, which somebody started, has brought it to its end.
      if let record, ["completed", "rolled back"].contains(record["status"]?.string) {
        return JobResult(record: record, endedAt: record["endedAt"]?.string ?? now())
      }
      let attempt = try Attempt(tools, folder, request, isResumed: record != nil)
      let result = try await run(attempt)
      if result.isCompleted || isStopping || isCancelled(folder) { return result }
      if attempt.metAnotherLoader {
        // What its stages refused is not whole: the loader that is at work has the rejects that count.
        try FileManager.default.removeItem(atPath: attempt.path)
      } else if attempt.gaveWay, timesGivenWay < Self.patience {
        timesGivenWay += 1
        logger.notice("job \(folder.id): gave way to others, goes on")
      } else {
        // One that was ended by force may have ended the job just before.
        let record = try? await tables.record(of: id)
        return record?["status"]?.string == "completed" ? JobResult(record: record) : result
      }
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// The job's record. Unlike somebody who asks, a job can wait for a database that is away: as long as its loader would.
  private func record(of id: JobID, _ folder: JobFolder) async throws -> JSONValue? {
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while true {
      do { return try await tables.record(of: id) } catch {
        if ContinuousClock.now > end || isStopping || isCancelled(folder) { throw error }
        try await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func run(_ attempt: Attempt) async throws -> JobResult {
    let (folder, request, ledger) = (attempt.folder, attempt.request, ledger)
    let limited = Limited(seconds: 30 * 86_400) { ledger.foreseenExcess(of: request.startedBy) }
    return try await limited.run {
      if folder.total == nil { try await attempt.count { await self.note(folder, $0, $1) } }
      return try await attempt.run { await self.note(folder, $0, $1) }
    }
  }

  /// Waits for the stages that a killed server left behind, and says how the job ended if they ended it; nil where it is to go
  /// on. Nothing else may be at work on the job meanwhile: two attempts would each have a part of the rejects.
  private func outlived(_ folder: JobFolder) async throws -> JobResult? {
    guard folder.attempts > 0 else { return nil }
    var known: Set<StageName> = []
    while true {
      let held = folder.heldLogs
      if held.isEmpty { break }
      for (stage, log) in held where !known.contains(stage) {
        guard let process = log.process else { continue }
        known.insert(stage)
        await note(folder, stage, process)
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    await processes.forget(folder.id)
    // The loader writes it once the job has ended.
    if let record = folder.lastRecord, record["status"]?.string == "completed" { return JobResult(record: record) }
    return nil
  }

  // MARK: - Tidying

  /// Removes what is kept of jobs that ended, and of uploads that nobody used.
  func tidy() {
    for (id, result) in unsaved { save(result, of: JobFolder(spool: settings.spool, id: id)) }
    let limit = Date().addingTimeInterval(-settings.retention)
    for folder in JobFolder.all(in: settings.spool) where folder.result != nil && !isAtWork(on: folder.id) {
      if age(folder.path + "/result.json") < limit { try? FileManager.default.removeItem(atPath: folder.path) }
    }
    for folder in Uploads(spool: settings.spool).folders where age(folder) < Date().addingTimeInterval(-3600) {
      try? FileManager.default.removeItem(atPath: folder)
    }
  }

  private func age(_ path: String) -> Date {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date ?? Date()
  }
}
