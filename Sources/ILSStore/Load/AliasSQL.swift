/// SQL for the aliases of a table's rows: under which ids sources know rows that have others in their own columns.
enum AliasSQL {
  /// The schema that a table of this name is in.
  static func schema(of table: String) -> String {
    """
    (SELECT nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
      WHERE c.oid = to_regclass(\(table.quotedIdentifier.quotedLiteral)))
    """
  }

  /// Holds for an alias `a` that was noted of the row which has its id now: the id may have been another row's, which bore
  /// another job's mark, or stood in another schema.
  /// - Parameter job: the row's mark, as text; nil where the table has none.
  static func isOfRow(in table: String, job: String?) -> String {
    let marked = job.map { " AND a.row_job IN ('', coalesce(\($0), a.row_job))" } ?? ""
    return "a.target_schema IN ('', \(schema(of: table)))\(marked)"
  }
}
