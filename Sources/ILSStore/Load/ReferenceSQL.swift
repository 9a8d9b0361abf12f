import ILSIdentity
import ILSRecord

/// The statements that find the rows which staged records point at.
///
/// All keys are looked up, or one clinic's chart number would be taken for another's id: more than one row is ambiguous, none an
/// orphan. What a record does not name, and need not, is no orphan.
struct ReferenceSQL {
  let table: TargetTable
  let source: String?
  let parksOrphans: Bool
  private let staged: [String]

  init(_ table: TargetTable, source: String?, parksOrphans: Bool) {
    (self.table, self.source, self.parksOrphans) = (table, source, parksOrphans)
    staged = table.schema.stagedFields
  }

  var statements: [String] { lookUps + disagreements }

  /// Refuses records whose other row says something else than they do: a dispense of another patient's order.
  private var disagreements: [String] {
    each { index, reference, own, other in
      let both = Compared(own, reference, other, self)
      return refuse(
        reference,
        """
        WHERE s.outcome IS NULL AND o.\(reference.id.quotedIdentifier) = s.r\(index)::\(idType(reference))
          AND \(both.given) IS NOT NULL AND \(both.column) IS DISTINCT FROM \(both.value)
        """)
    }
  }

  /// The same of records that say one of the two of a row `t` that is there: it has the other, and would be torn.
  var torn: [String] {
    let (target, id) = (table.schema.table.quotedIdentifier, table.schema.id.quotedIdentifier)
    return each { index, reference, own, other in
      let both = Compared(own, reference, other, self)
      guard let kept = both.kept else { return nil }
      let pointed = "coalesce(s.r\(index), t.\(reference.column.quotedIdentifier)::text)"
      let said = "coalesce(\(both.value), \(kept))"
      return refuse(
        reference,
        """
        CROSS JOIN \(target) t WHERE s.outcome IS NULL AND t.\(id) = s.target
          AND o.\(reference.id.quotedIdentifier) = \(pointed)::\(idType(reference))
          AND (s.r\(index) IS NULL) <> (\(both.given) IS NULL) AND \(said) IS NOT NULL AND \(both.column) IS DISTINCT FROM \(said)
        """)
    }
  }

  private func each(_ make: (Int, LoadSchema.Reference, _ own: String, _ other: String) -> String?) -> [String] {
    table.schema.references.enumerated().flatMap { index, reference in
      reference.agrees.compactMap { make(index, reference, $0.own, $0.other) }
    }
  }

  private func refuse(_ reference: LoadSchema.Reference, _ rows: String) -> String {
    """
    UPDATE ils_stage s SET outcome = 'refused', code = \(RefusalFault.referenceDisagrees.rawValue.quotedLiteral),
      field = \(reference.field.quotedLiteral)
    FROM \(reference.table.quotedIdentifier) o \(rows)
    """
  }

  private func idType(_ reference: LoadSchema.Reference) -> String { type(of: reference.id, reference) }

  private func type(of column: String, _ reference: LoadSchema.Reference) -> String {
    table.others[reference.table]?[column] ?? "text"
  }

  /// Two sides that must say the same, as SQL.
  private struct Compared {
    /// What the record says, as it came; and as a value of the other row's column.
    let (given, value): (String, String)
    let column: String
    /// What the row `t` has that the record is about; nil where no column keeps it.
    let kept: String?

    init(_ own: String, _ reference: LoadSchema.Reference, _ other: String, _ sql: ReferenceSQL) {
      let (schema, column) = (sql.table.schema, "o.\(other.quotedIdentifier)")
      if let number = schema.references.firstIndex(where: { $0.field == own }) {
        (given, value, self.column) = ("s.r\(number)", "s.r\(number)", "\(column)::text")
        kept = "t.\(schema.references[number].column.quotedIdentifier)::text"
      } else {
        let type = sql.type(of: other, reference)
        (given, value, self.column) = (sql.text(own), SQLValue.of(sql.text(own), as: type), column)
        kept = schema.column(of: own).map { "t.\($0.quotedIdentifier)::\(type)" }
      }
    }
  }

  private var lookUps: [String] {
    table.schema.references.enumerated().flatMap { index, reference in
      let field = reference.field.quotedLiteral
      let value = text(reference.field)
      let all = reference.by.map { "(\(hits(index, reference, $0)))" }.joined(separator: " UNION ALL ")
      let step = """
        WITH found AS (SELECT n, min(id) AS id, count(DISTINCT id) AS hits FROM (\(all)) hits GROUP BY n)
        UPDATE ils_stage s SET r\(index) = CASE WHEN f.hits = 1 THEN f.id END,
          outcome = CASE WHEN f.hits > 1 THEN 'refused' END,
          code = CASE WHEN f.hits > 1 THEN \(IdentityFault.referenceAmbiguous.rawValue.quotedLiteral) END, field = \(field)
        FROM found f WHERE f.n = s.n
        """
      let optional = reference.isOptional ? " AND \(value) IS NOT NULL" : ""
      let orphans = """
        UPDATE ils_stage s SET outcome = \(parksOrphans ? "'parked'" : "'refused'"), code = \(reference.missing.quotedLiteral),
          field = \(field)
        WHERE s.r\(index) IS NULL AND s.outcome IS NULL\(optional)
        """
      return (reference.by.isEmpty ? [] : [step]) + [orphans]
    }
  }

  /// The rows that have the key's values, or an alias of them.
  private func hits(_ index: Int, _ reference: LoadSchema.Reference, _ key: ReferenceKey) -> String {
    let id = "o.\(reference.id.quotedIdentifier)"
    let types = table.others[reference.table] ?? [:]
    let value = text(reference.field)
    let column = "o.\(key.field.column.quotedIdentifier)"
    let type = types[key.field.column] ?? "text"
    let equal =
      key.field.foldsCase && type != "citext"
      ? "lower(\(column)) = lower(\(value))" : "\(column) = \(SQLValue.of(value, as: type))"
    let within = key.others.map { other in
      let own = text(other.own).map { SQLValue.of($0, as: types[other.column] ?? "text") } ?? "NULL"
      return "o.\(other.column.quotedIdentifier) IS NOT DISTINCT FROM \(own)"
    }
    let filter = reference.filter.map { RowFilter.condition("o", $0.column, $0.value) }
    let other = reference.table.quotedIdentifier
    let open = "WHERE s.outcome IS NULL"
    let own = """
      SELECT s.n, \(id)::text AS id FROM ils_stage s JOIN \(other) o
      ON \(([equal] + within + filter).joined(separator: " AND ")) \(open)
      """
    guard !key.aliasNames.isEmpty else { return own }
    func written(_ text: String, _ column: String) -> String {
      let type = types[column] ?? "text"
      return SQLValue.text(SQLValue.of(text, as: type), of: type)
    }
    let scope = key.others.map { other in text(other.own).map { written($0, other.column) } ?? "NULL" }
    let alias = SQLValue.alias(scope + [written(value, key.field.column)])
    let job = reference.job.flatMap { types[$0] == nil ? nil : "o.\($0.quotedIdentifier)::text" }
    let isOfRow = AliasSQL.isOfRow(in: reference.table, job: job)
    return own + """
       UNION SELECT s.n, \(id)::text FROM ils_stage s
      JOIN ils.aliases a ON a.target = \(reference.table.quotedLiteral) AND a.key = \(key.aliasNames.joined(separator: "+").quotedLiteral)
        AND a.value = \(alias)
      JOIN \(other) o ON \((["\(id) = a.row_id::\(types[reference.id] ?? "text")", isOfRow] + filter).joined(separator: " AND ")) \(open)
      """
  }

  private func text(_ field: String) -> String { "s.c\(staged.firstIndex(of: field) ?? 0)" }

  /// A record's own value of what the other row's column must be equal to, as text.
  private func text(_ own: ReferenceRule.Own) -> String? {
    switch own {
    case .field(let name): text(name)
    case .constant(let value): value.quotedLiteral
    case .source: source?.quotedLiteral
    case .none: nil
    }
  }
}
