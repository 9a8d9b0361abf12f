import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore
import ILSStream

@main
struct Jobs: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-jobs", abstract: "See, follow, cancel, close and clean up jobs, and verify their audit trail.",
    version: Toolkit.version,
    subcommands: [
      List.self, Show.self, Watch.self, Errors.self, Cancel.self, Close.self, Release.self, Cleanup.self, Audit.self,
    ],
    defaultSubcommand: List.self)
}

/// What every verb takes.
struct JobsOptions: ParsableArguments {
  @OptionGroup var common: CommonOptions
  @OptionGroup var database: DatabaseOptions

  @Option(name: .shortAndLong, help: .init("Write to FILE instead of stdout.", valueName: "file"), completion: .file())
  var output: String?

  @Flag(help: "Write NDJSON on a terminal, too.")
  var json = false

  func catalogue() throws(StopError) -> JobCatalogue { try JobCatalogue(database: database.url) }

  /// - Throws: `usage` where the output would be written over one of `files`, which are read.
  func checkOutput(sparing files: [String?]) throws(StopError) {
    try WrittenFiles.check(inputs: [], others: files, [("-o", output)], writesStdout: output ?? "-" == "-")
  }

  /// - Parameter jobs: names jobs where there is no room for their ids.
  func printer(
    _ columns: [Printer.Column], yields: [(title: String, how: Table.Yield)] = [], _ jobs: JobCatalogue? = nil
  ) throws(StopError) -> Printer {
    try Printer(to: output, isJSON: json, columns: columns, yields: yields, names: jobs?.shortNames)
  }
}

/// One job, by its id or a prefix of it.
struct JobArgument: ParsableArguments {
  @Argument(
    help: .init(
      "The job's id, a prefix that no other job's id has, or last: the load that began last.", valueName: "job"))
  var job: String
}
