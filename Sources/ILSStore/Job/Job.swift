import ILSRecord

/// One job's row in `ils.jobs`.
struct Job {
  let id: JobID
  let connection: Connection
  /// The part of the job's input that this loader has; empty where it has all of it.
  var part = ""
  /// Others load parts of the same job.
  var isShared = false
  /// Where the application lists it; nil where it does not.
  var row: JobRow?
  /// Its parked records are taken up again.
  var isRelease = false

  init(existing id: JobID, _ connection: Connection) {
    self.id = id
    self.connection = connection
  }

  /// Makes a load job, unless there is one with its id.
  func making(_ target: TargetTable, _ options: JobOptions) -> Question {
    let schema = target.schema
    let keys = JSONValue.object([("id", .string(schema.id)), ("job", schema.jobColumn.map { .string($0) } ?? .null)])
    return Question(
      "SELECT ils.open_job($1, $2, $3, $4, $5, $6, $7, $8, 'processing', $9, $10)",
      [
        id.text, schema.entity, schema.table, target.oid, keys.text, schema.document.text, options.source, options.json,
        options.osUser, options.host,
      ])
  }

  /// The same job, on another connection.
  init(_ job: Job, on connection: Connection) {
    self.init(existing: job.id, connection)
    (part, isShared, isRelease, row) = (job.part, job.isShared, job.isRelease, job.row)
  }

  /// Held by the one loader of this part, for as long as its connection lasts.
  var loaderLock: AdvisoryLock { .loader(id, part: part) }

  /// Held, beside each other, by the connections on which that loader brings batches.
  var laneLock: AdvisoryLock { .lane(id, part: part) }

  // MARK: - Batches

  /// Notes a batch, with the transaction ids that its rows carry, and the job's progress: `status` is the job's.
  func closing(batch number: Int, _ records: ClosedRange<Int>, _ made: Counts, subxids: String? = nil) -> Question {
    let sums = [made.inserted, made.updated, made.skipped, made.failed, made.parked]
    return Question(
      "SELECT ils.close_batch($1, $2, $3, $4, $5, $6, $7, $8) AS status",
      [
        id.text, part, "\(number)", "\(records.lowerBound)", "\(records.upperBound)",
        "{\(sums.map { "\($0)" }.joined(separator: ","))}", isRelease ? "t" : "f", subxids,
      ])
  }

  /// Whether a batch was committed.
  func hasBatch(_ number: Int) throws(DatabaseError) -> Bool {
    try connection.query(
      "SELECT 1 FROM ils.batches WHERE job_id = $1 AND part = $2 AND number = $3", [id.text, part, "\(number)"]
    ).count == 1
  }

  /// How many records of the input the batches hold. Those of a release have none.
  var recordsNoted: Question {
    Question(
      """
      SELECT coalesce(sum(last_record - first_record + 1), 0) AS records FROM ils.batches
      WHERE job_id = $1 AND part = $2 AND last_record > 0
      """, [id.text, part])
  }

  /// How many rows the job has inserted, and how many of them are there.
  func rowsThere(_ table: TargetTable) -> Question {
    let schema = table.schema
    return Question(
      """
      SELECT inserted, (SELECT count(*) FROM \(schema.table.quotedIdentifier) t WHERE \(schema.isInserted(by: id, "t"))) AS there
      FROM ils.jobs WHERE id = $1
      """, [id.text])
  }

  /// Notes the digest of the first records of the input, which are settled.
  func noting(_ digest: UInt64, ofFirst records: Int) -> Question {
    Question(
      """
      INSERT INTO ils.inputs (job_id, part, records, digest) VALUES ($1, $2, $3, $4)
      ON CONFLICT (job_id, part) DO UPDATE SET records = excluded.records, digest = excluded.digest
      """, [id.text, part, "\(records)", "\(digest)"])
  }

  // MARK: - Records that were not loaded

  /// Keeps why records were refused; never a value.
  func keep(_ errors: [(number: Int, position: Position, error: RecordError)]) throws(DatabaseError) {
    if errors.isEmpty { return }
    let rows = errors.map { number, position, error in
      let values = [position.file, position.sheet, error.code, error.field, error.message]
      let texts = values.map { $0?.quotedLiteral ?? "NULL" }
      return "(\(number), \(position.row.map { "\($0)" } ?? "NULL::bigint"), \(texts.joined(separator: ", ")))"
    }
    try connection.run(
      """
      INSERT INTO ils.job_errors (job_id, part, record, source_row, source_file, source_sheet, code, field, message)
      SELECT \(id.quotedLiteral), \(part.quotedLiteral), v.* FROM (VALUES \(rows.joined(separator: ", "))) AS v
      """)
  }

  let copyParked =
    "COPY ils.parked (job_id, part, record, source_row, source_file, field, bytes) FROM STDIN (FORMAT binary)"

  func unpark(_ record: Int) throws(DatabaseError) {
    _ = try connection.query(
      "SELECT ils.unpark($1, $2, $3)", [id.text, part, "{\(record)}"])
  }

  // MARK: - The end

  /// Ends the job and seals it into the audit trail.
  /// - Returns: the head of the trail.
  func end(_ status: String, _ options: JobOptions) throws(DatabaseError) -> String {
    try connection.ask(ending(status, options))[0][0].text("head")
  }

  /// The same as questions: `head` of the first is that of the trail.
  func ending(_ status: String, _ options: JobOptions) -> [Question] {
    [Question("SELECT ils.end_job($1, $2, $3, $4) AS head", [id.text, status, options.osUser, options.host])]
      + (row?.telling(id) ?? [])
  }

  /// Whether the job has come to its end.
  func hasEnded() throws(DatabaseError) -> Bool {
    try connection.query("SELECT 1 FROM ils.jobs WHERE id = $1 AND ended_at IS NOT NULL", [id.text]).count == 1
  }

  /// The job's record as JSON.
  func json() throws(DatabaseError) -> String { try connection.ask([record])[0][0].text("job") }

  /// The same as a question: `job` is the text.
  var record: Question {
    Question("SELECT (\(Job.recordSQL))::text AS job FROM ils.jobs WHERE id = $1", [id.text])
  }

  /// A job's progress as JSON: an expression over the columns of `ils.jobs`.
  static let progressSQL = """
    json_strip_nulls(json_build_object('total', rows, 'processed', processed, 'successful', inserted + updated,
      'failed', failed, 'skipped', skipped, 'parked', nullif(parked, 0)))
    """

  /// A job's record as JSON, by the names that the guide has for them: an expression over the columns of `ils.jobs`.
  static let recordSQL = """
    json_strip_nulls(json_build_object('job', id, 'kind', kind, 'entity', entity, 'source', source,
      'status', status, 'startedAt', started_at, 'endedAt', ended_at, 'undoes', undoes,
      'progress', \(progressSQL),
      'equation', CASE kind WHEN 'load' THEN json_build_object('rows', rows, 'inserted', inserted,
        'updated', updated, 'skipped', skipped, 'failed', failed, 'rejected', rejected, 'dropped', dropped,
        'parked', nullif(parked, 0)) END,
      'deleted', CASE kind WHEN 'rollback' THEN deleted END, 'restored', CASE kind WHEN 'rollback' THEN restored END,
      'kept', CASE kind WHEN 'rollback' THEN kept END, 'gone', CASE kind WHEN 'rollback' THEN gone END))
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
