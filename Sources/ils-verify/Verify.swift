import ArgumentParser
import Glibc
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
      let records = inputs.flatMap { $0.isEmpty ? Self.pipedInput : $0 }
      try PageFile.check(html, inputs: records ?? [], options)
      var run = try Pump("ils-verify", options, inputs: records ?? [])
      let verification = try Verification(
        database: database.url, named: ids, writesTemporary: records != nil)
      var facts = Facts(verification)
      if let path {
        let entity = try LoadSchema(at: path).setting(try LoadOptions.constants(set))
        facts.scope(entity, set, source)
        if let records { facts.sources(records, try compare(records, entity, verification, &run)) }
        try verification.check(entity, source: source)
      } else {
        try checkAll(verification)
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

  /// Stdin, where somebody pipes records into it or gives a file; not a terminal, nor /dev/null.
  private static var pipedInput: [String]? {
    var status = stat()
    guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT != S_IFCHR else { return nil }
    return ["-"]
  }

  private func compare(
    _ inputs: [String], _ entity: LoadSchema, _ verification: Verification, _ run: inout Pump
  ) throws(StopError) -> Digested.Sum {
    let reconciliation = try Reconciliation(
      entity, verification, source: source, showsValues: options.common.showValues)
    var stage = Digested(reconciliation)
    try run.pump(inputs, through: &stage)
    let sum = stage.sum()
    // A pipe whose other end died must not look like a source with nothing in it.
    guard sum.records > 0 || arguments.contains("-") || inputs != ["-"] else {
      throw StopError(
        .noInput, VerifyFault.noRecords,
        "no record came on the standard input; to check the table alone: ils-verify \(entity.entity) < /dev/null")
    }
    try reconciliation.compare()
    return sum
  }

  /// All entities whose tables are there: those that are installed, and those that jobs have loaded.
  private func checkAll(_ verification: Verification) throws(StopError) {
    var entities: [LoadSchema] = []
    for name in DataFiles.names(.entities) { entities.append(try LoadSchema.entity(name)) }
    entities += try verification.loaded()
    var seen: Set<String> = []
    for entity in entities where !seen.contains(entity.table) {
      guard try verification.hasTable(entity) else { continue }
      seen.insert(entity.table)
      try verification.check(entity, isWhole: true)
    }
    guard seen.isEmpty else { return }
    let tables = entities.map(\.table).joined(separator: ", ")
    throw StopError(
      .configuration, DatabaseFault.dbNoTable,
      "the database has no table of an entity (\(tables)): name yours with --schema")
  }
}
