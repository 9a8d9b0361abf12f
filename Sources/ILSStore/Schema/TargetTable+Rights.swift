import ILSRecord

/// What the database's user may do with a table, asked before the first row: else each record would be refused for it.
extension TargetTable {
  /// - Parameter missing: what `rights` has answered.
  /// - Throws: `configuration` where nobody can put rows into it, `noPermission` where this user cannot, with what to grant.
  func checkRights(_ missing: Rows) throws(StopError) {
    guard let first = missing.first else { return }
    guard let right = first["missing"] else {
      throw StopError(
        .configuration, DatabaseFault.dbNoTable,
        "\(schema.table) is \(first.text("kind")), into which no rows can be put: name its table in the schema file, or give a "
          + "view an INSTEAD OF INSERT trigger")
    }
    throw StopError(
      .noPermission, DatabaseFault.dbPermission,
      "user \(first.text("grantee")) may not do what the load needs: GRANT \(right) TO \(first.text("grantee")) (scripts/roles.sql "
        + "has all that a loader needs)")
  }

  /// A row for each right that is missing, or one without where no rows can be put in.
  /// - Parameters:
  ///   - fed: columns that rows get values in.
  ///   - updates: rows that are there may be changed.
  static func rights(_ schema: LoadSchema, fed: Set<String>, updates: Bool) -> Question {
    let changed =
      updates ? Set(schema.fields.map(\.column)).subtracting(schema.sourceColumns).subtracting([schema.id]) : []
    // Who wrote a row is asked as soon as others write.
    let read = changed.union([schema.id, "xmin"] + schema.identity.terms.compactMap { schema.column(of: $0) })
    let asked = [("INSERT", fed), ("UPDATE", changed), ("SELECT", read)]
      .flatMap { kind, names in names.sorted().map { (kind, $0) } }
    let columns = asked.map { "(\($0.quotedLiteral), \($1.quotedLiteral))" }.joined(separator: ", ")
    let others = Set(schema.references.map(\.table)).sorted().map { "(\($0.quotedIdentifier.quotedLiteral))" }
    let referenced =
      others.isEmpty
      ? "SELECT NULL::text WHERE false"
      : """
      SELECT 'SELECT ON ' || name FROM (VALUES \(others.joined(separator: ", "))) AS o (name)
      WHERE to_regclass(name) IS NOT NULL AND NOT has_any_column_privilege(to_regclass(name)::oid, 'SELECT')
      """
    let sql = """
      WITH target AS (SELECT oid, relkind FROM pg_class WHERE oid = to_regclass($1))
      SELECT CASE relkind WHEN 'm' THEN 'a materialized view' WHEN 'v' THEN 'a view' ELSE 'no table' END AS kind,
        NULL AS missing, NULL AS grantee
      FROM target WHERE pg_relation_is_updatable(oid, true) & 8 = 0
      UNION ALL
      SELECT NULL, right_missing, quote_ident(current_user) FROM (
        SELECT kind || ' ON ' || $1 FROM (VALUES \(columns)) AS a (kind, name), target
          JOIN pg_attribute ON attrelid = target.oid
        WHERE attname = a.name AND NOT has_column_privilege(target.oid, attnum, kind)
        UNION ALL \(referenced)
        UNION ALL
        SELECT 'USAGE ON SEQUENCE ' || s.oid::regclass FROM target JOIN pg_depend d ON refobjid = target.oid AND deptype = 'a'
          JOIN pg_class s ON s.oid = d.objid JOIN pg_attribute a ON attrelid = refobjid AND attnum = refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND attname <> ALL (ARRAY[\(fed.sorted().map(\.quotedLiteral).joined(separator: ", "))]::text[])
          AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END
      ) AS missing (right_missing)
      """
    return Question(sql, [schema.table.quotedIdentifier])
  }
}
