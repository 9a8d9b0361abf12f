import ILSRecord

/// The checks of what the jobs left in schema `ils`, whatever tables they loaded.
enum JobChecks {
  static let all: [TableChecks.Question] = [
    .init(
      name: "jobs completed", kind: .count,
      sql: "SELECT id::text AS id FROM ils.jobs WHERE kind = 'load' AND status = 'completed'"),
    .init(
      name: "jobs whose equation does not hold", kind: .fault,
      sql: """
        SELECT id::text AS id FROM ils.jobs WHERE kind = 'load' AND status = 'completed'
          AND (rows <> inserted + updated + skipped + failed + rejected + dropped + parked
            OR processed > inserted + updated + skipped + failed + parked)
        """),
    .init(
      name: "jobs neither completed nor rolled back", kind: .doubt,
      sql: "SELECT id::text AS id FROM ils.jobs WHERE status NOT IN ('completed', 'rolled back')"),
    .init(
      name: "records still parked", kind: .doubt,
      sql: "SELECT concat_ws('/', job_id, nullif(part, ''), record) AS id FROM ils.parked"),
  ]

  /// SQL that holds for a job `j` that loaded the table with that oid: by its name, where the database was restored elsewhere.
  static func isJob(of oid: String) -> String {
    """
    CASE WHEN \(knowsTable) THEN j.target_oid = \(oid) ELSE EXISTS (SELECT FROM pg_class c WHERE c.oid = \(oid)
      AND c.relname = j.target AND (j.target_schema IS NULL OR c.relnamespace = to_regnamespace(quote_ident(j.target_schema)))) END
    """
  }

  /// The table of a job `j` is there, and is the very one.
  private static let knowsTable = """
    (j.system_id = (SELECT system_identifier FROM pg_control_system())
      AND EXISTS (SELECT FROM pg_class o WHERE o.oid = j.target_oid AND o.relname = j.target))
    """

  /// Tables that jobs loaded, in another schema or gone, which none of the checks is about.
  /// - Parameters:
  ///   - checked: the oids of those that some are about.
  ///   - name: only tables of this name; nil for all.
  static func unchecked(_ checked: [String], named name: String?) -> TableChecks.Question {
    let isChecked = (checked.map { isJob(of: $0) } + ["false"]).joined(separator: " OR ")
    return .init(
      name: "tables that jobs loaded, and that were not checked", kind: .doubt,
      sql: """
        SELECT DISTINCT CASE WHEN \(knowsTable) THEN j.target_oid::regclass::text
          ELSE concat_ws('.', j.target_schema, j.target) END AS id
        FROM ils.jobs j WHERE j.kind = 'load' AND j.status = 'completed' AND j.inserted + j.updated > 0
          AND j.target IS NOT NULL AND NOT (\(isChecked)) AND \(name.map { "j.target = \($0.quotedLiteral)" } ?? "true")
        """)
  }

  /// The first event of the audit trail that is not as it was written.
  static func audit(_ connection: Connection) throws(DatabaseError) -> VerifyCheck {
    let name = "events of the audit trail changed or missing"
    guard case .broken(let seq, _, _) = try JobCatalogue(connection).chain(head: nil) else {
      return check(name, rows: 0)
    }
    var check = check(name, rows: 1)
    check.ids = ["\(seq)"]
    return check
  }

  private static func check(_ name: String, rows: Int) -> VerifyCheck {
    var check = VerifyCheck(name, .fault, rows: rows)
    check.about = .jobs
    return check
  }
}
