import ILSRecord

/// A job that is ready to be loaded: what was looked up, made and locked before its first record.
struct OpenedJob {
  let database: String
  let options: JobOptions
  /// As the catalogue had it, with all rights that the load needs.
  let table: TargetTable
  /// Its loader's lock is held.
  let job: Job
  /// On the connection that all of this was done on.
  let session: Session
  let sql: BatchSQL
  let checkpoint: Checkpoint

  /// Connects, checks the target against the catalogue, and makes the job or takes it up where it stopped. Where the
  /// connection is lost over it, all of that is done again.
  /// - Throws: `unavailable`, `configuration`, `noPermission`, `dataError` for a job that cannot go on.
  init(
    _ schema: LoadSchema, database: String, _ options: JobOptions, _ start: JobStart,
    isInterrupted: @escaping () -> Bool
  ) throws(StopError) {
    let connection = try Connection(database)
    func persist<T>(_ work: () throws(StopError) -> T) throws(StopError) -> T {
      try connection.outlivingLosses(for: options.retry, isInterrupted: isInterrupted, work)
    }
    try schema.jobRow?.check()
    let newID = try persist { () throws(StopError) in try JobStart.newID(start, connection) }
    (self.database, self.options) = (database, options)
    (table, job, sql, session, checkpoint) = try persist { () throws(StopError) in
      let table = try TargetTable(schema, connection, updates: options.onDuplicate == .update)
      try schema.jobRow?.checkEnd(connection)
      do throws(DatabaseError) {
        // A dry run takes its job back too.
        if options.isDryRun { connection.runAhead("BEGIN") }
        guard let job = try OpenedJob.take(start, newID: newID, table, options, connection) else {
          throw DatabaseError.notResumable
        }
        let sql = BatchSQL(table, options, job)
        let session = try Session(connection, sql.setup(options), retry: options.retry, isInterrupted: isInterrupted)
        if options.isAtomic || options.isDryRun { try session.hold(isBegun: options.isDryRun) }
        return (table, job, sql, session, start.isNew ? Checkpoint() : try job.checkpoint())
      } catch {
        throw OpenedJob.stop(error)
      }
    }
  }

  private static func stop(_ error: DatabaseError) -> StopError {
    switch error {
    case .notResumable:
      StopError(
        .dataError, JobFault.jobNotResumable, "the job is completed, rolled back, or not one of this entity")
    case _ where error.state == "55P03":
      StopError(.temporaryFailure, JobFault.jobLocked, "another loader is still at work on the job")
    default: error.stop("opening the job")
    }
  }

  /// Makes the job, or takes it up; nil where it cannot go on. Its loader's lock is held: whoever waits for it has nothing of
  /// the job yet that others could wait for.
  private static func take(
    _ start: JobStart, newID: JobID, _ table: TargetTable, _ options: JobOptions, _ connection: Connection
  ) throws(DatabaseError) -> Job? {
    let id =
      switch start {
      case .new: newID
      case .resume(let id), .join(let id, _): id
      }
    var job = Job(existing: id, connection)
    job.row = table.schema.jobRow
    switch start {
    case .new:
      try connection.ask(locks(job, options) + making(job, table, options))
      return job
    case .resume:
      let answers = try connection.ask(
        locks(job, options) + listing(job, table, options) + [reopening(job, table, options)])
      return isReopened(answers) ? job : nil
    case .join(_, let part):
      (job.part, job.isShared) = (part, true)
      let presence = Question(AdvisoryLock.presence(id).share)
      let answers = try connection.ask(
        locks(job, options) + [presence] + making(job, table, options) + [reopening(job, table, options)])
      guard isReopened(answers) else { return nil }
      try job.openPart()
      return job
    }
  }

  /// Makes the job, and the row that the application keeps of it: both, or neither.
  private static func making(_ job: Job, _ table: TargetTable, _ options: JobOptions) -> [Question] {
    [job.making(table, options)] + listing(job, table, options)
  }

  /// Makes that row unless it is there, and finds out whether it can be told how the job ends.
  private static func listing(_ job: Job, _ table: TargetTable, _ options: JobOptions) -> [Question] {
    guard let row = table.schema.jobRow else { return [] }
    return [row.making(job.id, source: options.source, entity: table.schema.entity), row.probing(job.id)]
  }

  /// Waits until the server has done with an earlier loader of the job: what that one was about to commit counts.
  private static func locks(_ job: Job, _ options: JobOptions) -> [Question] {
    let sql = [
      "SET lock_timeout = \(Int(options.lockTimeout * 1000))", job.loaderLock.hold, job.laneLock.hold,
      job.laneLock.release,
    ]
    return sql.map { Question($0) }
  }

  /// Sets the job to work.
  private static func reopening(_ job: Job, _ table: TargetTable, _ options: JobOptions) -> Question {
    Question("SELECT ils.reopen_job($1, $2, $3, $4) AS ok", [job.id.text, table.oid, options.osUser, options.host])
  }

  /// Whether it is a job that can go on.
  private static func isReopened(_ answers: [Rows]) -> Bool { answers.last?.first?.isTrue("ok") ?? false }
}

extension DatabaseError {
  /// No row of `ils.jobs` was one that can go on (no_data).
  fileprivate static var notResumable: DatabaseError {
    DatabaseError(state: "02000", table: nil, column: nil, constraint: nil, text: "", isDisconnected: false)
  }
}
