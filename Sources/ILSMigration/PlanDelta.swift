import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore
import ILSStream

/// What has changed since an approved plan was applied: the rows are told apart by who they are, and none is ever deleted.
public struct PlanDelta: Equatable, Sendable {
  /// The SHA-256 of the plan that was applied, and the job that did.
  public let plan: String
  public let job: String
  public private(set) var new = 0
  public private(set) var changed = 0
  public private(set) var unchanged = 0
  public private(set) var refused = 0
  /// In how many rows each field changes.
  public private(set) var fields: [String: Int] = [:]
  /// Rows of the source that no record came to; they stay.
  public private(set) var gone = 0
  public private(set) var goneRows: [String] = []
  /// Rows that change and that somebody has edited since a job wrote them; nil where nothing tells who wrote them.
  public private(set) var edited: Int? = 0
  public private(set) var editedRows: [String] = []

  /// What it says for people.
  public var lines: [String] {
    let columns = fields.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
    var lines = [
      "since job \(job): \(new) new, \(changed) changed, \(unchanged) unchanged, \(gone) gone, \(refused) refused"
    ]
    if !columns.isEmpty { lines.append("changed fields: \(columns.joined(separator: ", "))") }
    if gone > 0 {
      let doubt = refused > 0 ? "; the row of a refused record may be one of them" : ""
      lines.append(
        "the rows that are gone from the file stay in the table\(doubt): \(goneRows.joined(separator: " "))"
          + (gone > goneRows.count ? " ..." : ""))
    }
    if let edited, edited > 0 {
      lines.append(
        "edited by people since a job wrote them, and changed by the file all the same: \(editedRows.joined(separator: " "))"
          + (edited > editedRows.count ? " ... (\(edited) rows)" : ""))
    } else if edited == nil, changed > 0 {
      lines.append("which of the changed rows people have edited since cannot be told: see ils-verify")
    }
    lines.append("a field that is empty in the file now keeps what its row has")
    return lines
  }

  // MARK: - As JSON

  var json: JSONValue {
    func number(_ value: Int) -> JSONValue { .number("\(value)") }
    return .object([
      ("plan", .string(plan)), ("job", .string(job)), ("new", number(new)), ("changed", number(changed)),
      ("unchanged", number(unchanged)), ("refused", number(refused)),
      ("fields", .object(fields.sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) })),
      ("gone", number(gone)), ("goneRows", .array(goneRows.map { .string($0) })),
      ("edited", edited.map(number) ?? .null), ("editedRows", .array(editedRows.map { .string($0) })),
    ])
  }

  /// nil where it is none.
  init?(_ value: JSONValue) {
    guard let plan = value["plan"]?.string, let job = value["job"]?.string else { return nil }
    (self.plan, self.job) = (plan, job)
    func number(_ name: String) -> Int { value[name]?.integer ?? 0 }
    (new, changed, unchanged) = (number("new"), number("changed"), number("unchanged"))
    (refused, gone) = (number("refused"), number("gone"))
    for (name, count) in value["fields"]?.members ?? [] { fields[name] = count.integer }
    goneRows = (value["goneRows"]?.array ?? []).compactMap(\.string)
    edited = value["edited"]?.integer
    editedRows = (value["editedRows"]?.array ?? []).compactMap(\.string)
  }

  // MARK: - Planning

  /// - Parameter applied: a plan that was applied to the database of `request`.
  /// - Throws: `dataError` where it was not, or was undone.
  init(since applied: ApprovedPlan, _ request: MigrationRequest) throws(StopError) {
    guard let found = try JobCatalogue(database: request.databaseURL).job(ofPlan: applied.sha256) else {
      throw StopError(
        .dataError, MigrationFault.planNotApplied,
        "no job has applied that plan to this database, or it was undone since: there is nothing to compare with")
    }
    (plan, job) = (applied.sha256, found.text)
  }

  /// The same with what a rehearsal came to, whose files are in `folder`.
  func counted(_ request: MigrationRequest, _ result: RunResult, in folder: String) throws(StopError) -> PlanDelta {
    var delta = self
    (delta.new, delta.changed, delta.unchanged, delta.refused, delta.fields) = (0, 0, 0, 0, [:])
    let set = (request.passed[.load] ?? []).filter { $0.hasPrefix("--set=") }.map {
      String($0.dropFirst("--set=".count))
    }
    let schema = try LoadSchema(at: try request.schemaPath()).setting(try LoadOptions.constants(set))
    let rows = try LaterExport(schema, source: request.source ?? "", database: request.databaseURL) {
      (add) throws(StopError) in
      try RunResult.forEachOutcome(in: folder) { outcome in
        delta.count(outcome)
        if let row = outcome["target"]?.string { add(row, outcome["outcome"]?.string == "updated") }
      }
    }
    delta.new = result.job?["equation"]?["inserted"]?.integer ?? 0
    (delta.gone, delta.goneRows) = (rows.gone.count, rows.gone.ids)
    (delta.edited, delta.editedRows) = (rows.edited?.count, rows.edited?.ids ?? [])
    delta.refused =
      (result.job?["equation"]?["failed"]?.integer ?? 0) + (result.job?["equation"]?["rejected"]?.integer ?? 0)
    return delta
  }

  private mutating func count(_ outcome: JSONValue) {
    switch outcome["outcome"]?.string {
    case "skipped": unchanged += 1
    case "updated":
      changed += 1
      for field in (outcome["changed"]?.array ?? []).compactMap(\.string) { fields[field, default: 0] += 1 }
    default: break
    }
  }
}
