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
    table.schema.references.enumerated().flatMap { index, reference in
      reference.agrees.map { own, other in
        let types = table.others[reference.table] ?? [:]
        let column = "o.\(other.quotedIdentifier)"
        let (given, differs) =
          if let number = table.schema.references.firstIndex(where: { $0.field == own }) {
            ("s.r\(number)", "\(column)::text IS DISTINCT FROM s.r\(number)")
          } else {
            (text(own), "\(column) IS DISTINCT FROM \(SQLValue.of(text(own), as: types[other] ?? "text"))")
          }
        return """
          UPDATE ils_stage s SET outcome = 'refused', code = \(RefusalFault.referenceDisagrees.rawValue.quotedLiteral),
            field = \(reference.field.quotedLiteral)
          FROM \(reference.table.quotedIdentifier) o
          WHERE s.outcome IS NULL AND o.\(reference.id.quotedIdentifier) = s.r\(index)::\(types[reference.id] ?? "text")
            AND \(given) IS NOT NULL AND \(differs)
          """
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
