import ILSRecord

/// Undoes one load job: exactly what it did, and nothing else.
///
/// A row is the job's as long as its `xmin` is the transaction id of one of the job's batches: whoever changed it since
/// left another one. Such rows, and rows that others point at, are kept and named. Works in transactions of bounded
/// size; run again, it goes on where it stopped.
public struct RollbackRun {
  private let connection: Connection
  private let schema: LoadSchema
  private let options: JobOptions
  private let undoes: String
  /// Rows that were edited since are undone too.
  private let isForced: Bool

  private static let rowsPerTransaction = 50_000

  /// - Parameters:
  ///   - undoes: the load job's id.
  ///   - schema: finds the schema of the job's entity by its name.
  public init(
    undoes: String, database: String, options: JobOptions, isForced: Bool,
    schema: (String) throws(StopError) -> LoadSchema
  ) throws(StopError) {
    guard JobID.isValid(undoes) else {
      throw StopError(.usage, code: "usage", "\"\(undoes)\" is no job id; ils-load prints it as \"job\"")
    }
    connection = try Connection(database)
    self.undoes = undoes
    self.options = options
    self.isForced = isForced
    let entity: String?
    let isExpired: Bool
    do throws(DatabaseError) {
      let rows = try connection.query(
        "SELECT entity, undo_removed_at FROM ils.jobs WHERE id = $1 AND kind = 'load'", [undoes])
      entity = rows.count == 1 ? rows[0, 0] : nil
      isExpired = rows.count == 1 && rows[0, 1] != nil
    } catch {
      throw error.stop("looking up the job")
    }
    if isExpired {
      throw StopError(
        .dataError, code: "job.expired",
        "what the rollback of job \(undoes) would need was removed (ils-jobs cleanup --undo-older-than)")
    }
    guard let entity else { throw StopError(.noInput, code: "job.unknown", "there is no load job \(undoes)") }
    self.schema = try schema(entity)
  }

  private var target: String { schema.table.quotedIdentifier }
  private var id: String { schema.id.quotedIdentifier }
  private var ownBatches: String { "SELECT xid FROM ils.batches WHERE job_id = \(undoes.quotedLiteral)" }
  /// The rows that the job inserted, and nobody touched since.
  private var isInserted: String { schema.isInserted(by: undoes, "t") }
  private var isUntouched: String { isForced ? "true" : "t.xmin::text::bigint IN (\(ownBatches))" }

  /// Undoes the job, and writes an outcome for each row that was kept, then the rollback's own job record.
  public func run(emit: inout Emitter) throws(StopError) {
    do throws(DatabaseError) {
      if options.isDryRun { try connection.run("BEGIN") }
      let job = try Job(new: "rollback", schema, options: options, undoes: undoes, connection)
      _ = try connection.query("DELETE FROM ils.parked WHERE job_id = $1", [undoes])
      try restore(job)
      try delete(job)
      let kept = try tellKept(job, &emit)
      _ = try connection.query("UPDATE ils.jobs SET kept = $2 WHERE id = $1", [job.id, "\(kept)"])
      if !options.isDryRun {
        _ = try connection.query("UPDATE ils.jobs SET status = 'rolled back' WHERE id = $1", [undoes])
      }
      let head = options.isDryRun ? nil : try job.end("completed", options)
      try write(job, head, &emit)
      if options.isDryRun { try connection.run("ROLLBACK") }
    } catch {
      throw error.stop("rolling back; run it again to go on")
    }
  }

  /// Repeats `statement`, a transaction each, until it touches no row; adds what it touched to a column of the job.
  private func repeatedly(_ job: Job, counting column: String, _ statement: String) throws(DatabaseError) {
    while true {
      if !options.isDryRun { try connection.run("BEGIN") }
      do throws(DatabaseError) {
        let touched = try connection.query(statement).affected
        _ = try connection.query(
          "UPDATE ils.jobs SET \(column) = \(column) + $2, processed = processed + $2 WHERE id = $1",
          [job.id, "\(touched)"])
        if !options.isDryRun { try connection.run("COMMIT") }
        if touched == 0 { return }
      } catch {
        if !options.isDryRun { try? connection.run("ROLLBACK") }
        throw error
      }
    }
  }

  /// Gives updated rows what they held before the job's first change. A restored row's image is deleted with it.
  private func restore(_ job: Job) throws(DatabaseError) {
    let columns = try connection.query(
      """
      SELECT quote_ident(attname) FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attname <> $2
      """, [target, schema.id])
    let sets = (0..<columns.count).compactMap { columns[$0, 0] }.map { "\($0) = (b.image).\($0)" }
    try repeatedly(
      job, counting: "restored",
      """
      WITH image AS (
        SELECT DISTINCT ON (row_id) row_id, jsonb_populate_record(NULL::\(target), before) AS image
        FROM ils.before_images i WHERE i.job_id = \(undoes.quotedLiteral)
          AND EXISTS (SELECT 1 FROM \(target) t WHERE t.\(id)::text = i.row_id
            AND (\(isInserted)) IS NOT TRUE AND \(isUntouched))
        ORDER BY row_id, batch LIMIT \(Self.rowsPerTransaction)
      ), restored AS (
        UPDATE \(target) t SET \(sets.joined(separator: ", ")) FROM image b WHERE t.\(id) = (b.image).\(id) RETURNING b.row_id
      )
      DELETE FROM ils.before_images i USING restored r
      WHERE i.job_id = \(undoes.quotedLiteral) AND i.row_id = r.row_id
      """)
  }

  private func delete(_ job: Job) throws(DatabaseError) {
    try repeatedly(
      job, counting: "deleted",
      """
      DELETE FROM \(target) d USING (
        SELECT t.\(id) FROM \(target) t WHERE \(isInserted) AND \(isUntouched)\(try isFree())
        LIMIT \(Self.rowsPerTransaction)) t
      WHERE d.\(id) = t.\(id)
      """)
  }

  /// SQL that holds for rows that no other table points at.
  private func isFree() throws(DatabaseError) -> String {
    let keys = try connection.query(
      """
      SELECT c.conrelid::regclass::text, quote_ident(a.attname), quote_ident(b.attname)
      FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
      JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
      WHERE c.contype = 'f' AND c.confrelid = to_regclass($1) AND cardinality(c.conkey) = 1
      """, [target])
    return (0..<keys.count).map { row in
      " AND NOT EXISTS (SELECT 1 FROM \(keys[row, 0] ?? "") o WHERE o.\(keys[row, 1] ?? "") = t.\(keys[row, 2] ?? ""))"
    }.joined()
  }

  /// Names the rows of the job that are still there, and why.
  private func tellKept(_ job: Job, _ emit: inout Emitter) throws(DatabaseError) -> Int {
    let rows = try connection.query(
      """
      SELECT t.\(id)::text, CASE WHEN \(isUntouched) THEN 'referenced' ELSE 'edited' END
      FROM \(target) t WHERE \(isInserted)
      UNION ALL
      SELECT DISTINCT i.row_id, CASE WHEN t.\(id) IS NULL THEN 'deleted' ELSE 'edited' END
      FROM ils.before_images i LEFT JOIN \(target) t ON t.\(id)::text = i.row_id
      WHERE i.job_id = \(undoes.quotedLiteral)
      """)
    for row in 0..<rows.count where options.outcomes != .none {
      JSONValue.object([
        ("outcome", .string("kept")), ("job", .string(job.id)), ("table", .string(schema.table)),
        ("id", .string(rows[row, 0] ?? "")), ("reason", .string(rows[row, 1] ?? "")),
      ]).write(to: &emit.output)
      emit.endRecord()
    }
    return rows.count
  }

  private func write(_ job: Job, _ head: String?, _ emit: inout Emitter) throws(DatabaseError) {
    let json = try job.json()
    guard let value = try? JSONValue(parsing: Array(json.utf8)), var members = value.members else { return }
    if let head { members.append(("auditHead", .string(head))) }
    if options.isDryRun { members.append(("dryRun", .boolean(true))) }
    JSONValue.object(members).write(to: &emit.output)
    emit.endRecord()
  }
}
