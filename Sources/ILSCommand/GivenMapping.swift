import ILSRecord
import ILSMapping
import ILSStream

/// A mapping as a stage was given it, with the text of its file.
public struct GivenMapping: Sendable {
  /// A file, or the name of a preset.
  public let name: String
  /// Where its file is.
  public let path: String
  public let text: String
  public let file: MappingFile

  /// The mapping file at a path, or the preset of that name.
  /// - Throws: `configuration`, once every fault of the file has been told.
  public init(named name: String, tool: String, _ options: CommonOptions) throws(StopError) {
    let isFile = FileStatus(path: name) != nil || name.contains("/") || name.hasSuffix(".json")
    let path = isFile ? name : try DataFiles.path(.presets, name)
    try self.init(name: name, try readWhole(path), at: path, tool: tool, options)
  }

  /// The mapping file with these bytes.
  /// - Parameter path: for messages.
  public init(
    name: String, _ bytes: [UInt8], at path: String, tool: String, _ options: CommonOptions
  ) throws(StopError) {
    (self.name, self.path) = (name, path)
    text = String(decoding: bytes, as: UTF8.self)
    let json = try DataFiles.json(bytes, of: path)
    do throws(MappingFile.Faults) {
      file = try MappingFile(json)
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

  /// SHA-256 of the file.
  public var sha256: String {
    var digest = SHA256()
    let bytes = Array(text.utf8)
    bytes.withUnsafeBytes { digest.update($0) }
    return digest.finish()
  }

  // MARK: - The manifest

  /// Notes the mapping in the manifest, for the job has to know it so that its values can be told where they come from. By
  /// the end of the input the parser has written its manifest; where it has not, the loader says so too.
  public func note(in manifest: String, options: [String]) throws(StopError) {
    var read = try Manifest(reading: manifest)
    read.stages.append(
      .init(tool: "ils-map \(Toolkit.version)", options: options, mapping: (name, sha256, text)))
    try read.write(to: manifest)
  }

  public static func noManifest(_ path: String) -> Diagnostic {
    Diagnostic(
      .warning, CommandFault.mapNoManifest,
      "there is no manifest to note the mapping in: has ils-parse --manifest come to its end, and is this its name?",
      at: Position(file: path))
  }
}
