import ILSRecord

/// A mapping file (ils-mapping(5)), read and checked.
public struct MappingFile: Sendable {
  public let mappings: [FieldMapping]
  /// The custom functions that mappings name by number.
  public let scripts: [MappingScript]
  public let name: String?
  public let description: String?

  /// One thing that is wrong with a mapping file, and where: `mappings[3].transform`.
  public struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
    public let place: String
    public let message: String
    public var description: String { "\(place): \(message)" }
  }

  /// Every fault of the file, in its order.
  public struct Faults: Error, Equatable, Sendable {
    public let faults: [Fault]
  }

  /// - Throws: every fault, not the first.
  public init(_ json: JSONValue) throws(Faults) {
    var reader = MappingReader()
    mappings = reader.file(json)
    scripts = reader.scripts
    name = json["name"]?.string
    description = json["description"]?.string
    if !reader.faults.isEmpty { throw Faults(faults: reader.faults) }
  }

  /// The names of all transforms, sorted.
  public static var transformNames: [String] { NamedTransform.all.map(\.name).sorted() }
}
