import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSReport
import ILSStore

@main
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-verify",
    abstract:
      "Is what was migrated whole and sound? Check tables, and compare records with the rows that they came to.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var schema: SchemaOptions

  @Option(
    help: .init(
      "Only rows with VALUE in a column, as --set of ils-load gave it. May be repeated.", valueName: "column=value"))
  var set: [String] = []

  @Option(help: .init("Only rows of this import source; that of records that name none.", valueName: "name"))
  var source: String?

  @Option(help: .init("Name up to N rows or records a check.", valueName: "n"))
  var ids = 5

  @Flag(help: "Write NDJSON: a record a check, and last one with the verdict.")
  var json = false

  @Flag(help: "Doubts are faults.")
  var strict = false

  @Option(
    help: .init("Write a page to FILE as well, to be printed and signed.", valueName: "file"), completion: .file())
  var html: String?

  @Argument(
    help: .init(
      "The entity, unless --schema is given; none: all tables. Then files of records to compare; - or none: stdin.",
      valueName: "entity"), completion: .entityOrFile)
  var arguments: [String] = []

  func validate() throws {
    if !(0...9999).contains(ids) { throw ValidationError("--ids takes a number up to 9999") }
    if !schema.isNamed(arguments), !set.isEmpty || source != nil {
      throw ValidationError("--set and --source need an entity, or --schema")
    }
  }

  func run() throws {
    try Toolkit.run("ils-verify", options.common) {
      let (path, inputs) = try schema.isNamed(arguments) ? schema.locate(arguments) : (nil, nil)
      let records = inputs.flatMap { $0.isEmpty ? VerificationRun.pipedInput : $0 }
      try PageFile.check(html, inputs: records ?? [], schema: schema.schema, options)
      var run = try Pump("ils-verify", options, inputs: records ?? [])
      let verification = try Verification(
        database: database.url, named: ids, writesTemporary: records != nil)
      var facts = Facts(verification)
      if let path {
        let entity = try LoadSchema(at: path).setting(try LoadOptions.constants(set))
        facts.scope(entity, set, source)
        if let records {
          let reconciliation = try Reconciliation(
            entity, verification, source: source, showsValues: options.common.showValues)
          let isAsked = inputs?.isEmpty == false
          facts.sources(
            records, try VerificationRun.compare(records, isAsked: isAsked, reconciliation, entity, &run))
        }
        try verification.check(entity, source: source)
      } else {
        try VerificationRun.checkAll(verification)
      }
      try verification.checkJobs()
      let verdict = Verdict(verification.checks, isStrict: strict)
      try run.perform { (emit) throws(StopError) in
        let shown = verification.checks.filter { json || $0.isForPeople }
        for line in shown.map({ json ? $0.json.text : $0.line }) + [json ? verdict.json.text : verdict.line] {
          emit.output.append(line)
          emit.endRecord()
        }
      }
      if let html { try PageFile.write(html, verification.checks, verdict, facts) }
      let status = try run.close()
      return status == .success && verdict.isWrong ? .rejected : status
    }
  }
}
