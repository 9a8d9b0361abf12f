import ILSRecord

extension JobRow {
  /// Takes the row away, unless rows of `target` have the job's id, or the deletion would reach rows of other tables.
  /// - Returns: whether it did.
  func remove(
    _ job: JobID, from target: String, jobColumn: String, _ connection: Connection
  ) throws(DatabaseError) -> Bool {
    let oid = try connection.query("SELECT to_regclass($1)::oid AS oid", [table.quotedIdentifier])[0].text("oid")
    let references = try References(to: oid, connection)
    // What is not seen may be there.
    if references.hidden != nil { return false }
    if references.keys.contains(where: \.cascades) {
      // Whoever is about to point at the row comes first.
      _ = try connection.query(
        "SELECT FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral) FOR UPDATE")
    }
    return try connection.query(
      """
      DELETE FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)
        AND NOT EXISTS (SELECT FROM \(target) o WHERE o.\(jobColumn.quotedIdentifier) = \(job.quotedLiteral))
        \(references.isFree(oid))
      """
    ).affected > 0
  }

  /// SQL for whether the row may be there, as `listed`: policies may hide one that this role has not deleted.
  func mayBeThere(_ job: JobID) -> String {
    """
    SELECT row_security_active(\(table.quotedIdentifier.quotedLiteral))
      OR EXISTS (SELECT FROM \(table.quotedIdentifier) t WHERE t.\(id.quotedIdentifier) = \(job.quotedLiteral)) AS listed
    """
  }
}
