import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List jobs, the oldest first.")

  @OptionGroup var options: JobsOptions

  @Option(
    help: .init(
      "Only jobs with this status: \(JobCatalogue.statuses.joined(separator: ", ")).", valueName: "status"))
  var status: String?

  @Option(help: .init("Only jobs of this import source.", valueName: "name"))
  var source: String?

  @Option(help: .init("Only jobs of this entity.", valueName: "name"))
  var entity: String?

  func validate() throws {
    if let status, !JobCatalogue.statuses.contains(status) {
      throw ValidationError("--status is one of: \(JobCatalogue.statuses.joined(separator: ", "))")
    }
  }

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      var printer = try options.printer(Self.columns, yields: Self.yields, jobs)
      try jobs.list(JobCatalogue.Filter(status: status, source: source, entity: entity)) {
        value throws(StopError) in try printer.write(value)
      }
      try printer.close()
      return .success
    }
  }

  private static let columns: [Printer.Column] = [
    .init("JOB", "job"), .init("KIND", "kind"), .init("ENTITY", "entity"), .init("SOURCE", "source"),
    .init("STATUS", "status"), .init("STARTED", "startedAt", .time), .init("PROCESSED", "progress.processed", .number),
    .init("OK", "progress.successful", .number), .init("FAILED", "progress.failed", .number),
    .init("SKIPPED", "progress.skipped", .number),
  ]

  /// A line of 80 characters holds what is left when all have given way.
  private static let yields: [(title: String, how: Table.Yield)] = [
    ("PROCESSED", .leftOut), ("STARTED", .toMinutes), ("SKIPPED", .leftOut), ("SOURCE", .cut(to: 8)),
    ("KIND", .cut(to: 4)), ("STARTED", .toDay), ("SOURCE", .cut(to: 6)), ("ENTITY", .cut(to: 6)),
    ("STATUS", .cut(to: 6)),
  ]
}
