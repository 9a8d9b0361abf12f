import ILSRecord

/// Holds the fields of the records that were read against the columns of their rows: all of them in one pass.
struct FieldComparison {
  private let verification: Verification
  private let scope: VerifyScope
  private let writers: RowWriters
  private let showsValues: Bool
  private var connection: Connection { verification.connection }
  private var schema: LoadSchema { scope.table.schema }
  private var id: String { "t.\(schema.id.quotedIdentifier)" }

  /// A query has no more than 1,664 columns.
  private static let columnsAtOnce = 80

  init(_ verification: Verification, _ scope: VerifyScope, _ writers: RowWriters, showsValues: Bool) {
    (self.verification, self.scope, self.writers, self.showsValues) = (verification, scope, writers, showsValues)
  }

  func compare() throws(DatabaseError) {
    let all = ComparedColumn.all(scope.table)
    for start in stride(from: 0, to: all.count, by: Self.columnsAtOnce) {
      let columns = Array(all[start..<min(start + Self.columnsAtOnce, all.count)])
      let row = try connection.query(
        """
        SELECT count(*) FILTER (WHERE id IS NULL) AS missing,
          \(columns.indices.map { sums(columns[$0], $0) }.joined(separator: ",\n  "))
        FROM (\(pairs(columns))) p
        """)[0]
      for (number, column) in columns.enumerated() {
        try tell(column, Figures(row, number, isWhole: row.integer("missing") == 0))
      }
    }
  }

  // MARK: - How values stand

  /// How a record's value stands to its row's, where the two are not the same.
  private enum State: String, CaseIterable {
    case wrong, edited, trigger, job, elsewhere, added

    var name: String {
      switch self {
      case .wrong: "values that differ"
      case .edited: "values that differ in rows that no job wrote last"
      case .trigger: "values that differ in columns that triggers name"
      case .job: "values that later jobs changed"
      case .elsewhere: "values of rows that another source made"
      case .added: "values that no record has"
      }
    }
  }

  /// Each record with its row's id, worked out once (OFFSET), and of each column its value, the row's, and how the two stand: `v0`, `d0`, `state0` ...
  private func pairs(_ columns: [ComparedColumn]) -> String {
    let values = columns.enumerated().map { number, column in
      """
      \(column.source()) AS v\(number), CASE WHEN s.is_first THEN \(column.database) END AS d\(number),
        \(column.database) AS held\(number), \(state(column)) AS state\(number)
      """
    }
    return """
      SELECT s.record, \(SourceComparison.place) AS place, \(id)::text AS id, \(values.joined(separator: ",\n  "))
      FROM ils_source s LEFT JOIN \(scope.name) t ON \(id) = s.target WHERE s.outcome IS DISTINCT FROM 'refused' OFFSET 0
      """
  }

  private func state(_ column: ComparedColumn) -> String {
    let others = """
      EXISTS (SELECT FROM ils_source o WHERE o.target = s.target AND o.record <> s.record
        AND \(column.source("o")) IS NOT NULL AND NOT (\(column.differs("o"))))
      """
    let isKept = "\(column.source()) IS NULL AND NOT \(column.isCleared)"
    let isChanged = writers.changer(of: column).map { "WHEN (\($0)) IS NOT NULL THEN 'job' " } ?? ""
    // With update triggers, a job keeps columns that it did not change.
    let (early, late) = scope.table.hasUpdateTriggers ? ("", isChanged) : (isChanged, "")
    return """
      CASE WHEN \(id) IS NULL OR NOT (\(column.differs())) OR \(others) THEN NULL
        WHEN \(column.isOfSource ? isElsewhere : "false") THEN 'elsewhere' \(early)
        WHEN \(isKept) THEN CASE WHEN \(column.isFromElsewhere) THEN 'added' END
        WHEN \(writers.isEdited ?? "false") THEN 'edited' \(late)
        ELSE '\(writers.triggers(naming: column.name).isEmpty ? State.wrong : .trigger)' END
      """
  }

  /// The row is one that another source made.
  private var isElsewhere: String {
    guard let field = schema.sourceField, let column = schema.column(of: field),
      let place = schema.stagedFields.firstIndex(of: field)
    else { return "false" }
    return "t.\(column.quotedIdentifier)::text IS DISTINCT FROM s.c\(place)"
  }

  // MARK: - Figures

  /// What is counted and summed of a column, on both sides.
  private struct Figures {
    let source: [String: String?]
    let database: [String: String?]
    let states: [State: Int]
    /// Every value is that of its row: what is known of the one side is known of the other.
    let isSame: Bool

    init(_ row: Row, _ number: Int, isWhole: Bool) {
      func side(_ name: String) -> [String: String?] {
        var figures: [String: String?] = [:]
        for figure in ["filled", "sum", "least", "most"] {
          figures.updateValue(row["\(name)\(number)_\(figure)"], forKey: figure)
        }
        return figures
      }
      (source, database) = (side("v"), side("d"))
      var states: [State: Int] = [:]
      for state in State.allCases { states[state] = row.integer("s\(number)_\(state.rawValue)") }
      self.states = states
      isSame = isWhole && states.values.allSatisfy { $0 == 0 } && source["filled"] == database["filled"]
    }

    func filled(_ side: [String: String?]) -> Int { side["filled"].flatMap { $0 }.flatMap { Int($0) } ?? 0 }
  }

  private func sums(_ column: ComparedColumn, _ number: Int) -> String {
    func text(_ figure: String) -> String {
      // What a column of two decimals writes as 1.50 is 1.5.
      if column.isNumber { return "trim_scale((\(figure))::numeric)::text" }
      return column.isOrdered ? "(\(figure))::text" : "NULL::text"
    }
    let sides = ["v\(number)", "d\(number)"].map { value in
      """
      count(\(value)) AS \(value)_filled, \(column.isNumber ? text("sum((\(value))::numeric)") : "NULL::text") AS \(value)_sum,
        \(text(column.isOrdered ? "min(\(value))" : "NULL")) AS \(value)_least,
        \(text(column.isOrdered ? "max(\(value))" : "NULL")) AS \(value)_most
      """
    }
    let states = State.allCases.map {
      "count(*) FILTER (WHERE state\(number) = '\($0)') AS s\(number)_\($0)"
    }
    return (sides + states).joined(separator: ", ")
  }

  private static let records = "ils_source s WHERE s.outcome IS DISTINCT FROM 'refused'"
  private var rows: String { "\(scope.name) t WHERE \(id) IN (SELECT target FROM \(Self.records))" }

  /// How many distinct values there are, of `value` over some rows.
  private func distinct(_ value: String, over rows: String) throws(DatabaseError) -> Int {
    try connection.query(
      """
      SELECT count(*) AS amount FROM (
        SELECT DISTINCT v::text COLLATE "C" FROM (SELECT \(value) AS v FROM \(rows)) r WHERE v IS NOT NULL) d
      """)[0].integer("amount")
  }

  // MARK: - Telling

  private func check(_ name: String, _ kind: VerifyCheck.Kind, rows: Int, _ column: ComparedColumn) -> VerifyCheck {
    var check = VerifyCheck(name, kind, rows: rows, entity: schema.entity, field: column.field)
    check.about = .field
    return check
  }

  private func tell(_ column: ComparedColumn, _ figures: Figures) throws(DatabaseError) {
    for state in State.allCases {
      let rows = figures.states[state] ?? 0
      if state == .job, rows > 0 {
        try tellJobs(column)
      } else if state == .wrong || rows > 0 {
        let names = state == .trigger ? ": " + writers.triggers(naming: column.name).joined(separator: ", ") : ""
        var found = check(state.name + names, state == .wrong ? .fault : .doubt, rows: rows, column)
        if state == .wrong {
          (found.source, found.database) = (
            .number("\(figures.filled(figures.source))"), .number("\(figures.filled(figures.database))")
          )
          found.difference = .number("\(rows)")
        }
        if rows > 0 { try exemplify(&found, column, "state0 = '\(state)'") }
        verification.add(found)
      }
    }
    try tellCounts(column, figures)
    tellEnds(column, figures)
  }

  /// Of values that later jobs changed, which job did.
  private func tellJobs(_ column: ComparedColumn) throws(DatabaseError) {
    guard let changer = writers.changer(of: column) else { return }
    let jobs = try connection.query(
      """
      SELECT (\(changer))::text AS job, count(*) AS rows FROM (\(pairs([column]))) p
        JOIN ils_source s ON s.record = p.record JOIN \(scope.name) t ON \(id) = s.target
      WHERE p.state0 = 'job' GROUP BY 1 ORDER BY 2 DESC, 1
      """)
    for job in jobs {
      var found = check("values that job \(job.text("job")) changed since", .doubt, rows: job.integer("rows"), column)
      try exemplify(
        &found, column,
        """
        state0 = 'job' AND record IN (SELECT s.record FROM ils_source s JOIN \(scope.name) t ON \(id) = s.target
          WHERE (\(changer)) = \(job.text("job").quotedLiteral))
        """)
      verification.add(found)
    }
  }

  private func tellCounts(_ column: ComparedColumn, _ figures: Figures) throws(DatabaseError) {
    let isExplained =
      column.hasDefault && State.allCases.allSatisfy { $0 == .added || figures.states[$0] == 0 }
    let different = try distinct(column.source(), over: Self.records)
    let counts = [
      ("filled", figures.filled(figures.source), figures.filled(figures.database)),
      ("distinct values", different, figures.isSame ? different : try distinct(column.database, over: rows)),
    ]
    for (name, source, database) in counts {
      // The database fills in what records lack.
      var found = check(name, isExplained ? .count : .doubt, rows: abs(source - database), column)
      (found.source, found.database) = (.number("\(source)"), .number("\(database)"))
      found.difference = .number("\(source - database)")
      verification.add(found)
    }
  }

  private func tellEnds(_ column: ComparedColumn, _ figures: Figures) {
    for (name, key) in [("sum", "sum"), ("first value", "least"), ("last value", "most")] {
      let (source, database) = (figures.source[key] ?? nil, figures.database[key] ?? nil)
      guard source != nil || database != nil else { continue }
      var found = check(name, .doubt, rows: source == database ? 0 : 1, column)
      // The first and the last are somebody's, and so is the sum of one.
      let isOfSeveral = figures.filled(figures.source) > 1 && figures.filled(figures.database) > 1
      if showsValues || key == "sum" && isOfSeveral {
        let write = { (text: String?) -> JSONValue in
          text.map { key == "sum" && Double($0)?.isFinite == true ? .number($0) : .string($0) } ?? .null
        }
        (found.source, found.database) = (write(source), write(database))
      }
      verification.add(found)
    }
  }

  /// Names some of the records and rows that a check is about.
  private func exemplify(_ check: inout VerifyCheck, _ column: ComparedColumn, _ test: String) throws(DatabaseError) {
    let rows = try connection.query(
      """
      SELECT place, id, v0::text AS v, held0::text AS d FROM (\(pairs([column]))) p WHERE \(test)
      ORDER BY record LIMIT \(verification.named)
      """)
    check.records = rows.map { $0.text("place") }
    check.ids = rows.map { $0.text("id") }
    if showsValues { check.values = rows.map { ($0.text("place"), $0["v"], $0["d"]) } }
  }
}
