/// What is found of a record and one row, or of two records: all that the verdict is made of.
public struct Evidence: Equatable, Sendable {
  /// Identifiers that both have, and that are equal, or not.
  public var equalIdentifiers = 0
  public var differentIdentifiers = 0
  /// Parts of the agreement (name, birth date) that both have.
  public var agreeing = 0
  public var contradicting = 0
  /// A part that decides alone contradicts: an order's patient.
  public var isRefuted = false
  /// The whole description is equal.
  public var isDescribed = false
  public var hasEqualContact = false

  public init() {}

  /// Who the record is, beside this one row.
  public var verdict: Verdict {
    if equalIdentifiers > 0 {
      let isContradicted = isRefuted || (contradicting > 0 && agreeing == 0)
      return differentIdentifiers > 0 || isContradicted ? .conflict : .same
    }
    if isDescribed { return differentIdentifiers > 0 ? .doubtful : .same }
    if differentIdentifiers == 0, hasEqualContact, agreeing > 0 { return .doubtful }
    return .another
  }
}

/// Whether a record and a row are one person or thing.
public enum Verdict: Equatable, Sendable {
  case same
  /// An identifier says that they are one, and something else that they are not: a person must say.
  case conflict
  /// It looks as if they were one, and nothing proves it: a person must say.
  case doubtful
  case another
}
