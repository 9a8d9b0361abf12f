import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show all that is known of a job.")

  @OptionGroup var options: JobsOptions
  @OptionGroup var argument: JobArgument

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      var printer = try options.printer([])
      let details = try jobs.details(try jobs.find(argument.job))
      try printer.write(details)
      try printer.close()
      return .success
    }
  }
}
