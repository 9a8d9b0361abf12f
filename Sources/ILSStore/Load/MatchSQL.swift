import ILSIdentity
import ILSRecord

/// The statements that fetch what the judge of identities needs, and write down what it says.
struct MatchSQL {
  let terms: IdentityTerms
  private let target: String
  private let id: String
  private let idType: String
  private let decision: String
  private var rules: IdentityRules { terms.rules }

  init(_ terms: IdentityTerms) {
    self.terms = terms
    let schema = terms.table.schema
    target = schema.table.quotedIdentifier
    id = "t.\(schema.id.quotedIdentifier)"
    idType = terms.table.bareType(schema.id)
    decision = "s.c\(schema.stagedFields.count - 1)"
  }

  /// The values of the records that are open, as the table would hold them, by what they are looked up, and what a person
  /// decided.
  var profiles: String {
    let values = terms.terms.indices.map { ", \(terms.recordText($0)) AS p\($0)" }.joined()
    return
      "SELECT s.n, s.probes, \(decision) AS decision\(values) FROM ils_stage s WHERE s.outcome IS NULL ORDER BY s.n"
  }

  private var rowValues: String {
    terms.terms.indices.map { ", \(terms.rowText($0)) AS p\($0)" }.joined()
  }

  /// `$1`: the records, as an array of numbers.
  private var chosen: String { "s.n = ANY ($1::integer[])" }

  /// The rows that records may be: those that share a probe's values with them, or have them as an alias.
  var candidates: String? { candidates(isLoose: false) }

  /// The same for names in another ASCII spelling, for records of which it is known that there may be a row.
  var looseCandidates: String? { candidates(isLoose: true) }

  private func candidates(isLoose: Bool) -> String? {
    var hits = rules.probes.enumerated().flatMap { number, probe -> [String] in
      // Of a contact there may be too many to pair them.
      if rules.isContact(probe) { return [] }
      guard let condition = isLoose ? terms.looseCondition(probe) : terms.condition(probe) else { return [] }
      return [
        """
        SELECT s.n, \(id) AS id, NULL::integer AS alias FROM ils_stage s JOIN \(target) t ON \(condition)
        WHERE \(chosen) AND s.probes & \(IdentityRules.bit(number)) <> 0
        """
      ]
    }
    if !isLoose { hits += aliases }
    guard !hits.isEmpty else { return nil }
    return """
      SELECT h.n, h.alias, \(id)::text AS id\(rowValues)
      FROM (\(hits.joined(separator: " UNION ALL "))) h JOIN \(target) t ON \(id) = h.id
      """
  }

  /// What goes by a part of a key may have no index that starts with it: to go through a whole index for each record takes
  /// hours where one look at the table takes a second.
  static let scanning = "SET LOCAL enable_seqscan = on"
  static let lookingUp = "SET LOCAL enable_seqscan = off"

  /// For each probe of a contact: the rows that share it with records, in whatever spelling of names.
  var sharedRows: [(probe: Int, sql: String)] {
    rules.probes.enumerated().filter { rules.isContact($0.element) }.map { number, probe in
      let rows = terms.sharedRows(probe, of: "\(chosen) AND s.probes & \(IdentityRules.bit(number)) <> 0")
      return (number, "SELECT \(id)::text AS id\(rowValues) \(rows)")
    }
  }

  /// For each probe with names: rows that records may be whose names are written beyond ASCII, or that are so themselves.
  var foreignRows: [String] {
    rules.probes.enumerated().filter { !rules.isContact($0.element) }.compactMap { number, probe in
      terms.foreignRows(probe, of: "\(chosen) AND s.probes & \(IdentityRules.bit(number)) <> 0").map {
        "SELECT \(id)::text AS id\(rowValues) \($0)"
      }
    }
  }

  private var aliases: [String] {
    rules.keys.enumerated().filter { rules.isOfSource($0.element) }.map { number, key in
      let probe = rules.probes.firstIndex { $0.key == number } ?? 0
      return """
        SELECT s.n, \(id), \(number) FROM ils_stage s JOIN ils.aliases a ON \(ofTable(key))
          AND a.value = \(terms.alias(key, of: terms.recordText))
        JOIN \(target) t ON \(id) = a.row_id::\(idType) AND \(AliasSQL.isOfRow(in: table, job: job)) AND \(terms.filter)
        WHERE \(chosen) AND s.probes & \(IdentityRules.bit(probe)) <> 0
        """
    }
  }

  private var table: String { terms.table.schema.table }

  /// The mark of a row `t`, as text; nil where the table has none.
  private var job: String? { terms.table.schema.jobColumn.map { "t.\($0.quotedIdentifier)::text" } }

  private func ofTable(_ key: IdentityRules.Key) -> String {
    "a.target = \(terms.table.schema.table.quotedLiteral) AND a.key = \(aliasName(key).quotedLiteral)"
  }

  private func aliasName(_ key: IdentityRules.Key) -> String {
    rules.aliasTerms(key).map { rules.terms[$0] }.joined(separator: "+")
  }

  /// The rows that people named, as far as they are within the record's scope.
  var decided: String {
    let within = terms.scope(rules.scope) + [terms.filter]
    return """
      SELECT s.n, \(id)::text AS id\(rowValues) FROM ils_stage s
      JOIN \(target) t ON \(id) = \(SQLValue.of(decision, as: idType)) AND \(within.joined(separator: " AND "))
      WHERE \(chosen)
      """
  }

  /// `$1`: what was said of records, as JSON.
  var settle: String {
    """
    UPDATE ils_stage s SET target = v.target::\(idType), outcome = v.outcome, code = v.code, field = v.field,
      matched = v.matched, candidates = v.candidates, agreed = v.agreed, differed = v.differed
    FROM jsonb_to_recordset($1::jsonb) AS v (n integer, target text, outcome text, code text, field text, matched text,
      candidates text, agreed text, differed text)
    WHERE s.n = v.n
    """
  }

  /// Opens again the records whose rows have gone since they were found, and lists them.
  var reopen: String {
    """
    UPDATE ils_stage s SET target = NULL, matched = NULL, field = NULL, candidates = NULL, agreed = NULL, differed = NULL
    WHERE s.outcome IS NULL AND s.target IS NOT NULL AND NOT EXISTS (SELECT FROM \(target) t WHERE \(id) = s.target)
    RETURNING s.n
    """
  }

  static let lookUp = "UPDATE ils_stage SET probes = \(NewcomerFilter.all) WHERE n = ANY ($1::integer[])"
  static let insert = "UPDATE ils_stage SET outcome = 'inserting' WHERE n = ANY ($1::integer[])"

  /// Keeps the ids by which a source knows a row that has another in its own columns.
  func keepAliases(_ job: String) -> [String] {
    rules.keys.filter { rules.isOfSource($0) }.map { key in
      let present = key.fields.map { "\(terms.record($0)) IS NOT NULL" }.joined(separator: " AND ")
      let record = terms.alias(key, of: terms.recordText)
      return """
        INSERT INTO ils.aliases (target, target_schema, key, value, row_id, row_job, job_id)
        SELECT DISTINCT \(table.quotedLiteral), \(AliasSQL.schema(of: table)), \(aliasName(key).quotedLiteral), \(record), \(id)::text,
          coalesce(\(self.job ?? "NULL"), '-'), \(job.quotedLiteral)::uuid
        FROM ils_stage s JOIN \(target) t ON \(id) = s.target
        WHERE s.outcome IN ('updated', 'skipped') AND \(present) AND \(record) <> \(terms.alias(key, of: terms.rowText))
        ON CONFLICT DO NOTHING
        """
    }
  }

  /// The keys of rows that somebody else has written since a transaction began, and behind them the id of who wrote each.
  /// - Parameters:
  ///   - oldest: the id of that transaction; older ones had ended.
  ///   - own: transactions of this loader.
  func newer(than oldest: String, but own: [String], before end: UInt64? = nil) -> String {
    let (writer, newer) =
      terms.isOfView ? ("'0'::xid", "false") : ("t.xmin", Self.isNewer("t.xmin", oldest, own, before: end))
    return
      "COPY (SELECT \(keys), \(writer) FROM \(target) t WHERE \(terms.filter) AND \(newer)) TO STDOUT (FORMAT binary)"
  }

  /// The ids of this transaction's parts that have written to the table or to aliases, such as its savepoints.
  func parts(since oldest: String) -> String {
    """
    SELECT DISTINCT x::text AS part FROM (\(terms.isOfView ? "" : "SELECT t.xmin AS x FROM \(target) t UNION ALL ")SELECT a.xmin AS x FROM ils.aliases a) r
    WHERE CASE WHEN age(x) <= age('\(oldest)'::xid)
      THEN pg_xact_status((\(BeforeImage.whole("x", Self.now)))::text::xid8) = 'in progress' END
    """
  }

  /// The aliases of a key that another loader has noted since a transaction began, and the ids of those transactions.
  func newerAliases(_ key: IdentityRules.Key, than oldest: String, but own: [String], before end: UInt64? = nil)
    -> String
  {
    "COPY (SELECT a.value, a.xmin FROM ils.aliases a WHERE \(ofTable(key)) AND \(Self.isNewer("a.xmin", oldest, own, before: end))) TO STDOUT (FORMAT binary)"
  }

  /// What is seen of a transaction that is in progress is of this one, or of a part of it: a savepoint, a trigger. Of one
  /// whose end the server has forgotten, all that is seen has been committed.
  private static func isNewer(_ xmin: String, _ oldest: String, _ own: [String], before end: UInt64?) -> String {
    let whole = "(\(BeforeImage.whole(xmin, now)))"
    return """
      CASE WHEN age(\(xmin)) <= age('\(oldest)'::xid)
        AND \(xmin) <> ALL (ARRAY[\(own.map { "'\($0)'::xid" }.joined(separator: ", "))]::xid[])
        THEN pg_xact_status(\(whole)::text::xid8) IS DISTINCT FROM 'in progress'
        \(end.map { "AND \(whole) < \($0)" } ?? "") END
      """
  }

  private static let now = "pg_current_xact_id()::text::bigint"

  var allKeys: String { "COPY (SELECT \(keys) FROM \(target) t WHERE \(terms.filter)) TO STDOUT (FORMAT binary)" }

  /// The aliases of the table: a key's name and a value.
  func allAliases(_ key: IdentityRules.Key) -> String {
    "COPY (SELECT a.value FROM ils.aliases a WHERE \(ofTable(key))) TO STDOUT (FORMAT binary)"
  }

  private var keys: String {
    terms.terms.isEmpty ? "1::text" : terms.terms.indices.map(terms.rowText).joined(separator: ", ")
  }
}
