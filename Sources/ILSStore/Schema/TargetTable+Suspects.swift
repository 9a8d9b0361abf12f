/// What a row's own values tell of whether the table takes it.
extension TargetTable {
  /// A check of the table, or a column's length or need of a value: SQL over the table's columns that holds for a row which
  /// it forbids.
  struct RowTest {
    let sql: String
    /// The columns that it names.
    let columns: [String]
  }

  /// Asks for the tests of the table, which `rowTests(in:)` reads.
  static func rowTests(of table: String) -> Question {
    Question(
      """
      SELECT 'NOT (' || pg_get_expr(conbin, conrelid) || ')' AS sql,
        (SELECT string_agg(attname, E'\\n') FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey)) AS columns
      FROM pg_constraint WHERE conrelid = to_regclass($1) AND contype = 'c'
      UNION ALL
      SELECT CASE WHEN attnotnull THEN format('%1$I IS NULL', attname) ELSE 'false' END
          || CASE WHEN atttypid = 'varchar'::regtype AND atttypmod > 4
            THEN format(' OR char_length(%1$I) > %2$s', attname, atttypmod - 4) ELSE '' END,
        attname
      FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
      """, [table.quotedIdentifier])
  }

  static func rowTests(in rows: Rows) -> [RowTest] {
    rows.map { row in
      let columns = row.text("columns").split(separator: "\n")
      return RowTest(sql: row.text("sql"), columns: columns.map { String($0).quotedIdentifier })
    }
  }

  /// A query for the numbers of staged rows that fail a test. What they are written with may be another value, by a
  /// trigger: so it proves nothing, and each is tried.
  /// - Parameters:
  ///   - given: what columns are given: SQL over a staged row `s`.
  ///   - rows: which staged rows are meant: SQL.
  /// - Returns: nil where there is nothing to test.
  func suspects(_ given: [(column: String, value: String)], _ rows: String) -> String? {
    let fed = Set(given.map(\.column))
    let tests = rowTests.filter { !$0.columns.isEmpty && fed.isSuperset(of: $0.columns) && $0.sql != "false" }
    if tests.isEmpty { return nil }
    return """
      SELECT t.ils_n FROM (
        SELECT s.n AS ils_n, \(given.map { "\($0.value) AS \($0.column)" }.joined(separator: ", "))
        FROM ils_stage s WHERE \(rows)) t
      WHERE \(tests.map { "(\($0.sql))" }.joined(separator: " OR "))
      """
  }
}
