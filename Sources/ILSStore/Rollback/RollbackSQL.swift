import ILSRecord

/// The statements that undo one job. `t` is the target table.
///
/// A page of rows is undone by one statement; where that fails, in parts, down to the rows that are refused (`each`).
struct RollbackSQL {
  let target: JobTarget
  let rowsPerTransaction: Int
  /// How often the job's images of one row count up.
  let turns: Int
  /// Columns, by the names that they had, of which the job has images and which are not there any more.
  let lostColumns: [String]
  let references: References
  private let undoes: JobID
  /// The rollback's own id.
  private let undo: JobID
  private let id: String
  private let idType: String
  /// SQL for what a restored row gets.
  private let sets: String
  /// Which transactions were the job's is known: a restored backup has lost that.
  private let knowsWriters: Bool
  /// SQL for rows that nobody but the job has written since it did.
  private let isOwn: String
  private let isForced: Bool
  /// Triggers may write a restored row once more, under another transaction id, when the statement that restores it ends.
  private let hasAfterTriggers: Bool
  /// SQL for rows that no other row points at.
  private let isFree: String
  /// SQL for rows whose old values nobody else has.
  private let isOpen: String

  init(
    _ target: JobTarget, undoes: JobID, by undo: JobID, isForced: Bool, rowsPerTransaction: Int,
    _ connection: Connection
  ) throws(DatabaseError) {
    (self.target, self.undoes, self.undo) = (target, undoes, undo)
    self.rowsPerTransaction = rowsPerTransaction
    id = target.id.quotedIdentifier
    references = try References(to: target.oid, connection)
    isFree = references.isFree(target.oid)
    let images = try ImageColumns(target, undoes, connection)
    (turns, lostColumns, idType) = (images.turns, images.lost, images.idType)
    sets = images.found.map { "\($0.name) = \(Self.value($0.number, $0.name, $0.type))" }.joined(separator: ", ")
    // The columns of a table that was made anew have other numbers than those of the images.
    isOpen =
      target.isSame
      ? try UniqueKeys(of: target.oid, connection).isOpen(target.table, id: id, changing: images.found)
      : ""
    let xids = try RollbackSQL.xids(undoes, connection)
    knowsWriters = !xids.isEmpty
    isOwn = try RollbackSQL.isOwn(target, undoes, xids, connection)
    self.isForced = isForced
    hasAfterTriggers =
      try connection.query(
        """
        SELECT 1 FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled NOT IN ('D', 'R') AND tgtype & 66 = 0 LIMIT 1
        """, [target.oid]
      ).count > 0
  }

  private var isUntouched: String { isForced ? "true" : isOwn }

  /// SQL for what column `name` of `t` gets of the image `b`.
  static func value(_ number: Int, _ name: String, _ type: String) -> String {
    "CASE WHEN b.before ? '\(number)' THEN (b.before->>'\(number)')::\(type) ELSE t.\(name) END"
  }

  /// The transaction ids of the job's batches, joined by commas.
  private static func xids(_ job: JobID, _ connection: Connection) throws(DatabaseError) -> String {
    let rows = try connection.query(
      "SELECT DISTINCT unnest(subxids || xid) AS xid FROM ils.batches WHERE job_id = $1 AND xid IS NOT NULL", [job.text]
    )
    return rows.map { $0.text("xid") }.joined(separator: ",")
  }

  /// Written by one of the job's batches, or by a rollback that gave back what such a batch had written.
  private static func isOwn(
    _ target: JobTarget, _ undoes: JobID, _ xids: String, _ connection: Connection
  ) throws(DatabaseError) -> String {
    let own = "t.xmin = ANY ('{\(xids)}'::xid[])"
    let restored = try connection.query("SELECT 1 FROM ils.restored WHERE target = $1 LIMIT 1", [target.oid])
    // The rollback itself may have to give a row back twice, or to delete what it has given back.
    let again = try connection.query("SELECT 1 FROM ils.before_images WHERE job_id = $1 LIMIT 1", [undoes.text])
    guard restored.count + again.count > 0 else { return own }
    return """
      (\(own) OR EXISTS (SELECT 1 FROM ils.restored r WHERE r.target = \(target.oid)
        AND r.row_id = t.\(target.id.quotedIdentifier)::text AND r.xid = t.xmin::text::bigint
        AND r.stands_for = ANY ('{\(xids)}'::bigint[])))
      """
  }

  private var isInserted: String { target.isInserted(by: undoes, "t") }

  // MARK: - Pages

  /// Which rows a statement is about: those between two keys, `$1` and `$2`, or those in the array `ils_keys`, of `each`.
  enum Part { case page, keys }

  private static let isOnPage = "row_id > $1 AND row_id <= $2"

  private func images(_ turn: Int) -> String {
    "ils.before_images WHERE job_id = \(undoes.quotedLiteral) AND turn = \(turn)"
  }

  private func images(_ turn: Int, joined alias: String) -> String {
    "ils.before_images \(alias) ON \(alias).job_id = \(undoes.quotedLiteral) AND \(alias).turn = \(turn)"
  }

  private var listed: String { "ils.inserted WHERE job_id = \(undoes.quotedLiteral)" }

  /// The last key of the next images of a turn, or of the next listed rows, behind `$1`.
  func pageEnd(_ turn: Int?) -> String {
    """
    SELECT max(row_id) AS last FROM (SELECT row_id FROM \(turn.map(images) ?? listed) AND row_id > $1
      ORDER BY row_id LIMIT \(rowsPerTransaction)) page
    """
  }

  /// The keys of the page between two of them, as the rows stand in the table: so they do in its indexes, often.
  func keys(_ turn: Int?, behind start: String, to end: String) -> String {
    """
    SELECT p.row_id FROM (SELECT row_id FROM \(turn.map(images) ?? listed)
      AND row_id > \(start.quotedLiteral) AND row_id <= \(end.quotedLiteral)) p
    JOIN \(target.table) t ON t.\(id) = p.row_id::\(idType) ORDER BY t.ctid
    """
  }

  /// The keys of the rows that `delete` is about.
  func keys(_ blocks: Range<Int>?) -> String {
    "SELECT t.\(id)::text AS row_id FROM \(target.table) t WHERE \(places(blocks)) AND \(isUntouched)\(isFree)"
  }

  // MARK: - Restoring

  /// What undoes some rows, and notes it. The last statement answers how many (`amount`), and the rollback's `status`.
  struct Step {
    let write: String
    /// Notes what `write` left in `ils_back`; nil where that has noted it by itself.
    var note: String?
    /// Comes before `write`, as a statement of its own; nil where nothing needs to.
    var hold: String?
  }

  /// Restores rows; a job's later images of a row first.
  func restore(_ turn: Int, _ part: Part) -> Step {
    let later = """
       AND NOT EXISTS (SELECT 1 FROM ils.before_images l
        WHERE l.job_id = \(undoes.quotedLiteral) AND l.row_id = b.row_id AND l.turn > \(turn))
      """
    // A job whose images hold no column that is still there has nothing to give back.
    let sets = sets.isEmpty ? "\(id) = t.\(id)" : sets
    let restored = """
      WITH page AS MATERIALIZED (\(page(turn, part))),
      restored AS (
        UPDATE \(target.table) t SET \(sets) FROM page b
        WHERE t.\(id) = b.row_id::\(idType) AND \(isUntouched)\(turn < turns - 1 ? later : "")\(isOpen)\(mark(part, "b"))
        RETURNING b.row_id, t.xmin::text::bigint AS now, b.xid AS was
      )
      """
    if part == .page, !hasAfterTriggers { return Step(write: "\(restored)\(note(turn))") }
    // Who has written a row is read only once triggers had their turn.
    let now = hasAfterTriggers ? "coalesce(t.xmin::text::bigint, 0)" : "b.now"
    let again = hasAfterTriggers ? " LEFT JOIN \(target.table) t ON t.\(id) = b.row_id::\(idType)" : ""
    return Step(
      write: "\(restored) INSERT INTO ils_back SELECT row_id, was, now FROM restored",
      note: """
        WITH back AS (DELETE FROM ils_back RETURNING row_id, was, now), restored AS (
          SELECT b.row_id, \(now) AS now, b.was FROM back b\(again))\(note(turn))
        """)
  }

  /// The images to give back. `xid` is the writer that a row stands for from then on: the one before the job; where somebody
  /// has written it since, and the undo is forced, still that one.
  private func page(_ turn: Int, _ part: Part) -> String {
    let (number, images) =
      switch part {
      case .page: ("", "SELECT row_id, xid, before FROM \(images(turn)) AND \(Self.isOnPage)")
      case .keys:
        (
          ", i.n",
          "SELECT i.row_id, i.xid, i.before, k.n FROM \(Self.keys) JOIN \(images(turn, joined: "i")) AND i.row_id = k.row_id"
        )
      }
    if !isForced { return images }
    return """
      SELECT i.row_id, CASE WHEN \(isOwn) THEN i.xid ELSE t.xmin::text::bigint END AS xid, i.before\(number)
      FROM (\(images)) i JOIN \(target.table) t ON t.\(id) = i.row_id::\(idType) FOR NO KEY UPDATE OF t
      """
  }

  private func note(_ turn: Int) -> String {
    """
    , sums AS (
      SELECT count(*) AS amount, array_agg(row_id) AS ids, array_agg(now) AS nows, array_agg(was) AS wases FROM restored)
    SELECT amount, CASE WHEN amount > 0
      THEN ils.note_restored(\(undo.quotedLiteral), \(turn)::smallint, ids, nows, wases) END AS status FROM sums
    """
  }

  // MARK: - Deleting

  /// The target has no column for the job: `ils.inserted` lists its rows.
  var listsRows: Bool { target.jobColumn == nil }

  /// Deletes rows by their keys.
  func deleteKeys(_ part: Part) -> Step {
    let source = part == .keys ? Self.keys : "(SELECT row_id FROM \(listed) AND \(Self.isOnPage)) k"
    let deleted = """
      WITH deleted AS (
        DELETE FROM \(target.table) t USING \(source) WHERE t.\(id) = k.row_id::\(idType)
          AND \(isInserted) AND \(isUntouched)\(isFree)\(mark(part, "k")) RETURNING k.row_id)
      """
    let note = """
      SELECT count(*) AS amount, CASE WHEN count(*) > 0
        THEN ils.note_deleted(\(undo.quotedLiteral), count(*), \(listsRows ? "array_agg(row_id)" : "NULL")) END AS status
      """
    let hold = hold("\(source) JOIN \(target.table) t ON t.\(id) = k.row_id::\(idType) WHERE \(isInserted)")
    if part == .page { return Step(write: "\(deleted) \(note) FROM deleted", hold: hold) }
    return Step(
      write: "\(deleted) INSERT INTO ils_back SELECT row_id FROM deleted",
      note: "WITH back AS (DELETE FROM ils_back RETURNING row_id) \(note) FROM back", hold: hold)
  }

  /// Waits for whoever is about to point at rows that a deletion would take theirs along with: what they have pointed at by
  /// then, the deletion sees, as a statement that begins behind this one.
  private func hold(_ rows: String) -> String? {
    guard references.keys.contains(where: \.cascades) else { return nil }
    return "SELECT count(*) FROM (SELECT FROM \(rows) FOR UPDATE OF t) held"
  }

  /// The same for the rows of a range of blocks.
  func hold(_ blocks: Range<Int>?) -> String? { hold("\(target.table) t WHERE \(places(blocks))") }

  /// Deletes the rows of a range of blocks.
  func delete(_ blocks: Range<Int>?) -> String {
    "DELETE FROM \(target.table) t WHERE \(places(blocks)) AND \(isUntouched)\(isFree)"
  }

  private func places(_ blocks: Range<Int>?) -> String {
    guard let blocks else { return isInserted }
    // IS TRUE keeps the planner from the index, through all of which it would go for each range.
    return """
      t.ctid >= '(\(blocks.lowerBound),0)' AND t.ctid < '(\(blocks.upperBound),0)' AND (\(isInserted)) IS TRUE
      """
  }

  /// The blocks of the table to go through, a transaction each; nil for a job so small that its index will do.
  ///
  /// A load appends: its rows stand together. Going through blocks costs no index, and each row is seen once.
  func ranges(_ connection: Connection) throws(DatabaseError) -> [Range<Int>?] {
    let sizes = try connection.query(
      """
      SELECT j.inserted, c.relkind IN ('r', 'm') AS has_blocks,
        pg_relation_size(c.oid) / current_setting('block_size')::bigint AS blocks
      FROM ils.jobs j, pg_class c WHERE j.id = $1 AND c.oid = $2
      """, [undoes.text, target.oid])[0]
    let inserted = sizes.integer("inserted")
    guard inserted > rowsPerTransaction, sizes.isTrue("has_blocks") else { return inserted > 0 ? [nil] : [] }
    var first = 0
    var end = sizes.integer("blocks")
    // Rows are seldom longer than 400 bytes: where the table holds far more than the job, look where the job begins.
    if end > inserted / 5 {
      let span = try connection.query(
        """
        SELECT (min(t.ctid)::text::point)[0]::bigint AS first, (max(t.ctid)::text::point)[0]::bigint AS last
        FROM \(target.table) t WHERE \(isInserted)
        """)[0]
      if span["first"] == nil { return [] }
      (first, end) = (span.integer("first"), span.integer("last") + 1)
    }
    let step = max(rowsPerTransaction / 25, 1)
    return stride(from: first, to: end, by: step).map { $0..<min($0 + step, end) }
  }

  // MARK: - What is left

  /// The rows of the job that are still there, and why.
  var kept: String {
    let written = "CASE WHEN \(JobTarget.isRewritten(target.oid)) THEN 'rewritten' ELSE 'edited' END"
    let edited = knowsWriters ? written : "'unknown'"
    return """
      SELECT t.\(id)::text AS row_id, CASE WHEN f.row_id IS NOT NULL THEN 'refused' WHEN NOT \(isUntouched) THEN \(edited)
        WHEN NOT (true\(isFree)) THEN 'referenced' ELSE 'refused' END AS reason, f.state, 'inserted' AS side
      FROM \(target.table) t LEFT JOIN ils_refused f ON f.row_id = t.\(id)::text WHERE \(isInserted)
      UNION ALL
      SELECT b.row_id, CASE WHEN t.\(id) IS NULL THEN 'gone' WHEN f.row_id IS NOT NULL THEN 'conflict'
        WHEN NOT \(isUntouched) THEN \(edited) ELSE 'conflict' END, f.state, 'updated'
      FROM ils.before_images b LEFT JOIN \(target.table) t ON t.\(id) = b.row_id::\(idType)
      LEFT JOIN ils_refused f ON f.row_id = b.row_id
      WHERE b.job_id = \(undoes.quotedLiteral) AND b.turn = 0
      """
  }

  /// Rows of the job that the role sees.
  var seen: String {
    """
    SELECT (SELECT count(*) FROM \(target.table) t WHERE \(isInserted)) AS inserted,
      (SELECT count(*) FROM ils.before_images b JOIN \(target.table) t ON t.\(id) = b.row_id::\(idType)
        WHERE b.job_id = \(undoes.quotedLiteral) AND b.turn = 0) AS updated
    """
  }
}
