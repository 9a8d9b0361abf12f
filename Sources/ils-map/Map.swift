import ArgumentParser
import ILSCommand
import ILSMapping
import ILSRecord
import ILSStream

@main
struct Map: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-map", abstract: "Rename and transform the fields of records, as a mapping file says.",
    version: Toolkit.version)

  @OptionGroup var options: FilterOptions

  @Option(
    name: .shortAndLong, help: .init("The mapping: a file, or the name of a preset.", valueName: "file|preset"),
    completion: .presetOrFile)
  var mapping: String?

  @Flag(help: "Pass on fields that no mapping names.")
  var keepUnmapped = false

  @Option(help: .init("Put fields that no mapping names into FIELD, as an object.", valueName: "field"))
  var extra: String?

  @Option(
    help: .init("Note the mapping in this manifest (ils-parse --manifest), so that a job knows it.", valueName: "file"),
    completion: .file())
  var manifest: String?

  @Flag(help: "Check the mapping file, report every fault, and stop.")
  var check = false

  @Flag(help: "List the presets.")
  var list = false

  @Option(
    help: .init("Write a mapping file for ENTITY, from names and values, instead of records.", valueName: "entity"),
    completion: .list(DataFiles.names(.entities)))
  var suggest: String?

  @Argument(help: .init("Records to read; - or none: stdin.", valueName: "file"), completion: .file())
  var inputs: [String] = []

  func run() throws {
    try Toolkit.run("ils-map", options.common) {
      if list { return try listPresets() }
      if let suggest { return try write(mappingFor: suggest) }
      guard let mapping, !(keepUnmapped && extra != nil) else {
        throw StopError(
          .usage, UsageFault.usage,
          mapping == nil ? "name a mapping file or preset with -m" : "--keep-unmapped and --extra exclude each other")
      }
      let given = try GivenMapping(named: mapping, tool: "ils-map", options.common)
      let file = given.file
      let engine = file.scripts.isEmpty ? nil : ScriptWorker()
      if check {
        _ = try engine?.compile(file.scripts)
        return .success
      }
      var stage = MapStage(
        file, unmapped: keepUnmapped ? .keep : extra.map { .gather(into: $0) } ?? .drop, engine: engine)
      var run = try Pump("ils-map", options, inputs: inputs, others: [given.path], manifest: manifest)
      try run.pump(inputs, through: &stage)
      if let manifest, FileStatus(path: manifest) == nil { run.tell(GivenMapping.noManifest(manifest)) }
      return try run.close { () throws(StopError) in
        if let manifest, FileStatus(path: manifest) != nil { try given.note(in: manifest, options: saidOptions) }
      }
    }
  }

  /// The options that a replay of this stage needs.
  private var saidOptions: [String] {
    (keepUnmapped ? ["--keep-unmapped"] : []) + (extra.map { ["--extra=\($0)"] } ?? [])
  }

  /// Each preset's name and what it is for.
  private func listPresets() throws(StopError) -> ExitStatus {
    for name in DataFiles.names(.presets) {
      let file = try DataFiles.json(at: DataFiles.path(.presets, name))
      print(name, file["description"]?.string ?? "", separator: "\t")
    }
    return .success
  }

  private func write(mappingFor entity: String) throws(StopError) -> ExitStatus {
    let path = entity.hasSuffix(".json") ? entity : try DataFiles.path(.entities, entity)
    var stage = SuggestStage(Suggester(try DataFiles.json(at: path)))
    var run = try Pump("ils-map", options, inputs: inputs, others: [path])
    try run.pump(inputs, through: &stage)
    return try run.close()
  }
}
