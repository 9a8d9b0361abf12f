import Foundation
import ILSMigration
import ILSRecord
import SystemPackage

/// Runs a plan's stages side by side, each reading what the one before it writes; logs and the last one's output go to files of
/// the plan's folder, nothing to the server: if that is killed, the stages go on to their end.
struct PlanRunner: Sendable {
  let tools: Tools
  let plan: MigrationPlan
  /// Where the stages run.
  let folder: String
  /// Options of a stage that are the server's own, behind the plan's: not of ils-parse, whose last argument is its file.
  var more: [StageName: [String]] = [:]
  /// Who asked.
  var caller: String?

  /// What the last stage writes.
  var output: String { plan.path("outcomes.ndjson") }

  /// - Parameter begun: gets each stage's process id once it is there, and nil when it has ended.
  /// - Returns: their exit statuses, in order.
  func run(begun: @escaping @Sendable (StageName, pid_t?) async -> Void = { _, _ in }) async throws -> [Int] {
    var readers: [FileDescriptor?] = [nil]
    var writers: [FileDescriptor] = []
    for _ in plan.stages.dropLast() {
      let pipe = try FileDescriptor.pipe()
      for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
      readers.append(pipe.readEnd)
      writers.append(pipe.writeEnd)
    }
    writers.append(try create(output))
    let logs = try plan.stages.map { try StageLog(plan.path("\($0.name.rawValue).log")).create() }
    return try await withThrowingTaskGroup(of: (Int, Int).self) { [tools, folder, caller] group in
      for (index, call) in plan.stages.enumerated() {
        let (input, output, log) = (readers[index], writers[index], logs[index])
        let arguments =
          ["--log-format", "json", "--progress", "none"] + call.arguments + more[call.name, default: []]
        group.addTask {
          let status = try await tools.stage(
            call.name.tool, arguments, in: folder, from: input, to: output, log: log, by: caller,
            begun: { pid in await begun(call.name, pid) })
          await begun(call.name, nil)
          return (index, status)
        }
      }
      var statuses = plan.stages.map { _ in 0 }
      for try await (index, status) in group { statuses[index] = status }
      return statuses
    }
  }

  private func create(_ path: String) throws -> FileDescriptor {
    try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
  }

  /// Why the whole failed, for people; nil where it did not.
  func complaint(_ statuses: [Int]) -> String? {
    let (status, failed) = MigrationPlan.verdict(statuses.map(Int32.init))
    guard let failed else { return nil }
    let stage = plan.stages[failed].name
    let said = Diagnostics(of: plan.path("\(stage.rawValue).log")).complaint
    return "\(stage.tool): \(said ?? "it ended with status \(status)")"
  }
}

/// What the stages that ran in a folder assumed and warned of: what ils-migrate would say at its end.
func noted(in folder: String) -> [String] {
  var notes = RunNotes()
  for stage in StageName.allCases { try? notes.read("\(folder)/\(stage.rawValue).log", of: stage) }
  return notes.noted
}

/// A stage's log. The stage has it as its standard error, with a lock that ends when nobody has it any more: so a server that
/// is started anew sees which stages of the one before are still at work.
struct StageLog: Sendable {
  let path: String

  init(_ path: String) { self.path = path }

  /// Makes it, locked: the lock is the open file's, and goes with it to the stage.
  func create() throws -> FileDescriptor {
    let log = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
    _ = flock(log.rawValue, LOCK_EX | LOCK_NB)
    return log
  }

  var isHeld: Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// The stage's process, found by the log that it holds; nil where it has ended.
  var process: pid_t? {
    guard isHeld else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.sorted().first { process in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/2")) == path
    }
  }
}
