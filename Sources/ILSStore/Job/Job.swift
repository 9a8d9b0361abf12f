import ILSRecord

/// One job's row in `ils.jobs`.
struct Job {
  let id: JobID
  let connection: Connection
  /// The part of the job's input that this loader has; empty where it has all of it.
  var part = ""
  /// Others load parts of the same job.
  var isShared = false
  /// Its parked records are taken up again.
  var isRelease = false

  /// Makes a job.
  init(
    new kind: String, id: JobID = JobID.make(), _ schema: LoadSchema, options: JobOptions,
    status: String = "processing",
    undoes: JobID? = nil, _ connection: Connection
  ) throws(DatabaseError) {
    self.id = id
    self.connection = connection
    // The event belongs to the job: neither is there without the other. A dry run has its transaction already.
    if !options.isDryRun { try connection.run("BEGIN") }
    let made = try connection.query(
      """
      INSERT INTO ils.jobs (id, kind, entity, target, source, options, status, os_user, host, undoes)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
      """,
      [
        id.text, kind, schema.entity, schema.table, options.source, options.json, status, options.osUser, options.host,
        undoes?.text,
      ])
    // The trail is locked up to the end of a transaction, and a dry run is one that lasts.
    if made.affected == 1, !options.isDryRun { try audit("\(kind) started", options, detail: "{}") }
    if !options.isDryRun { try connection.run("COMMIT") }
  }

  init(existing id: JobID, _ connection: Connection) {
    self.id = id
    self.connection = connection
  }

  /// Held by the one loader of this part, for as long as its connection lasts.
  var loaderLock: AdvisoryLock { .loader(id, part: part) }

  // MARK: - Batches

  /// Notes a batch, with the transaction id that its rows carry, and the job's progress.
  /// - Returns: whether the job has been cancelled meanwhile.
  func close(batch number: Int, _ records: ClosedRange<Int>, _ made: Counts) throws(DatabaseError) -> Bool {
    try connection.run(
      """
      INSERT INTO ils.batches (job_id, part, number, first_record, last_record, inserted, updated, skipped, failed, parked)
      VALUES (\(id.quotedLiteral), \(part.quotedLiteral), \(number), \(isRelease ? 0 : records.lowerBound),
        \(isRelease ? 0 : records.upperBound), \(made.inserted), \(made.updated), \(made.skipped), \(made.failed),
        \(made.parked));
      UPDATE ils.batches SET xid = xmin::text::bigint
      WHERE job_id = \(id.quotedLiteral) AND part = \(part.quotedLiteral) AND number = \(number)
      """)
    let parked = isRelease ? -(made.all - made.parked) : made.parked
    return try connection.query(
      """
      UPDATE ils.jobs SET processed = processed + $2, inserted = inserted + $3, updated = updated + $4,
        skipped = skipped + $5, failed = failed + $6, parked = parked + $7 WHERE id = $1 RETURNING status
      """,
      [id.text, isRelease ? "0" : "\(made.all)"]
        + [made.inserted, made.updated, made.skipped, made.failed, parked].map { "\($0)" })[0]["status"] == "cancelled"
  }

  /// Whether a batch was committed.
  func hasBatch(_ number: Int) throws(DatabaseError) -> Bool {
    try connection.query(
      "SELECT 1 FROM ils.batches WHERE job_id = $1 AND part = $2 AND number = $3", [id.text, part, "\(number)"]
    ).count == 1
  }

  /// How many records of its input the job has settled, and its last batch.
  func checkpoint() throws(DatabaseError) -> (settled: Int, batch: Int) {
    let rows = try connection.query(
      """
      SELECT coalesce(max(last_record), 0) AS settled, coalesce(max(number), 0) AS batch
      FROM ils.batches WHERE job_id = $1 AND part = $2
      """, [id.text, part])
    return (rows[0].integer("settled"), rows[0].integer("batch"))
  }

  // MARK: - Records that were not loaded

  /// Keeps why a record was refused; never a value.
  func keep(_ error: RecordError, number: Int, _ position: Position) throws(DatabaseError) {
    _ = try connection.query(
      """
      INSERT INTO ils.job_errors (job_id, part, record, source_row, source_file, code, field, message)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """,
      [
        id.text, part, "\(number)", position.row.map { "\($0)" }, position.file, error.code, error.field, error.message,
      ])
  }

  /// Why records were refused, by their number in the input.
  func errors() throws(DatabaseError) -> [Int: [RecordError]] {
    let rows = try connection.query(
      "SELECT record, code, field, message FROM ils.job_errors WHERE job_id = $1 AND part = $2", [id.text, part])
    var errors: [Int: [RecordError]] = [:]
    for row in rows {
      errors[row.integer("record"), default: []].append(
        RecordError(code: row.text("code"), field: row["field"], message: row.text("message")))
    }
    return errors
  }

  let copyParked =
    "COPY ils.parked (job_id, part, record, source_row, source_file, field, bytes) FROM STDIN (FORMAT binary)"

  func unpark(_ record: Int) throws(DatabaseError) {
    _ = try connection.query(
      "DELETE FROM ils.parked WHERE job_id = $1 AND part = $2 AND record = $3", [id.text, part, "\(record)"])
  }

  // MARK: - The end

  /// Ends the job and writes the event that closes it into the audit trail.
  /// - Returns: the head of the trail.
  func end(_ status: String, _ options: JobOptions) throws(DatabaseError) -> String {
    _ = try connection.query(
      "UPDATE ils.jobs SET status = $2, ended_at = clock_timestamp() WHERE id = $1", [id.text, status])
    return try audit("job \(status)", options, detail: try json())
  }

  /// Whether the job has come to its end.
  func hasEnded() throws(DatabaseError) -> Bool {
    try connection.query("SELECT 1 FROM ils.jobs WHERE id = $1 AND ended_at IS NOT NULL", [id.text]).count == 1
  }

  @discardableResult
  func audit(_ event: String, _ options: JobOptions, detail: String) throws(DatabaseError) -> String {
    try connection.query(
      "SELECT ils.append_audit($1, $2, $3, $4, $5) AS head",
      [event, id.text, options.osUser, options.host, detail])[0].text("head")
  }

  /// The job's record as JSON.
  func json() throws(DatabaseError) -> String {
    try connection.query("SELECT (\(Job.recordSQL))::text AS job FROM ils.jobs WHERE id = $1", [id.text])[0].text("job")
  }

  /// A job's record as JSON, by the names that the guide has for them: an expression over the columns of `ils.jobs`.
  static let recordSQL = """
    json_strip_nulls(json_build_object('job', id, 'kind', kind, 'entity', entity, 'source', source,
      'status', status, 'startedAt', started_at, 'endedAt', ended_at, 'undoes', undoes,
      'progress', json_build_object('total', rows, 'processed', processed, 'successful', inserted + updated,
        'failed', failed, 'skipped', skipped, 'parked', nullif(parked, 0)),
      'equation', CASE kind WHEN 'load' THEN json_build_object('rows', rows, 'inserted', inserted,
        'updated', updated, 'skipped', skipped, 'failed', failed, 'rejected', rejected, 'dropped', dropped,
        'parked', nullif(parked, 0)) END,
      'deleted', CASE kind WHEN 'rollback' THEN deleted END, 'restored', CASE kind WHEN 'rollback' THEN restored END,
      'kept', CASE kind WHEN 'rollback' THEN kept END))
    """
}

/// What became of the records of a batch.
struct Counts: Equatable {
  var inserted = 0
  var updated = 0
  var skipped = 0
  var failed = 0
  var parked = 0

  var all: Int { inserted + updated + skipped + failed + parked }
}
