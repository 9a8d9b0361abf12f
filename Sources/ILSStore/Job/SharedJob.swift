import ILSRecord

extension Job {
  /// Notes that a loader begins with its part.
  func openPart() throws(DatabaseError) {
    _ = try connection.query("SELECT ils.open_part($1, $2)", [id.text, part])
  }

  /// Notes that a part came to its end. Loaded again, its unreadable lines are not counted twice.
  func closePart(unreadable: Int) throws(DatabaseError) {
    _ = try connection.query("SELECT ils.close_part($1, $2, $3)", [id.text, part, "\(unreadable)"])
  }
}

extension JobCatalogue {
  /// Ends a job that loaders shared, as a loader ends its own: with the equation over all of its parts.
  /// - Parameters:
  ///   - ledger: what the start of the pipe says.
  ///   - isForced: closes it although a part did not come to its end.
  /// - Returns: the job's record with the audit trail's head, and why it has failed; nil where it has not.
  /// - Throws: `dataError` where it has ended or a part has not, `temporaryFailure` where a loader is at work.
  public func close(
    _ id: JobID, _ ledger: Ledger, isForced: Bool, allowsDropped: Bool, osUser: String?, host: String?
  ) throws(StopError) -> (record: JSONValue, verdict: StopError?) {
    var options = JobOptions()
    (options.osUser, options.host) = (osUser, host)
    do {
      try connection.run("BEGIN")
      try check(id, isForced: isForced)
      var job = Job(existing: id, connection)
      job.row = try JobRow(of: id, connection)
      let verdict = try job.account(ledger, unreadable: 0, isAtomic: false, allowsDropped: allowsDropped)
      let head = try job.end(verdict == nil ? "completed" : "failed", options)
      try connection.run("COMMIT")
      return (.object((try record(id).members ?? []) + [("auditHead", .string(head))]), verdict)
    } catch let error as DatabaseError {
      try? connection.run("ROLLBACK")
      throw error.stop("closing the job")
    } catch let stop as StopError {
      try? connection.run("ROLLBACK")
      throw stop
    } catch {
      throw StopError(.software, JobFault.jobClose, "the job cannot be closed")
    }
  }

  private func check(_ id: JobID, isForced: Bool) throws {
    let job = try connection.query(
      """
      SELECT status, kind, pg_try_advisory_xact_lock(\(AdvisoryLock.presence(id).key)) AS held,
        (SELECT string_agg(part, ', ' ORDER BY part) FROM ils.parts WHERE job_id = id AND ended_at IS NULL) AS open,
        EXISTS (SELECT 1 FROM ils.parts WHERE job_id = id) AS shared
      FROM ils.jobs WHERE id = $1
      """, [id.text])[0]
    let status = job.text("status")
    guard job["kind"] == "load", !["completed", "rolled back"].contains(status) else {
      throw StopError(
        .dataError, JobFault.jobEnded,
        job["kind"] == "load" ? "the job is \(status): there is nothing to close" : "a rollback ends by itself")
    }
    guard job.isTrue("shared") else {
      throw StopError(
        .dataError, JobFault.jobNotShared,
        "the job is a single loader's, which ends it: go on with ils-load --resume, or ils-rollback")
    }
    guard job.isTrue("held") else {
      throw StopError(.temporaryFailure, JobFault.jobLocked, "a loader is still at work on the job: wait for it")
    }
    if let open = job["open"], !isForced {
      throw StopError(
        .dataError, JobFault.jobPartOpen,
        "parts that did not come to their end: \(open); load them again with the same --part, or close with --force")
    }
  }
}
