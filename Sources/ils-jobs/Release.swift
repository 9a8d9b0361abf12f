import ArgumentParser
import ILSCommand
import ILSRecord
import ILSStore

struct Release: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load parked records whose other row has come meanwhile.")

  @OptionGroup var options: FilterOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var schema: SchemaOptions

  @Argument(help: .init("Only records of this job: its id, or a prefix of it.", valueName: "job"))
  var job: String?

  func run() throws {
    try Toolkit.run("ils-jobs", options.common) {
      let id: JobID? =
        if let job { try JobCatalogue(database: database.url).find(job) } else { nil }
      var run = try Pump("ils-jobs", options, inputs: [], survivesClosedReader: true)
      var jobOptions = JobOptions()
      (jobOptions.osUser, jobOptions.host) = DatabaseOptions.who
      let release = ParkedRelease(
        database: database.url, options: jobOptions, job: id, isInterrupted: { false },
        schema: { (entity: String) throws(StopError) -> LoadSchema in
          let json =
            if let path = self.schema.schema, DataFiles.name(of: path) == entity {
              try DataFiles.json(at: path)
            } else {
              try DataFiles.entity(entity)
            }
          return try LoadSchema(entity: entity, json, other: DataFiles.entity)
        })
      try run.perform { (emit) throws(StopError) in try release.run(emit: &emit) }
      return try run.close()
    }
  }
}
