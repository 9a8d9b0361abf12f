import ILSRecord

/// The values of a record or a row, one for each of the rules' terms: folded; nil where it has none.
public typealias Profile = [String?]

/// What a record and a row, or two records, have to do with each other.
public struct Comparison: Equatable, Sendable {
  public var verdict: Verdict
  public var evidence: Evidence
  /// Fields that both have, by what they are worth.
  public var agreed: [String]
  public var differed: [String]
  /// The key by which it was found: an index of the rules' keys.
  public var key: Int?
}

/// Whether values are the same bytes, as a database and a hash see them: to Swift, texts are equal that are spelt with other
/// characters.
private func areEqual(_ one: String?, _ other: String?) -> Bool {
  guard let one, let other else { return one == nil && other == nil }
  return one.utf8.elementsEqual(other.utf8)
}

extension IdentityRules {
  /// Compares a record with a row, or with another record.
  /// - Parameter aliased: keys of which the row has the record's value as an alias.
  /// - Complexity: O(*n*) in terms.
  public func compare(_ record: Profile, _ row: Profile, aliased: Set<Int> = []) -> Comparison {
    var result = Comparison(verdict: .another, evidence: Evidence(), agreed: [], differed: [], key: nil)
    guard scope.allSatisfy({ areEqual(record[$0], row[$0]) }) else { return result }
    for (number, key) in keys.enumerated() { weigh(number, key, record, row, aliased.contains(number), &result) }
    for part in agreement { weigh(part, record, row, &result) }
    result.verdict = result.evidence.verdict
    if result.verdict == .same, let guarded = guards.first(where: { equality([$0], record, row) == false }) {
      result.verdict = .conflict
      result.differed.append(terms[guarded])
    }
    return result
  }

  /// Whether fields are equal; nil where one of them is absent on either side.
  private func equality(_ fields: [Int], _ record: Profile, _ row: Profile) -> Bool? {
    guard fields.allSatisfy({ record[$0] != nil && row[$0] != nil }) else { return nil }
    return fields.allSatisfy { areEqual(record[$0], row[$0]) }
  }

  private func weigh(
    _ number: Int, _ key: Key, _ record: Profile, _ row: Profile, _ isAliased: Bool, _ result: inout Comparison
  ) {
    let isComparable = key.scope.allSatisfy { areEqual(record[$0], row[$0]) }
    guard let isEqual = isAliased ? true : isComparable ? equality(key.fields, record, row) : nil else { return }
    switch key.kind {
    case .identifier where isEqual: result.evidence.equalIdentifiers += 1
    case .identifier: result.evidence.differentIdentifiers += 1
    case .description where isEqual: result.evidence.isDescribed = true
    case .contact where isEqual: result.evidence.hasEqualContact = true
    default: break
    }
    if isEqual, key.kind != .contact, result.key == nil { result.key = number }
    if key.kind != .description { note(key.fields, isEqual, &result) }
  }

  private func weigh(_ part: Part, _ record: Profile, _ row: Profile, _ result: inout Comparison) {
    guard let isEqual = equality(part.fields, record, row) else { return }
    if isEqual { result.evidence.agreeing += 1 } else { result.evidence.contradicting += 1 }
    if !isEqual, part.decides { result.evidence.isRefuted = true }
    for field in part.fields { note([field], areEqual(record[field], row[field]), &result) }
  }

  private func note(_ fields: [Int], _ isEqual: Bool, _ result: inout Comparison) {
    for field in fields {
      let name = terms[field]
      if isEqual {
        if !result.agreed.contains(name) { result.agreed.append(name) }
      } else if !result.differed.contains(name) {
        result.differed.append(name)
      }
    }
  }

  /// What becomes of a record, of all the rows that it was compared with.
  public func decide(_ candidates: [(row: String, comparison: Comparison)]) -> Judgement {
    func rows(_ verdict: Verdict) -> [(row: String, comparison: Comparison)] {
      candidates.filter { $0.comparison.verdict == verdict }
    }
    let (same, conflicts, doubts) = (rows(.same), rows(.conflict), rows(.doubtful))
    if !conflicts.isEmpty || same.count > 1 { return Judgement(.conflict, conflicts + same) }
    if let row = same.first { return Judgement(.same, [row]) }
    return doubts.isEmpty ? Judgement(.another, []) : Judgement(.doubtful, doubts)
  }
}

/// Who a record is, beside all rows.
public struct Judgement: Sendable {
  public let verdict: Verdict
  /// The rows that it may be.
  public let rows: [String]
  public let agreed: [String]
  public let differed: [String]
  public let key: Int?

  init(_ verdict: Verdict, _ candidates: [(row: String, comparison: Comparison)]) {
    self.verdict = verdict
    rows = candidates.map(\.row)
    agreed = Judgement.union(candidates.map(\.comparison.agreed))
    differed = Judgement.union(candidates.map(\.comparison.differed))
    key = candidates.first?.comparison.key
  }

  private static func union(_ lists: [[String]]) -> [String] {
    var all: [String] = []
    for name in lists.joined() where !all.contains(name) { all.append(name) }
    return all
  }
}
