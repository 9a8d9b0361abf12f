import ILSRecord

/// A mapping file (ils-mapping(5)), read and checked.
public struct MappingFile: Sendable {
  public private(set) var mappings: [FieldMapping]
  /// The custom functions that mappings name by number.
  public private(set) var scripts: [MappingScript]
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

  /// The same file with other mappings, whose scripts have the same numbers; where none has one, there are none to run.
  func replacing(_ mappings: [FieldMapping]) -> MappingFile {
    var copy = self
    copy.mappings = mappings
    if !copy.runsScripts { copy.scripts = [] }
    return copy
  }

  /// The same file without the mappings of other targets. Records come to the same values, where they are not refused for
  /// one of those.
  public func only(_ targets: Set<String>) -> MappingFile { replacing(mappings.filter { targets.contains($0.target) }) }

  /// Whether one of the mappings has a custom function.
  public var runsScripts: Bool { mappings.contains { $0.transforms.contains { $0 is Custom } } }

  /// The names of all transforms, sorted.
  public static var transformNames: [String] { NamedTransform.all.map(\.name).sorted() }
}
