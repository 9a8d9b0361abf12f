import ArgumentParser
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore

@main
struct Load: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-load", abstract: "Load records into PostgreSQL, in batches, under a job that can be undone.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var schema: SchemaOptions
  @OptionGroup var load: LoadOptions

  @Flag(name: .customLong("init"), help: "Make or update the toolkit's own tables (schema ils), and stop.")
  var initialise = false

  @Argument(
    help: .init("The entity that records are loaded as, unless --schema is given; then files.", valueName: "entity"),
    completion: .entityOrFile)
  var arguments: [String] = []

  func run() throws {
    try Toolkit.run("ils-load", options.common) {
      if initialise {
        try LoadStage.initialise(database: database.url)
        return .success
      }
      let (path, inputs) = try schema.locate(arguments)
      let target = try LoadSchema(at: path).setting(try load.constants())
      let jobOptions = try load.jobOptions()
      Interruption.watch { Cancellation.request() }
      var run = try Pump(
        "ils-load", options, inputs: inputs, others: [schema.schema] + load.ledgerOptions.files,
        survivesClosedReader: true)
      try run.checkRecords(inputs)
      let stage = try LoadStage(
        target, database: database.url, options: jobOptions, try load.start(database: database.url),
        isInterrupted: { Interruption.isRequested }, ledger: load.ledger)
      run.tell(Diagnostic(.info, JobFault.jobStarted, "job \(stage.jobID)"))
      for note in stage.notes { run.tell(note) }
      try pump(inputs, through: stage, &run)
      if !load.dryRun, stage.mayHaveParked { try release(for: target.entity, of: stage.jobID, jobOptions, &run) }
      return try run.close()
    }
  }

  private func pump(_ inputs: [String], through stage: LoadStage, _ run: inout Pump) throws(StopError) {
    if load.digestsRecords {
      var planned = PlannedRecords(stage, expected: load.expectRecords)
      try run.pump(inputs, through: &planned)
    } else {
      var stage = stage
      try run.pump(inputs, through: &stage)
    }
  }

  /// Orders that were parked for want of what was just loaded; and own ones whose patients have come meanwhile.
  private func release(
    for entity: String, of job: JobID, _ options: JobOptions, _ run: inout Pump
  ) throws(StopError) {
    var options = options
    options.outcomes = .none
    let elsewhere = ParkedRelease(
      database: database.url, options: options, entity: entity, patience: options.retry,
      isInterrupted: { Interruption.isRequested }, schema: LoadSchema.entity)
    try run.perform { (emit) throws(StopError) in try elsewhere.run(emit: &emit) }
    guard options.parksOrphans, schema.schema == nil else { return }
    let own = ParkedRelease(
      database: database.url, options: options, job: job, patience: options.retry,
      isInterrupted: { Interruption.isRequested }, schema: LoadSchema.entity)
    try run.perform { (emit) throws(StopError) in try own.run(emit: &emit) }
  }
}
