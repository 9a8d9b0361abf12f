/// Tells whether it was a job that wrote a row last.
struct RowWriters {
  /// SQL that holds for a row `t` which something else wrote; nil where the jobs' transactions are not known, or not all.
  let isEdited: String?

  init(of table: TargetTable, _ verification: Verification) throws(DatabaseError) {
    guard verification.hasJobs else {
      isEdited = nil
      return
    }
    let known = try verification.connection.query(
      """
      SELECT bool_and(j.undo_removed_at IS NULL AND j.system_id = (SELECT system_identifier FROM pg_control_system())) AS whole,
        (SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = $1) AS keeps,
        (SELECT string_agg(DISTINCT x::text, ',') FROM ils.batches b JOIN ils.jobs o ON o.id = b.job_id,
          unnest(b.subxids || b.xid) x WHERE o.target_oid = $1) AS xids
      FROM ils.jobs j WHERE j.target_oid = $1
      """, [table.oid])[0]
    guard known.isTrue("whole"), known.isTrue("keeps"), let xids = known["xids"] else {
      isEdited = nil
      return
    }
    // What an undo gave back stands for what was written before.
    isEdited = """
      (NOT coalesce(t.xmin = ANY ('{\(xids)}'::xid[]), false) AND NOT EXISTS (SELECT FROM ils.restored r
        WHERE r.target = \(table.oid.quotedLiteral) AND r.row_id = t.\(table.schema.id.quotedIdentifier)::text
          AND r.xid = t.xmin::text::bigint AND r.stands_for = ANY ('{\(xids)}'::bigint[])))
      """
  }
}
