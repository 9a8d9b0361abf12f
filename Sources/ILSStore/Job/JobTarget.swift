import ILSRecord

/// The table that a job wrote, as the job's row knows it: a table's name may be another's by now, its oid may not.
struct JobTarget {
  /// The table's name as SQL takes it, with its schema; and without it, for people.
  let table: String
  let name: String
  let oid: String
  let id: String
  /// Holds the id of the job that inserted a row; nil where `ils.inserted` lists them.
  let jobColumn: String?
  /// There was such a column when the job ran, and there is none any more: nothing tells the job's rows from others.
  let isUnmarked: Bool
  /// It is the very table, in the cluster where the job ran: transaction ids mean what they did.
  let isSame: Bool
  /// Names of its columns when the job was made, by their numbers.
  let columns: JSONValue

  /// SQL for a row of `alias` being one that `job` inserted.
  func isInserted(by job: JobID, _ alias: String) -> String {
    // The literal takes the column's type, whatever that is.
    if let jobColumn { return "\(alias).\(jobColumn.quotedIdentifier) = \(job.quotedLiteral)" }
    let row = "\(alias).\(id.quotedIdentifier)::text"
    return "EXISTS (SELECT 1 FROM ils.inserted i WHERE i.job_id = \(job.quotedLiteral) AND i.row_id = \(row))"
  }

  /// SQL for the name that a column has by now.
  private static func name(_ column: String) -> String {
    """
    (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      AND CASE WHEN here THEN j.columns->>(a.attnum::text) ELSE a.attname END = \(column))
    """
  }

  /// The table of a load job.
  /// - Throws: `noInput` where there is no such job, `dataError` where its table cannot be found.
  init(of job: JobID, _ connection: Connection) throws(StopError) {
    let rows: Rows
    do throws(DatabaseError) {
      rows = try connection.query(
        """
        SELECT j.target, n.nspname AS schema, c.relname AS name, c.oid, \(JobTarget.name("j.id_column")) AS id,
          \(JobTarget.name("j.job_column")) AS job, j.job_column IS NOT NULL AS marked, j.columns, here
        FROM (SELECT *, system_id = (SELECT system_identifier FROM pg_control_system())
          AND EXISTS (SELECT 1 FROM pg_class WHERE oid = target_oid) AS here FROM ils.jobs) j
        LEFT JOIN pg_class c ON c.oid = CASE WHEN here THEN j.target_oid
          ELSE to_regclass(format('%I.%I', target_schema, target)) END
        LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE j.id = $1 AND j.kind = 'load'
        """, [job.text])
    } catch {
      throw error.stop("looking up the job")
    }
    guard let row = rows.first else {
      throw StopError(.noInput, JobFault.jobUnknown, "there is no load job \(job)")
    }
    guard let schema = row["schema"], let name = row["name"], let oid = row["oid"], let id = row["id"] else {
      throw StopError(
        .dataError, UndoFault.jobNoTable,
        "table \(row.text("target")), which job \(job) loaded, is not in this database, or not with one column as its key"
      )
    }
    self.name = name
    table = "\(schema.quotedIdentifier).\(name.quotedIdentifier)"
    (self.oid, self.id, jobColumn, isSame) = (oid, id, row["job"], row.isTrue("here"))
    isUnmarked = jobColumn == nil && row.isTrue("marked")
    columns = row["columns"].flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null
  }

  /// SQL for a row `t` that an ALTER TABLE wrote anew, which hides who wrote it before.
  static func isRewritten(_ oid: String) -> String {
    """
    t.xmin::text IN (SELECT xmin::text FROM pg_class WHERE oid = \(oid)
      UNION ALL SELECT xmin::text FROM pg_attribute WHERE attrelid = \(oid))
    """
  }
}
