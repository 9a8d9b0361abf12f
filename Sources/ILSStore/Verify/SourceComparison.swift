import ILSRecord

/// Holds the records that were read against the rows that they came to.
struct SourceComparison {
  private let verification: Verification
  private let scope: VerifyScope
  private let showsValues: Bool
  private let writers: RowWriters
  private var connection: Connection { verification.connection }
  private var schema: LoadSchema { scope.table.schema }
  private var id: String { "t.\(schema.id.quotedIdentifier)" }

  /// Where a record stands in its source.
  private static let place = "concat_ws(':', s.source_file, coalesce(s.source_row, s.record))"

  init(_ verification: Verification, _ scope: VerifyScope, showsValues: Bool) throws(DatabaseError) {
    (self.verification, self.scope, self.showsValues) = (verification, scope, showsValues)
    try verification.connection.run(SourceTable.index)
    writers = try RowWriters(of: scope.table, verification)
  }

  private func check(_ name: String, _ kind: VerifyCheck.Kind, rows: Int, field: String? = nil) -> VerifyCheck {
    var check = VerifyCheck(name, kind, rows: rows, entity: schema.entity, field: field)
    check.about = field == nil ? .records : .field
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
        count(*) FILTER (WHERE s.outcome = 'inserting') AS missing FROM ils_source s
      """)[0]
    let (found, rows) = (sums.integer("found"), sums.integer("rows"))
    verification.add(check("records read", .count, rows: read))
    var missing = check("records without a row", .fault, rows: sums.integer("missing"))
    missing.records = try places("s.outcome = 'inserting'")
    (missing.source, missing.database) = (.number("\(read)"), .number("\(found)"))
    missing.difference = .number("\(read - found)")
    verification.add(missing)
    verification.add(check("records with values that no column holds", .fault, rows: refused))
    try compareRefused()
    var shared = check("records that share a row with an earlier one", .doubt, rows: found - rows)
    shared.records = try places(
      "EXISTS (SELECT FROM ils_source o WHERE o.target = s.target AND o.record < s.record)")
    (shared.source, shared.database, shared.difference) = (
      .number("\(found)"), .number("\(rows)"), .number("\(found - rows)")
    )
    verification.add(shared)
    try compareRows()
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

  // MARK: - Fields

  func compareFields() throws(DatabaseError) {
    for column in ComparedColumn.all(scope.table) {
      let source = try connection.query(
        """
        SELECT \(figures("v", column)), count(*) FILTER (WHERE state = 'wrong') AS wrong,
          count(*) FILTER (WHERE state = 'edited') AS edited, count(*) FILTER (WHERE state = 'elsewhere') AS elsewhere,
          count(*) FILTER (WHERE state = 'added') AS added FROM (\(pairs(column))) p
        """)[0]
      let database = try connection.query(
        """
        SELECT \(figures("d", column)) FROM (SELECT \(column.database) AS d FROM \(scope.name) t
          WHERE EXISTS (SELECT FROM ils_source s WHERE s.target = \(id))) r
        """)[0]
      for (state, name, kind) in Self.states where state == "wrong" || source.integer(state) > 0 {
        var found = check(name, kind, rows: source.integer(state), field: column.field)
        if state == "wrong" {
          (found.source, found.database) = (.number(source.text("filled")), .number(database.text("filled")))
          found.difference = .number("\(found.rows)")
        }
        if found.rows > 0 { try exemplify(&found, column, state) }
        verification.add(found)
      }
      compareFigures(column, source, database)
    }
  }

  private static let states: [(state: String, name: String, kind: VerifyCheck.Kind)] = [
    ("wrong", "values that differ", .fault), ("edited", "values that differ in rows that no job wrote last", .doubt),
    ("elsewhere", "values of rows that another source made", .doubt), ("added", "values that no record has", .doubt),
  ]

  /// Each record with its value, the row's, and how the two stand.
  private func pairs(_ column: ComparedColumn) -> String {
    let own = "t.\(schema.id.quotedIdentifier) IS NOT NULL"
    let others = """
      EXISTS (SELECT FROM ils_source o WHERE o.target = s.target AND o.record <> s.record
        AND \(column.source("o")) IS NOT NULL AND NOT (\(column.differs("o"))))
      """
    let isKept = "\(column.source()) IS NULL AND NOT \(column.isCleared)"
    return """
      SELECT s.record, \(Self.place) AS place, \(id)::text AS id, \(column.source()) AS v, \(column.database) AS d,
        CASE WHEN NOT (\(own)) OR NOT (\(column.differs())) OR \(others) THEN NULL
          WHEN \(column.isOfSource ? isElsewhere : "false") THEN 'elsewhere'
          WHEN \(isKept) THEN CASE WHEN \(column.database) IS NOT NULL AND NOT \(column.hasDefault) THEN 'added' END
          WHEN \(writers.isEdited ?? "false") THEN 'edited' ELSE 'wrong' END AS state
      FROM ils_source s LEFT JOIN \(scope.name) t ON \(id) = s.target WHERE s.outcome IS DISTINCT FROM 'refused'
      """
  }

  /// The row is one that another source made.
  private var isElsewhere: String {
    guard let field = schema.sourceField, let column = schema.column(of: field),
      let place = schema.stagedFields.firstIndex(of: field)
    else { return "false" }
    return "t.\(column.quotedIdentifier)::text IS DISTINCT FROM s.c\(place)"
  }

  private func figures(_ value: String, _ column: ComparedColumn) -> String {
    func text(_ figure: String) -> String {
      // What a column of two decimals writes as 1.50 is 1.5.
      if column.isNumber { return "trim_scale((\(figure))::numeric)::text" }
      return column.isOrdered ? "(\(figure))::text" : "NULL::text"
    }
    let sum = column.isNumber ? text("sum((\(value))::numeric)") : "NULL::text"
    return """
      count(\(value)) AS filled, count(DISTINCT \(value)::text COLLATE "C") AS different, \(sum) AS sum,
        \(text(column.isOrdered ? "min(\(value))" : "NULL")) AS least,
        \(text(column.isOrdered ? "max(\(value))" : "NULL")) AS most
      """
  }

  private func compareFigures(_ column: ComparedColumn, _ source: Row, _ database: Row) {
    let isExplained = column.hasDefault && ["wrong", "edited", "elsewhere"].allSatisfy { source.integer($0) == 0 }
    for (name, key) in [("filled", "filled"), ("distinct values", "different")] {
      let lies = source.integer(key) - database.integer(key)
      // The database fills in what records lack.
      var found = check(name, isExplained ? .count : .doubt, rows: abs(lies), field: column.field)
      (found.source, found.database) = (.number(source.text(key)), .number(database.text(key)))
      found.difference = .number("\(lies)")
      verification.add(found)
    }
    for (name, key) in [("sum", "sum"), ("first value", "least"), ("last value", "most")] {
      guard source[key] != nil || database[key] != nil else { continue }
      var found = check(name, .doubt, rows: source[key] == database[key] ? 0 : 1, field: column.field)
      // The first and the last are somebody's, and so is the sum of one.
      if showsValues || key == "sum" && source.integer("filled") > 1 && database.integer("filled") > 1 {
        let write = { (text: String?) -> JSONValue in
          text.map { key == "sum" && Double($0)?.isFinite == true ? .number($0) : .string($0) } ?? .null
        }
        (found.source, found.database) = (write(source[key]), write(database[key]))
      }
      verification.add(found)
    }
  }

  /// Names some of the records and rows that a check is about.
  private func exemplify(_ check: inout VerifyCheck, _ column: ComparedColumn, _ state: String) throws(DatabaseError) {
    let rows = try connection.query(
      """
      SELECT place, id, v::text AS v, d::text AS d FROM (\(pairs(column))) p WHERE state = \(state.quotedLiteral)
      ORDER BY record LIMIT \(verification.named)
      """)
    check.records = rows.map { $0.text("place") }
    check.ids = rows.map { $0.text("id") }
    if showsValues { check.values = rows.map { ($0.text("place"), $0["v"], $0["d"]) } }
  }
}
