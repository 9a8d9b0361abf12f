import ArgumentParser
import ILSCommand
import ILSRecord
import ILSValidation

@main
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ils-validate", abstract: "Pass valid records on; set the others aside.", version: Toolkit.version)

  @OptionGroup var options: FilterOptions
  @OptionGroup var schema: SchemaOptions
  @OptionGroup var references: ReferenceOptions

  @Flag(inversion: .prefixedNo, help: "Refuse records that share an identity key with an earlier one.")
  var unique = true

  @Option(
    help: .init("Memory for identity keys, such as 500M; beyond it they go to a temporary file.", valueName: "size"))
  var memory: ByteCount?

  @Flag(help: "Pass records with bad optional fields on: null in the field, and what it held in _nulled.")
  var lenient = false

  @Flag(help: "Write the verdict in place of records.")
  var validateOnly = false

  @Option(help: .init("Tell all faults together at the end: text (also without a value) or json.", valueName: "style"))
  var summary: FaultSummary.Style?

  @Flag(help: "List the codes of faults, what they mean and how to mend them, and stop.")
  var codes = false

  @Flag(
    help: "List the fields of the entity: type, limits, formats, column, what they say of who a record is, and stop.")
  var fields = false

  @Argument(
    help: .init(
      "The entity whose schema every record must meet, unless --schema is given; then files.", valueName: "entity"),
    completion: .entityOrFile)
  var arguments: [String] = []

  static func main() { main(OptionalValue.filled("--summary", among: ["text", "json"], default: "text")) }

  func run() throws {
    try Toolkit.run("ils-validate", options.common) {
      if codes { return try CodeList(options).write(schema.isNamed(arguments) ? schema.locate(arguments).path : nil) }
      let path = try schema.locate(arguments).path
      if fields { return try FieldList(options).write(path) }
      let (schema, json, inputs) = try schema.open(arguments, tool: "ils-validate", options.common)
      var validation = ValidateStage.Options()
      (validation.checksUniqueness, validation.isLenient, validation.isSilent) = (unique, lenient, validateOnly)
      let memory = tableMemory()
      var stage = ValidateStage(
        schema, validation, references: try references.keys(json, at: path, memory), memory: memory)
      var run = try Pump("ils-validate", options, inputs: inputs, others: [self.schema.schema, references.file])
      if let style = summary ?? (validateOnly ? .text : nil) {
        run.sum(up: FaultSummary(style, isOutput: validateOnly, showsValues: options.common.showValues))
      }
      try run.pump(inputs, through: &stage)
      return try run.close()
    }
  }

  private func tableMemory() -> TableMemory {
    guard let memory else { return TableMemory() }
    let writer = DiagnosticWriter(tool: "ils-validate", options.common)
    return SpillMemory(limit: memory.bytes) { writer.write($0) }
  }
}
