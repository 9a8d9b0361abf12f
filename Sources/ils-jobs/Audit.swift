import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore

struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "List the events of the audit trail, or verify it.")

  @OptionGroup var options: JobsOptions

  @Flag(help: "Prove that no event was changed or removed, or name the first that was.")
  var verify = false

  @Option(help: .init("With --verify: a hash that was kept elsewhere (\"auditHead\" of a job).", valueName: "hash"))
  var head: String?

  @Argument(help: .init("Only events of this job: its id, or a prefix of it.", valueName: "job"))
  var job: String?

  func validate() throws {
    if verify, job != nil { throw ValidationError("--verify takes the whole trail, not one job's events") }
    if let head, !verify || head.count != 64 || !head.allSatisfy(\.isHexDigit) {
      throw ValidationError("--head goes with --verify and is a hash of 64 hexadecimal digits")
    }
  }

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let jobs = try options.catalogue()
      if verify { return try tellVerdict(try jobs.verify(head: head)) }
      let id: JobID? = if let job { try jobs.find(job) } else { nil }
      var printer = try options.printer(Self.columns, yields: Self.yields, jobs)
      try jobs.events(of: id) { value throws(StopError) in try printer.write(value) }
      try printer.close()
      return .success
    }
  }

  private static let columns: [Printer.Column] = [
    .init("SEQ", "seq", .number), .init("AT", "at", .time), .init("EVENT", "event"), .init("JOB", "job"),
    .init("USER", "databaseUser"), .init("OS USER", "osUser"), .init("HOST", "host"),
  ]

  private static let yields: [(title: String, how: Table.Yield)] = [
    ("HOST", .cut(to: 8)), ("OS USER", .cut(to: 8)), ("USER", .cut(to: 8)), ("EVENT", .cut(to: 12)),
    ("HOST", .leftOut),
  ]

  private func tellVerdict(_ verdict: AuditVerdict) throws(StopError) -> ExitStatus {
    var printer = try options.printer([])
    switch verdict {
    case .whole(let events, let head):
      try printer.write(
        .object([("audit", .string("verified")), ("events", .number("\(events)")), ("head", .string(head))]))
      try printer.close()
      return .success
    case .broken(let seq, let code, let reason):
      try printer.write(
        .object([
          ("audit", .string("broken")), ("seq", .number("\(seq)")), ("code", .string(code)),
          ("reason", .string(reason)),
        ]))
      try printer.close()
      throw StopError(.dataError, code: code, reason)
    }
  }
}
