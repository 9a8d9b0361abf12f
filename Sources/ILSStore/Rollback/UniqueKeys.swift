/// The unique indexes of a table that old values could collide with.
struct UniqueKeys {
  private let keys: [[(number: Int, name: String, type: String)]]
  private let expressions: [Expression]
  /// Quoted names of all columns, by their numbers.
  private let names: [(number: Int, name: String)]

  /// An index on expressions, or on a part of the table. SQL, over the columns of one row.
  private struct Expression {
    /// Numbers of the columns that it looks at, joined by commas.
    let columns: String
    /// The keys, each with a name.
    let named: String
    /// That `other` has the keys of `own`.
    let equal: String
    /// Which rows it holds; nil where it holds all.
    let predicate: String?
  }

  init(of oid: String, _ connection: Connection) throws(DatabaseError) {
    let rows = try connection.query(
      """
      SELECT i.indexrelid AS index, a.attnum AS number, quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type
      FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
      WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
        AND i.indnatts = i.indnkeyatts ORDER BY 1, 2
      """, [oid])
    var keys: [[(number: Int, name: String, type: String)]] = []
    for (place, row) in rows.enumerated() {
      let column = (number: row.integer("number"), name: row.text("name"), type: row.text("type"))
      if place > 0, row["index"] == rows[place - 1]["index"] {
        keys[keys.count - 1].append(column)
      } else {
        keys.append([column])
      }
    }
    self.keys = keys
    names = try connection.query(
      """
      SELECT attnum AS number, quote_ident(attname) AS name FROM pg_attribute
      WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum
      """, [oid]
    ).map { ($0.integer("number"), $0.text("name")) }
    expressions = try Self.expressions(of: oid, connection)
  }

  private static func expressions(of oid: String, _ connection: Connection) throws(DatabaseError) -> [Expression] {
    try connection.query(
      """
      SELECT (SELECT string_agg(DISTINCT number::text, ',') FROM (
          SELECT unnest(i.indkey::int2[])::integer AS number
          UNION SELECT refobjsubid FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = i.indexrelid
            AND refclassid = 'pg_class'::regclass AND refobjid = i.indrelid) c WHERE number > 0) AS columns,
        k.named, k.equal, pg_get_expr(i.indpred, i.indrelid) AS predicate
      FROM pg_index i, LATERAL (
        SELECT string_agg(format('(%s) AS ils_k%s', key, n), ', ') AS named,
          string_agg(format('other.ils_k%1$s = own.ils_k%1$s', n), ' AND ') AS equal
        FROM (SELECT n, pg_get_indexdef(i.indexrelid, n, false) AS key FROM generate_series(1, i.indnkeyatts) n) d) k
      WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND (i.indpred IS NOT NULL OR i.indexprs IS NOT NULL)
        -- A whole row is more than its columns: such an index shows its collisions when the row is tried.
        AND concat(i.indexprs, i.indpred) !~ ':varattno 0 '
      """, [oid]
    ).map { row in
      Expression(
        columns: row.text("columns"), named: row.text("named"), equal: row.text("equal"), predicate: row["predicate"])
    }
  }

  /// SQL that holds where no other row has what `t` would get of the image `b`.
  func isOpen(_ table: String, id: String, changing columns: [(number: Int, name: String, type: String)]) -> String {
    let numbers = columns.map(\.number)
    let plain = keys.filter { $0.contains { numbers.contains($0.number) } }.map { key in
      let equal = key.map { column in
        "x.\(column.name) = \(RollbackSQL.value(column.number, column.name, column.type))"
      }.joined(separator: " AND ")
      let present = key.map { "'\($0.number)'" }.joined(separator: ",")
      return
        " AND NOT (b.before ?| ARRAY[\(present)] AND EXISTS (SELECT 1 FROM \(table) x WHERE \(equal) AND x.\(id) <> t.\(id)))"
    }
    // The row as it would be, whose columns an expression finds by their names alone, as it does those of `x`.
    let row = names.map { number, name in
      let changed = columns.first { $0.number == number }
      return "\(changed.map { RollbackSQL.value(number, name, $0.type) } ?? "t.\(name)") AS \(name)"
    }.joined(separator: ", ")
    let others = expressions.map { index in
      let held = index.predicate.map { "(\($0))" } ?? "true"
      return """
         AND NOT (b.before ?| '{\(index.columns)}' AND EXISTS (
          SELECT 1 FROM (SELECT \(index.named) FROM (SELECT \(row)) n WHERE \(held)) own,
            (SELECT x.\(id) AS ils_id, \(index.named) FROM \(table) x WHERE \(held)) other
          WHERE \(index.equal) AND other.ils_id <> t.\(id)))
        """
    }
    return (plain + others).joined()
  }
}
