import ArgumentParser
import ILSCommand
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
      let target = try LoadSchema(
        entity: DataFiles.name(of: path), try DataFiles.json(at: path), other: DataFiles.entity
      ).setting(try load.constants())
      let jobOptions = try load.jobOptions()
      Interruption.watch()
      var run = try StageRun("ils-load", options, inputs: inputs, survivesClosedReader: true)
      var stage = try LoadStage(
        target, database: database.url, options: jobOptions, load.start,
        isInterrupted: { Interruption.isRequested })
      run.tell(Diagnostic(.info, code: "job.started", "job \(stage.jobID)"))
      do throws(StopError) {
        try run.feed(inputs, to: &stage)
        try run.finish(&stage)
      } catch {
        if let news = stage.abandon() { run.tell(news) }
        throw error
      }
      stage.unreadable = run.unreadable
      stage.ledger = try load.ledger()
      try run.pull(bytes: 0) { emit throws(StopError) in
        try stage.end(emit: &emit)
        return nil
      }
      if !load.dryRun { try release(for: target.entity, of: stage.jobID, jobOptions, &run) }
      return try run.close()
    }
  }

  /// Orders that were parked for want of what was just loaded; and own ones whose patients have come meanwhile.
  private func release(
    for entity: String, of job: String, _ options: JobOptions, _ run: inout StageRun
  ) throws(StopError) {
    var options = options
    options.outcomes = .none
    try ParkedRelease(database: database.url, options: options, entity: entity, schema: LoadSchema.entity)
      .run(emit: &run.emitter)
    guard options.parksOrphans, schema.schema == nil else { return }
    try ParkedRelease(database: database.url, options: options, job: job, schema: LoadSchema.entity)
      .run(emit: &run.emitter)
  }
}

extension LoadSchema {
  /// The schema of an entity that is known by its name.
  static func entity(_ name: String) throws(StopError) -> LoadSchema {
    try LoadSchema(entity: name, try DataFiles.entity(name), other: DataFiles.entity)
  }
}
