import ILSRecord

/// Holds the records that were read against the rows that they came to.
struct SourceComparison {
  private let verification: Verification
  private let scope: VerifyScope
  let writers: RowWriters
  private var connection: Connection { verification.connection }
  private var schema: LoadSchema { scope.table.schema }
  private var id: String { "t.\(schema.id.quotedIdentifier)" }

  /// Where a record stands in its source.
  static let place = "concat_ws(':', s.source_file, s.source_sheet, coalesce(s.source_row, s.record))"

  init(_ verification: Verification, _ scope: VerifyScope) throws(DatabaseError) {
    (self.verification, self.scope) = (verification, scope)
    try verification.connection.run(SourceTable.prepare)
    writers = try RowWriters(of: scope.table, verification.connection, hasJobs: verification.hasJobs)
  }

  private static let isMissing = "s.target IS NULL AND s.outcome IS DISTINCT FROM 'refused'"

  private func check(_ name: String, _ kind: VerifyCheck.Kind, rows: Int) -> VerifyCheck {
    var check = VerifyCheck(name, kind, rows: rows, entity: schema.entity)
    check.about = .records
    return check
  }

  // MARK: - Records

  /// - Parameters:
  ///   - read: how many records there were.
  ///   - refused: how many of them hold what no column holds, and were not compared.
  func compareRecords(read: Int, refused: Int) throws(DatabaseError) {
    let sums = try connection.query(
      """
      SELECT count(s.target) AS found, count(DISTINCT s.target) AS rows,
        count(*) FILTER (WHERE \(Self.isMissing)) AS missing FROM ils_source s
      """)[0]
    let (found, rows) = (sums.integer("found"), sums.integer("rows"))
    verification.add(check("records read", .count, rows: read))
    var missing = check("records without a row", .fault, rows: sums.integer("missing"))
    if missing.rows > 0 { missing.records = try places(Self.isMissing) }
    (missing.source, missing.database) = (.number("\(read)"), .number("\(found)"))
    missing.difference = .number("\(read - found)")
    verification.add(missing)
    verification.add(check("records with values that no column holds", .fault, rows: refused))
    try compareRefused()
    var shared = check("records that share a row with an earlier one", .doubt, rows: found - rows)
    if shared.rows > 0 {
      shared.records = try places(
        "EXISTS (SELECT FROM ils_source o WHERE o.target = s.target AND o.record < s.record)")
    }
    (shared.source, shared.database, shared.difference) = (
      .number("\(found)"), .number("\(rows)"), .number("\(found - rows)")
    )
    verification.add(shared)
    try compareRows()
  }

  /// Says what of the source was not held against anything.
  /// - Parameters:
  ///   - lines: how many are no records.
  ///   - fields: those that no column takes.
  func tellUncompared(lines: Int, fields: [String]) {
    verification.add(check("lines that are no records: not compared", .fault, rows: lines))
    let names = fields.isEmpty ? "" : ": " + fields.joined(separator: ", ")
    verification.add(check("fields that no column takes: not compared\(names)", .doubt, rows: fields.count))
  }

  /// Records of which the loader would not say what row they are.
  private func compareRefused() throws(DatabaseError) {
    let codes = try connection.query(
      """
      SELECT CASE WHEN code LIKE 'identity.%' AND candidates > 1 THEN 'several' ELSE code END AS code, count(*) AS records
      FROM ils_source WHERE outcome = 'refused' GROUP BY 1 ORDER BY 1
      """)
    for row in codes {
      let isSeveral = row.text("code") == "several"
      var refused = check(
        isSeveral ? "records with several rows" : "records whose row cannot be told (\(row.text("code")))", .fault,
        rows: row.integer("records"))
      let isOne = "s.code LIKE 'identity.%' AND s.candidates > 1"
      refused.records = try places(
        "s.outcome = 'refused' AND "
          + (isSeveral ? isOne : "s.code = \(row.text("code").quotedLiteral) AND NOT (\(isOne) IS TRUE)"))
      verification.add(refused)
    }
  }

  private func compareRows() throws(DatabaseError) {
    let isMet = "EXISTS (SELECT FROM ils_source s WHERE s.target = \(id))"
    let others = try connection.query(
      """
      WITH found AS MATERIALIZED (\(scope.rows("NOT \(isMet)")))
      SELECT (SELECT count(*) FROM found) AS rows,
        (SELECT json_agg(id) FROM (SELECT id FROM found ORDER BY id LIMIT \(verification.named)) f) AS ids
      """)[0]
    var left = check("rows that no record came to", .doubt, rows: others.integer("rows"))
    left.ids = Verification.texts(others["ids"])
    verification.add(left)
    guard let edited = writers.isEdited else { return }
    let rows = try connection.query("SELECT count(*) AS rows FROM \(scope.name) t WHERE \(isMet) AND \(edited)")[0]
    verification.add(check("rows that no job wrote last", .count, rows: rows.integer("rows")))
  }

  /// Where some records stand for which `test` holds.
  private func places(_ test: String) throws(DatabaseError) -> [String] {
    try connection.query(
      "SELECT \(Self.place) AS place FROM ils_source s WHERE \(test) ORDER BY s.record LIMIT \(verification.named)"
    ).map { $0.text("place") }
  }
}
