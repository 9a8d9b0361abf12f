import ILSRecord

extension JobRow {
  /// Takes the row away, unless rows of `target` have the job's id, or the deletion would reach rows of other tables.
  func remove(_ job: JobID, from target: String, jobColumn: String, _ connection: Connection) throws(DatabaseError) {
    let oid = try connection.query("SELECT to_regclass($1)::oid AS oid", [table.quotedIdentifier])[0].text("oid")
    let references = try References(to: oid, connection)
    // What is not seen may be there.
    if references.hidden != nil { return }
    _ = try connection.query(
      """
      DELETE FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)
        AND NOT EXISTS (SELECT FROM \(target) o WHERE o.\(jobColumn.quotedIdentifier) = \(job.quotedLiteral))
        \(references.isFree(oid))
      """)
  }

  /// SQL for whether the row is there, as `listed`.
  func isThere(_ job: JobID) -> String {
    "SELECT EXISTS (SELECT FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)) AS listed"
  }
}
