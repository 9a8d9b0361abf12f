import ILSRecord

/// Looks rows up, and who wrote them. Only reads.
public struct LineageCatalogue {
  let connection: Connection

  public init(database: String) throws(StopError) {
    connection = try Connection(database)
    _ = try asking("opening the session") { () throws(DatabaseError) in
      try connection.run(BeforeImage.settings + "; SET default_transaction_read_only = on; SET lock_timeout = 10000")
    }
  }

  func asking<Answer>(_ doing: String, _ ask: () throws(DatabaseError) -> Answer) throws(StopError) -> Answer {
    do throws(DatabaseError) { return try ask() } catch { throw error.stop(doing) }
  }

  // MARK: - Tables

  /// The table of an entity, or of that name.
  /// - Parameter installed: the schema file of an entity that has that name, for a table that no job has loaded.
  /// - Throws: `noInput` where there is none, `usage` where several are meant.
  public func table(_ name: String, installed: LoadSchema?) throws(StopError) -> TracedTable {
    let found = try asking("looking up the table") { () throws(DatabaseError) in
      try connection.query(
        """
        SELECT c.oid, c.relname AS name, n.nspname AS schema, j.id_column AS id, j.job_column AS job, j.document,
          c.oid IS NOT DISTINCT FROM to_regclass(quote_ident($1)) AS near
        FROM (SELECT DISTINCT ON (target_oid) * FROM ils.jobs
          WHERE kind = 'load' AND (entity = $1 OR target = $1 OR format('%s.%s', target_schema, target) = $1)
          ORDER BY target_oid, started_at DESC) j
        JOIN pg_class c ON c.oid = j.target_oid AND c.relkind IN ('r', 'p') AND c.relname = j.target
        JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY near DESC, c.oid
        """, [name])
    }
    guard let row = found.first else { return try unloaded(name, installed) }
    if found.count > 1, !row.isTrue("near") {
      let names = found.map { "\($0.text("schema")).\($0.text("name"))" }.joined(separator: ", ")
      throw StopError(
        .usage, LineageFault.tableAmbiguous, "\(name) was loaded into several tables: name one of \(names)")
    }
    let json = row["document"].flatMap { try? JSONValue(parsing: Array($0.utf8)) }
    let entity: LoadSchema? =
      if let json, !json.isNull { try LoadSchema(document: json) } else { installed }
    return TracedTable(
      name: row.text("name"), schema: row.text("schema"), oid: row.text("oid"), id: row["id"] ?? entity?.id ?? "id",
      jobColumn: row["job"], entity: entity)
  }

  /// A table that no job has written.
  private func unloaded(_ name: String, _ installed: LoadSchema?) throws(StopError) -> TracedTable {
    let found = try asking("looking up the table") { () throws(DatabaseError) in
      try connection.query(
        """
        SELECT c.oid, c.relname AS name, n.nspname AS schema, (SELECT a.attname FROM pg_index i
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
          WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1) AS id
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass(quote_ident($1)) AND c.relkind IN ('r', 'p')
        """, [installed?.table ?? name])
    }
    guard let row = found.first else {
      throw StopError(
        .noInput, LineageFault.tableUnknown,
        "there is no table or entity \"\(name)\" that a job has loaded: ils-jobs list shows what was")
    }
    guard let id = row["id"] else {
      throw StopError(
        .dataError, LineageFault.tableUnknown,
        "table \(name) has no primary key of one column, and no job has loaded it")
    }
    return TracedTable(
      name: row.text("name"), schema: row.text("schema"), oid: row.text("oid"), id: id, jobColumn: nil,
      entity: installed)
  }

  // MARK: - Rows

  /// The ids of rows that `key` names: an id, or `field=value`, more of them joined by commas where one is not enough.
  /// - Throws: `noInput` where there is none, `usage` where there are several.
  public func find(_ key: String, in table: TracedTable) throws(StopError) -> String {
    let terms = try terms(of: key, table)
    let conditions = terms.enumerated().map { "\($1.column.quotedIdentifier) = $\($0 + 1)" }
    let found: Rows
    do throws(DatabaseError) {
      found = try connection.query(
        """
        SELECT \(table.id.quotedIdentifier)::text AS id FROM \(table.sql)
        WHERE \(conditions.joined(separator: " AND ")) ORDER BY 1 LIMIT 6
        """, terms.map(\.value))
    } catch {
      // What cannot be such a value is none.
      guard error.state.hasPrefix("22") else { throw error.stop("looking up the row") }
      throw noRow(table)
    }
    guard let id = found.first?["id"] else { throw noRow(table) }
    guard found.count == 1 else {
      let some = found.prefix(5).map { $0.text("id") }.joined(separator: ", ")
      throw StopError(
        .usage, LineageFault.keyAmbiguous,
        "several rows of \(table.name) have that key: name one by its id: \(some)\(found.count > 5 ? " ..." : "")")
    }
    return id
  }

  private func noRow(_ table: TracedTable) -> StopError {
    StopError(
      .noInput, LineageFault.rowUnknown,
      "there is no such row in \(table.name), or this role may not see it; a job that was undone takes its rows with it"
    )
  }

  private func terms(of key: String, _ table: TracedTable) throws(StopError) -> [(column: String, value: String)] {
    guard key.contains("=") else { return [(table.id, key)] }
    var terms: [(column: String, value: String)] = []
    for part in key.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if sides.count == 1, let last = terms.popLast() {
        // A comma of the value's own.
        terms.append((last.column, "\(last.value),\(sides[0])"))
      } else {
        terms.append((try column(sides[0], of: table), sides.last ?? ""))
      }
    }
    return terms
  }

  /// The column of a field, or of that name.
  /// - Throws: `usage` where the table has none.
  public func column(_ name: String, of table: TracedTable) throws(StopError) -> String {
    let column = table.entity?.column(of: name) ?? name
    let names = try asking("looking up the columns") { () throws(DatabaseError) in
      try connection.query(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [table.oid])
    }.map { $0.text("attname") }
    if names.contains(column) { return column }
    throw StopError(
      .usage, LineageFault.columnUnknown,
      "\(table.name) has no field or column \"\(name)\"; its columns are: \(names.joined(separator: ", "))")
  }
}
