import ILSRecord

/// Undoes one load job: exactly what it did, and nothing else.
///
/// A row is the job's as long as its `xmin` is the transaction id of one of the job's batches: whoever changed it since
/// left another one. Such rows, and rows that others point at, are kept and named. Works set-wise, in transactions of
/// bounded size that each note what they did; run again, it goes on where it stopped.
public final class RollbackRun {
  private let session: RollbackSession
  private let sql: RollbackSQL
  private let job: Job
  private let undoes: JobID
  private var connection: Connection { session.connection }
  /// Rows of the job that are still there.
  public private(set) var kept = 0
  /// Rows whose before-image the table refuses now.
  private var refused: Set<String> = []

  /// Opens the rollback of a load job, or takes up one that was interrupted.
  /// - Parameters:
  ///   - undoes: the load job's id.
  ///   - isForced: rows that were edited since are undone too.
  ///   - schema: finds the schema of the job's entity by its name.
  /// - Throws: `noInput` where there is no such job, `dataError` where too much time has passed,
  ///   `temporaryFailure` where another rollback of it, or its loader, holds it.
  public init(
    undoes: JobID, _ session: RollbackSession, isForced: Bool, schema: (String) throws(StopError) -> LoadSchema
  ) throws(StopError) {
    self.session = session
    self.undoes = undoes
    let schema = try schema(try RollbackRun.entity(of: undoes, session.connection))
    do throws(DatabaseError) {
      try session.connection.run(AdvisoryLock.rollback(undoes).hold)
      if !session.options.isDryRun { try RollbackRun.stopLoader(of: undoes, session) }
      sql = try RollbackSQL(
        schema, undoes: undoes, isForced: isForced, rowsPerTransaction: session.options.batchSize, session.connection)
      job = try RollbackRun.open(schema, undoes, session)
    } catch {
      guard error.state == "55P03" else { throw error.stop("opening the rollback") }
      throw StopError(
        .temporaryFailure, code: "job.locked", "another rollback of job \(undoes), or its loader, is still at work")
    }
  }

  private static func entity(of id: JobID, _ connection: Connection) throws(StopError) -> String {
    let rows: Rows
    do throws(DatabaseError) {
      rows = try connection.query(
        "SELECT entity, undo_removed_at FROM ils.jobs WHERE id = $1 AND kind = 'load'", [id.text])
    } catch {
      throw error.stop("looking up the job")
    }
    guard let job = rows.first else {
      throw StopError(.noInput, code: "job.unknown", "there is no load job \(id)")
    }
    if job["undo_removed_at"] != nil {
      throw StopError(
        .dataError, code: "job.expired",
        "what the rollback of job \(id) would need was removed (ils-jobs cleanup --undo-older-than)")
    }
    return job.text("entity")
  }

  /// A loader that is under way stops behind its batch; once the job is rolled back, it can bring no other.
  private static func stopLoader(of id: JobID, _ session: RollbackSession) throws(DatabaseError) {
    let options = session.options
    _ = try session.connection.query(
      """
      WITH marked AS (
        UPDATE ils.jobs SET status = 'cancelled', ended_at = clock_timestamp()
        WHERE id = $1 AND status IN ('pending', 'processing') RETURNING id)
      SELECT ils.append_audit('cancel asked', id, $2, $3, '{}') FROM marked
      """, [id.text, options.osUser, options.host])
  }

  private static func open(_ schema: LoadSchema, _ id: JobID, _ session: RollbackSession) throws(DatabaseError) -> Job {
    if !session.options.isDryRun {
      let rows = try session.connection.query(
        """
        UPDATE ils.jobs SET status = 'processing', ended_at = NULL WHERE id = (
          SELECT id FROM ils.jobs WHERE undoes = $1 AND status IN ('processing', 'failed', 'cancelled')
          ORDER BY started_at DESC LIMIT 1)
        RETURNING id
        """, [id.text])
      if let own = rows.first {
        let job = Job(existing: JobID(stored: own["id"]), session.connection)
        try job.audit("rollback resumed", session.options, detail: "{}")
        return job
      }
    }
    return try Job(new: "rollback", schema, options: session.options, undoes: id, session.connection)
  }

  // MARK: - Undoing

  /// Undoes the job.
  public func undo() throws(StopError) {
    do throws(any Error) {
      while true {
        let batches = try connection.query(
          "SELECT count(*) AS count FROM ils.batches WHERE job_id = $1", [undoes.text])[0].integer("count")
        for table in ["parked", "claims"] {
          _ = try connection.query("DELETE FROM ils.\(table) WHERE job_id = $1", [undoes.text])
        }
        try restore()
        try delete()
        if try close(batches) { return }
      }
    } catch let error as DatabaseError {
      throw error.stop("rolling back; run it again to go on")
    } catch let stop as StopError {
      throw stop
    } catch {
      throw StopError(.software, code: "rollback", "the rollback failed")
    }
  }

  /// Sets the job rolled back, unless a loader has brought a batch meanwhile.
  private func close(_ batches: Int) throws -> Bool {
    var isLast = true
    try session.transaction { () throws(DatabaseError) in
      let now = try connection.query(
        """
        WITH held AS (SELECT id FROM ils.jobs WHERE id = $1 FOR NO KEY UPDATE)
        SELECT count(*) AS count FROM held JOIN ils.batches b ON b.job_id = held.id
        """, [undoes.text])
      isLast = now[0].integer("count") == batches
      guard isLast else { return }
      _ = try connection.query("UPDATE ils.jobs SET status = 'rolled back' WHERE id = $1", [undoes.text])
    }
    return isLast
  }

  /// One transaction of the rollback: `body` tells how many rows it touched, which `column` of the job's row counts.
  private func step(_ column: String, _ body: () throws(DatabaseError) -> Int) throws {
    var isCancelled = false
    try session.transaction { () throws(DatabaseError) in
      let touched = try body()
      let status = try connection.query(
        "UPDATE ils.jobs SET \(column) = \(column) + $2, processed = processed + $2 WHERE id = $1 RETURNING status",
        [job.id.text, "\(touched)"])
      isCancelled = status[0]["status"] == "cancelled"
    }
    if isCancelled || session.isInterrupted() {
      if !isCancelled, !session.options.isDryRun { _ = try? job.end("cancelled", session.options) }
      throw StopError(
        .temporaryFailure, code: isCancelled ? "job.cancelled" : "job.interrupted",
        isCancelled ? "cancelled by another: run it again to go on" : "interrupted: run it again to go on")
    }
  }

  /// Gives updated rows what they held before the job's first change. A restored row's image is deleted with it.
  private func restore() throws {
    var last = ""
    var limit = sql.rowsPerTransaction
    while true {
      var end: String?
      do {
        try step("restored") { () throws(DatabaseError) in
          let row = try connection.query(sql.restore(limit), [last])[0]
          end = row["last"]
          return row.integer("touched")
        }
      } catch let error as DatabaseError where error.isAboutData {
        // One of them collides with what others have done since: find it.
        if limit > 1 {
          limit = max(limit / 16, 1)
          continue
        }
        end = try connection.query(
          "SELECT min(row_id) AS first FROM ils.before_images WHERE job_id = $1 AND row_id > $2", [undoes.text, last])[
            0][
            "first"]
        if let end { refused.insert(end) }
      }
      guard let end else { return }
      last = end
    }
  }

  private func delete() throws {
    if sql.listsRows {
      var last = ""
      while true {
        var end: String?
        try step("deleted") { () throws(DatabaseError) in
          let row = try connection.query(sql.deleteListed, [last])[0]
          end = row["last"]
          return row.integer("touched")
        }
        guard let end else { return }
        last = end
      }
    }
    for range in try sql.ranges(connection) {
      try step("deleted") { () throws(DatabaseError) in try connection.query(sql.delete(range)).affected }
    }
  }

  // MARK: - Telling

  /// Writes an outcome for each row that was kept.
  /// - Parameter deliver: is called whenever some have gathered.
  public func tellKept(_ body: (JSONValue) throws(StopError) -> Void) throws(StopError) {
    do {
      if try connection.query(sql.left)[0].isTrue("left") {
        if !session.options.isDryRun { try connection.run("BEGIN READ ONLY") }
        try connection.run("DECLARE ils_kept NO SCROLL CURSOR FOR \(sql.kept)")
        while true {
          let rows = try connection.query("FETCH 1000 FROM ils_kept")
          if rows.isEmpty { break }
          for row in rows { try body(outcome(row.text("id"), row.text("reason"))) }
          kept += rows.count
        }
        try connection.run(session.options.isDryRun ? "CLOSE ils_kept" : "COMMIT")
      }
    } catch let error as DatabaseError {
      throw error.stop("naming the rows that were kept; run it again to go on")
    } catch let stop as StopError {
      throw stop
    } catch {
      throw StopError(.software, code: "rollback", "the rollback failed")
    }
  }

  private func outcome(_ row: String, _ reason: String) -> JSONValue {
    .object([
      ("outcome", .string("kept")), ("job", .string(job.id.text)), ("table", .string(sql.schema.table)),
      ("id", .string(row)), ("reason", .string(refused.contains(row) ? "conflict" : reason)),
    ])
  }

  /// Ends the rollback.
  /// - Returns: its job record.
  public func finish() throws(StopError) -> JSONValue {
    do {
      var head: String?
      try session.transaction { () throws(DatabaseError) in
        _ = try connection.query("UPDATE ils.jobs SET kept = $2 WHERE id = $1", [job.id.text, "\(kept)"])
        if !session.options.isDryRun { head = try job.end("completed", session.options) }
      }
      try connection.run(AdvisoryLock.rollback(undoes).release)
      var members = (try JSONValue(parsing: Array(try job.json().utf8))).members ?? []
      if let head { members.append(("auditHead", .string(head))) }
      if session.options.isDryRun { members.append(("dryRun", .boolean(true))) }
      return .object(members)
    } catch let error as DatabaseError {
      throw error.stop("ending the rollback; run it again to go on")
    } catch {
      throw StopError(.software, code: "db.json", "the database wrote JSON that cannot be read")
    }
  }
}
