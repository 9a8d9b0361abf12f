import ArgumentParser
import ILSCommand
import ILSRecord
import ILSStore
import ILSStream

@main
struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-rollback", abstract: "Undo load jobs: exactly what they did, and nothing else.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var schema: SchemaOptions

  @Flag(help: "Do it all, take it back, and say what would have happened.")
  var dryRun = false

  @Flag(help: "Undo rows that were edited since the import, too.")
  var force = false

  @Argument(help: .init("Ids of the jobs to undo; none: records with a \"job\" key on stdin.", valueName: "job"))
  var jobs: [String] = []

  func run() throws {
    try Toolkit.run("ils-rollback", options.common) {
      var run = try StageRun("ils-rollback", options, inputs: [], survivesClosedReader: true)
      var wanted = JobList()
      if jobs.isEmpty { try run.feed([], to: &wanted) }
      var jobOptions = JobOptions()
      jobOptions.isDryRun = dryRun
      (jobOptions.osUser, jobOptions.host) = DatabaseOptions.who
      for job in jobs + wanted.jobs {
        let rollback = try RollbackRun(
          undoes: job, database: database.url, options: jobOptions, isForced: force,
          schema: { (entity: String) throws(StopError) -> LoadSchema in
            let json =
              if let path = self.schema.schema { try DataFiles.json(at: path) } else { try DataFiles.entity(entity) }
            return try LoadSchema(entity: entity, json, other: DataFiles.entity)
          })
        try rollback.run(emit: &run.emitter)
        try run.deliver(waiting: true)
      }
      return try run.close()
    }
  }
}

/// Gathers the `job` of each record, each once, the last first: what was loaded last is undone first.
struct JobList: Stage {
  private(set) var jobs: [String] = []

  mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    guard let job = record["job"] else {
      throw .reject(Rejection(RecordError(code: "job.missing", field: "job", message: "names no job to undo")))
    }
    do throws(RecordError) {
      let id = try job.string()
      if !jobs.contains(id) { jobs.insert(id, at: 0) }
    } catch {
      throw .reject(Rejection(error))
    }
  }
}
