/// Finds the ids of the batch's subtransactions that its rows carry, since triggers wrote them again under one.
///
/// Rows that are seen, and whose transaction is under way, are the batch's own. Inserted ones mostly stand at the table's end:
/// all rows of the job are looked at only where fewer or more than the batch has inserted are found there.
struct OwnSubxids {
  private let table: TargetTable
  private let job: JobID
  /// How many blocks the table had behind the batch before; nil in front of the first.
  private var blocks: Int?

  /// Blocks in front of the end that may have had room.
  private static let slack = 64

  init(_ table: TargetTable, _ job: JobID) { (self.table, self.job) = (table, job) }

  /// The ids, as an array; nil for none.
  /// - Parameter inserted: how many rows the batch has inserted.
  mutating func read(inserted: Int, _ connection: Connection) throws(DatabaseError) -> String? {
    let first = blocks.map { max($0 - Self.slack, 0) }
    var found = try connection.query(sql(behind: first), [table.oid])[0]
    blocks = found.integer("blocks")
    if first != nil, found.integer("inserted") != inserted {
      found = try connection.query(sql(behind: nil), [table.oid])[0]
    }
    return found["xids"]
  }

  private func sql(behind first: Int?) -> String {
    let (target, id) = (table.schema.table.quotedIdentifier, table.schema.id.quotedIdentifier)
    let updated = "SELECT FROM ils_stage s WHERE s.target = t.\(id) AND s.outcome = 'updated'"
    let isInserted = table.schema.isInserted(by: job, "t")
    // IS TRUE keeps the planner from the index, through all of which it would go.
    let place = first.map { "t.ctid >= '(\($0),0)' AND (\(isInserted)) IS TRUE" } ?? isInserted
    return """
      SELECT sum(amount) AS inserted, array_agg(x & 4294967295) FILTER (WHERE x > own) AS xids,
        (SELECT pg_relation_size($1::oid) / current_setting('block_size')::bigint) AS blocks
      FROM (
        SELECT \(BeforeImage.whole("xmin", "own")) AS x, own, sum(amount) AS amount
        FROM (
          SELECT t.xmin, 1 AS amount FROM \(target) t WHERE \(place) AND NOT EXISTS (\(updated))
          UNION ALL
          SELECT t.xmin, 0 FROM ils_stage s JOIN \(target) t ON t.\(id) = s.target WHERE s.outcome = 'updated') rows,
          (SELECT pg_current_xact_id()::text::bigint AS own) me
        GROUP BY 1, 2) near
      WHERE CASE WHEN x >= own THEN pg_xact_status(x::text::xid8) = 'in progress' END
      """
  }
}
