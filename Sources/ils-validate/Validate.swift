import ArgumentParser
import ILSCommand
import ILSRecord
import ILSStages

@main
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-validate", abstract: "Pass valid records on; set the others aside.", version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var schema: SchemaOptions

  @Flag(help: "Do not look for records that share an identity key.")
  var noUnique = false

  @Argument(
    help: .init(
      "The entity whose schema every record must meet, unless --schema is given; then files.", valueName: "entity"))
  var arguments: [String] = []

  func run() throws {
    try Toolkit.run("ils-validate", options.common) {
      let (schema, inputs) = try schema.open(arguments, tool: "ils-validate", options.common)
      var stage = ValidateStage(schema, checksUniqueness: !noUnique)
      var run = try StageRun("ils-validate", options, inputs: inputs)
      try run.pump(inputs, through: &stage)
      return try run.close()
    }
  }
}
