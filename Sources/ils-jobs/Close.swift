import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore

struct Close: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "End a job that several loaders shared, and check that every row is accounted for.")

  @OptionGroup var options: JobsOptions
  @OptionGroup var ledger: LedgerOptions
  @OptionGroup var argument: JobArgument

  @Flag(help: "Close it although a part did not come to its end.")
  var force = false

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      try options.checkOutput(sparing: ledger.files)
      let jobs = try options.catalogue()
      let id = try jobs.find(argument.job)
      let said = try ledger.read()
      var printer = try options.printer([])
      let who = DatabaseOptions.who
      let closed = try jobs.close(
        id, Ledger(rows: said.rows, rejected: said.rejected, manifest: said.manifest), isForced: force,
        allowsDropped: ledger.allowDropped, osUser: who.user, host: who.host)
      try printer.write(closed.record)
      try printer.close()
      if let verdict = closed.verdict { throw verdict }
      return closed.record["progress"]?["failed"]?.integer ?? 0 > 0 ? .rejected : .success
    }
  }
}
