import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore

struct Cleanup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Remove the details of old jobs; jobs and audit events stay.")

  @OptionGroup var options: JobsOptions

  @Option(help: .init("Remove the errors of jobs that ended longer ago: 90m, 24h, 7d ...", valueName: "time"))
  var olderThan = Age(seconds: Retention().errors)

  @Option(
    help: .init(
      "Remove what a rollback needs of jobs that ended longer ago; they can then not be undone.",
      valueName: "time"))
  var undoOlderThan = Age(seconds: Retention().undo)

  @Flag(help: "Say what would be removed, and leave it.")
  var dryRun = false

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      var printer = try options.printer([])
      var retention = Retention()
      (retention.errors, retention.undo) = (olderThan.seconds, undoOlderThan.seconds)
      let who = DatabaseOptions.who
      let removed = try jobs.clean(retention, isDryRun: dryRun, osUser: who.user, host: who.host)
      var members: [(name: String, value: JSONValue)] = [
        ("jobs", .number("\(removed.jobs)")), ("errors", .number("\(removed.errors)")),
        ("beforeImages", .number("\(removed.beforeImages)")), ("batches", .number("\(removed.batches)")),
      ]
      if dryRun { members.append(("dryRun", .boolean(true))) }
      try printer.write(.object(members))
      try printer.close()
      return .success
    }
  }
}

/// A span of time: a number and s, m, h, d or w.
struct Age: ExpressibleByArgument, CustomStringConvertible {
  let seconds: Int

  private static let units: [(Character, Int)] = [("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

  init(seconds: Int) { self.seconds = seconds }

  init?(argument: String) {
    guard let unit = Self.units.first(where: { $0.0 == argument.last }), let count = Int(argument.dropLast()),
      count >= 0, count <= 100_000_000
    else { return nil }
    seconds = count * unit.1
  }

  /// As it would be typed: whole days as days from two days on.
  var description: String {
    let unit = Self.units.first { seconds % $0.1 == 0 && (seconds >= 2 * $0.1 || $0.1 == 1) } ?? ("s", 1)
    return "\(seconds / unit.1)\(unit.0)"
  }
}
