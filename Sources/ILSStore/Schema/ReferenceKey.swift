import ILSIdentity
import ILSRecord

/// A key of another entity that a reference finds rows by, with the columns that it is made of.
public struct ReferenceKey: Sendable {
  /// Whose value the reference's field holds.
  public let field: LoadSchema.Field
  public let others: [(column: String, own: ReferenceRule.Own)]
  /// How aliases of the key are listed; empty where it has none.
  public let aliasNames: [String]

  init(_ rule: ReferenceRule, _ other: JSONValue, _ fault: (String) -> StopError) throws(StopError) {
    guard let field = LoadSchema.fields(other).first(where: { $0.name == rule.name }) else { throw fault(rule.name) }
    self.field = field
    others = rule.others.map { (Annotations.column(of: $0.name, in: other) ?? $0.name, $0.own) }
    aliasNames = rule.aliasNames
  }

  /// The fields of the pointing record that are compared.
  var ownFields: [String] {
    others.compactMap { other in if case .field(let name) = other.own { name } else { nil } }
  }
}
