import ILSRecord

/// What an audit trail proved to be.
public enum AuditVerdict: Equatable, Sendable {
  /// Every event is there and as it was written.
  case whole(events: Int, head: String)
  /// The first event that is wrong.
  case broken(seq: Int, code: String, reason: String)
}

extension JobCatalogue {
  /// The events of the trail in order, or those of one job and what a server was asked of it.
  public func events(of job: JobID?, _ body: (JSONValue) throws(StopError) -> Void) throws(StopError) {
    try each(
      """
      SELECT json_build_object('seq', seq, 'at', at, 'event', event, 'job', job_id, 'databaseUser', database_user,
        'osUser', os_user, 'host', host, 'detail', detail, 'previous', previous, 'hash', hash) AS json
      FROM ils.audit WHERE $1::uuid IS NULL OR job_id = $1 OR detail->>'job' = $1::uuid::text ORDER BY seq
      """, [job?.text], body)
  }

  /// Proves the trail: recomputes the chain of hashes from the first event to the last, and compares the jobs with what
  /// was sealed of them.
  /// - Parameter head: the hash of an event that was kept elsewhere; without it, events cut off at the end leave no trace.
  /// - Complexity: O(*n*) in events, and in what the jobs keep for their rollback; in the server.
  public func verify(head: String?) throws(StopError) -> AuditVerdict {
    do throws(DatabaseError) {
      // One look for all: jobs may be at work meanwhile.
      try connection.run(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \(Seal.settings.replacing(" SET ", with: "; SET "))")
      let verdict = try chain(head: head?.lowercased())
      let seals = if case .whole = verdict { try AuditSeals(connection).firstBroken() } else { AuditVerdict?.none }
      try connection.run("ROLLBACK")
      return seals ?? verdict
    } catch {
      throw error.stop("verifying the audit trail")
    }
  }

  /// The same of the chain of hashes alone, within a transaction.
  func chain(head: String?) throws(DatabaseError) -> AuditVerdict {
    let wrong = try connection.query(
      """
      SELECT seq, place, why FROM (
        SELECT seq, row_number() OVER w AS place,
          CASE WHEN seq <> row_number() OVER w THEN 'audit.missing'
            WHEN previous <> coalesce(lag(hash) OVER w, '') THEN 'audit.unlinked'
            WHEN hash IS DISTINCT FROM \(AuditHash.sql) OR scheme < coalesce(lag(scheme) OVER w, 1)
              THEN 'audit.changed' END AS why
        FROM ils.audit a WINDOW w AS (ORDER BY seq)) checked
      WHERE why IS NOT NULL ORDER BY seq LIMIT 1
      """)
    if let first = wrong.first { return Self.broken(first.integer("seq"), first.integer("place"), first.text("why")) }
    let last = try connection.query("SELECT seq, hash FROM ils.audit ORDER BY seq DESC LIMIT 1").first
    let events = last?.integer("seq") ?? 0
    if let head, try connection.query("SELECT 1 FROM ils.audit WHERE hash = $1", [head]).isEmpty {
      return .broken(
        seq: events + 1, code: JobFault.auditTruncated.rawValue,
        reason: "the trail ends with event \(events), and the event of the kept head is not in it: "
          + "the end was cut off, or all of it was written anew")
    }
    return .whole(events: events, head: last?.text("hash") ?? "")
  }

  private static func broken(_ seq: Int, _ place: Int, _ code: String) -> AuditVerdict {
    switch code {
    case JobFault.auditMissing.rawValue:
      .broken(seq: place, code: code, reason: "event \(place) is missing: \(seq) follows \(place - 1)")
    case JobFault.auditUnlinked.rawValue:
      .broken(
        seq: seq, code: code,
        reason: "event \(seq) does not continue event \(seq - 1): one of the two was changed after it was written")
    default: .broken(seq: seq, code: code, reason: "event \(seq) is not as it was written")
    }
  }
}
