import ILSRecord

/// The statements that undo one job. `t` is the target table.
struct RollbackSQL {
  let schema: LoadSchema
  private let undoes: JobID
  private let target: String
  private let id: String
  private let idType: String
  /// Columns that a restored row gets back.
  private let columns: [String]
  /// SQL for rows that nobody but the job has written.
  private let isUntouched: String
  /// SQL for rows that no other row points at.
  private let isFree: String

  let rowsPerTransaction: Int
  /// Blocks of the table that one transaction looks at: about as many rows.
  private var blocksPerTransaction: Int { max(rowsPerTransaction / 25, 1) }

  init(_ schema: LoadSchema, undoes: JobID, isForced: Bool, rowsPerTransaction: Int, _ connection: Connection)
    throws(DatabaseError)
  {
    self.rowsPerTransaction = rowsPerTransaction
    self.schema = schema
    self.undoes = undoes
    target = schema.table.quotedIdentifier
    id = schema.id.quotedIdentifier
    let catalogue = try connection.query(
      """
      SELECT attname AS name, quote_ident(attname) AS quoted, format_type(atttypid, atttypmod) AS type,
        attgenerated <> '' OR attidentity = 'a' AS generated
      FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
      """, [target])
    var columns: [String] = []
    var idType = "text"
    for column in catalogue {
      if column["name"] == schema.id {
        idType = column.text("type")
      } else if !column.isTrue("generated") {
        columns.append(column.text("quoted"))
      }
    }
    (self.columns, self.idType) = (columns, idType)
    isUntouched = isForced ? "true" : try RollbackSQL.isUntouched(schema, undoes, connection)
    isFree = try RollbackSQL.references(to: target, connection).map {
      " AND NOT EXISTS (SELECT 1 FROM \($0.table) o WHERE \($0.condition))"
    }.joined()
  }

  /// Written by one of the job's batches, or by a rollback that gave back what such a batch had written.
  private static func isUntouched(
    _ schema: LoadSchema, _ undoes: JobID, _ connection: Connection
  ) throws(DatabaseError) -> String {
    let rows = try connection.query("SELECT DISTINCT xid FROM ils.batches WHERE job_id = $1", [undoes.text])
    let xids = rows.compactMap { $0["xid"] }.joined(separator: ",")
    let own = "t.xmin = ANY ('{\(xids)}'::xid[])"
    let restored = try connection.query(
      "SELECT 1 FROM ils.restored WHERE target = $1 AND stands_for = ANY ('{\(xids)}'::bigint[]) LIMIT 1",
      [schema.table])
    guard !restored.isEmpty else { return own }
    return """
      (\(own) OR EXISTS (SELECT 1 FROM ils.restored r WHERE r.target = \(schema.table.quotedLiteral)
        AND r.row_id = t.\(schema.id.quotedIdentifier)::text AND r.xid = t.xmin::text::bigint
        AND r.stands_for = ANY ('{\(xids)}'::bigint[])))
      """
  }

  /// Tables with a foreign key to `target`, and the condition that a row `o` of theirs points at `t`.
  static func references(
    to target: String, _ connection: Connection
  ) throws(DatabaseError) -> [(table: String, condition: String)] {
    let keys = try connection.query(
      """
      SELECT c.conrelid::regclass::text AS table,
        string_agg(format('o.%I = t.%I', a.attname, b.attname), ' AND ') AS condition
      FROM pg_constraint c, unnest(c.conkey, c.confkey) AS k (a, b), pg_attribute a, pg_attribute b
      WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = to_regclass($1) AND a.attrelid = c.conrelid
        AND a.attnum = k.a AND b.attrelid = c.confrelid AND b.attnum = k.b GROUP BY c.oid ORDER BY 1
      """, [target])
    return keys.map { ($0.text("table"), $0.text("condition")) }
  }

  private var isInserted: String { schema.isInserted(by: undoes, "t") }

  // MARK: - Restoring

  /// Restores the next rows behind `$1`; answers how many, and the last that was looked at.
  func restore(_ limit: Int) -> String {
    let sets = columns.map { "\($0) = (b.image).\($0)" }.joined(separator: ", ")
    return """
      WITH page AS MATERIALIZED (
        SELECT row_id, xid, jsonb_populate_record(NULL::\(target), before) AS image
        FROM ils.before_images WHERE job_id = \(undoes.quotedLiteral) AND row_id > $1 ORDER BY row_id LIMIT \(limit)
      ), restored AS (
        UPDATE \(target) t SET \(sets) FROM page b WHERE t.\(id) = b.row_id::\(idType) AND \(isUntouched)
        RETURNING b.row_id, b.xid
      ), gone AS (
        DELETE FROM ils.before_images i USING restored r
        WHERE i.job_id = \(undoes.quotedLiteral) AND i.row_id = r.row_id
      ), noted AS (
        INSERT INTO ils.restored (target, row_id, xid, stands_for)
        SELECT \(schema.table.quotedLiteral), row_id, pg_current_xact_id()::xid::text::bigint, xid
        FROM restored WHERE xid IS NOT NULL ON CONFLICT DO NOTHING
      )
      SELECT (SELECT count(*) FROM restored) AS touched, (SELECT max(row_id) FROM page) AS last
      """
  }

  // MARK: - Deleting

  /// The target has no column for the job: `ils.inserted` lists its rows.
  var listsRows: Bool { schema.jobColumn == nil }

  /// Deletes the next listed rows behind `$1`; answers how many, and the last that was looked at.
  var deleteListed: String {
    """
    WITH page AS MATERIALIZED (
      SELECT row_id FROM ils.inserted WHERE job_id = \(undoes.quotedLiteral) AND row_id > $1
      ORDER BY row_id LIMIT \(rowsPerTransaction)
    ), deleted AS (
      DELETE FROM \(target) t USING page WHERE t.\(id) = page.row_id::\(idType) AND \(isUntouched)\(isFree)
      RETURNING page.row_id
    ), gone AS (
      DELETE FROM ils.inserted i USING deleted d WHERE i.job_id = \(undoes.quotedLiteral) AND i.row_id = d.row_id
    )
    SELECT (SELECT count(*) FROM deleted) AS touched, (SELECT max(row_id) FROM page) AS last
    """
  }

  /// The blocks of the table to go through, a transaction each; nil for a job so small that its index will do.
  ///
  /// A load appends: its rows stand together. Going through blocks costs no index, and each row is seen once.
  func ranges(_ connection: Connection) throws(DatabaseError) -> [Range<Int>?] {
    let sizes = try connection.query(
      """
      SELECT j.inserted, c.relkind IN ('r', 'm') AS stored,
        pg_relation_size(c.oid) / current_setting('block_size')::bigint AS blocks
      FROM ils.jobs j, pg_class c WHERE j.id = $1 AND c.oid = to_regclass($2)
      """, [undoes.text, target])[0]
    let inserted = sizes.integer("inserted")
    guard inserted > rowsPerTransaction, sizes.isTrue("stored") else { return inserted > 0 ? [nil] : [] }
    var first = 0
    var end = sizes.integer("blocks")
    // Rows are seldom longer than 400 bytes: where the table holds far more than the job, look where the job begins.
    if end > inserted / 5 {
      let span = try connection.query(
        """
        SELECT (min(t.ctid)::text::point)[0]::bigint AS first, (max(t.ctid)::text::point)[0]::bigint AS last
        FROM \(target) t WHERE \(isInserted)
        """)[0]
      if span["first"] == nil { return [] }
      (first, end) = (span.integer("first"), span.integer("last") + 1)
    }
    return stride(from: first, to: end, by: blocksPerTransaction).map {
      $0..<min($0 + blocksPerTransaction, end)
    }
  }

  func delete(_ blocks: Range<Int>?) -> String {
    guard let blocks else { return "DELETE FROM \(target) t WHERE \(isInserted) AND \(isUntouched)\(isFree)" }
    // IS TRUE keeps the planner from the index, through all of which it would go for each range.
    return """
      DELETE FROM \(target) t WHERE t.ctid >= '(\(blocks.lowerBound),0)' AND t.ctid < '(\(blocks.upperBound),0)'
        AND (\(isInserted)) IS TRUE AND \(isUntouched)\(isFree)
      """
  }

  // MARK: - What is left

  /// Whether rows of the job may be left: fewer were deleted than inserted, or before-images are left.
  var left: String {
    """
    SELECT j.inserted > (SELECT coalesce(sum(r.deleted), 0) FROM ils.jobs r WHERE r.undoes = j.id)
      OR EXISTS (SELECT 1 FROM ils.before_images i WHERE i.job_id = j.id) AS left
    FROM ils.jobs j WHERE j.id = \(undoes.quotedLiteral)
    """
  }

  /// The rows of the job that are still there, and why.
  var kept: String {
    """
    SELECT t.\(id)::text AS id, CASE WHEN \(isUntouched) THEN 'referenced' ELSE 'edited' END AS reason
    FROM \(target) t WHERE \(isInserted)
    UNION ALL
    SELECT i.row_id, CASE WHEN t.\(id) IS NULL THEN 'deleted' ELSE 'edited' END
    FROM ils.before_images i LEFT JOIN \(target) t ON t.\(id) = i.row_id::\(idType)
    WHERE i.job_id = \(undoes.quotedLiteral)
    """
  }
}
