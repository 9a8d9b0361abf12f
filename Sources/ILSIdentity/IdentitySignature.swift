import ILSRecord

/// Which identifiers a record or a row has, and within what: two that have one in common can be told apart by it.
public struct IdentitySignature: Equatable, Sendable {
  /// For each identifier of the rules what it is unique within; nil where it is absent.
  private let marks: [[[UInt8]?]?]

  public static let none = IdentitySignature(marks: [])

  fileprivate init(marks: [[[UInt8]?]?]) { self.marks = marks }

  public func isComparable(to other: IdentitySignature) -> Bool {
    zip(marks, other.marks).contains { own, other in own != nil && own == other }
  }
}

extension IdentityRules {
  public func signature(_ profile: Profile) -> IdentitySignature {
    IdentitySignature(
      marks: keys.filter { $0.kind == .identifier }.map { key in
        key.fields.allSatisfy { profile[$0] != nil }
          ? (scope + key.scope).map { profile[$0].map { Array($0.utf8) } } : nil
      })
  }
}
