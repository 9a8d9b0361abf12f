import ILSIdentity
import ILSRecord

/// Where the terms of the identity rules stand: a record's value on the staging table `s`, a row's in the table.
struct IdentityTerms {
  enum Place {
    /// The number of a staged field.
    case staged(Int)
    /// The number of a reference, which is resolved by then.
    case reference(Int)
    case constant(String)
  }

  struct Term {
    let column: String
    /// The column's type without its length; of a domain its base.
    let type: String
    let place: Place
    /// What the column gets where a record has nothing, of terms that keys are unique within; nil where that is null.
    let standIn: String?
  }

  let rules: IdentityRules
  let terms: [Term]
  let table: TargetTable

  init(_ table: TargetTable) {
    self.table = table
    let schema = table.schema
    let names = schema.stagedFields
    let scopes = Set(schema.identity.scope + schema.identity.keys.flatMap(\.scope))
    terms = schema.identity.terms.enumerated().map { number, name in
      let column = schema.column(of: name) ?? name
      let place: Place =
        if let constant = schema.constants.first(where: { $0.column == column }) {
          .constant(constant.value)
        } else if let number = schema.references.firstIndex(where: { $0.field == name }) {
          .reference(number)
        } else {
          .staged(names.firstIndex(of: name) ?? 0)
        }
      return Term(
        column: column, type: table.bareType(column), place: place,
        standIn: scopes.contains(number) ? table.constantDefault(of: column) : nil)
    }
    rules = schema.identity.folding(terms.map { $0.type == "citext" ? .case : nil })
  }

  /// A record's value, of the column's type; null where it does not fit.
  func record(_ term: Int) -> String {
    let type = terms[term].type
    switch terms[term].place {
    case .staged(let place):
      let text = rules.clears[term].map { "NULLIF(s.c\(place), \($0.quotedLiteral))" } ?? "s.c\(place)"
      let value = SQLValue.of(text, as: type)
      return terms[term].standIn.map { "coalesce(\(value), \(SQLValue.of($0.quotedLiteral, as: type)))" } ?? value
    case .reference(let number): return SQLValue.of("s.r\(number)", as: type)
    case .constant(let value): return SQLValue.of(value.quotedLiteral, as: type)
    }
  }

  func row(_ term: Int) -> String { "t.\(terms[term].column.quotedIdentifier)" }

  /// Whether this side can tell a value as the database would: texts and dates.
  func isPlain(_ term: Int) -> Bool {
    if case .reference = terms[term].place { return false }
    return CopyColumn(type: terms[term].type) != nil
  }

  /// The same values as texts that are equal where the database holds the values for equal.
  func recordText(_ term: Int) -> String { SQLValue.text(record(term), of: terms[term].type) }
  func rowText(_ term: Int) -> String { SQLValue.text(row(term), of: terms[term].type) }

  /// Whether the term says how a source knows a row: updates leave that alone.
  func isOfSource(_ term: Int) -> Bool { table.schema.sourceColumns.contains(terms[term].column) }

  /// The rows are a view's: which transaction wrote them, nothing tells.
  var isOfView: Bool { table.isView }

  /// SQL that holds for rows `t` that are looked at at all.
  var filter: String {
    let conditions = rules.filter.map { filter in
      RowFilter.condition("t", table.schema.column(of: filter.name) ?? filter.name, filter.value)
    }
    return conditions.isEmpty ? "true" : conditions.joined(separator: " AND ")
  }

  /// SQL that holds where a row may have what a probe looks for; nil where it looks for nothing.
  func condition(_ probe: IdentityRules.Probe) -> String? {
    probe.fields.isEmpty ? nil : condition(probe, comparing: probe.fields.map(equality))
  }

  /// The same for names that are spelt otherwise in ASCII, which the judge then compares; nil for probes without names.
  func looseCondition(_ probe: IdentityRules.Probe) -> String? {
    guard let (names, others) = parts(probe) else { return nil }
    func letters(_ text: String) -> String { "regexp_replace(lower(\(text)), '[^a-z0-9]', '', 'g')" }
    let spelt = names.map { "\(letters(row($0))) = \(letters(record($0)))" }
    let plain = ["NOT \(isForeign(names, record))", "NOT \(isForeign(names, row))"]
    return condition(probe, comparing: others.map(equality) + spelt + plain)
  }

  /// SQL for the rows that have all but the names of some records in common with them, where either's names are beyond ASCII.
  /// - Parameter records: which staged rows `s` are meant; SQL.
  func foreignRows(_ probe: IdentityRules.Probe, of records: String) -> String? {
    guard let (names, others) = parts(probe) else { return nil }
    return rows(probe.scope, others, of: records, marking: isForeign(names, record), isForeign(names, row))
  }

  /// SQL for the rows that have all of a probe but names in common with some records.
  func sharedRows(_ probe: IdentityRules.Probe, of records: String) -> String {
    rows(probe.scope, parts(probe)?.others ?? probe.fields, of: records, marking: "true", "true")
  }

  /// Each row once, however many records there are: of an address that the reception invents, or a birth date that stands for
  /// none, there may be thousands of both.
  /// - Parameters:
  ///   - mark: SQL; all rows are meant that have something in common with a record for which it holds.
  ///   - condition: SQL that holds for the others that are meant.
  private func rows(
    _ scope: [Int], _ fields: [Int], of records: String, marking mark: String, _ condition: String
  ) -> String {
    func isLowered(_ term: Int) -> Bool { rules.foldings[term] != .none && terms[term].type != "citext" }
    let keys = fields.map { isLowered($0) ? "lower(\(record($0)))" : record($0) } + scope.map(record)
    let list = keys.enumerated().map { ", \($1) AS k\($0)" }.joined()
    // Names alone leave nothing in common: all rows are meant, where there is a record.
    let groups =
      keys.isEmpty ? "HAVING count(*) > 0" : "GROUP BY \(keys.indices.map { "\($0 + 2)" }.joined(separator: ", "))"
    let equal = fields.enumerated().map { "\(isLowered($1) ? "lower(\(row($1)))" : row($1)) = k.k\($0)" }
    let within = scope.enumerated().map { "\(row($1)) IS NOT DISTINCT FROM k.k\($0 + fields.count)" }
    return """
      FROM (SELECT bool_or(\(mark)) AS is_marked\(list) FROM ils_stage s WHERE \(records) \(groups)) k
      JOIN \(table.schema.table.quotedIdentifier) t ON \((equal + within + [filter]).joined(separator: " AND "))
        AND (k.is_marked OR \(condition))
      """
  }

  /// The names of a probe, and its other fields; nil where it has no names.
  private func parts(_ probe: IdentityRules.Probe) -> (names: [Int], others: [Int])? {
    let names = probe.fields.filter { rules.foldings[$0] == .name }
    let others = probe.fields.filter { rules.foldings[$0] != .name }
    return names.isEmpty ? nil : (names, others)
  }

  private func isForeign(_ names: [Int], _ side: (Int) -> String) -> String {
    "coalesce(\(names.map { "\(side($0)) ~ '[^\\u0001-\\u007F]'" }.joined(separator: " OR ")), false)"
  }

  private func condition(_ probe: IdentityRules.Probe, comparing fields: [String]) -> String {
    (fields + scope(probe.scope) + [filter]).joined(separator: " AND ")
  }

  func equality(_ term: Int) -> String {
    rules.foldings[term] == .none || terms[term].type == "citext"
      ? "\(row(term)) = \(record(term))" : "lower(\(row(term))) = lower(\(record(term)))"
  }

  func scope(_ terms: [Int]) -> [String] { terms.map { "\(row($0)) IS NOT DISTINCT FROM \(record($0))" } }

  /// A record's, or a row's, value of an alias of `key`.
  /// - Parameter text: `recordText` or `rowText`.
  func alias(_ key: IdentityRules.Key, of text: (Int) -> String) -> String {
    SQLValue.alias(rules.aliasTerms(key).map(text))
  }
}

enum RowFilter {
  static func condition(_ alias: String, _ column: String, _ value: String?) -> String {
    let column = "\(alias).\(column.quotedIdentifier)"
    return value.map { "\(column) = \($0.quotedLiteral)" } ?? "\(column) IS NULL"
  }
}
