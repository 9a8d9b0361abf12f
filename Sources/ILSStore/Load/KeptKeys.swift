import ILSIdentity

/// Tells whether rows have the identifiers that were sent, where triggers of the table may have changed them: under another
/// one, the next load would not find the row, and bring the person again.
struct KeptKeys {
  private let terms: IdentityTerms
  /// Identifiers that come with the record. Names are compared however they are spelled.
  private let sent: [Int]

  /// Nil where nothing changes them.
  init?(_ table: TargetTable, _ options: JobOptions) {
    guard table.isFilledByTriggers, !options.disablesTriggers else { return nil }
    terms = IdentityTerms(table)
    let rules = terms.rules
    let places = terms.terms.map(\.place)
    sent = Set(rules.keys.filter { $0.kind == .identifier }.flatMap(\.fields)).sorted().filter { term in
      guard case .staged = places[term] else { return false }
      return rules.foldings[term] != .name
    }
    if sent.isEmpty { return nil }
  }

  private func record(_ term: Int) -> String { folded(terms.recordText(term), term) }
  private func row(_ term: Int) -> String { folded(terms.rowText(term), term) }
  private func folded(_ text: String, _ term: Int) -> String {
    terms.rules.foldings[term] == .none ? text : "lower(\(text))"
  }

  /// What stands behind the INSERT of one staged row, whose place is `r.place`, into the table as `t`: `kept` tells it.
  var tellingOne: String {
    let tests = sent.map { "(\(record($0)) IS NULL OR \(record($0)) IS NOT DISTINCT FROM \(row($0)))" }
    return " RETURNING (SELECT \(tests.joined(separator: " AND ")) FROM ils_stage s WHERE s.ctid = r.place) INTO kept"
  }

  /// An INSERT of staged rows into the table as `t` that answers as many rows as have kept their identifiers.
  /// - Parameters:
  ///   - rows: SQL for which staged rows `s` are meant.
  ///   - listing: SQL behind it that lists the rows of `made` by their `id`; nil where they need no list.
  func telling(_ insert: String, id: String, _ rows: String, listing: String?) -> String {
    let keys = sent.map { "\(row($0)) AS k\($0)" }
    let tests = sent.map { "(\(record($0)) IS NULL OR \(record($0)) IN (SELECT k\($0) FROM made))" }
    return """
      WITH made AS (\(insert) RETURNING \(([id] + keys).joined(separator: ", ")))\(listing.map { ", listed AS (\($0))" } ?? "")
      SELECT 1 FROM ils_stage s WHERE \(rows) AND \(tests.joined(separator: " AND ")) LIMIT (SELECT count(*) FROM made)
      """
  }
}
