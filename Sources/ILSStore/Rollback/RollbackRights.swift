import ILSRecord

/// Whether the role can undo a job: sees all that it wrote, and may take it back.
struct RollbackRights {
  private let target: JobTarget
  private let sql: RollbackSQL
  private let job: JobID
  private let connection: Connection

  init(_ target: JobTarget, _ sql: RollbackSQL, _ job: JobID, _ connection: Connection) {
    (self.target, self.sql, self.job, self.connection) = (target, sql, job, connection)
  }

  /// - Throws: `noPermission`, saying what is missing, before anything was changed.
  func check() throws(StopError) {
    let work: UndoEquation
    let rights: Row
    do throws(DatabaseError) {
      work = try UndoEquation(of: job, connection)
      rights = try connection.query(
        """
        SELECT has_table_privilege($1::oid, 'SELECT') AS read, has_any_column_privilege($1::oid, 'UPDATE') AS update,
          has_table_privilege($1::oid, 'DELETE') AS delete, row_security_active($1::oid) AS bound,
          (SELECT CASE WHEN NOT has_schema_privilege(oid, 'USAGE') THEN quote_ident(nspname) END FROM pg_namespace
            WHERE oid = (SELECT relnamespace FROM pg_class WHERE oid = $1::oid)) AS closed
        """, [target.oid])[0]
    } catch {
      throw error.stop("looking at the role's rights")
    }
    if let schema = rights["closed"] { throw denied("USAGE", on: "SCHEMA \(schema)") }
    if !rights.isTrue("read") { throw denied("SELECT") }
    if !rights.isTrue("update"), work.updated.rows > 0 { throw denied("UPDATE") }
    if work.inserted.rows > 0 {
      if !rights.isTrue("delete") { throw denied("DELETE") }
      // Rows are held before others would go along with them.
      if !rights.isTrue("update"), sql.references.keys.contains(where: \.cascades) { throw denied("UPDATE") }
      try sql.references.checkVisible(from: target.table)
    }
    if rights.isTrue("bound") { try checkSeen(work) }
  }

  /// - Throws: `dataError` where nothing tells any more which rows the job has inserted.
  static func checkMarked(_ target: JobTarget, _ job: JobID, _ connection: Connection) throws(StopError) {
    guard target.isUnmarked else { return }
    let inserted: UndoEquation.Side
    do throws(DatabaseError) { inserted = try UndoEquation(of: job, connection).inserted } catch {
      throw error.stop("looking up what the job did")
    }
    guard inserted.rows > inserted.undone else { return }
    throw StopError(
      .dataError, UndoFault.jobNoColumn,
      "the column of \(target.table) that held the ids of jobs is not there any more: which \(inserted.rows) rows job "
        + "\(job) has inserted is not known")
  }

  private func denied(_ right: String, on object: String? = nil) -> StopError {
    StopError(
      .noPermission, DatabaseFault.dbPermission,
      "the role may not undo job \(job): GRANT \(right) ON \(object ?? target.table) to it")
  }

  /// Row level security hides rows from a role without a word.
  private func checkSeen(_ work: UndoEquation) throws(StopError) {
    let seen: Row
    do throws(DatabaseError) { seen = try connection.query(sql.seen)[0] } catch {
      throw error.stop("looking for the job's rows")
    }
    let missing =
      max(work.inserted.rows - work.inserted.undone - seen.integer("inserted"), 0)
      + max(work.updated.rows - work.updated.undone - seen.integer("updated"), 0)
    guard missing > 0 else { return }
    throw StopError(
      .noPermission, UndoFault.rollbackUnseen,
      "row level security of \(target.table) binds this role, and \(missing) rows of job \(job) are not seen: they may "
        + "be there all the same; set what the policies ask for, or run this as a role that they do not bind")
  }
}
