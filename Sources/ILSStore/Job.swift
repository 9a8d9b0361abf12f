import ILSRecord

/// One job's row in `ils.jobs`.
struct Job {
  let id: String
  let connection: Connection

  /// Makes a job that is processing.
  init(
    new kind: String, _ schema: LoadSchema, options: JobOptions, undoes: String? = nil, _ connection: Connection
  ) throws(DatabaseError) {
    id = JobID.make()
    self.connection = connection
    _ = try connection.query(
      """
      INSERT INTO ils.jobs (id, kind, entity, target, source, options, status, os_user, host, undoes)
      VALUES ($1, $2, $3, $4, $5, $6, 'processing', $7, $8, $9)
      """,
      [id, kind, schema.entity, schema.table, options.source, options.json, options.osUser, options.host, undoes])
    // The trail is locked up to the end of a transaction, and a dry run is one that lasts.
    if !options.isDryRun { try audit("\(kind) started", options, detail: "{}") }
  }

  init(existing id: String, _ connection: Connection) {
    self.id = id
    self.connection = connection
  }

  /// Adds a batch's counts to the job's.
  func add(_ counts: Counts, records: Int) throws(DatabaseError) {
    _ = try connection.query(
      """
      UPDATE ils.jobs SET processed = processed + $2, inserted = inserted + $3, updated = updated + $4,
        skipped = skipped + $5, failed = failed + $6 WHERE id = $1
      """,
      [id, "\(records)", "\(counts.inserted)", "\(counts.updated)", "\(counts.skipped)", "\(counts.failed)"])
  }

  /// Ends the job and writes the event that closes it into the audit trail.
  /// - Returns: the head of the trail.
  func end(_ status: String, _ options: JobOptions) throws(DatabaseError) -> String {
    _ = try connection.query(
      "UPDATE ils.jobs SET status = $2, ended_at = clock_timestamp() WHERE id = $1", [id, status])
    return try audit("job \(status)", options, detail: try json())
  }

  @discardableResult
  func audit(_ event: String, _ options: JobOptions, detail: String) throws(DatabaseError) -> String {
    try connection.query(
      "SELECT ils.append_audit($1, $2, $3, $4, $5)", [event, id, options.osUser, options.host, detail])[0, 0] ?? ""
  }

  /// The job's record as JSON, by the names that the guide has for them.
  func json() throws(DatabaseError) -> String {
    try connection.query(
      """
      SELECT json_strip_nulls(json_build_object('job', id, 'kind', kind, 'entity', entity, 'source', source,
        'status', status, 'startedAt', started_at, 'endedAt', ended_at, 'undoes', undoes,
        'progress', json_build_object('total', rows, 'processed', processed, 'successful', inserted + updated,
          'failed', failed, 'skipped', skipped),
        'equation', CASE kind WHEN 'load' THEN json_build_object('rows', rows, 'inserted', inserted,
          'updated', updated, 'skipped', skipped, 'failed', failed, 'rejected', rejected, 'dropped', dropped) END,
        'deleted', CASE kind WHEN 'rollback' THEN deleted END, 'restored', CASE kind WHEN 'rollback' THEN restored END,
        'kept', CASE kind WHEN 'rollback' THEN kept END))::text
      FROM ils.jobs WHERE id = $1
      """, [id])[0, 0] ?? "{}"
  }
}

/// What became of the records of a batch.
struct Counts: Equatable {
  var inserted = 0
  var updated = 0
  var skipped = 0
  var failed = 0
}
