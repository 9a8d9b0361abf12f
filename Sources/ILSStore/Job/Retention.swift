import ILSRecord

/// How long the details of finished jobs are kept. Jobs and audit events are kept for ever.
public struct Retention: Equatable, Sendable {
  /// Seconds after a job's end for which its errors are kept.
  public var errors = 24 * 3600
  /// Seconds after a job's end for which it can be rolled back: before-images, and which rows it wrote.
  public var undo = 30 * 24 * 3600

  public init() {}

  /// What was removed, or would be.
  public struct Removed: Equatable, Sendable {
    public var jobs = 0
    public var errors = 0
    public var beforeImages = 0
    public var batches = 0
  }
}

extension JobCatalogue {
  /// Removes what is older than `retention` allows, and says so in the audit trail.
  ///
  /// A job that could still be resumed (failed, cancelled) repeats its errors when it is; they stay as long as what a
  /// rollback needs. Parked records are the user's: their job keeps everything until they are released or rolled back.
  public func clean(_ retention: Retention, isDryRun: Bool, osUser: String?, host: String?) throws(StopError)
    -> Retention.Removed
  {
    do throws(DatabaseError) {
      try connection.run("BEGIN")
      let changed = try remove(retention)
      let removed = changed.removed
      if !isDryRun, removed != Retention.Removed() {
        let detail = JSONValue.object([
          ("jobs", .number("\(removed.jobs)")), ("errors", .number("\(removed.errors)")),
          ("beforeImages", .number("\(removed.beforeImages)")), ("batches", .number("\(removed.batches)")),
        ]).text
        // The jobs' seals cover what is gone now.
        _ = try connection.query(
          "SELECT ils.append_seals('details removed', $1, $2, $3, $4)", [changed.ids, osUser, host, detail])
      }
      try connection.run(isDryRun ? "ROLLBACK" : "COMMIT")
      return removed
    } catch {
      try? connection.run("ROLLBACK")
      throw error.stop("removing old details")
    }
  }

  private func remove(_ retention: Retention) throws(DatabaseError) -> (
    removed: Retention.Removed, ids: String
  ) {
    var removed = Retention.Removed()
    // The statuses in which a job's input is done with; the others can go on.
    let shortLived = """
      ended_at < now() - make_interval(secs => $1) AND errors_removed_at IS NULL AND parked = 0
        AND status IN ('completed', 'rolled back')
      """
    let longLived = """
      ended_at < now() - make_interval(secs => $1) AND undo_removed_at IS NULL AND parked = 0
        AND status IN ('completed', 'rolled back', 'failed', 'cancelled')
      """
    let errors = try connection.query(
      """
      WITH old AS (UPDATE ils.jobs SET errors_removed_at = now() WHERE \(shortLived) RETURNING id),
        gone AS (DELETE FROM ils.job_errors e USING old WHERE e.job_id = old.id RETURNING 1)
      SELECT (SELECT count(*) FROM old) AS jobs, (SELECT count(*) FROM gone) AS errors, (SELECT array_agg(id) FROM old) AS ids
      """, ["\(retention.errors)"])[0]
    let undo = try connection.query(
      """
      WITH old AS (
          UPDATE ils.jobs SET undo_removed_at = now(), errors_removed_at = coalesce(errors_removed_at, now())
          WHERE \(longLived) RETURNING id),
        errors AS (DELETE FROM ils.job_errors e USING old WHERE e.job_id = old.id RETURNING 1),
        images AS (DELETE FROM ils.before_images i USING old WHERE i.job_id = old.id RETURNING 1),
        batches AS (DELETE FROM ils.batches b USING old WHERE b.job_id = old.id RETURNING 1),
        listed AS (DELETE FROM ils.inserted n USING old WHERE n.job_id = old.id),
        -- What a row stands for matters as long as the job that wrote that can be undone.
        restored AS (DELETE FROM ils.restored r WHERE r.stands_for IN (
            SELECT unnest(b.subxids || b.xid) FROM ils.batches b JOIN old ON b.job_id = old.id)
          AND r.stands_for NOT IN (
            SELECT unnest(b.subxids || b.xid) FROM ils.batches b WHERE b.job_id NOT IN (SELECT id FROM old))
          RETURNING r.job_id)
      SELECT (SELECT count(*) FROM old) AS jobs, (SELECT count(*) FROM errors) AS errors,
        (SELECT count(*) FROM images) AS images, (SELECT count(*) FROM batches) AS batches, (SELECT array_agg(id) FROM (
          SELECT id FROM old UNION SELECT job_id FROM restored WHERE job_id IS NOT NULL) x) AS ids
      """, ["\(max(retention.undo, retention.errors))"])[0]
    removed.jobs = max(errors.integer("jobs"), undo.integer("jobs"))
    removed.errors = errors.integer("errors") + undo.integer("errors")
    removed.beforeImages = undo.integer("images")
    removed.batches = undo.integer("batches")
    let ids = [errors["ids"], undo["ids"]].compactMap { $0?.dropFirst().dropLast() }.filter { !$0.isEmpty }
    return (removed, "{\(ids.joined(separator: ","))}")
  }
}
