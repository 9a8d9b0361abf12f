/// The unique indexes of a table that old values could collide with.
struct UniqueKeys {
  private let keys: [[(number: Int, name: String, type: String)]]

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
  }

  /// SQL that holds where no other row has what `t` would get of the image `b`. Indexes on expressions and on parts of a
  /// table are not asked: their collisions show when the row is tried.
  func isOpen(_ table: String, id: String, changing numbers: [Int]) -> String {
    keys.filter { $0.contains { numbers.contains($0.number) } }.map { key in
      let present = key.map { "'\($0.number)'" }.joined(separator: ",")
      let equal = key.map { column in
        "x.\(column.name) = \(RollbackSQL.value(column.number, column.name, column.type))"
      }.joined(separator: " AND ")
      return """
         AND NOT (b.before ?| ARRAY[\(present)]
          AND EXISTS (SELECT 1 FROM \(table) x WHERE \(equal) AND x.\(id) <> t.\(id)))
        """
    }.joined()
  }
}
