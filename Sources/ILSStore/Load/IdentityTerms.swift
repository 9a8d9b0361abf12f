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
    let type: String
    let place: Place
  }

  let rules: IdentityRules
  let terms: [Term]
  let table: TargetTable

  init(_ table: TargetTable) {
    self.table = table
    let schema = table.schema
    let names = schema.stagedFields
    terms = schema.identity.terms.map { name in
      let column = schema.column(of: name) ?? name
      let place: Place =
        if let constant = schema.constants.first(where: { $0.column == column }) {
          .constant(constant.value)
        } else if let number = schema.references.firstIndex(where: { $0.field == name }) {
          .reference(number)
        } else {
          .staged(names.firstIndex(of: name) ?? 0)
        }
      return Term(column: column, type: table.type(column), place: place)
    }
    rules = schema.identity.folding(terms.map { $0.type == "citext" ? .case : nil })
  }

  /// A record's value, of the column's type; null where it does not fit.
  func record(_ term: Int) -> String {
    let type = terms[term].type
    switch terms[term].place {
    case .staged(let place): return SQLValue.of("s.c\(place)", as: type)
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

  /// The same for names in another spelling, which the judge then compares: conditions of which one holds for every row that
  /// may be meant. Each compares what is not a name, and either the names' ASCII letters or one side alone: so none pairs all
  /// records of a day of birth with all rows of it.
  func looseConditions(_ probe: IdentityRules.Probe) -> [String] {
    let names = probe.fields.filter { rules.foldings[$0] == .name }
    let others = probe.fields.filter { rules.foldings[$0] != .name }.map(equality)
    guard !names.isEmpty, !others.isEmpty else { return [] }
    func letters(_ text: String) -> String { "regexp_replace(lower(\(text)), '[^a-z0-9]', '', 'g')" }
    func isForeign(_ side: (Int) -> String) -> String {
      "(\(names.map { "\(side($0)) ~ '[^\\u0001-\\u007F]'" }.joined(separator: " OR ")))"
    }
    let spelt = names.map { "\(letters(row($0))) = \(letters(record($0)))" }
    return [spelt, [isForeign(record)], [isForeign(row)]].map { condition(probe, comparing: others + $0) }
  }

  private func condition(_ probe: IdentityRules.Probe, comparing fields: [String]) -> String {
    (fields + scope(probe.scope) + [filter]).joined(separator: " AND ")
  }

  private func equality(_ term: Int) -> String {
    rules.foldings[term] == .none || terms[term].type == "citext"
      ? "\(row(term)) = \(record(term))" : "lower(\(row(term))) = lower(\(record(term)))"
  }

  func scope(_ terms: [Int]) -> [String] { terms.map { "\(row($0)) IS NOT DISTINCT FROM \(record($0))" } }

  /// A record's, or a row's, value of an alias of `key`.
  func alias(_ key: IdentityRules.Key, of text: (Int) -> String) -> String {
    SQLValue.alias(rules.aliasTerms(key).map { "(\(text($0)))::text" })
  }
}

/// SQL for texts as values of a column's type.
enum SQLValue {
  /// Null where a text is no number or UUID: then it is no row's, and no error.
  static func of(_ text: String, as type: String) -> String {
    switch type {
    case "smallint", "integer", "bigint":
      return "CASE WHEN \(text) ~ '^\\s*[-+]?[0-9]{1,18}\\s*$' THEN (\(text))::bigint END"
    case "uuid":
      return "CASE WHEN \(text) ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN (\(text))::uuid END"
    case "text": return text
    case _ where type.hasPrefix("character varying"): return text
    case _ where type.hasPrefix("character("): return "(\(text))::bpchar"
    default: return "(\(text))::\(type)"
    }
  }

  /// The texts of which an alias is made, as one: absent ones are empty, and a character that no text has stands between.
  static func alias(_ texts: [String]) -> String {
    "concat_ws(E'\\x1f', \(texts.map { "coalesce(\($0), '')" }.joined(separator: ", ")))"
  }
}

enum RowFilter {
  static func condition(_ alias: String, _ column: String, _ value: String?) -> String {
    let column = "\(alias).\(column.quotedIdentifier)"
    return value.map { "\(column) = \($0.quotedLiteral)" } ?? "\(column) IS NULL"
  }
}
