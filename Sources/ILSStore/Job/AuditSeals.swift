/// Compares the tables in schema `ils` with what the audit trail sealed of them.
///
/// A job that is at work, or being undone, is compared with what it was made as alone: the rest of it is under way.
struct AuditSeals {
  let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  /// Events by the jobs that they seal or open. The last of each job counts.
  private static let marks = """
    SELECT seq, job_id, detail->>'seal' AS seal, detail->>'identity' AS identity FROM ils.audit WHERE job_id IS NOT NULL
    UNION ALL
    SELECT a.seq, s.key::uuid, s.value #>> '{}', NULL FROM ils.audit a, jsonb_each(a.detail->'seals') s
    UNION ALL
    SELECT seq, (detail->>'undoes')::uuid, NULL, NULL FROM ils.audit WHERE detail ? 'undoes' AND detail ? 'identity'
    """

  /// The first job, or table, that is not as the trail says.
  func firstBroken() throws(DatabaseError) -> AuditVerdict? {
    let source = try connection.query(
      "SELECT prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'ils' AND proname = 'seal'"
    )
    guard source.count == 1, source[0]["prosrc"] == Seal.function else {
      return .broken(
        seq: 0, code: UndoFault.auditFunctionChanged.rawValue,
        reason:
          "the function ils.seal is not the one that ils-load --init of this version makes: run that, or ask who changed it"
      )
    }
    if let broken = try tables() { return broken }
    return try jobs()
  }

  private func tables() throws(DatabaseError) -> AuditVerdict? {
    let last = try connection.query(
      """
      SELECT seq, detail->>'tables' = \(Seal.tables) AS same FROM ils.audit WHERE detail ? 'tables' ORDER BY seq DESC LIMIT 1
      """
    ).first
    if let last, last.isTrue("same") { return nil }
    return .broken(
      seq: last?.integer("seq") ?? 0, code: UndoFault.auditTablesChanged.rawValue,
      reason: "ils.migrations or ils.restored is not as the trail's last event about them says")
  }

  private func jobs() throws(DatabaseError) -> AuditVerdict? {
    let wrong = try connection.query(
      """
      WITH marks AS (\(Self.marks)), last AS (
        SELECT DISTINCT ON (job_id) seq, job_id, seal FROM marks WHERE job_id IS NOT NULL ORDER BY job_id, seq DESC, seal
      ), made AS (
        SELECT DISTINCT ON (job_id) job_id, identity FROM marks WHERE identity IS NOT NULL ORDER BY job_id, seq DESC)
      SELECT coalesce(l.seq, 0) AS seq, coalesce(l.job_id, j.id) AS job,
        CASE WHEN j.id IS NULL THEN 'missing' WHEN l.seq IS NULL THEN 'unknown' ELSE 'changed' END AS why
      FROM last l FULL JOIN ils.jobs j ON j.id = l.job_id LEFT JOIN made m ON m.job_id = j.id
      WHERE j.id IS NULL OR l.seq IS NULL OR m.identity <> \(Seal.identity) OR l.seal <> ils.seal(j.id)
      ORDER BY 1, 2 LIMIT 1
      """)
    guard let first = wrong.first else { return nil }
    let (seq, job, why) = (first.integer("seq"), first.text("job"), first.text("why"))
    let (fault, reason): (UndoFault, String) =
      switch why {
      case "missing": (.auditJobMissing, "job \(job), which event \(seq) is about, is not in ils.jobs")
      case "unknown": (.auditJobUnknown, "no event of the trail is about job \(job), which is in ils.jobs")
      default:
        (
          .auditJobChanged,
          "job \(job) is not as event \(seq) says: its row in ils.jobs, its batches, or what it keeps for its rollback was changed"
        )
      }
    return .broken(seq: seq, code: fault.rawValue, reason: reason)
  }
}
