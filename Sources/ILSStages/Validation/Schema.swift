import ILSRecord

/// A JSON Schema (draft 2020-12), compiled, with the toolkit's `x-ils` annotations (ils-schema(5)).
public struct Schema: Sendable {
  let root: SchemaNode
  /// Fields whose values must be unique within the input, in the order of `x-ils.identity`; empty for other schemas.
  public let identity: [[IdentityField]]
  /// An entity: null and the empty string count as absent in its records.
  public let isEntity: Bool

  /// A field of an identity key.
  public struct IdentityField: Equatable, Sendable {
    public let name: String
    /// Upper and lower case count as the same.
    public let foldsCase: Bool
  }

  /// One thing that is wrong with a schema, and where, as a JSON Pointer (RFC 6901).
  public struct Fault: Equatable, Sendable {
    public let place: String
    public let message: String
  }

  public struct Faults: Error, Equatable, Sendable {
    public let faults: [Fault]
  }

  /// - Parameter today: what `"notAfter": "today"` means.
  /// - Throws: every fault; a keyword that is not supported is one, since ignoring it would accept what it forbids.
  public init(_ json: JSONValue, today: CivilDate) throws(Faults) {
    var compiler = SchemaCompiler(json, today: today)
    root = compiler.compile()
    isEntity = json["x-ils"] != nil
    identity = (json["x-ils"]?["identity"]?.array ?? []).map { key in
      (key.array ?? []).compactMap(\.string).map { name in
        IdentityField(name: name, foldsCase: json["properties"]?[name]?["x-ils"]?["fold"]?.string == "case")
      }
    }
    if !compiler.faults.isEmpty { throw Faults(faults: compiler.faults) }
  }
}

/// What one (sub)schema asks of a value.
final class SchemaNode: @unchecked Sendable {
  // Set while it is compiled, and never again: references may point back to a node that is not yet whole.
  var rules = ScalarRules()
  /// `false`: nothing is valid.
  var isImpossible = false
  var properties: [String: SchemaNode] = [:]
  var required: [String] = []
  var additional: SchemaNode?
  var items: SchemaNode?
  var itemCount: ClosedRange<Int>?
  var allOf: [SchemaNode] = []
  var anyOf: [SchemaNode] = []
  var oneOf: [SchemaNode] = []
  var not: SchemaNode?
  var reference: SchemaNode?

  /// Nothing but rules that a scalar's bytes can be held against.
  var isScalar: Bool {
    properties.isEmpty && required.isEmpty && additional == nil && items == nil && itemCount == nil && allOf.isEmpty
      && anyOf.isEmpty && oneOf.isEmpty && not == nil && reference == nil && !isImpossible
  }
}

/// What a schema asks of one value regardless of its parts.
struct ScalarRules: Sendable {
  /// Which kinds pass, as a set of bits; see `bit`. All by default.
  var kinds: UInt8 = 0xFF
  var minLength = 0
  var maxLength = Int.max
  var format: Format?
  var notBefore: CivilDate?
  var notAfter: CivilDate?
  /// `enum` and `const`: JSON texts that pass, numbers and strings in one form.
  var choices: Set<[UInt8]>?
  var minimum: Decimal?
  var maximum: Decimal?
  var excludesMinimum = false
  var excludesMaximum = false

  static let integerBit: UInt8 = 1 << 6

  static func bit(_ kind: ValueKind) -> UInt8 { 1 << kind.rawValue }
}

/// What `format` asserts of a string.
enum Format: String, Sendable, CaseIterable {
  case date
  case email
}
