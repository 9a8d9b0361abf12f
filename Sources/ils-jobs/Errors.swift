import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord

struct Errors: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List why records of a job were refused.")

  @OptionGroup var options: JobsOptions
  @OptionGroup var argument: JobArgument

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      let id = try jobs.find(argument.job)
      var printer = try options.printer([
        .init("FILE", "_file"), .init("SHEET", "_sheet"), .init("ROW", "_row", .number), .init("FIELD", "field"),
        .init("CODE", "code"),
        .init("MESSAGE", "message"),
      ])
      try jobs.errors(id) { value throws(StopError) in try printer.write(value) }
      try printer.close()
      return .success
    }
  }
}
