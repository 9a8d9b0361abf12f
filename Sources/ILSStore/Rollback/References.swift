import ILSRecord

/// The foreign keys that point at a table.
struct References {
  struct Key {
    let table: String
    let oid: String
    /// SQL for a row `o` of the other table pointing at `t`.
    let condition: String
    /// Rows of the other table go or change with the row that they point at.
    let cascades: Bool
    /// The role may read the other table, if not all rows of it.
    let isReadable: Bool
    /// The role sees all rows of the other table.
    let isVisible: Bool
    /// SQL for a row of the other table pointing at `t`, as the owner of schema `ils` sees it; nil where that does not either.
    let asked: String?

    /// Whether rows of the other table point at one is found out before it goes.
    var isKnown: Bool { isVisible || asked != nil }
  }

  let keys: [Key]
  /// Rows of the table itself point at it.
  let isToItself: Bool

  init(to oid: String, _ connection: Connection) throws(DatabaseError) {
    let asks = try connection.query(
      """
      SELECT to_regprocedure('ils.is_pointed_at(oid,text[])') IS NOT NULL
        AND has_function_privilege(to_regprocedure('ils.sees_key(oid)')::oid, 'EXECUTE')
        AND has_function_privilege(to_regprocedure('ils.is_pointed_at(oid,text[])')::oid, 'EXECUTE') AS asks
      """)[0].isTrue("asks")
    let rows = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, r.relname) AS name, r.oid,
        string_agg(format('o.%I = t.%I', a.attname, b.attname), ' AND ') AS condition, c.confdeltype IN ('c', 'n', 'd') AS cascades,
        has_schema_privilege(n.oid, 'USAGE') AND bool_and(has_column_privilege(r.oid, a.attnum, 'SELECT')) AS readable,
        row_security_active(r.oid) AS bound, \(asks ? "ils.sees_key(c.oid)" : "false") AS asked, format(
          'ils.is_pointed_at(%s, ARRAY[%s])', c.oid, string_agg(format('t.%I::text', b.attname), ', ' ORDER BY k.place)) AS question
      FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace,
        unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (a, b, place), pg_attribute a, pg_attribute b
      WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = $1 AND a.attrelid = c.conrelid
        AND a.attnum = k.a AND b.attrelid = c.confrelid AND b.attnum = k.b
      GROUP BY c.oid, n.oid, n.nspname, r.oid, r.relname, c.confdeltype ORDER BY 1
      """, [oid])
    var keys: [Key] = []
    for row in rows {
      let isReadable = row.isTrue("readable")
      keys.append(
        Key(
          table: row.text("name"), oid: row.text("oid"), condition: row.text("condition"),
          cascades: row.isTrue("cascades"), isReadable: isReadable, isVisible: isReadable && !row.isTrue("bound"),
          asked: row.isTrue("asked") ? row.text("question") : nil))
    }
    self.keys = keys
    isToItself = keys.contains { $0.oid == oid }
  }

  /// SQL that holds for a row `t` that no other row is known to point at. Keys into tables that the role may not read
  /// refuse the deletion themselves; those that would delete or change rows there do not, and end the run before.
  func isFree(_ oid: String) -> String {
    keys.filter(\.isKnown).map { key in
      // Asked row by row, which takes its time: only where nothing else would tell.
      if !key.isVisible { return key.cascades ? key.asked.map { " AND NOT \($0)" } ?? "" : "" }
      let other = key.oid == oid ? " AND o.ctid <> t.ctid" : ""
      return " AND NOT EXISTS (SELECT 1 FROM \(key.table) o WHERE \(key.condition)\(other))"
    }.joined()
  }

  /// Rows that the role does not see would be deleted or changed along; nil where there are no such.
  var hidden: Key? { keys.first { $0.cascades && !$0.isKnown } }

  /// - Throws: `noPermission` where a deletion would reach rows that the role does not see.
  func checkVisible(from table: String) throws(StopError) {
    guard let key = hidden else { return }
    throw StopError(
      .noPermission, UndoFault.rollbackUnseen,
      "deleting rows of \(table) would delete or change rows of \(key.table), which this role does not see: "
        + "GRANT SELECT ON \(key.table) to it, or run this as a role that row level security does not bind")
  }
}
