import ILSRecord

/// Who is who among an entity's records: what `identity`, `agreement`, `scope` and `where` of a schema say (ils-schema(5)).
///
/// Fields are named by their place among `terms`: a profile holds a record's or a row's value for each of them.
public struct IdentityRules: Sendable {
  public enum Kind: String, Sendable { case identifier, contact, description }

  public struct Key: Sendable {
    public let kind: Kind
    public let fields: [Int]
    /// What the key is unique within, beside the entity's scope. An absent value is a scope of its own.
    public let scope: [Int]
    /// The key's fields, for messages and codes.
    public let names: [String]
  }

  /// What must not contradict.
  public struct Part: Sendable {
    public let fields: [Int]
    /// That it differs is enough for a conflict.
    public let decides: Bool
  }

  /// Values that records and rows are found by: those that can come to anything but another person have one in common.
  public struct Probe: Sendable {
    public let scope: [Int]
    public let fields: [Int]
    /// The key whose values these are, with a part of the agreement for a contact.
    public let key: Int
  }

  /// Fields, and columns that have a constant.
  public let terms: [String]
  public private(set) var foldings: [Folding]
  /// The text by which a record empties the column of a term: no value of its own.
  public let clears: [String?]
  public let keys: [Key]
  public let agreement: [Part]
  /// What all keys and references are unique within.
  public let scope: [Int]
  /// Constants that no scope names: a row that has another is no match without a word.
  public let guards: [Int]
  public let probes: [Probe]
  /// Only rows with these values are looked at: a field or a column, and null or a text.
  public let filter: [RowFilter]
  /// The field that names the import source, where it is part of a key's scope.
  public let source: Int?

  public struct RowFilter: Equatable, Sendable {
    public let name: String
    public let value: String?
  }

  /// Whether a probe is of a contact, with a part of the agreement.
  public func isContact(_ probe: Probe) -> Bool { keys[probe.key].kind == .contact }

  /// Whether a probe has names, which are spelt in many ways.
  public func isNamed(_ probe: Probe) -> Bool {
    !isContact(probe) && probe.fields.contains { foldings[$0] == .name }
  }

  /// Whether a row has for sure what a probe looks for in its own columns: it may have it beside an alias.
  public func isFound(_ comparison: Comparison, by probe: Probe) -> Bool {
    let key = keys[probe.key]
    switch key.kind {
    case .description:
      return comparison.evidence.isDescribed
        && (comparison.key == probe.key || keys.count { $0.kind == .description } == 1)
    case .identifier: return comparison.key == probe.key && !isOfSource(key)
    case .contact: return false
    }
  }

  /// Whether a key holds ids that a source gave out: rows keep aliases of it.
  public func isOfSource(_ key: Key) -> Bool {
    guard let source, key.kind == .identifier else { return false }
    return key.scope.contains(source)
  }
}

extension IdentityRules {
  /// - Parameters:
  ///   - json: the schema.
  ///   - constants: columns that have the same value in each record (`set`, `--set`).
  /// - Throws: `configuration`, naming the place.
  public init(_ json: JSONValue, constants: [String] = []) throws(StopError) {
    var reader = RulesReader(json, constants)
    try reader.read()
    self.init(reader)
  }

  private init(_ reader: RulesReader) {
    terms = reader.terms
    keys = reader.keys
    agreement = reader.agreement
    scope = reader.scope
    guards = reader.guards
    filter = reader.filter
    source = reader.source.flatMap { reader.terms.firstIndex(of: $0) }
    foldings = reader.terms.indices.map { reader.folding($0) }
    clears = reader.terms.map { reader.clear($0) }
    probes = IdentityRules.probes(reader.keys, reader.agreement, reader.scope)
  }

  private static func probes(_ keys: [Key], _ agreement: [Part], _ scope: [Int]) -> [Probe] {
    keys.enumerated().flatMap { number, key -> [Probe] in
      let within = scope + key.scope
      guard key.kind == .contact else { return [Probe(scope: within, fields: key.fields, key: number)] }
      return agreement.map { Probe(scope: within, fields: key.fields + $0.fields, key: number) }
    }
  }
}

extension IdentityRules {
  /// What an alias of a key is made of, in order: all that the key is unique within, and its fields.
  public func aliasTerms(_ key: Key) -> [Int] { scope + key.scope + key.fields }
}

extension IdentityRules {
  /// The same with other foldings, where there is one: columns may fold by themselves.
  public func folding(_ other: [Folding?]) -> IdentityRules {
    var copy = self
    copy.foldings = zip(foldings, other).map { own, other in own == .none ? other ?? own : own }
    return copy
  }
}
