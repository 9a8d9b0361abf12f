import ILSRecord

/// Proposes which source fields feed an entity's fields, from their names and what their values look like.
///
/// All that it knows of an entity stands in the entity's data file: names, formats, `x-ils.synonyms`, `x-ils.looksLike`,
/// `x-ils.suggest` (a transform), `x-ils.derived` (a transform of a field that holds more than this one), `x-ils.several` (of
/// several fields the first that holds a value) and `x-ils.words` (words for the values of an enum).
public struct Suggester: Sendable {
  let targets: [SuggestTarget]
  let prefixes: Set<String>

  /// Below this a proposal is none.
  static var threshold: Double { 0.5 }

  /// - Parameter entity: an entity's schema file.
  public init(_ entity: JSONValue) {
    let required = Set((entity["required"]?.array ?? []).compactMap(\.string))
    targets = (entity["properties"]?.members ?? []).map { SuggestTarget($0.name, $0.value, required.contains($0.name)) }
    prefixes = Set((entity["x-ils"]?["prefixes"]?.array ?? []).compactMap(\.string))
  }

  /// Every target gets the source that fits it best, and every source feeds one target, the surest first.
  public func suggest(_ columns: [ColumnProfile]) -> SuggestedMapping {
    var candidates: [(column: Int, target: Int, score: Double, reason: String)] = []
    for (column, profile) in columns.enumerated() where !profile.name.hasPrefix("_") {
      for (target, known) in targets.enumerated() where !profile.isNational || known.isNational {
        guard let (score, reason) = match(profile, known) else { continue }
        candidates.append((column, target, score, reason))
      }
    }
    // Of two that are as sure, the fuller column.
    candidates.sort {
      ($0.score, columns[$0.column].present, -$0.column, -$0.target)
        > ($1.score, columns[$1.column].present, -$1.column, -$1.target)
    }
    var chosen: [Int: (column: Int, score: Double, reason: String)] = [:]
    var used: Set<Int> = []
    for candidate in candidates where chosen[candidate.target] == nil && !used.contains(candidate.column) {
      chosen[candidate.target] = (candidate.column, candidate.score, candidate.reason)
      used.insert(candidate.column)
    }
    var suggestions: [Suggestion] = []
    for (target, known) in targets.enumerated() {
      if let (column, score, reason) = chosen[target] {
        let more = known.takesSeveral ? others(candidates, target, columns, &used) : []
        suggestions.append(propose(known, [column] + more, columns, score, reason))
      } else if let derived = derive(known, columns, used, beside: Set(chosen.keys.map { targets[$0].name })) {
        suggestions.append(derived)
      } else if let joined = join(known, columns, &used) {
        suggestions.append(joined)
      }
    }
    return finish(suggestions, columns)
  }

  /// Further columns for a target that takes the first of several: those that no other target wants and whose values fit.
  private func others(
    _ candidates: [(column: Int, target: Int, score: Double, reason: String)], _ target: Int,
    _ columns: [ColumnProfile],
    _ used: inout Set<Int>
  ) -> [Int] {
    candidates.filter { candidate in
      guard candidate.target == target, !used.contains(candidate.column) else { return false }
      guard case .supports = targets[target].fit(of: columns[candidate.column]) else { return false }
      return used.insert(candidate.column).inserted
    }.map(\.column)
  }

  private func propose(
    _ target: SuggestTarget, _ sources: [Int], _ columns: [ColumnProfile], _ score: Double, _ reason: String
  ) -> Suggestion {
    let reading = target.reading(of: columns[sources[0]])
    let several = sources.count > 1 && target.takesSeveral ? ["of several that hold a value, the first is taken"] : []
    return Suggestion(
      sources: sources.map { columns[$0].name }, target: target.name, transform: reading.transform,
      values: reading.values, isRequired: target.isRequired, confidence: min(score, reading.certainty),
      reason: ([reason] + reading.reasons + several).joined(separator: "; "))
  }

  /// Where not one required field found its source, the records are of something else, and names alone prove little.
  private func finish(_ all: [Suggestion], _ columns: [ColumnProfile]) -> SuggestedMapping {
    let isAny = all.contains { $0.isRequired } || !targets.contains { $0.isRequired }
    let kept = isAny ? all : []
    let fed = Set(kept.map(\.target))
    let sources = Set(kept.flatMap(\.sources))
    return SuggestedMapping(
      suggestions: kept, missing: targets.filter { $0.isRequired && !fed.contains($0.name) }.map(\.name),
      unmapped: columns.map(\.name).filter { !sources.contains($0) && !$0.hasPrefix("_") },
      national: columns.filter(\.isNational).map(\.name))
  }

  // MARK: - Matching

  private func match(_ column: ColumnProfile, _ target: SuggestTarget) -> (Double, String)? {
    guard let (named, reason) = matchName(column.name, target) else {
      // An e-mail address is one by its looks alone.
      if target.looksLike == "email", column.present >= 3, column.share(column.emails) >= 0.9 {
        return (0.6, "\(column.emails) of \(column.present) values look like e-mail addresses")
      }
      return nil
    }
    guard column.present > 0 else { return (named * 0.9, reason + "; it holds no values to judge by") }
    switch target.fit(of: column) {
    case .contradicts(let why): return named * 0.5 >= Self.threshold ? (named * 0.5, reason + "; but " + why) : nil
    case .neutral: return (named, reason)
    case .supports(let why): return (min(named + 0.1, 1), reason + "; " + why)
    }
  }

  private func matchName(_ name: String, _ target: SuggestTarget) -> (Double, String)? {
    let whole = FieldName(name)
    let core = whole.dropping(prefixes: prefixes)
    let steps: [(FieldName, Double)] = [(whole, 0), (core, 0.05), (core.droppingNoise(), 0.15)]
    for (written, cost) in steps {
      if written.joined == target.joined { return (0.95 - cost, "the names are the same") }
      if let rank = target.synonyms.firstIndex(where: { $0.isSame(as: written) }) {
        // The first synonyms are the surest.
        return (0.9 - cost - min(Double(rank) * 0.002, 0.1), "\"\(name)\" is a known name for it")
      }
    }
    // "County" is near "country", and is a word of its own.
    if targets.contains(where: { $0.joined == core.joined || $0.synonyms.contains { $0.isSame(as: core) } }) {
      return nil
    }
    // A letter of a word as short as OD or RE is all that tells it from OS and LE.
    let fuzzy = ([FieldName(target.name)] + target.synonyms).contains {
      $0.shortWords == core.shortWords && FieldName.differByOne($0.joined, core.joined)
    }
    return fuzzy ? (0.6, "\"\(name)\" is one letter from a known name for it") : nil
  }

  /// A target that several columns make up: a whole name of a first and a last one.
  private func join(_ target: SuggestTarget, _ columns: [ColumnProfile], _ used: inout Set<Int>) -> Suggestion? {
    let parts = target.parts.compactMap { names in
      columns.indices.first { at in
        let name = FieldName(columns[at].name)
        return !used.contains(at) && !columns[at].isNational
          && [name.joined, name.dropping(prefixes: prefixes).joined].contains { names.contains($0) }
      }
    }
    guard parts.count == target.parts.count, Set(parts).count > 1 else { return nil }
    used.formUnion(parts)
    var made = propose(target, parts, columns, 0.85, "together they make it up")
    made.join = " "
    return made
  }

  /// A target that a fuller field can feed: a first name from a whole name.
  private func derive(
    _ target: SuggestTarget, _ columns: [ColumnProfile], _ used: Set<Int>, beside fed: Set<String>
  ) -> Suggestion? {
    for derived in target.derived {
      for (index, column) in columns.enumerated() where !used.contains(index) && !column.isNational {
        let name = FieldName(column.name)
        let joined = [name.joined, name.dropping(prefixes: prefixes).joined]
        guard joined.contains(where: { derived.synonyms.contains($0) }),
          column.present == 0 || column.share(column.wordy) > 0.7
        else { continue }
        if let other = derived.beside, fed.contains(other) {
          return propose(
            target, [index], columns, 0.6,
            "\"\(column.name)\" stands beside a field of its own for \(other): look at a sample")
        }
        return Suggestion(
          sources: [column.name], target: target.name, transform: .string(derived.transform), values: [],
          isRequired: target.isRequired,
          confidence: 0.6, reason: "\"\(column.name)\" seems to hold it with more: look at a sample")
      }
    }
    return nil
  }
}
