import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord

struct Cancel: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mark a running job, so that its loader stops behind its batch; it can be resumed.")

  @OptionGroup var options: JobsOptions
  @OptionGroup var argument: JobArgument

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      let id = try jobs.find(argument.job)
      var printer = try options.printer([])
      let who = DatabaseOptions.who
      try jobs.cancel(id, osUser: who.user, host: who.host)
      try printer.write(try jobs.record(id))
      try printer.close()
      return .success
    }
  }
}
