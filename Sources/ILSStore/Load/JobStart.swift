import ILSRecord

/// Which job a loader works for.
public enum JobStart: Equatable, Sendable {
  /// A job of its own; `id` is given where others must know it before it begins.
  case new(id: JobID?)
  /// An earlier job, which goes on with the same input.
  case resume(JobID)
  /// A job that several loaders share, made by the first of them; `part` tells their inputs apart.
  case join(JobID, part: String)
}

extension JobStart {
  /// The id of a job that `start` makes.
  /// - Throws: where a job with the given id is there: it would be loaded twice.
  static func newID(_ start: JobStart, _ connection: Connection) throws(StopError) -> JobID {
    guard case .new(let given?) = start else { return JobID.make() }
    do throws(DatabaseError) {
      if try connection.query("SELECT 1 FROM ils.jobs WHERE id = $1", [given.text]).count == 0 { return given }
    } catch {
      throw error.stop("opening the job")
    }
    throw StopError(.dataError, JobFault.jobExists, "there is a job \(given): go on with it by --resume")
  }
}

extension LoadStage {
  /// A job that is ready to be loaded, and the connection's session for it.
  struct Opened {
    var target: TargetTable
    var job: Job
    var sql: BatchSQL
    var session: Session
    /// Input records that are settled already, and why some of them were refused.
    var settled = 0
    var lastBatch = 0
    /// A digest of the records that are settled, where the job has noted one.
    var digest: String?
    var errors: [Int: [RecordError]] = [:]
  }

  /// Checks the target against the catalogue, and makes the job or takes it up where it stopped; all of it a second
  /// time, where the connection was lost over it.
  /// - Parameter newID: the id of a job that is new.
  static func open(
    _ start: JobStart, newID: JobID, _ schema: LoadSchema, _ options: JobOptions, _ connection: Connection,
    _ isInterrupted: @escaping () -> Bool
  ) throws(StopError) -> Opened {
    let target = try TargetTable(schema, connection, updates: options.onDuplicate == .update)
    do throws(DatabaseError) {
      // A dry run takes its job back too.
      if options.isDryRun { try connection.run("BEGIN") }
      guard let job = try take(start, newID: newID, target, options, connection) else {
        throw DatabaseError.notResumable
      }
      let sql = BatchSQL(target, options, job)
      let session = try Session(connection, sql.setup(options), retry: options.retry, isInterrupted: isInterrupted)
      if options.isAtomic || options.isDryRun { try session.hold(isBegun: options.isDryRun) }
      let checkpoint = try job.checkpoint()
      return Opened(
        target: target, job: job, sql: sql, session: session, settled: checkpoint.settled,
        lastBatch: checkpoint.batch, digest: checkpoint.digest, errors: try job.errors())
    } catch {
      throw stop(error)
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

  /// Makes the job, or takes it up; nil where it cannot go on. Its loader's lock is held.
  private static func take(
    _ start: JobStart, newID: JobID, _ target: TargetTable, _ options: JobOptions, _ connection: Connection
  ) throws(DatabaseError) -> Job? {
    switch start {
    case .new:
      let job = try Job(id: newID, target, options: options, connection)
      try hold(job, options)
      return job
    case .resume(let id):
      let job = Job(existing: id, connection)
      try hold(job, options)
      return try reopen(job, target, options) ? job : nil
    case .join(let id, let part):
      var job = try Job(id: id, target, options: options, connection)
      (job.part, job.isShared) = (part, true)
      try hold(job, options)
      try connection.run(AdvisoryLock.presence(job.id).share)
      guard try reopen(job, target, options) else { return nil }
      try job.openPart()
      return job
    }
  }

  /// Waits until the server has done with an earlier loader of the job: what that one was about to commit counts.
  private static func hold(_ job: Job, _ options: JobOptions) throws(DatabaseError) {
    try job.connection.run(
      "SET lock_timeout = \(Int(options.lockTimeout * 1000)); \(job.loaderLock.hold); \(job.laneLock.hold); \(job.laneLock.release)"
    )
  }

  /// Sets the job to work; whether it is one that can go on.
  private static func reopen(_ job: Job, _ target: TargetTable, _ options: JobOptions) throws(DatabaseError) -> Bool {
    try job.connection.query(
      "SELECT ils.reopen_job($1, $2, $3, $4) AS ok", [job.id.text, target.oid, options.osUser, options.host])[0].isTrue(
        "ok")
  }
}

extension DatabaseError {
  /// No row of `ils.jobs` was one that can go on (no_data).
  fileprivate static var notResumable: DatabaseError {
    DatabaseError(state: "02000", table: nil, column: nil, constraint: nil, text: "", isDisconnected: false)
  }
}
