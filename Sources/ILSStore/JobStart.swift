import ILSRecord

/// Which job a loader works for.
public enum JobStart: Equatable, Sendable {
  case new
  /// An earlier job, which goes on with the same input.
  case resume(String)
  /// A job that several loaders share, made by the first of them; `part` tells their inputs apart.
  case join(String, part: String)
}

extension LoadStage {
  struct Opened {
    var job: Job
    /// Input records that are settled already, and why some of them were refused.
    var settled = 0
    var lastBatch = 0
    var errors: [Int: [RecordError]] = [:]
  }

  /// Makes the job, or takes it up where it stopped.
  static func open(
    _ start: JobStart, _ schema: LoadSchema, _ options: JobOptions, _ connection: Connection
  ) throws(StopError) -> Opened {
    try check(start)
    let opened: Opened?
    do throws(DatabaseError) {
      switch start {
      case .new:
        let job = try Job(new: "load", schema, options: options, connection)
        try hold(job, options)
        opened = Opened(job: job)
      case .resume(let id):
        let job = Job(existing: id, connection)
        try hold(job, options)
        opened = try reopen(job, schema)
      case .join(let id, let part):
        var job = try Job(new: "load", id: id, schema, options: options, connection)
        (job.part, job.isShared) = (part, true)
        try hold(job, options)
        try connection.run(job.presence)
        opened = try reopen(job, schema)
        if opened != nil { try job.openPart() }
      }
    } catch {
      guard error.state == "55P03" else { throw error.stop("opening the job") }
      throw StopError(.temporaryFailure, code: "job.locked", "another loader is still at work on the job")
    }
    guard let opened else {
      throw StopError(
        .dataError, code: "job.not_resumable", "the job is completed, rolled back, or not one of this entity")
    }
    return opened
  }

  /// Waits until the server has done with an earlier loader of the job: what that one was about to commit counts.
  private static func hold(_ job: Job, _ options: JobOptions) throws(DatabaseError) {
    try job.connection.run(
      "SET lock_timeout = \(Int(options.lockTimeout * 1000)); SELECT pg_advisory_lock(\(job.loaderKey))")
  }

  private static func reopen(_ job: Job, _ schema: LoadSchema) throws(DatabaseError) -> Opened? {
    let rows = try job.connection.query(
      """
      UPDATE ils.jobs SET status = 'processing', ended_at = NULL
      WHERE id = $1 AND kind = 'load' AND target = $2 AND status IN ('pending', 'processing', 'failed', 'cancelled')
      RETURNING 1
      """, [job.id, schema.table])
    guard rows.count == 1 else { return nil }
    let checkpoint = try job.checkpoint()
    return Opened(job: job, settled: checkpoint.settled, lastBatch: checkpoint.batch, errors: try job.errors())
  }

  private static func check(_ start: JobStart) throws(StopError) {
    switch start {
    case .new: return
    case .resume(let id), .join(let id, part: _):
      guard JobID.isValid(id) else { throw StopError(.usage, code: "usage", "\"\(id)\" is no job id, which is a UUID") }
    }
  }
}
