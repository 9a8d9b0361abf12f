import Foundation
import ILSMigration

/// The processes of the jobs that run, and how they are asked to end.
actor StageProcesses {
  private var ofJob: [String: [StageName: pid_t]] = [:]

  /// A stage of a job began, or ended (nil).
  func note(_ job: String, _ stage: StageName, _ process: pid_t?) { ofJob[job, default: [:]][stage] = process }

  func forget(_ job: String) { ofJob[job] = nil }

  /// The loader is asked first, so that it finishes its batch; then the stages that it may wait for; in the end nobody is asked.
  func end(_ job: String) async {
    for (stage, process) in ofJob[job] ?? [:] where stage == .load { kill(process, SIGTERM) }
    for (patience, number) in [(2.0, SIGTERM), (20.0, SIGKILL)] {
      let end = ContinuousClock.now.advanced(by: .seconds(patience))
      while ContinuousClock.now < end {
        guard ofJob[job] != nil else { return }
        try? await Task.sleep(for: .milliseconds(100))
      }
      for process in (ofJob[job] ?? [:]).values { kill(process, number) }
    }
  }

  /// What was asked of a job before its stage was there.
  func end(_ job: String, _ stage: StageName) { ofJob[job]?[stage].map { _ = kill($0, SIGTERM) } }
}
