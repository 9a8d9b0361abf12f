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
