import ILSRecord

/// What the target of a load looks like to whoever writes into it: so that a plan can tell that it has changed since.
public enum TargetShape {
  /// Which database it is: its name, and the number that a server is made with.
  public static func place(_ database: String) throws(StopError) -> String {
    let connection = try Connection(database)
    do throws(DatabaseError) {
      return try connection.query(
        "SELECT format('%s of server %s', current_database(), system_identifier) AS place FROM pg_control_system()")[0]
        .text("place")
    } catch {
      throw error.stop("asking which database it is")
    }
  }

  /// A line for each column, constraint, index, trigger, rule and policy of an entity's table and of those that it points to,
  /// sorted; the same text as long as a load would meet the same.
  /// - Throws: `unavailable`, `configuration` where there is no such table.
  public static func text(_ schema: LoadSchema, database: String) throws(StopError) -> String {
    let connection = try Connection(database)
    var lines: [String] = []
    for table in [schema.table] + schema.references.map(\.table) {
      let rows: Rows
      do throws(DatabaseError) {
        rows = try connection.query(parts, [table.quotedIdentifier])
      } catch {
        throw error.stop("reading the catalogue")
      }
      guard !rows.isEmpty else {
        throw StopError(.configuration, DatabaseFault.dbNoTable, "there is no table \(table)")
      }
      lines += rows.map { "\(table) \($0.text("part"))" }
    }
    return lines.joined(separator: "\n")
  }

  private static let parts = """
    SELECT part FROM (
      SELECT 'column ' || attname || ' ' || format_type(atttypid, atttypmod)
        || CASE WHEN attnotnull THEN ' not null' ELSE '' END || ' ' || attgenerated::text || attidentity::text || ' '
        || coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS part
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE conrelid = to_regclass($1)
      UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass($1)
      UNION ALL SELECT 'trigger ' || tgenabled::text || ' ' || pg_get_triggerdef(t.oid) || ' ' || md5(p.prosrc)
      FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = to_regclass($1) AND NOT t.tgisinternal
      UNION ALL SELECT 'rule ' || pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = to_regclass($1)
      UNION ALL SELECT concat_ws(' ', 'policy', polname, polcmd, polpermissive, pg_get_expr(polqual, polrelid),
        pg_get_expr(polwithcheck, polrelid))
      FROM pg_policy WHERE polrelid = to_regclass($1)
      UNION ALL SELECT concat_ws(' ', 'table', relnamespace::regnamespace, relname, relkind, relrowsecurity, relforcerowsecurity)
      FROM pg_class WHERE oid = to_regclass($1)
    ) parts ORDER BY part COLLATE "C"
    """
}
