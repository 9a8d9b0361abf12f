import ArgumentParser
import Glibc
import ILSCommand
import ILSJobs
import ILSReading
import ILSRecord
import ILSStore
import ILSStream
import ILSTrace

@main
struct Why: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-why",
    abstract: "Say where a value of a row comes from: job, transforms, record, file, cell and bytes.",
    usage: "ils-why [<options>] <table> <key> [<field>] --from <source> ...",
    version: Toolkit.version)

  @OptionGroup var common: CommonOptions
  @OptionGroup var database: DatabaseOptions
  @Option(
    name: .customLong("from"), parsing: .upToNextOption,
    help: .init("The sources that were loaded, as files; all that a job had, in any order.", valueName: "source"),
    completion: .file())
  var sources: [String] = []

  @Option(
    name: .customLong("map"),
    help: .init("The mapping, for a job that does not know its own.", valueName: "file|preset"),
    completion: .presetOrFile)
  var mapping: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: .init(
      "One option of ils-parse that the sources were read with, for a job that does not know. May be repeated.",
      valueName: "option"))
  var parse: [String] = []

  @Flag(help: "Write NDJSON on a terminal, too.")
  var json = false

  @Argument(help: .init("The entity or the table.", valueName: "table"), completion: .entityOrFile)
  var table: String?

  @Argument(help: .init("The row: its id, or field=value.", valueName: "key"))
  var key: String?

  @Argument(help: .init("One field or column; else all.", valueName: "field"))
  var field: String?

  func run() throws {
    try Toolkit.run("ils-why", common) {
      guard let table, let key else {
        throw StopError(
          .usage, UsageFault.usage, "name the table and the row: ils-why TABLE KEY [FIELD] --from FILE ...")
      }
      let given = try mapping.map { name throws(StopError) in try GivenMapping(named: name, tool: "ils-why", common) }
      let request = try TraceRequest(
        sources: sources, mapping: given, reading: try ReadingOptions(said: parse), common: common)
      let catalogue = try LineageCatalogue(database: database.url)
      let target = try catalogue.table(table, installed: try? LoadSchema.entity(table))
      var explainer = Explainer(catalogue, request)
      let answers = try explainer.answers(target, key: key, field: field)
      try FieldAnswer.write(answers, asText: !json && isatty(STDOUT_FILENO) == 1)
      tell(explainer.notes)
      if answers.contains(where: { $0.verdict == .otherSource }) { return .dataError }
      return answers.contains { $0.isOpen } ? .rejected : .success
    }
  }

  private func tell(_ notes: [Diagnostic]) {
    let values = Diagnostic(.info, TraceFault.values, "values of the row and of its record are in the output")
    DiagnosticWriter(tool: "ils-why", common).write(notes + [values])
  }
}
