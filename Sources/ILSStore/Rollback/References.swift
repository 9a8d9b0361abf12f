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
    /// The role sees all rows of the other table.
    let isVisible: Bool
  }

  let keys: [Key]
  /// Rows of the table itself point at it.
  let isToItself: Bool

  init(to oid: String, _ connection: Connection) throws(DatabaseError) {
    let rows = try connection.query(
      """
      SELECT format('%I.%I', n.nspname, r.relname) AS name, r.oid,
        string_agg(format('o.%I = t.%I', a.attname, b.attname), ' AND ') AS condition, c.confdeltype IN ('c', 'n', 'd') AS cascades,
        has_schema_privilege(n.oid, 'USAGE') AND NOT row_security_active(r.oid)
          AND bool_and(has_column_privilege(r.oid, a.attnum, 'SELECT')) AS visible
      FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace,
        unnest(c.conkey, c.confkey) AS k (a, b), pg_attribute a, pg_attribute b
      WHERE c.contype = 'f' AND c.conparentid = 0 AND c.confrelid = $1 AND a.attrelid = c.conrelid
        AND a.attnum = k.a AND b.attrelid = c.confrelid AND b.attnum = k.b
      GROUP BY c.oid, n.oid, n.nspname, r.oid, r.relname, c.confdeltype ORDER BY 1
      """, [oid])
    var keys: [Key] = []
    for row in rows {
      keys.append(
        Key(
          table: row.text("name"), oid: row.text("oid"), condition: row.text("condition"),
          cascades: row.isTrue("cascades"), isVisible: row.isTrue("visible")))
    }
    self.keys = keys
    isToItself = keys.contains { $0.oid == oid }
  }

  /// SQL that holds for a row `t` that no other row is seen to point at. Keys into tables that the role may not read
  /// refuse the deletion themselves; those that would delete or change rows there do not, and end the run before.
  func isFree(_ oid: String) -> String {
    keys.filter(\.isVisible).map { key in
      let other = key.oid == oid ? " AND o.ctid <> t.ctid" : ""
      return " AND NOT EXISTS (SELECT 1 FROM \(key.table) o WHERE \(key.condition)\(other))"
    }.joined()
  }

  /// Rows that the role does not see would be deleted or changed along; nil where there are no such.
  var hidden: Key? { keys.first { $0.cascades && !$0.isVisible } }

  /// - Throws: `noPermission` where a deletion would reach rows that the role does not see.
  func checkVisible(from table: String) throws(StopError) {
    guard let key = hidden else { return }
    throw StopError(
      .noPermission, UndoFault.rollbackUnseen,
      "deleting rows of \(table) would delete or change rows of \(key.table), which this role does not see: "
        + "GRANT SELECT ON \(key.table) to it, or run this as a role that row level security does not bind")
  }
}
