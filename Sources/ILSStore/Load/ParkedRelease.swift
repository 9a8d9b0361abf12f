import ILSRecord

/// Takes up parked records again: those whose other row has come meanwhile become rows of the job that parked them.
public struct ParkedRelease {
  private let url: String
  private let options: JobOptions
  private let schema: (String) throws(StopError) -> LoadSchema
  /// The other row's entity, or nil for any; the job, or nil for all.
  private let entity: String?
  private let job: JobID?
  private let patience: Double
  private let isInterrupted: () -> Bool

  /// Records in one batch.
  private static let batchSize = 10_000

  /// - Parameters:
  ///   - entity: only records that wait for rows of this entity; nil for any.
  ///   - job: only records of this job; nil for all.
  ///   - patience: for how many seconds a server that is away is waited for at first.
  ///   - isInterrupted: asked between batches and while it waits: whether to stop.
  ///   - schema: finds an entity's schema by its name.
  public init(
    database: String, options: JobOptions, entity: String? = nil, job: JobID? = nil, patience: Double = 0,
    isInterrupted: @escaping () -> Bool, schema: @escaping (String) throws(StopError) -> LoadSchema
  ) {
    url = database
    self.options = options
    self.entity = entity
    self.job = job
    self.patience = patience
    self.isInterrupted = isInterrupted
    self.schema = schema
  }

  /// Releases what can be, and tells how many records of each job were and how many still wait.
  public func run(emit: inout Emitter) throws(StopError) {
    let (connection, waiting) = try parked()
    // They are of other inputs than what was read last.
    emit.inputName = nil
    for row in waiting {
      let schema = try schema(of: row)
      if let entity, !schema.references.contains(where: { $0.entity == entity }) { continue }
      var options = options
      options.onDuplicate = row["duplicates"].flatMap { OnDuplicate(rawValue: $0) } ?? .fail
      options.parksOrphans = true
      options.source = row["source"]
      options.batchSize = Self.batchSize
      var job = Job(existing: JobID(stored: row["job"]), connection)
      (job.part, job.isRelease) = (row.text("part"), true)
      guard try hold(job) else {
        emit.tell(
          Diagnostic(
            .info, JobFault.jobParked,
            "job \(job.id) is at work: what it has parked waits for ils-jobs release, or for its own end"))
        continue
      }
      let left = try self.waiting(job)
      if left > 0 { try release(job, of: left, schema, options, &emit) }
    }
  }

  /// The jobs that have parked records. The job that was just loaded has ended by then: nothing is lost by waiting for the server.
  private func parked() throws(StopError) -> (Connection, Rows) {
    var patience = Patience(patience)
    while true {
      do throws(StopError) {
        let connection = try Connection(url)
        return (connection, try parked(connection))
      } catch {
        guard error.status == .unavailable, !isInterrupted(), patience.wait() else { throw error }
      }
    }
  }

  private func parked(_ connection: Connection) throws(StopError) -> Rows {
    do throws(DatabaseError) {
      return try connection.query(
        """
        SELECT p.job_id AS job, p.part, j.entity, j.options->>'onDuplicate' AS duplicates, count(*) AS waiting, j.document, j.source
        FROM ils.parked p JOIN ils.jobs j ON j.id = p.job_id
        WHERE j.status <> 'rolled back' AND ($1::uuid IS NULL OR j.id = $1) GROUP BY 1, 2, 3, 4, 6, 7 ORDER BY 1, 2
        """, [job?.text])
    } catch {
      throw error.stop("looking for parked records")
    }
  }

  /// The schema that the job was loaded by; jobs of earlier versions carry none.
  private func schema(of row: Row) throws(StopError) -> LoadSchema {
    guard let text = row["document"], let document = try? JSONValue(parsing: Array(text.utf8)) else {
      return try schema(row.text("entity"))
    }
    return try LoadSchema(document: document)
  }

  /// Whether no loader of the part, and no other release, is at work.
  private func hold(_ job: Job) throws(StopError) -> Bool {
    do throws(DatabaseError) {
      return try job.connection.query("SELECT pg_try_advisory_lock(\(job.loaderLock.key)) AS held")[0].isTrue("held")
    } catch {
      throw error.stop("releasing parked records")
    }
  }

  private func release(
    _ job: Job, of waiting: Int, _ schema: LoadSchema, _ options: JobOptions, _ emit: inout Emitter
  ) throws(StopError) {
    let table = try TargetTable(schema, job.connection, updates: options.onDuplicate == .update)
    let sql = BatchSQL(table, options, job)
    let match = MatchSQL(IdentityTerms(table))
    let place = options.source == nil ? nil : schema.sourceField.flatMap { sql.stagedFields.firstIndex(of: $0) }
    let stand = place.map { (index: $0, text: options.source ?? "") }
    let left: Int
    var isCut = false
    do {
      let who = [options.osUser, options.host]
      _ = try job.connection.query("SELECT ils.open_release($1, $2, $3, $4)", [job.id.text, job.part] + who)
      let session = try Session(job.connection, sql.setup(options), retry: options.retry, isInterrupted: isInterrupted)
      let writer = BatchWriter(
        session, job, LoadProgress(lastBatch: try job.checkpoint().batch), sql, straight: nil, options, KeyRing(match),
        match,
        stand: stand)
      var last = 0
      while true {
        let rows = try parked(job, behind: last)
        guard let end = rows.last else { break }
        isCut = isInterrupted()
        if isCut { break }
        try settle(rows, writer, &emit)
        last = end.integer("record")
      }
      left = try self.waiting(job)
      let close = Question(
        "SELECT ils.close_release($1, $2, $3, $4, $5)", [job.id.text, job.part, "\(waiting - left)"] + who)
      // An application that was told of the job's end is told how many records are in by now.
      try job.connection.ask([close] + (try job.hasEnded() ? schema.jobRow?.telling(job.id) ?? [] : []))
    } catch let error as DatabaseError {
      throw error.stop("releasing parked records")
    } catch StageError.stop(let stop) {
      throw stop
    } catch let stop as StopError {
      throw stop
    } catch {
      throw StopError(.software, JobFault.jobParked, "a parked record cannot be read again")
    }
    emit.tell(
      Diagnostic(
        .info, JobFault.jobReleased, "job \(job.id): \(waiting - left) parked records released, \(left) still wait"))
    if isCut {
      throw StopError(
        .temporaryFailure, JobFault.jobInterrupted,
        "interrupted while parked records were released: ils-jobs release goes on with the rest")
    }
  }

  /// How many records of the part are parked. Until it is held, another release may be at work on them.
  private func waiting(_ job: Job) throws(StopError) -> Int {
    do throws(DatabaseError) {
      return try job.connection.query(
        "SELECT count(*) AS waiting FROM ils.parked WHERE job_id = $1 AND part = $2", [job.id.text, job.part])[0]
        .integer("waiting")
    } catch {
      throw error.stop("counting parked records")
    }
  }

  private func parked(_ job: Job, behind number: Int) throws(DatabaseError) -> Rows {
    try job.connection.query(
      """
      SELECT record, source_row, source_file, bytes FROM ils.parked WHERE job_id = $1 AND part = $2 AND record > $3
      ORDER BY record LIMIT \(Self.batchSize)
      """, [job.id.text, job.part, "\(number)"])
  }

  private func settle(_ rows: Rows, _ writer: BatchWriter, _ emit: inout Emitter) throws(StageError) {
    var scanner = RecordScanner()
    var line = OutputBuffer()
    emit.countTaken(rows.count)
    for row in rows {
      line.removeAll()
      line.append(row.text("bytes"))
      do throws(RecordError) {
        let record = try scanner.scan(line.padded, number: row.integer("source_row"))
        writer.setShape(record.shape)
        writer.batch.input = row["source_file"]
        writer.add(record, number: row.integer("record"), probes: NewcomerFilter.all)
      } catch {
        throw .reject(Rejection(error))
      }
    }
    try writer.settle(&emit)
  }
}
