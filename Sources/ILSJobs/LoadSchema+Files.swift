import ILSCommand
import ILSRecord
import ILSStore

extension LoadSchema {
  /// The schema file at a path; the entity has the file's name.
  public init(at path: String) throws(StopError) {
    try self.init(entity: DataFiles.name(of: path), try DataFiles.json(at: path), other: DataFiles.beside(path))
  }

  /// The schema of an entity that is known by its name.
  public static func entity(_ name: String) throws(StopError) -> LoadSchema {
    try LoadSchema(at: try DataFiles.path(.entities, name))
  }
}
