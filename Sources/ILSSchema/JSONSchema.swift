import ILSDates
import ILSRecord

/// A JSON Schema (draft 2020-12), compiled.
public struct JSONSchema: Sendable {
  package let root: SchemaNode

  /// One thing that is wrong with a schema, and where, as a JSON Pointer (RFC 6901).
  public struct Fault: Equatable, Sendable {
    public let place: String
    public let message: String
    /// The schema is right, and more than can be checked here.
    public let isAboutSupport: Bool

    public init(place: String, message: String, isAboutSupport: Bool = false) {
      (self.place, self.message, self.isAboutSupport) = (place, message, isAboutSupport)
    }
  }

  public struct Faults: Error, Equatable, Sendable {
    public let faults: [Fault]

    public init(faults: [Fault]) { self.faults = faults }
  }

  /// - Parameter today: what `"notAfter": "today"` means.
  /// - Throws: every fault; a keyword that is not supported is one, since ignoring it would accept what it forbids.
  public init(_ json: JSONValue, today: CivilDate) throws(Faults) {
    var faults: [Fault] = []
    root = JSONSchema.compile(json, today: today, &faults)
    if !faults.isEmpty { throw Faults(faults: faults) }
  }

  /// The schema's nodes; what is wrong with it is added to `faults`.
  package static func compile(_ json: JSONValue, today: CivilDate, _ faults: inout [Fault]) -> SchemaNode {
    var compiler = SchemaCompiler(json, today: today)
    let root = compiler.compile()
    faults += compiler.faults
    return root
  }

  /// Whether a value of any kind is valid.
  public func accepts(_ value: JSONValue) -> Bool {
    var scratch = OutputBuffer()
    return root.accepts(value, &scratch)
  }
}
