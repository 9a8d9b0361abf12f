import ILSIdentity

/// Tells whether rows are found again by what was sent, where triggers or rules of the table may have changed it or taken rows
/// away: under another identifier, the next load would not find the row, and bring the person again.
///
/// Looked at is what the table has behind the statement: what a trigger does after a row is in, no statement answers.
struct KeptKeys {
  private let terms: IdentityTerms
  private let target: String
  private let id: String
  private let idType: String
  /// A statement answers which rows it has inserted: else all of the table's are looked at.
  private let answersIDs: Bool
  /// SQL that lets triggers fire now which wait for the end of the transaction.
  private let fire: [String]
  private var rules: IdentityRules { terms.rules }

  /// What is asked behind a statement that writes rows.
  struct Question {
    /// What comes before it.
    let before: [String]
    /// Answers rows where staged records are not found again.
    let lost: String
    /// The same of the one whose place is `r.place`, as a block of PL/pgSQL: `kept` tells it.
    let one: String
  }

  /// Nil where nothing changes them.
  init?(_ table: TargetTable, _ options: JobOptions, updated: Bool = false) {
    let writers = updated ? table.rewritesUpdated : table.rewritesInserted
    guard writers, !(options.disablesTriggers && table.isPlain) else { return nil }
    terms = IdentityTerms(table)
    guard terms.rules.keys.contains(where: { $0.kind != .contact }) else { return nil }
    target = table.schema.table.quotedIdentifier
    id = "t.\(table.schema.id.quotedIdentifier)"
    idType = table.type(table.schema.id)
    answersIDs = table.answersIDs
    let waiting = table.waitingTriggers
    fire = waiting.isEmpty ? [] : ["SET CONSTRAINTS \(waiting) IMMEDIATE", "SET CONSTRAINTS \(waiting) DEFERRED"]
  }

  // MARK: - Rows that are inserted

  /// Rows that the statement has inserted, by their ids.
  static func create(idType: String) -> String {
    "CREATE TEMPORARY TABLE IF NOT EXISTS ils_made (id \(idType)) ON COMMIT DELETE ROWS"
  }

  /// What comes before an INSERT.
  var before: [String] { answersIDs ? ["TRUNCATE ils_made"] : [] }

  /// An INSERT of staged rows into the table as `t`, which keeps the ids of the rows.
  /// - Parameter listing: SQL that lists the rows of `made` by their `id`; nil where they need no list.
  func keeping(_ insert: String, listing: String?) -> String {
    guard answersIDs else { return listing.map { "WITH made AS (\(insert) RETURNING \(id))\n\($0)" } ?? insert }
    return """
      WITH made AS (\(insert) RETURNING \(id) AS id)\(listing.map { ", listed AS (\($0))" } ?? "")
      INSERT INTO ils_made SELECT id FROM made
      """
  }

  /// The same of one staged row, within a block.
  func keepingOne(_ insert: String) -> String { answersIDs ? "\(insert) RETURNING \(id) INTO ils_made_id" : insert }

  /// - Parameter rows: SQL for which staged rows `s` are meant.
  func afterInsert(of rows: String) -> Question {
    let (made, one) =
      answersIDs
      ? ("ils_made m JOIN \(target) t ON \(id) = m.id", "\(target) t ON \(id) = ils_made_id::\(idType)")
      : ("\(target) t", "\(target) t")
    let looked = " WHERE \(terms.filter)"
    return question(
      rows, among: made + looked, one: (answersIDs ? "(SELECT 1) m JOIN \(one)" : one) + looked, of: rules.keys)
  }

  // MARK: - Rows that are updated

  /// By ids of a source, which updates leave alone, rows are found as aliases.
  func afterUpdate(of rows: String) -> Question {
    // It may be the record itself that takes its row away from those that are looked at.
    let row = "(SELECT 1) m JOIN \(target) t ON \(id) = s.target WHERE true"
    let keys = rules.keys.filter { $0.kind == .identifier && !$0.fields.contains { terms.isOfSource($0) } }
    return question(rows, among: row, one: row, of: keys)
  }

  // MARK: - SQL

  private func question(_ rows: String, among all: String, one: String, of keys: [IdentityRules.Key]) -> Question {
    let block = fire + ["SELECT NOT EXISTS (\(lost("s.ctid = r.place", keys, among: one))) INTO kept"]
    return Question(
      before: fire, lost: lost(rows, keys, among: all) + " LIMIT 1", one: block.map { $0 + ";" }.joined(separator: "\n")
    )
  }

  /// The staged rows that have an identifier which no row of `among` has, or none, and are found by no description.
  private func lost(_ rows: String, _ keys: [IdentityRules.Key], among: String) -> String {
    let identifiers = rules.keys.filter { $0.kind == .identifier }.map { isComplete($0) }
    let parts = keys.filter { $0.kind != .contact }.map { key in
      let others = key.kind == .identifier ? [] : identifiers.map { "NOT (\($0))" }
      let found = key.fields.map(equality) + terms.scope(rules.scope + key.scope)
      return """
        SELECT s.n FROM ils_stage s WHERE \(([rows, isComplete(key)] + others).joined(separator: " AND "))
          AND NOT EXISTS (SELECT FROM \(among) AND \(found.joined(separator: " AND ")))
        """
    }
    return parts.isEmpty ? "SELECT WHERE false" : parts.joined(separator: "\nUNION ALL\n")
  }

  private func isComplete(_ key: IdentityRules.Key) -> String {
    key.fields.map { "\(terms.record($0)) IS NOT NULL" }.joined(separator: " AND ")
  }

  private func equality(_ term: Int) -> String {
    guard rules.foldings[term] == .name else { return terms.equality(term) }
    return "\(letters(terms.rowText(term))) = \(letters(terms.recordText(term)))"
  }

  /// A name without case, accents, white space and punctuation, as far as the server can tell.
  private func letters(_ text: String) -> String {
    """
    CASE WHEN getdatabaseencoding() = 'UTF8'
      THEN regexp_replace(lower(normalize(\(text), NFKD)), '[\\u0300-\\u036F\\u2000-\\u206F[:punct:][:space:]]', '', 'g')
      ELSE regexp_replace(lower(\(text)), '[[:punct:][:space:]]', '', 'g') END
    """
  }
}
