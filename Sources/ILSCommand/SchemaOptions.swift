import ArgumentParser
import ILSRecord
import ILSSchema
import ILSValidation

/// Which schema records must meet: an entity by name, or a file.
public struct SchemaOptions: ParsableArguments {
  @Option(help: .init("Take the schema from FILE, in place of an entity's.", valueName: "file"), completion: .file())
  public var schema: String?

  public init() {}

  /// The path of the schema, and the arguments that are left once an entity was taken from them.
  /// - Throws: `usage` where there is neither.
  public func locate(_ arguments: [String]) throws(StopError) -> (path: String, inputs: [String]) {
    if let schema { return (schema, arguments) }
    guard let entity = arguments.first else {
      let names = DataFiles.names(.entities).joined(separator: ", ")
      throw StopError(.usage, UsageFault.usage, "name an entity (\(names)) or a schema file with --schema")
    }
    return (try DataFiles.path(.entities, entity), Array(arguments.dropFirst()))
  }

  /// Whether there is an entity or a schema file.
  public func isNamed(_ arguments: [String]) -> Bool { schema != nil || !arguments.isEmpty }

  /// The compiled schema, its JSON, and the inputs.
  /// - Throws: `configuration`, once every fault of the schema has been told.
  public func open(_ arguments: [String], tool: String, _ options: CommonOptions) throws(StopError) -> (
    RecordSchema, JSONValue, [String]
  ) {
    let (path, inputs) = try locate(arguments)
    let json = try DataFiles.json(at: path)
    do throws(JSONSchema.Faults) {
      return (try RecordSchema(json, today: today()), json, inputs)
    } catch {
      let writer = DiagnosticWriter(tool: tool, options)
      for fault in error.faults {
        writer.write(
          Diagnostic(.error, CommandFault.schemaFault, fault.message, field: fault.place, at: Position(file: path)))
      }
      throw StopError(
        .configuration, CommandFault.schemaInvalid,
        "the schema has \(error.faults.count) fault\(error.faults.count == 1 ? "" : "s")", at: Position(file: path))
    }
  }
}
