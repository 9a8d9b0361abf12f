import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore
import Glibc

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Follow a job to its end; the exit status tells how it ended.")

  @OptionGroup var options: JobsOptions
  @OptionGroup var argument: JobArgument

  @Option(help: .init("Look this often.", valueName: "seconds"))
  var interval = 1.0

  @Option(help: .init("Give up when nothing has moved for this long; 0 waits for ever.", valueName: "seconds"))
  var timeout = 0.0

  func validate() throws {
    if interval < 0.05 || interval > 86_400 { throw ValidationError("--interval must be 0.05 seconds or more") }
    if timeout < 0 { throw ValidationError("--timeout must not be negative") }
  }

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      let id = try jobs.find(argument.job)
      var printer = try options.printer([])
      var last = JSONValue.null
      var still = 0.0
      while true {
        let record = try jobs.record(id)
        if record != last {
          try printer.update(record)
          still = 0
        }
        last = record
        if let end = Self.end(of: record) {
          try printer.close()
          return end
        }
        if timeout > 0, still >= timeout {
          try printer.close()
          throw StopError(
            .temporaryFailure, JobFault.jobStalled,
            "the job has not moved for \(Int(timeout)) s: its loader may be gone; ils-load --resume goes on")
        }
        usleep(UInt32(interval * 1e6))
        still += interval
      }
    }
  }

  /// How a job ended, or nil while it has not.
  static func end(of record: JSONValue) -> ExitStatus? {
    switch record["status"]?.string {
    case "completed": (record["progress"]?["failed"]?.integer ?? 0) > 0 ? .rejected : .success
    case "cancelled": .temporaryFailure
    case "failed", "rolled back": .dataError
    case nil: .noInput
    default: nil
    }
  }
}
