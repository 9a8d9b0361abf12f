import ILSRecord

/// Which jobs a rollback undoes, and in which order: the newest first.
public struct RollbackPlan {
  private let session: RollbackSession
  private var connection: Connection { session.connection }

  /// A job whose rows stand on those of another.
  public struct Dependent: Equatable, Sendable {
    public let job: JobID
    public let entity: String
    public let rows: Int
  }

  public init(_ session: RollbackSession) { self.session = session }

  /// The load jobs of an import source that have rows to undo, the newest first.
  /// - Parameter constants: only jobs that have these values in columns of every row: one company's, say.
  /// - Throws: `noInput` where there are none; `usage` where what is asked for is of several such scopes.
  public func jobs(
    ofSource source: String, with constants: [(column: String, value: String)] = []
  ) throws(StopError) -> [JobID] {
    let asked = JSONValue.object(constants.map { (name: $0.column, value: .string($0.value)) })
    let rows = try ask(
      """
      SELECT d.id, coalesce(d.document->'set', '{}')::text AS scope FROM ils.jobs d
      WHERE d.source = $1 AND d.kind = 'load' AND coalesce(d.document->'set', '{}') @> $2::jsonb
        AND \(Self.hasRowsLeft)
      ORDER BY d.started_at DESC, d.id DESC
      """, [source, asked.text])
    guard !rows.isEmpty else {
      throw StopError(.noInput, JobFault.jobUnknown, "no job of source \"\(source)\" is left to roll back")
    }
    try checkScopes(rows.map { $0.text("scope") }, source, asked: constants.map(\.column))
    return rows.map { JobID(stored: $0["id"]) }
  }

  /// Two companies may call their systems by one name: what one of them asks for is not to undo the other's.
  private func checkScopes(_ scopes: [String], _ source: String, asked: [String]) throws(StopError) {
    var values: [String: Set<String>] = [:]
    for scope in Set(scopes) {
      for (name, value) in (try? JSONValue(parsing: Array(scope.utf8)))?.members ?? [] {
        values[name, default: []].insert(value.text)
      }
    }
    let open = values.filter { $0.value.count > 1 && !asked.contains($0.key) }.keys.sorted()
    guard let column = open.first else { return }
    throw StopError(
      .usage, JobFault.jobAmbiguous,
      "jobs of source \"\(source)\" have different values in \(open.joined(separator: ", ")): say whose with "
        + "--set \(column)=VALUE")
  }

  /// `jobs` and all whose rows stand on theirs, the newest first.
  public func cascade(_ jobs: [JobID]) throws(StopError) -> [JobID] {
    var found = jobs
    var next = 0
    while next < found.count {
      for dependent in try dependents(of: found[next]) where !found.contains(dependent.job) {
        found.append(dependent.job)
      }
      for job in try unfinished(beside: found[next]) where !found.contains(job) { found.append(job) }
      next += 1
    }
    let ordered = try ask(
      "SELECT id FROM ils.jobs WHERE id = ANY ($1::uuid[]) ORDER BY started_at DESC, id DESC",
      ["{\(found.map(\.text).joined(separator: ","))}"])
    let known = ordered.map { JobID(stored: $0["id"]) }
    return known + found.filter { !known.contains($0) }
  }

  /// Checks that all of `jobs` can be undone, before the first of them is.
  /// - Throws: `dataError` where some of what that takes was removed.
  public func check(_ jobs: [JobID]) throws(StopError) {
    let removed = try ask(
      "SELECT id FROM ils.jobs WHERE id = ANY ($1::uuid[]) AND kind = 'load' AND undo_removed_at IS NOT NULL",
      ["{\(jobs.map(\.text).joined(separator: ","))}"]
    ).map { JobID(stored: $0["id"]) }
    guard !removed.isEmpty else { return }
    func list(_ ids: [JobID], _ separator: String) -> String { ids.map(\.text).joined(separator: separator) }
    let left = jobs.filter { !removed.contains($0) }
    let more = removed.count > 5 ? " and \(removed.count - 5) more" : ""
    throw StopError(
      .dataError, JobFault.jobExpired,
      "what the rollback of job \(list(Array(removed.prefix(5)), ", "))\(more) would need was removed (ils-jobs cleanup --undo-older-than)"
        + (left.isEmpty ? "" : "; nothing is undone; the rest alone: ils-rollback \(list(left, " "))"))
  }

  /// The jobs with rows that are not undone, and that point at rows of `job` or were written by `job` before.
  public func dependents(of job: JobID) throws(StopError) -> [Dependent] {
    let own = try JobTarget(of: job, connection)
    var rows: [String: Int] = [:]
    func add(_ found: Rows) {
      for row in found { rows[row.text("job").lowercased(), default: 0] += row.integer("rows") }
    }
    for key in try references(to: own).keys where key.isReadable {
      let columns = try ask(
        "SELECT DISTINCT id_column, job_column FROM ils.jobs WHERE kind = 'load' AND target_oid = $1", [key.oid])
      for row in columns {
        guard let id = row["id_column"] else { continue }
        add(try ask(pointing(key, id: id, jobColumn: row["job_column"], at: own, job), []))
      }
    }
    add(try ask(updating(own), [job.text]))
    let open = try ask(
      "SELECT d.id, d.entity FROM ils.jobs d WHERE d.id::text = ANY ($1::text[]) AND d.kind = 'load' AND \(Self.hasRowsLeft)",
      ["{\(rows.keys.joined(separator: ","))}"])
    return open.map { row in
      let id = JobID(stored: row["id"])
      return Dependent(job: id, entity: row.text("entity"), rows: rows[id.text] ?? 0)
    }.filter { $0.job != job }.sorted { $0.job.text > $1.job.text }
  }

  /// SQL for a load job `d` that is not undone, or not all of whose rows its last rollback could undo.
  private static let hasRowsLeft = """
    (d.status <> 'rolled back' OR coalesce((SELECT r.kept FROM ils.jobs r
      WHERE r.undoes = d.id AND r.ended_at IS NOT NULL ORDER BY r.started_at DESC, r.id DESC LIMIT 1), 0) > 0)
    """

  /// Jobs on the same table and on those that point at it whose rollback was interrupted, such as that of an earlier
  /// cascade: their rows may be gone already, so that nothing else leads to them.
  private func unfinished(beside job: JobID) throws(StopError) -> [JobID] {
    let rows = try ask(
      """
      SELECT d.id FROM ils.jobs u JOIN ils.jobs d ON d.kind = 'load' AND d.id <> u.id AND d.started_at >= u.started_at
      WHERE u.id = $1 AND EXISTS (SELECT 1 FROM ils.jobs r WHERE r.undoes = d.id AND r.status <> 'completed')
        AND (d.target_oid = u.target_oid OR EXISTS (
          SELECT 1 FROM pg_constraint c
          WHERE c.contype = 'f' AND c.conrelid = d.target_oid AND c.confrelid = u.target_oid))
      """, [job.text])
    return rows.map { JobID(stored: $0["id"]) }
  }

  private func references(to own: JobTarget) throws(StopError) -> References {
    do throws(DatabaseError) {
      return try References(to: own.oid, connection)
    } catch {
      throw error.stop("reading the catalogue")
    }
  }

  private func pointing(
    _ key: References.Key, id: String, jobColumn: String?, at own: JobTarget, _ job: JobID
  ) -> String {
    let (jobID, join) =
      if let jobColumn {
        ("o.\(jobColumn.quotedIdentifier)::text", "")
      } else {
        // Rows of other tables may have the same ids.
        (
          "i.job_id::text",
          """
           JOIN ils.inserted i ON i.row_id = o.\(id.quotedIdentifier)::text
          JOIN ils.jobs d ON d.id = i.job_id AND d.kind = 'load' AND d.target_oid = \(key.oid)
          """
        )
      }
    return """
      SELECT \(jobID) AS job, count(*) AS rows FROM \(own.table) t JOIN \(key.table) o ON \(key.condition)\(join)
      WHERE \(own.isInserted(by: job, "t")) AND \(jobID) ~ '^[0-9A-Fa-f-]{36}$' GROUP BY 1
      """
  }

  /// SQL for the later jobs that have updated rows which are there and which job `$1` has written.
  private func updating(_ own: JobTarget) -> String {
    let inserted =
      if let column = own.jobColumn {
        "t.\(column.quotedIdentifier)::text = $1::uuid::text"
      } else {
        "EXISTS (SELECT 1 FROM ils.inserted n WHERE n.job_id = $1 AND n.row_id = i.row_id)"
      }
    return """
      SELECT d.id::text AS job, count(*) AS rows FROM ils.jobs u
      JOIN ils.jobs d ON d.target_oid = u.target_oid AND d.kind = 'load' AND d.id <> u.id AND d.started_at >= u.started_at
      JOIN ils.before_images i ON i.job_id = d.id
      JOIN \(own.table) t ON t.\(own.id.quotedIdentifier)::text = i.row_id
      WHERE u.id = $1 AND (\(inserted)
        OR EXISTS (SELECT 1 FROM ils.before_images e WHERE e.job_id = $1 AND e.row_id = i.row_id))
      GROUP BY 1
      """
  }

  private func ask(_ sql: String, _ parameters: [String?]) throws(StopError) -> Rows {
    do throws(DatabaseError) {
      return try connection.query(sql, parameters)
    } catch {
      throw error.stop("looking for jobs")
    }
  }
}
