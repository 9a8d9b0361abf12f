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
  /// The status that the load job had, for a rollback that does not close.
  private let statusBefore: String
  private var connection: Connection { session.connection }
  /// Rows of the job that are still there.
  public private(set) var kept = 0
  private var tally = UndoEquation()
  /// Rows of the last page were refused.
  private var isCareful = false

  /// Columns that are not there any more, of which the job had changed values.
  public var lostColumns: [String] { sql.lostColumns }

  /// Rows of the job that were not found: deleted since, or marked as another's.
  public var gone: Int { tally.gone }

  /// Opens the rollback of a load job, or takes up one that was interrupted.
  /// - Parameter undoes: the load job's id.
  /// - Throws: `noInput` where there is no such job, `dataError` where too much time has passed or its table is not the
  ///   one that it loaded, `noPermission` where the role does not see all of its rows, `temporaryFailure` where another
  ///   rollback of it, or its loader, holds it.
  public init(undoes: JobID, _ session: RollbackSession) throws(StopError) {
    self.session = session
    self.undoes = undoes
    let connection = session.connection
    let options = session.options
    statusBefore = try RollbackRun.status(of: undoes, connection)
    let target = try JobTarget(of: undoes, connection)
    guard target.isSame || options.isForced else {
      throw StopError(
        .dataError, UndoFault.jobElsewhere,
        "table \(target.table) is not the one that job \(undoes) loaded: it was made anew, or restored into another "
          + "server, and who edited its rows since cannot be told; --force undoes the job by the rows' keys")
    }
    try RollbackRights.checkMarked(target, undoes, connection)
    do throws(DatabaseError) {
      try connection.run("\(AdvisoryLock.rollback(undoes).hold); DELETE FROM ils_refused")
      let own = try connection.query(
        "SELECT ils.open_undo($1, $2, $3, $4, $5) AS id",
        [JobID.make().text, undoes.text, options.undoJSON, options.osUser, options.host])
      job = Job(existing: JobID(stored: own[0]["id"]), connection)
      sql = try RollbackSQL(
        target, undoes: undoes, by: job.id, isForced: options.isForced, rowsPerTransaction: options.batchSize,
        connection)
    } catch {
      guard error.state == "55P03" else { throw error.stop("opening the rollback") }
      throw StopError(
        .temporaryFailure, JobFault.jobLocked, "another rollback of job \(undoes), or its loader, is still at work")
    }
    try RollbackRights(target, sql, undoes, connection).check()
  }

  private static func status(of id: JobID, _ connection: Connection) throws(StopError) -> String {
    let rows: Rows
    do throws(DatabaseError) {
      rows = try connection.query(
        "SELECT status, undo_removed_at FROM ils.jobs WHERE id = $1 AND kind = 'load'", [id.text])
    } catch {
      throw error.stop("looking up the job")
    }
    guard let row = rows.first else {
      throw StopError(.noInput, JobFault.jobUnknown, "there is no load job \(id)")
    }
    if row["undo_removed_at"] != nil {
      throw StopError(
        .dataError, JobFault.jobExpired,
        "what the rollback of job \(id) would need was removed (ils-jobs cleanup --undo-older-than)")
    }
    return row.text("status")
  }

  // MARK: - Undoing

  /// Undoes the job.
  public func undo() throws(StopError) {
    do throws(any Error) {
      while true {
        let batches = try connection.query(
          "SELECT count(*) AS count FROM ils.batches WHERE job_id = $1", [undoes.text])[0].text("count")
        _ = try connection.query("SELECT ils.drop_parked($1)", [job.id.text])
        try restore()
        try delete()
        var isLast = true
        try session.transaction { () throws(DatabaseError) in
          isLast = try connection.query("SELECT ils.close_undone($1, $2) AS last", [job.id.text, batches])[0].isTrue(
            "last")
        }
        if isLast { return }
      }
    } catch let error as DatabaseError {
      throw error.stop("rolling back; run it again to go on")
    } catch let stop as StopError {
      throw stop
    } catch {
      throw StopError(.software, JobFault.rollback, "the rollback failed")
    }
  }

  /// One transaction of the rollback.
  /// - Parameters:
  ///   - all: undoes a page by one statement; answers how many rows, and the rollback's status.
  ///   - keys: SQL for the keys of the page, where that fails.
  ///   - part: undoes some of them.
  private func step(
    _ all: () throws(DatabaseError) -> (Int, String?), keys: () -> String, _ part: RollbackSQL.Step
  ) throws -> Int {
    var made: (amount: Int, status: String?)?
    if !isCareful {
      do throws(DatabaseError) {
        try session.transaction { () throws(DatabaseError) in made = try all() }
      } catch {
        // One of the rows is refused: by a trigger, by a check, by what others have done since; if only at the end. Find it.
        guard error.isAboutRecord else { throw error }
        made = nil
      }
    }
    let page = try made ?? byParts(keys(), part)
    try heed(page.status)
    return page.amount
  }

  /// Undoes what can be of a page of which some rows are refused. The next page is thought to be of its kind.
  private func byParts(_ keys: String, _ part: RollbackSQL.Step) throws -> (amount: Int, status: String?) {
    var made: (amount: Int, status: String?) = (0, nil)
    try session.transaction { () throws(DatabaseError) in
      try connection.run(sql.each(keys, part))
      let now = try connection.query(
        """
        SELECT current_setting('ils.done') AS done, current_setting('ils.refused') <> '0' AS refused, status
        FROM ils.jobs WHERE id = $1
        """, [job.id.text])[0]
      made = (now.integer("done"), now["status"])
      isCareful = now.isTrue("refused")
    }
    return made
  }

  /// Stops behind a transaction where somebody asks for it.
  private func heed(_ status: String?) throws {
    let isCancelled = status == "cancelled"
    if isCancelled || session.isInterrupted() {
      if !session.options.isDryRun { _ = try? job.end("cancelled", session.options) }
      throw StopError(
        .temporaryFailure, isCancelled ? JobFault.jobCancelled : .jobInterrupted,
        isCancelled ? "cancelled by another: run it again to go on" : "interrupted: run it again to go on")
    }
  }

  /// Gives updated rows what they held before, the job's last change of a row first. A restored row's image goes with it.
  private func restore() throws {
    for turn in (0..<sql.turns).reversed() {
      // What collides with another row of the job may be free once that one is restored.
      while try pages(turn, restoring: sql.restore(turn, .page), sql.restore(turn, .keys)) > 0 {
        if try connection.query(sql.pageEnd(turn), [""])[0]["last"] == nil { break }
      }
    }
  }

  private func delete() throws {
    // Rows that point at others of their own table go first.
    repeat {
      var deleted = 0
      if sql.listsRows {
        deleted = try pages(nil, restoring: sql.deleteKeys(.page), sql.deleteKeys(.keys))
      } else {
        for range in try sql.ranges(connection) { deleted += try delete(range) }
      }
      if deleted == 0 || !sql.references.isToItself { return }
    } while true
  }

  private func delete(_ range: Range<Int>?) throws -> Int {
    try step(
      { () throws(DatabaseError) in
        if let hold = sql.hold(range) { _ = try connection.query(hold) }
        let amount = try connection.query(sql.delete(range)).affected
        if amount == 0 { return (0, nil) }
        return (
          amount,
          try connection.query("SELECT ils.note_deleted($1, $2, NULL) AS status", [job.id.text, "\(amount)"])[0][
            "status"]
        )
      }, keys: { sql.keys(range) }, sql.deleteKeys(.keys))
  }

  /// Goes through images of a turn, or through listed rows, page by page; how many were undone.
  private func pages(_ turn: Int?, restoring page: RollbackSQL.Step, _ part: RollbackSQL.Step) throws -> Int {
    var last = ""
    var done = 0
    while let end = try connection.query(sql.pageEnd(turn), [last])[0]["last"] {
      let start = last
      done += try step(
        { () throws(DatabaseError) in
          if let hold = page.hold { _ = try connection.query(hold, [start, end]) }
          let written = try connection.query(page.write, [start, end])
          let made = try page.note.map { note throws(DatabaseError) in try connection.query(note) } ?? written
          return (made[0].integer("amount"), made[0]["status"])
        }, keys: { sql.keys(turn, behind: start, to: end) }, part)
      last = end
    }
    return done
  }

  // MARK: - Telling

  /// Writes an outcome for each row that was kept, or is not there any more.
  public func tellKept(_ body: (JSONValue) throws(StopError) -> Void) throws(StopError) {
    do {
      tally = try UndoEquation(of: undoes, connection)
      if tally.mayBeLeft {
        if !session.options.isDryRun { try connection.run("BEGIN READ ONLY") }
        try connection.run("DECLARE ils_kept NO SCROLL CURSOR FOR \(sql.kept)")
        while true {
          let rows = try connection.query("FETCH 1000 FROM ils_kept")
          if rows.isEmpty { break }
          for row in rows { try body(outcome(row)) }
        }
        try connection.run(session.options.isDryRun ? "CLOSE ils_kept" : "COMMIT")
      }
      tally.inserted.gone = tally.inserted.rows - tally.inserted.undone - tally.inserted.kept
      kept = tally.inserted.kept + tally.updated.kept
    } catch let error as DatabaseError {
      throw error.stop("naming the rows that were kept; run it again to go on")
    } catch let stop as StopError {
      throw stop
    } catch {
      throw StopError(.software, JobFault.rollback, "the rollback failed")
    }
  }

  private func outcome(_ row: Row) -> JSONValue {
    let reason = row.text("reason")
    tally.count(reason, isInserted: row["side"] == "inserted")
    let outcome = reason == "gone" ? [("outcome", JSONValue.string("gone"))] : [("outcome", .string("kept"))]
    let members: [(name: String, value: JSONValue)] =
      outcome + [
        ("job", .string(job.id.text)), ("table", .string(sql.target.name)), ("id", .string(row.text("row_id"))),
      ] + (reason == "gone" ? [] : [("reason", .string(reason))])
      + (row["state"].map { [("code", .string("db.\($0)"))] } ?? [])
    return .object(members)
  }

  /// Takes away the row that the application keeps of the job, once none of the job's rows is left that points at it.
  /// - Returns: whether it is there still: rows were kept, or something else of the application holds it.
  private func removeJobRow() throws -> Bool {
    guard let column = sql.target.jobColumn, let row = try JobRow(of: undoes, connection) else { return false }
    do throws(DatabaseError) {
      var isListed = true
      try session.transaction { () throws(DatabaseError) in
        if tally.closes, try row.remove(undoes, from: sql.target.table, jobColumn: column, connection) {
          isListed = false
        } else {
          isListed = try connection.query(row.mayBeThere(undoes))[0].isTrue("listed")
        }
      }
      return isListed
    } catch {
      // Rows that this role does not see point at it; or the role may not delete it.
      guard !error.isLost else { throw error }
      return true
    }
  }

  /// Ends the rollback. One that does not close leaves the job as what it was.
  /// - Returns: its job record, and what is wrong with its equation.
  public func finish() throws(StopError) -> (record: JSONValue, verdict: StopError?) {
    do {
      var head: String?
      let options = session.options
      let rowStays = try removeJobRow()
      try session.transaction { () throws(DatabaseError) in
        let end = [
          job.id.text, tally.closes ? "completed" : "failed", "\(kept)", "\(max(tally.gone, 0))",
          tally.closes ? nil : statusBefore, options.osUser, options.host,
        ]
        head = try connection.query("SELECT ils.end_undo($1, $2, $3, $4, $5, $6, $7) AS head", end)[0]["head"]
      }
      try connection.run(AdvisoryLock.rollback(undoes).release)
      var members = (try JSONValue(parsing: Array(try job.json().utf8))).members ?? []
      members.append(("equation", tally.json))
      if let head, !options.isDryRun { members.append(("auditHead", .string(head))) }
      if rowStays { members.append(("listed", .boolean(true))) }
      if options.isDryRun { members.append(("dryRun", .boolean(true))) }
      return (.object(members), tally.verdict(undoes))
    } catch let error as DatabaseError {
      throw error.stop("ending the rollback; run it again to go on")
    } catch {
      throw StopError(.software, DatabaseFault.dbJson, "the database wrote JSON that cannot be read")
    }
  }
}
