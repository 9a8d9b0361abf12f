import ILSRecord

/// The jobs of a database, as others see them.
public struct JobCatalogue {
  let connection: Connection

  /// Which jobs are meant; nil is any.
  public struct Filter: Sendable {
    public var status: String?
    public var source: String?
    public var entity: String?

    public init(status: String? = nil, source: String? = nil, entity: String? = nil) {
      self.status = status
      self.source = source
      self.entity = entity
    }
  }

  /// The statuses that a job can have.
  public static let statuses = ["pending", "processing", "completed", "failed", "cancelled", "rolled back"]

  init(_ connection: Connection) { self.connection = connection }

  public init(database: String) throws(StopError) {
    connection = try Connection(database)
    do throws(DatabaseError) {
      // Loaders hold a job's row for a moment with each batch, and atomic ones for as long as they last.
      try connection.run("SET lock_timeout = 10000")
    } catch {
      throw error.stop("opening the session")
    }
  }

  /// Whether there is such a job.
  public func has(_ job: JobID) throws(StopError) -> Bool {
    do throws(DatabaseError) {
      return try !connection.query("SELECT FROM ils.jobs WHERE id = $1", [job.text]).isEmpty
    } catch {
      throw error.stop("looking up the job")
    }
  }

  /// The whole id of the job whose id starts with `prefix`; for `last`, of the load that began last.
  /// - Throws: `usage` where several do or it cannot be an id, `noInput` where none does.
  public func find(_ prefix: String) throws(StopError) -> JobID {
    let given = prefix.lowercased()
    if given == "last" { return try last() }
    guard given.count >= 4, given.count <= 36, given.allSatisfy({ $0.isHexDigit || $0 == "-" }) else {
      throw StopError(
        .usage, UsageFault.usage,
        "\"\(prefix)\" is no job id: give the id, at least its first four characters, or last for the load that began last"
      )
    }
    let rows: Rows
    do throws(DatabaseError) {
      rows = try connection.query(
        "SELECT id FROM ils.jobs WHERE starts_with(id::text, $1) ORDER BY id LIMIT 6", [given])
    } catch {
      throw error.stop("looking up the job")
    }
    let found = rows.map { JobID(stored: $0["id"]) }
    guard let id = found.first else {
      throw StopError(.noInput, JobFault.jobUnknown, "there is no job \(prefix); ils-jobs list shows which there are")
    }
    guard found.count == 1 else {
      let some = found.prefix(5).map(\.text).joined(separator: ", ")
      throw StopError(
        .usage, JobFault.jobAmbiguous,
        "several jobs start with \(prefix): \(some)\(found.count > 5 ? " ..." : ""); give more characters")
    }
    return id
  }

  /// For each job's id the shortest beginning that no other has, of eight characters at least.
  public func shortNames() throws(StopError) -> [String: String] {
    let ids: [String]
    do throws(DatabaseError) {
      ids = try connection.query("SELECT id FROM ils.jobs ORDER BY id").map { $0.text("id") }
    } catch {
      throw error.stop("reading jobs")
    }
    var names: [String: String] = [:]
    for (place, id) in ids.enumerated() {
      // In order, those beside it have most in common with it.
      let beside = [place - 1, place + 1].filter(ids.indices.contains).map { ids[$0] }
      let shared = beside.map { other in zip(id, other).prefix { $0 == $1 }.count }.max() ?? 0
      // A name that ends with a hyphen looks cut.
      let name = id.prefix(max(shared + 1, 8))
      names[id] = String(name.hasSuffix("-") ? id.prefix(name.count + 1) : name)
    }
    return names
  }

  private func last() throws(StopError) -> JobID {
    do throws(DatabaseError) {
      let rows = try connection.query(
        "SELECT id FROM ils.jobs WHERE undoes IS NULL ORDER BY started_at DESC, id DESC LIMIT 1")
      if let row = rows.first { return JobID(stored: row["id"]) }
    } catch {
      throw error.stop("looking up the job")
    }
    throw StopError(.noInput, JobFault.jobUnknown, "there is no job yet: nothing was loaded")
  }

  // MARK: - Records

  /// The records of the jobs that `filter` lets through, the oldest first.
  public func list(_ filter: Filter, _ body: (JSONValue) throws(StopError) -> Void) throws(StopError) {
    try each(
      """
      SELECT \(Job.recordSQL) AS json FROM ils.jobs
      WHERE ($1::text IS NULL OR status = $1) AND ($2::text IS NULL OR source = $2) AND ($3::text IS NULL OR entity = $3)
      ORDER BY started_at, id
      """, [filter.status, filter.source, filter.entity], body)
  }

  /// The job's record as `list` has it.
  public func record(_ id: JobID) throws(StopError) -> JSONValue {
    var found = JSONValue.null
    try each("SELECT \(Job.recordSQL) AS json FROM ils.jobs WHERE id = $1", [id.text]) { found = $0 }
    return found
  }

  /// The job's record with all that is known of it.
  public func details(_ id: JobID) throws(StopError) -> JSONValue {
    var members = try record(id).members ?? []
    try each(
      """
      SELECT json_strip_nulls(json_build_object('target', target, 'options', options,
        'seconds', round(extract(epoch FROM coalesce(ended_at, now()) - started_at)::numeric, 3),
        'undoneBy', (SELECT json_agg(r.id ORDER BY r.id) FROM ils.jobs r WHERE r.undoes = j.id),
        'batches', (SELECT json_build_object('count', count(*), 'last', max(ended_at),
          'parts', nullif(count(DISTINCT part), 1)) FROM ils.batches b WHERE b.job_id = j.id),
        'errors', (SELECT json_object_agg(code, hits) FROM
          (SELECT code, count(*) AS hits FROM ils.job_errors e WHERE e.job_id = j.id GROUP BY code ORDER BY code) c),
        'errorsRemovedAt', errors_removed_at, 'undoRemovedAt', undo_removed_at,
        'databaseUser', database_user, 'osUser', os_user, 'host', host, 'manifest', \(Self.readableManifest))) AS json
      FROM ils.jobs j WHERE id = $1
      """, [id.text]
    ) { members += $0.members ?? [] }
    return .object(members)
  }

  /// SQL for a job's manifest without the texts of the mappings, of which a person has the name and the digest.
  private static let readableManifest = """
    CASE WHEN manifest ? 'stages' THEN jsonb_set(manifest, '{stages}', (
      SELECT coalesce(jsonb_agg(s #- '{mapping,text}' ORDER BY n), '[]')
      FROM jsonb_array_elements(manifest->'stages') WITH ORDINALITY AS e (s, n))) ELSE manifest END
    """

  /// Why records of the job were refused, in the input's order; never a value, since none is kept.
  public func errors(_ id: JobID, _ body: (JSONValue) throws(StopError) -> Void) throws(StopError) {
    try each(
      """
      SELECT json_strip_nulls(json_build_object('_row', source_row, '_file', source_file,
        '_sheet', source_sheet, 'job', job_id,
        'part', nullif(part, ''), 'record', record, 'code', code, 'field', field, 'message', message)) AS json
      FROM ils.job_errors WHERE job_id = $1 ORDER BY part, record
      """, [id.text], body)
  }

  /// Calls `body` with the value of each row's column `json`, holding a thousand of them at a time.
  func each(
    _ sql: String, _ parameters: [String?], _ body: (JSONValue) throws(StopError) -> Void
  ) throws(StopError) {
    do throws(DatabaseError) {
      try connection.run("BEGIN READ ONLY")
      _ = try connection.query("DECLARE ils_rows NO SCROLL CURSOR FOR \(sql)", parameters)
    } catch {
      throw error.stop("reading jobs")
    }
    while true {
      let rows: Rows
      do throws(DatabaseError) {
        rows = try connection.query("FETCH 1000 FROM ils_rows")
        if rows.isEmpty { try connection.run("COMMIT") }
      } catch {
        throw error.stop("reading jobs")
      }
      if rows.isEmpty { return }
      for row in rows {
        guard let value = try? JSONValue(parsing: Array(row.text("json").utf8)) else {
          throw StopError(.software, DatabaseFault.dbJson, "the database wrote JSON that cannot be read")
        }
        try body(value)
      }
    }
  }

  // MARK: - Asking

  /// What somebody may ask a server for that no tool notes by itself.
  public enum Request: String, Sendable {
    case cancel = "cancel requested"
    case rejects = "rejects downloaded"
  }

  /// Notes in the audit trail that somebody asked for something of a job.
  /// - Returns: false where the tables are of a version that had no such events: the next load brings them up to date.
  public func note(_ request: Request, of id: JobID, osUser: String?, host: String?) throws(StopError) -> Bool {
    do throws(DatabaseError) {
      _ = try connection.query(
        "SELECT ils.note_request($1, $2, $3, $4)", [id.text, request.rawValue, osUser, host])
      return true
    } catch {
      if error.state == "42883" { return false }
      throw error.stop("noting the request")
    }
  }

  // MARK: - Cancelling

  /// Marks a job that is under way, so that its loader stops behind its batch.
  /// - Throws: `dataError` where it has ended, `temporaryFailure` where it is one transaction.
  public func cancel(_ id: JobID, osUser: String?, host: String?) throws(StopError) {
    let rows: Rows
    do throws(DatabaseError) {
      rows = try connection.query(
        """
        SELECT status, ils.cancel_job(id, $2, $3) AS cancelled FROM ils.jobs WHERE id = $1
        """, [id.text, osUser, host])
    } catch {
      guard error.state == "55P03" else { throw error.stop("cancelling the job") }
      throw StopError(
        .temporaryFailure, JobFault.jobLocked,
        "its loader holds the job in one transaction (--atomic, --dry-run): interrupt the loader itself")
    }
    guard rows.first?.isTrue("cancelled") == true else {
      throw StopError(
        .dataError, JobFault.jobEnded, "the job is \(rows.first?["status"] ?? "gone"): there is nothing to cancel")
    }
  }
}
