import ILSDates
import ILSRecord

/// What one (sub)schema asks of a value.
package final class SchemaNode: @unchecked Sendable {
  // Set while it is compiled, and never again: references may point back to a node that is not yet whole.
  package var rules = ScalarRules()
  /// `false`: nothing is valid.
  package var isImpossible = false
  /// Values must be schemas themselves.
  package var isMetaSchema = false
  package var object: ObjectRules?
  package var array: ArrayRules?
  package var applicators: Applicators?

  package init() {}

  /// Nothing but rules that a scalar's bytes can be held against.
  package var isScalar: Bool { object == nil && array == nil && applicators == nil && !isImpossible && !isMetaSchema }

  /// What is asked of an object's members.
  public struct ObjectRules {
    package var properties: [String: SchemaNode] = [:]
    package var patterns: [(pattern: Pattern, node: SchemaNode)] = []
    package var additional: SchemaNode?
    package var names: SchemaNode?
    package var required: [String] = []
    package var minimumCount = 0
    package var maximumCount = Int.max
    package var dependentRequired: [(name: String, needed: [String])] = []
    package var dependentSchemas: [(name: String, node: SchemaNode)] = []

    package init() {}
  }

  /// What is asked of an array's items.
  package struct ArrayRules {
    package var prefix: [SchemaNode] = []
    package var items: SchemaNode?
    package var contains: SchemaNode?
    package var minimumContained = 1
    package var maximumContained = Int.max
    package var minimumCount = 0
    package var maximumCount = Int.max
    package var isUnique = false
  }

  /// Schemas that are held against the same value.
  package struct Applicators {
    package var reference: SchemaNode?
    package var allOf: [SchemaNode] = []
    package var anyOf: [SchemaNode] = []
    package var oneOf: [SchemaNode] = []
    package var not: SchemaNode?
    package var condition: SchemaNode?
    package var then: SchemaNode?
    package var otherwise: SchemaNode?

    package var all: [SchemaNode] {
      allOf + anyOf + oneOf + [reference, not, condition, then, otherwise].compactMap { $0 }
    }
  }
}

/// What a schema asks of one value regardless of its parts.
package struct ScalarRules: Sendable {
  /// Which kinds pass, as a set of bits; see `bit`. All by default.
  package var kinds: UInt8 = 0xFF
  package var minLength = 0
  package var maxLength = Int.max
  package var format: Format?
  package nonisolated(unsafe) var pattern: Pattern?
  package var notBefore: CivilDate?
  package var notAfter: CivilDate?
  /// `enum` and `const`: JSON texts that pass, numbers and strings in one form.
  package var choices: Set<[UInt8]>?
  package var constant: [UInt8]?
  package var minimum: Decimal?
  package var maximum: Decimal?
  package var exclusiveMinimum: Decimal?
  package var exclusiveMaximum: Decimal?
  package var multipleOf: Decimal?

  /// Neither format nor list nor pattern: lengths are all that a string is held against.
  package private(set) var isPlain = false
  /// The choices as raw JSON strings, where all of them are strings without escapes.
  package private(set) var listed: [[UInt8]]?

  /// Works out what makes checks quick; called once all rules are set.
  package mutating func finish() {
    isPlain = format == nil && choices == nil && constant == nil && pattern == nil
    listed = choices.flatMap { choices in
      choices.allSatisfy { $0.first == UInt8(ascii: "\"") && !$0.contains(UInt8(ascii: "\\")) } ? Array(choices) : nil
    }
  }

  package static let integerBit: UInt8 = 1 << 6

  package static func bit(_ kind: ValueKind) -> UInt8 { 1 << kind.rawValue }
}
