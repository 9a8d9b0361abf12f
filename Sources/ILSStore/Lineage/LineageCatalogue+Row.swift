import ILSRecord

extension LineageCatalogue {
  /// The row with that id, and who wrote it.
  public func lineage(of id: String, in table: TracedTable) throws(StopError) -> RowLineage {
    // What is read of the row and of its jobs must belong together.
    try asking("reading the row") { () throws(DatabaseError) in
      try connection.run("BEGIN ISOLATION LEVEL REPEATABLE READ")
    }
    defer { try? connection.run("COMMIT") }
    return try asking("reading the row and its jobs") { () throws(DatabaseError) in
      let columns = try columns(of: id, table)
      let state = try state(of: id, table)
      let images = try images(of: id, table)
      let inserter = try inserter(of: id, table, columns)
      let ids = ([inserter].compactMap { $0 } + images.map(\.job)).reduce(into: [JobID]()) { all, id in
        if !all.contains(id) { all.append(id) }
      }
      let batches = try batches(of: ids)
      var chain = WriteChain(images, inserter: inserter, batches: batches)
      let order = chain.writes(from: state.xid, restored: state.restored)
      // Where the transactions of a job are kept no more, one that is not known may have been its.
      let knows = state.isSame && !state.isRewritten && !(state.isForgetful && order.contains { $0.isFollowedByOthers })
      let later = order.reduce(into: [JobID]()) { all, write in if !all.contains(write.job) { all.append(write.job) } }
      let jobs = try later.map { job throws(DatabaseError) in
        try self.job(job, isInserter: job == inserter, batch: chain.batch(of: job))
      }
      return RowLineage(
        table: table, id: id, columns: columns, jobs: jobs, knowsWriters: knows, writtenAt: state.at,
        aliases: try aliases(of: id, table), triggers: try triggers(of: table),
        writes: knows ? order : order.map { .init(job: $0.job, before: $0.before, isFollowedByOthers: false) })
    }
  }

  private func columns(of id: String, _ table: TracedTable) throws(DatabaseError) -> [RowLineage.Column] {
    let known = try connection.query(
      """
      SELECT a.attname AS name, a.attnum AS number, format_type(a.atttypid, a.atttypmod) AS type,
        coalesce(pg_get_expr(d.adbin, d.adrelid), CASE WHEN a.attidentity <> '' THEN 'an identity' END) AS fallback,
        CASE WHEN \(ConstantDefault.isOne("pg_get_expr(d.adbin, d.adrelid)")) THEN pg_get_expr(d.adbin, d.adrelid) END AS constant,
        a.attgenerated <> '' OR a.attidentity = 'a' AS generated
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
        AND has_column_privilege(a.attrelid, a.attnum, 'SELECT') ORDER BY a.attnum
      """, [table.oid])
    let values = known.map { column in
      let name = "t.\(column.text("name").quotedIdentifier)"
      let constant = column["constant"].map { "format('%s', (\($0))::\(column.text("type")))" } ?? "NULL"
      return "(\(column.text("number")), CASE WHEN \(name) IS NOT NULL THEN format('%s', \(name)) END, \(constant))"
    }
    // Without a right to any column there is nothing to list; the row is asked for all the same, so that this is said.
    let list = values.isEmpty ? "(0, t.\(table.id.quotedIdentifier)::text, NULL)" : values.joined(separator: ", ")
    let rows = try connection.query(
      """
      SELECT v.number, v.value, v.constant FROM \(table.sql) t, LATERAL (VALUES \(list)) v (number, value, constant)
      WHERE t.\(table.id.quotedIdentifier) = $1
      """, [id])
    var found: [Int: Row] = [:]
    for row in rows { found[row.integer("number")] = row }
    return known.compactMap { column in
      guard let row = found[column.integer("number")] else { return nil }
      return RowLineage.Column(
        name: column.text("name"), number: column.integer("number"), type: column.text("type"), value: row["value"],
        defaultValue: column["fallback"], constantDefault: row["constant"], isGenerated: column.isTrue("generated"))
    }
  }

  /// The transaction that wrote the row last; what it stands for, where that was an undo.
  private func state(of id: String, _ table: TracedTable) throws(DatabaseError) -> (
    xid: Int, restored: [Int: Int], isSame: Bool, isForgetful: Bool, isRewritten: Bool, at: String?
  ) {
    let rows = try connection.query(
      """
      SELECT t.xmin::text AS xid, CASE WHEN current_setting('track_commit_timestamp')::boolean
          AND t.xmin::text::bigint > 2 THEN pg_xact_commit_timestamp(t.xmin) END AS at,
        \(JobTarget.isRewritten(table.oid)) AS rewritten
      FROM \(table.sql) t WHERE t.\(table.id.quotedIdentifier) = $1
      """, [id])
    let restored = try connection.query(
      "SELECT xid, stands_for FROM ils.restored WHERE target = $1 AND row_id = $2", [table.oid, id])
    let cluster = try connection.query(
      """
      SELECT count(*) FILTER (WHERE system_id IS DISTINCT FROM (SELECT system_identifier FROM pg_control_system())) AS other,
        count(undo_removed_at) AS cleaned FROM ils.jobs WHERE target_oid = $1
      """, [table.oid])
    var stands: [Int: Int] = [:]
    for row in restored { stands[row.integer("xid")] = row.integer("stands_for") }
    return (
      rows.first?.integer("xid") ?? 0, stands, cluster[0].integer("other") == 0, cluster[0].integer("cleaned") > 0,
      rows.first?.isTrue("rewritten") ?? false, rows.first?["at"]
    )
  }

  private func images(of id: String, _ table: TracedTable) throws(DatabaseError) -> [WriteChain.Image] {
    let rows = try connection.query(
      """
      SELECT i.job_id, i.turn, i.before, i.xid FROM ils.jobs j JOIN ils.before_images i ON i.job_id = j.id AND i.row_id = $2
      WHERE j.target_oid = $1 ORDER BY j.started_at DESC, i.turn DESC
      """, [table.oid, id])
    return rows.map { row in
      var before: [Int: String?] = [:]
      let json = try? JSONValue(parsing: Array(row.text("before").utf8))
      for member in json?.members ?? [] {
        if let number = Int(member.name) { before[number] = .some(member.value.string) }
      }
      return .init(job: JobID(stored: row["job_id"]), before: before, xid: row["xid"].flatMap { Int($0) })
    }
  }

  /// The job that made the row; nil where none did.
  private func inserter(
    of id: String, _ table: TracedTable, _ columns: [RowLineage.Column]
  ) throws(DatabaseError) -> JobID? {
    let mark = table.jobColumn.flatMap { name in columns.first { $0.name == name }?.value }
    let rows = try connection.query(
      """
      SELECT id FROM ils.jobs WHERE id::text = $1 AND kind = 'load'
      UNION ALL SELECT i.job_id FROM ils.jobs j JOIN ils.inserted i ON i.job_id = j.id AND i.row_id = $2
      WHERE j.target_oid = $3 LIMIT 1
      """, [mark?.lowercased(), id, table.oid])
    return rows.first.map { JobID(stored: $0["id"]) }
  }

  private func batches(of jobs: [JobID]) throws(DatabaseError) -> [WriteChain.Batch] {
    try connection.query(
      """
      SELECT job_id, xid, array_to_string(subxids, ',') AS subs, json_build_object('number', number, 'part', part,
        'endedAt', ended_at, 'records', json_build_array(first_record, last_record)) AS json
      FROM ils.batches WHERE job_id = ANY ($1::uuid[])
      """, ["{\(jobs.map(\.text).joined(separator: ","))}"]
    ).map { row in
      let subs = (row["subs"] ?? "").split(separator: ",").compactMap { Int($0) }
      return .init(job: JobID(stored: row["job_id"]), xids: [row.integer("xid")] + subs, json: row.text("json"))
    }
  }

  private func job(_ id: JobID, isInserter: Bool, batch: String?) throws(DatabaseError) -> WritingJob {
    let row = try connection.query(
      """
      SELECT source, manifest, document, coalesce(options->>'onDuplicate' = 'update', false) AS updates, json_strip_nulls(json_build_object('job', id, 'status', status,
        'startedAt', started_at, 'endedAt', ended_at, 'source', source, 'databaseUser', database_user, 'osUser', os_user,
        'host', host, 'batch', $2::json)) AS json FROM ils.jobs WHERE id = $1
      """, [id.text, batch])[0]
    func json(_ name: String) -> JSONValue? {
      row[name].flatMap { try? JSONValue(parsing: Array($0.utf8)) }.flatMap { $0.isNull ? nil : $0 }
    }
    return WritingJob(
      id: id, json: json("json") ?? .null, source: row["source"], manifest: json("manifest"),
      entity: json("document").flatMap { try? LoadSchema(document: $0) }, isInserter: isInserter,
      updates: row.isTrue("updates"))
  }

  private func aliases(
    of id: String, _ table: TracedTable
  ) throws(DatabaseError) -> [(names: [String], values: [String])] {
    try connection.query(
      "SELECT key, value FROM ils.aliases WHERE target = $1 AND row_id = $2", [table.entity?.table ?? table.name, id]
    ).map { row in
      (
        row.text("key").split(separator: "+").map(String.init),
        row.text("value").split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
      )
    }
  }

  private func triggers(of table: TracedTable) throws(DatabaseError) -> [String] {
    // Of each row, before or after it is written, for INSERT or UPDATE; those of the constraints left out.
    try connection.query(
      """
      SELECT tgname FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 20 <> 0
      ORDER BY tgname
      """, [table.oid]
    ).map { $0.text("tgname") }
  }

  // MARK: - Values

  /// What each text becomes in its column: as the column's type writes it; nil where the type cannot read it.
  public func stored(_ text: String, as column: RowLineage.Column) -> String? {
    let cast = "$1::text::\(column.type)"
    let row = (try? connection.query("SELECT format('%s', \(cast)) AS value", [text]))?.first
    return row?["value"]
  }

  /// Whether the row that has the id `id` in the table of `reference` is known by `text`, which a record names it by.
  public func isKnown(
    _ id: String, by text: String, _ reference: LoadSchema.Reference
  ) throws(StopError) -> Bool {
    let keys = reference.by.map { "lower(o.\($0.field.column.quotedIdentifier)::text) = lower($2)" }
    return try asking("looking up the row that the record names") { () throws(DatabaseError) in
      try connection.query(
        """
        SELECT EXISTS (SELECT FROM \(reference.table.quotedIdentifier) o
            WHERE o.\(reference.id.quotedIdentifier)::text = $1 AND (\((keys + ["false"]).joined(separator: " OR "))))
          OR EXISTS (SELECT FROM ils.aliases WHERE target = $3 AND row_id = $1
            AND $2 = ANY (string_to_array(value, U&'\\001F'))) AS known
        """, [id, text, reference.table])[0].isTrue("known")
    }
  }

  /// Why records at those rows were refused.
  public func refusals(of job: JobID, atRows rows: [Int]) throws(StopError) -> [(row: Int, file: String?, code: String)]
  {
    try asking("reading why records were refused") { () throws(DatabaseError) in
      try connection.query(
        """
        SELECT source_row, source_file, code FROM ils.job_errors WHERE job_id = $1 AND source_row = ANY ($2::bigint[])
        """, [job.text, "{\(rows.map { "\($0)" }.joined(separator: ","))}"]
      ).map { ($0.integer("source_row"), $0["source_file"], $0.text("code")) }
    }
  }
}
