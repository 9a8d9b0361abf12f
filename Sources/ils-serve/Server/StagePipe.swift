import Foundation
import SystemPackage

/// Stages side by side, each reading what the one before it writes; logs and the last one's output go to files.
struct StagePipe: Sendable {
  /// A stage by its name without `ils-`.
  typealias Plan = (name: String, arguments: [String])

  let tools: Tools
  /// Where the stages run.
  let folder: String
  /// Where logs and output go.
  let work: String
  let output: String
  /// Who asked.
  var caller: String?

  /// - Parameter begun: gets each stage's process id once it is there, and nil when it has ended.
  /// - Returns: their exit statuses, in order.
  func run(_ plans: [Plan], begun: @escaping @Sendable (Int, pid_t?) async -> Void) async throws -> [Int] {
    var readers: [FileDescriptor?] = [nil]
    var writers: [FileDescriptor] = []
    for _ in plans.dropLast() {
      let pipe = try FileDescriptor.pipe()
      for end in [pipe.readEnd, pipe.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
      readers.append(pipe.readEnd)
      writers.append(pipe.writeEnd)
    }
    writers.append(try create(output))
    let logs = try plans.map { try create("\($0.name).log") }
    return try await withThrowingTaskGroup(of: (Int, Int).self) { [tools, folder, caller] group in
      for (index, plan) in plans.enumerated() {
        let (input, output, log) = (readers[index], writers[index], logs[index])
        group.addTask {
          let status = try await tools.stage(
            "ils-\(plan.name)", plan.arguments, in: folder, from: input, to: output, log: log, by: caller,
            begun: { pid in await begun(index, pid) })
          await begun(index, nil)
          return (index, status)
        }
      }
      var statuses = plans.map { _ in 0 }
      for try await (index, status) in group { statuses[index] = status }
      return statuses
    }
  }

  private func create(_ name: String) throws -> FileDescriptor {
    try FileDescriptor.open(
      "\(work)/\(name)", .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
  }
}
