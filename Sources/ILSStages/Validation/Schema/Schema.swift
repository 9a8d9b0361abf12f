import ILSRecord

/// A JSON Schema (draft 2020-12), compiled, with the toolkit's `x-ils` annotations (ils-schema(5)).
public struct Schema: Sendable {
  let root: SchemaNode
  /// Fields whose values must be unique within the input, in the order of `x-ils.identity`; empty for other schemas.
  public let identity: [[IdentityField]]
  /// An entity: null and the empty string count as absent in its records.
  public let isEntity: Bool
  /// What two fields of a record ask of each other.
  let checks: [FieldCheck]
  /// Which fields are looked at for values that are right and yet look wrong.
  let quality: [(field: String, kind: QualityKind)]

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
    /// The schema is right, and more than can be checked here.
    var isAboutSupport = false
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
    var faults = compiler.faults
    checks = FieldCheck.read(json, &faults)
    quality = QualityKind.read(json, &faults)
    if !faults.isEmpty { throw Faults(faults: faults) }
  }

  /// Whether a value of any kind is valid: the schema alone, without what the toolkit adds for records.
  public func accepts(_ value: JSONValue) -> Bool {
    var scratch = OutputBuffer()
    return root.accepts(value, &scratch)
  }
}

/// What one (sub)schema asks of a value.
final class SchemaNode: @unchecked Sendable {
  // Set while it is compiled, and never again: references may point back to a node that is not yet whole.
  var rules = ScalarRules()
  /// `false`: nothing is valid.
  var isImpossible = false
  /// Values must be schemas themselves.
  var isMetaSchema = false
  var object: ObjectRules?
  var array: ArrayRules?
  var applicators: Applicators?

  /// Nothing but rules that a scalar's bytes can be held against.
  var isScalar: Bool { object == nil && array == nil && applicators == nil && !isImpossible && !isMetaSchema }

  /// What is asked of an object's members.
  struct ObjectRules {
    var properties: [String: SchemaNode] = [:]
    var patterns: [(pattern: Pattern, node: SchemaNode)] = []
    var additional: SchemaNode?
    var names: SchemaNode?
    var required: [String] = []
    var minimumCount = 0
    var maximumCount = Int.max
    var dependentRequired: [(name: String, needed: [String])] = []
    var dependentSchemas: [(name: String, node: SchemaNode)] = []
  }

  /// What is asked of an array's items.
  struct ArrayRules {
    var prefix: [SchemaNode] = []
    var items: SchemaNode?
    var contains: SchemaNode?
    var minimumContained = 1
    var maximumContained = Int.max
    var minimumCount = 0
    var maximumCount = Int.max
    var isUnique = false
  }

  /// Schemas that are held against the same value.
  struct Applicators {
    var reference: SchemaNode?
    var allOf: [SchemaNode] = []
    var anyOf: [SchemaNode] = []
    var oneOf: [SchemaNode] = []
    var not: SchemaNode?
    var condition: SchemaNode?
    var then: SchemaNode?
    var otherwise: SchemaNode?

    var all: [SchemaNode] {
      allOf + anyOf + oneOf + [reference, not, condition, then, otherwise].compactMap { $0 }
    }
  }
}

/// What a schema asks of one value regardless of its parts.
struct ScalarRules: Sendable {
  /// Which kinds pass, as a set of bits; see `bit`. All by default.
  var kinds: UInt8 = 0xFF
  var minLength = 0
  var maxLength = Int.max
  var format: Format?
  nonisolated(unsafe) var pattern: Pattern?
  var notBefore: CivilDate?
  var notAfter: CivilDate?
  /// `enum` and `const`: JSON texts that pass, numbers and strings in one form.
  var choices: Set<[UInt8]>?
  var constant: [UInt8]?
  var minimum: Decimal?
  var maximum: Decimal?
  var exclusiveMinimum: Decimal?
  var exclusiveMaximum: Decimal?
  var multipleOf: Decimal?

  /// Neither format nor list nor pattern: lengths are all that a string is held against.
  private(set) var isPlain = false
  /// The choices as raw JSON strings, where all of them are strings without escapes.
  private(set) var listed: [[UInt8]]?

  /// Works out what makes checks quick; called once all rules are set.
  mutating func finish() {
    isPlain = format == nil && choices == nil && constant == nil && pattern == nil
    listed = choices.flatMap { choices in
      choices.allSatisfy { $0.first == UInt8(ascii: "\"") && !$0.contains(UInt8(ascii: "\\")) } ? Array(choices) : nil
    }
  }

  static let integerBit: UInt8 = 1 << 6

  static func bit(_ kind: ValueKind) -> UInt8 { 1 << kind.rawValue }
}
