import ArgumentParser
import Glibc
import ILSCodes
import ILSCommand
import ILSMigration
import ILSRecord
import ILSReport
import ILSStream
import ILSValidation

@main
struct Report: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-report", abstract: "Make one HTML file of rejects, summaries, outcomes and jobs, for people.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions

  @Option(help: .init("The report's title.", valueName: "text"))
  var title: String?

  @Flag(help: "Say of records what each field holds, values too: filled, distinct, most frequent, patterns, lengths.")
  var profile = false

  @Argument(
    help: .init(
      "Rejects, summaries, outcomes, jobs, manifests and records, or folders that ils-migrate kept; - or none: stdin.",
      valueName: "file"), completion: .file())
  var arguments: [String] = []

  func run() throws {
    try Toolkit.run("ils-report", options.common) {
      if arguments.count == 1, ApprovedPlan.isPlan(arguments[0]) { return try write(plan: arguments[0]) }
      if profile { return try writeProfile() }
      let inputs = try arguments.flatMap { (argument) throws(StopError) in try Self.files(argument) }
      var stage = ReportStage(
        title: title, showsValues: options.common.showValues, made: today().iso,
        codes: FaultCode.everyRoom + (try Self.codesOfEntities()))
      var run = try Pump("ils-report", options, inputs: inputs)
      try run.pump(inputs, through: &stage)
      return try run.close()
    }
  }

  /// Writes what the records' fields hold: a table for people at a terminal, a JSON object a field for programs.
  private func writeProfile() throws(StopError) -> ExitStatus {
    let isForPeople = options.output == nil && isatty(STDOUT_FILENO) == 1
    var stage = ProfileStage(isSilent: isForPeople)
    var run = try Pump("ils-report", options, inputs: arguments)
    run.tell(
      Diagnostic(
        .info, ReportFault.profileValues, "the profile shows values, which may be patient data: mind who sees it"))
    try run.pump(arguments, through: &stage)
    if isForPeople {
      try run.perform { (emit) throws(StopError) in
        ProfileTable.write(stage.fields, records: stage.records, to: &emit.output)
        emit.endRecord()
      }
    }
    return try run.close()
  }

  /// Writes the page of a plan that ils-migrate made.
  private func write(plan path: String) throws(StopError) -> ExitStatus {
    try WrittenFiles.check(inputs: [path], [("-o", options.output)], writesStdout: options.output ?? "-" == "-")
    let approved = try ApprovedPlan(reading: path)
    var plan = PlanPage.Plan()
    (plan.arguments, plan.notes, plan.refused) = (approved.arguments, approved.notes, approved.refused)
    plan.inputs = approved.inputs.map { ($0.role, $0.path, $0.sha256) }
    plan.counts = approved.outcome.counts.compactMap { count in
      let words = count.split(separator: " ")
      return words.count == 2 ? Int(words[1]).map { (String(words[0]), $0) } : nil
    }
    (plan.target, plan.seconds, plan.made) = (approved.target, approved.seconds, approved.made)
    (plan.database, plan.changes) = (approved.database, approved.delta?.lines ?? [])
    (plan.tool, plan.digest) = (approved.tool, approved.sha256)
    var page = PlanPage(plan, title: title, file: path)
    page.write()
    var buffer = OutputBuffer()
    buffer.append(page.text + "\n")
    var output = try OutputFile(options.output)
    try output.write(&buffer)
    try output.close()
    return .success
  }

  /// What the codes mean that the installed entities bring with them.
  private static func codesOfEntities() throws(StopError) -> [FaultCode] {
    var codes: [FaultCode] = []
    for name in DataFiles.names(.entities) { codes += FaultCode.own(try DataFiles.entity(name)) }
    return codes
  }

  /// The files of a folder that ils-migrate kept, or the argument itself.
  private static func files(_ argument: String) throws(StopError) -> [String] {
    guard let held = namesInFolder(argument) else { return [argument] }
    let names = held.filter { $0.hasSuffix(".ndjson") || $0.hasSuffix(".json") }.map { "\(argument)/\($0)" }
    guard !names.isEmpty else {
      throw StopError(.noInput, CommandFault.reportEmpty, "\(argument) holds nothing that ils-migrate keeps")
    }
    return names.sorted()
  }
}
