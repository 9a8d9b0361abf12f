import ILSRecord

/// Which jobs a rollback undoes, and in which order: the newest first.
public struct RollbackPlan {
  private let session: RollbackSession
  private let schema: (String) throws(StopError) -> LoadSchema
  private var connection: Connection { session.connection }

  /// A job whose rows stand on those of another.
  public struct Dependent: Equatable, Sendable {
    public let job: JobID
    public let entity: String
    public let rows: Int
  }

  public init(_ session: RollbackSession, schema: @escaping (String) throws(StopError) -> LoadSchema) {
    self.session = session
    self.schema = schema
  }

  /// The load jobs of an import source that are not rolled back, the newest first.
  /// - Throws: `noInput` where there are none.
  public func jobs(ofSource source: String) throws(StopError) -> [JobID] {
    let rows = try ask(
      """
      SELECT id FROM ils.jobs WHERE source = $1 AND kind = 'load' AND status <> 'rolled back'
      ORDER BY started_at DESC, id DESC
      """, [source])
    guard !rows.isEmpty else {
      throw StopError(.noInput, code: "job.unknown", "no job of source \"\(source)\" is left to roll back")
    }
    return rows.map { JobID(stored: $0["id"]) }
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

  /// The jobs, not rolled back, whose rows point at rows of `job`, or that updated rows which `job` wrote before.
  public func dependents(of job: JobID) throws(StopError) -> [Dependent] {
    let entity = try ask("SELECT entity FROM ils.jobs WHERE id = $1 AND kind = 'load'", [job.text])
    guard let name = entity.first?["entity"] else { return [] }
    let own = try schema(name)
    var rows: [JobID: (entity: String, rows: Int)] = [:]
    func add(_ found: Rows) {
      for row in found {
        let job = JobID(stored: row["id"])
        rows[job] = (row.text("entity"), (rows[job]?.rows ?? 0) + row.integer("rows"))
      }
    }
    for reference in try references(to: own) {
      for other in try entities(of: reference.table) {
        // A schema file that was not named this time: its rows keep those that they point at.
        guard let schema = try? schema(other) else { continue }
        add(try ask(pointing(reference, schema, at: own, job), [other]))
      }
    }
    add(try ask(updating(own, job), [job.text]))
    return rows.filter { $0.key != job }.map { Dependent(job: $0.key, entity: $0.value.entity, rows: $0.value.rows) }
      .sorted { $0.job.text > $1.job.text }
  }

  /// Jobs on the same table and on those that point at it whose rollback was interrupted, such as that of an earlier
  /// cascade: their rows may be gone already, so that nothing else leads to them.
  private func unfinished(beside job: JobID) throws(StopError) -> [JobID] {
    let rows = try ask(
      """
      SELECT d.id FROM ils.jobs u JOIN ils.jobs d ON d.kind = 'load' AND d.id <> u.id AND d.started_at >= u.started_at
      WHERE u.id = $1 AND EXISTS (SELECT 1 FROM ils.jobs r WHERE r.undoes = d.id AND r.status <> 'completed')
        AND (d.target = u.target OR EXISTS (
          SELECT 1 FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid = to_regclass(quote_ident(d.target))
            AND c.confrelid = to_regclass(quote_ident(u.target))))
      """, [job.text])
    return rows.map { JobID(stored: $0["id"]) }
  }

  private func references(to own: LoadSchema) throws(StopError) -> [(table: String, condition: String)] {
    do throws(DatabaseError) {
      return try RollbackSQL.references(to: own.table.quotedIdentifier, connection)
    } catch {
      throw error.stop("reading the catalogue")
    }
  }

  /// The entities that were loaded into a table.
  private func entities(of table: String) throws(StopError) -> [String] {
    let rows = try ask(
      """
      SELECT DISTINCT entity FROM ils.jobs
      WHERE kind = 'load' AND status <> 'rolled back' AND to_regclass(quote_ident(target)) = to_regclass($1)
      """, [table])
    return rows.map { $0.text("entity") }
  }

  private func pointing(
    _ reference: (table: String, condition: String), _ other: LoadSchema, at own: LoadSchema, _ job: JobID
  ) -> String {
    let belongs =
      if let column = other.jobColumn {
        "d.id = o.\(column.quotedIdentifier)"
      } else {
        "EXISTS (SELECT 1 FROM ils.inserted i WHERE i.job_id = d.id AND i.row_id = o.\(other.id.quotedIdentifier)::text)"
      }
    return """
      SELECT d.id, d.entity, count(*) AS rows FROM \(own.table.quotedIdentifier) t
      JOIN \(reference.table) o ON \(reference.condition)
      JOIN ils.jobs d ON \(belongs) AND d.entity = $1 AND d.kind = 'load' AND d.status <> 'rolled back'
      WHERE \(own.isInserted(by: job, "t")) GROUP BY 1, 2
      """
  }

  private func updating(_ own: LoadSchema, _ job: JobID) -> String {
    let inserted =
      if let column = own.jobColumn {
        "i.before->>\(column.quotedLiteral) = $1::uuid::text"
      } else {
        "EXISTS (SELECT 1 FROM ils.inserted n WHERE n.job_id = $1 AND n.row_id = i.row_id)"
      }
    return """
      SELECT d.id, d.entity, count(*) AS rows FROM ils.jobs u
      JOIN ils.jobs d ON d.target = u.target AND d.kind = 'load' AND d.status <> 'rolled back' AND d.id <> u.id
        AND d.started_at >= u.started_at
      JOIN ils.before_images i ON i.job_id = d.id
      WHERE u.id = $1 AND (\(inserted)
        OR EXISTS (SELECT 1 FROM ils.before_images e WHERE e.job_id = $1 AND e.row_id = i.row_id))
      GROUP BY 1, 2
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
