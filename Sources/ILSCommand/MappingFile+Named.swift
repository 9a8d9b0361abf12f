import ILSRecord
import ILSMapping
import ILSStream

extension MappingFile {
  /// The mapping file at a path, or the preset of that name.
  /// - Throws: `configuration`, once every fault of the file has been told.
  public static func named(_ name: String, tool: String, _ options: CommonOptions) throws(StopError) -> MappingFile {
    let isFile = FileStatus(path: name) != nil || name.contains("/") || name.hasSuffix(".json")
    let path = isFile ? name : try DataFiles.path(.presets, name)
    let json = try DataFiles.json(at: path)
    do throws(Faults) {
      return try MappingFile(json)
    } catch {
      let writer = DiagnosticWriter(tool: tool, options)
      for fault in error.faults {
        writer.write(
          Diagnostic(.error, CommandFault.mappingFault, fault.message, field: fault.place, at: Position(file: path)))
      }
      throw StopError(
        .configuration, CommandFault.mappingInvalid,
        "the mapping file has \(error.faults.count) fault\(error.faults.count == 1 ? "" : "s")",
        at: Position(file: path))
    }
  }
}
