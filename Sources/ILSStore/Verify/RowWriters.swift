import ILSRecord

/// Tells who wrote a row, and who changed what another had written.
struct RowWriters {
  /// SQL that holds for a row `t` which something else than a job wrote last; nil where the jobs' transactions are not known,
  /// or not all.
  let isEdited: String?
  private let table: TargetTable
  /// The role may read what jobs keep of rows that they change.
  private let readsImages: Bool
  /// Names of row triggers of the table, and the words of what they run; nil for one whose source is not to be read.
  private let triggers: [(name: String, words: Set<String>?)]

  /// - Parameter hasJobs: the toolkit's own tables are there.
  init(of table: TargetTable, _ connection: Connection, hasJobs: Bool) throws(DatabaseError) {
    self.table = table
    triggers = try RowWriters.triggers(of: table, connection)
    let tables = ["jobs", "batches", "before_images", "restored"].map { "has_table_privilege('ils.\($0)', 'SELECT')" }
    guard hasJobs,
      try connection.query("SELECT \(tables.joined(separator: " AND ")) AS reads")[0].isTrue("reads")
    else {
      (isEdited, readsImages) = (nil, false)
      return
    }
    readsImages = true
    let known = try connection.query(
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
          AND r.xid = t.xmin::text::bigint AND r.stands_for = ANY ('{\(xids)}'::bigint[]))
        AND NOT \(JobTarget.isRewritten(table.oid)))
      """
  }

  private static func triggers(
    of table: TargetTable, _ connection: Connection
  ) throws(DatabaseError) -> [(name: String, words: Set<String>?)] {
    // Of each row, for INSERT or UPDATE.
    try connection.query(
      """
      SELECT t.tgname AS name, CASE WHEN l.lanname IN ('plpgsql', 'sql') THEN p.prosrc END AS source
      FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
      WHERE t.tgrelid = $1 AND NOT t.tgisinternal AND t.tgenabled NOT IN ('D', 'R') AND t.tgtype & 1 = 1 AND t.tgtype & 20 <> 0
      ORDER BY t.tgname
      """, [table.oid]
    ).map { row in
      let words = row["source"].map { source in
        Set(source.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
      }
      return (row.text("name"), words)
    }
  }

  /// The triggers that may change a column: those whose functions name it.
  func triggers(naming column: String) -> [String] {
    triggers.filter { $0.words?.contains(column.lowercased()) ?? true }.map(\.name)
  }

  /// SQL for the latest job that found in row `t` what the record `s` has, and left something else; nil where the role may
  /// not ask.
  func changer(of column: ComparedColumn) -> String? {
    if !readsImages { return nil }
    return """
      SELECT j.id FROM ils.jobs j JOIN ils.before_images i ON i.job_id = j.id
      WHERE j.target_oid = \(table.oid.quotedLiteral) AND j.images > 0
        AND i.row_id = t.\(table.schema.id.quotedIdentifier)::text AND i.before ? '\(column.number)'
        AND i.before->>'\(column.number)' IS NOT DISTINCT FROM \(column.written)
      ORDER BY j.started_at DESC, i.turn DESC LIMIT 1
      """
  }
}
