import ILSDates
import ILSRecord

/// What the report's sections are made of.
struct Figures {
  /// One kind of fault: all records that were refused for one code in one field by one stage.
  struct Fault {
    var stage: String
    var field: String?
    var code: String
    var message: String
    var count = 0
    /// The first rows, five at most.
    var rows: [String] = []
    /// The first values, five at most; empty unless they may be shown.
    var values: [String] = []
  }

  private(set) var faults: [String: Fault] = [:]
  /// Refused records by stage, in the order of the pipe.
  private(set) var refusedByStage: [String: Int] = [:]
  private(set) var positions = Histogram()
  private(set) var outcomes: [String: Int] = [:]
  private(set) var jobs: [JSONValue] = []
  private(set) var manifests: [JSONValue] = []
  private(set) var summaries: [JSONValue] = []
  /// What stages said of their progress last.
  private(set) var speeds: [String: (records: Int, perSecond: Int)] = [:]
  var profile = RecordProfile()

  /// Kinds of faults and jobs beyond these are counted alone.
  private static let limit = 2000
  private(set) var isCut = false

  var refused: Int { refusedByStage.values.reduce(0, +) }

  /// The rows of the sources.
  var rows: Int? {
    let equations = jobs.compactMap { $0["equation"]?["rows"]?.integer }
    if !equations.isEmpty { return equations.reduce(0, +) }
    let read = manifests.compactMap { $0["rows"]?.integer }
    return read.isEmpty ? nil : read.reduce(0, +)
  }

  mutating func add(reject: JSONValue, showsValues: Bool) {
    let stage = reject["stage"]?.string ?? "a stage"
    refusedByStage[stage, default: 0] += 1
    let row = reject["_row"]?.integer
    if let row { positions.add(row) }
    for error in reject["errors"]?.array ?? [] {
      let field = error["field"]?.string
      let value = showsValues ? field.flatMap { reject["record"]?[$0] }?.text : nil
      add(
        stage, field, error["code"]?.string ?? "", error["message"]?.string ?? "", 1,
        rows: [row.map { "\($0)" }].compactMap { $0 }, value)
    }
  }

  private mutating func add(
    _ stage: String, _ field: String?, _ code: String, _ message: String, _ count: Int, rows: [String], _ value: String?
  ) {
    let key = "\(stage)\u{1F}\(field ?? "")\u{1F}\(code)"
    guard faults[key] != nil || faults.count < Self.limit else { return isCut = true }
    var fault = faults[key] ?? Fault(stage: stage, field: field, code: code, message: message)
    fault.count += count
    fault.rows += rows.prefix(5 - min(fault.rows.count, 5))
    if let value, fault.values.count < 5, !fault.values.contains(value) { fault.values.append(value) }
    faults[key] = fault
  }

  mutating func add(summary: JSONValue) {
    if summaries.count < Self.limit { summaries.append(summary) }
    for fault in summary["faults"]?.array ?? [] {
      let rows = (fault["examples"]?.array ?? []).compactMap { $0["row"]?.integer }.map { "\($0)" }
      add(
        "ils-validate", fault["field"]?.string, fault["code"]?.string ?? "", "", fault["count"]?.integer ?? 0,
        rows: rows, nil)
    }
  }

  mutating func add(outcome: JSONValue) { outcomes[outcome["outcome"]?.string ?? "", default: 0] += 1 }

  /// A job may come twice, from the loader and from ils-jobs: the later one counts.
  mutating func add(job: JSONValue) {
    if let known = jobs.firstIndex(where: { $0["job"] == job["job"] }) {
      jobs[known] = job
    } else if jobs.count < Self.limit {
      jobs.append(job)
    } else {
      isCut = true
    }
  }

  mutating func add(progress: JSONValue) {
    guard let stage = progress["progress"]?.string, speeds[stage] != nil || speeds.count < 20 else { return }
    speeds[stage] = (progress["records"]?.integer ?? 0, progress["perSecond"]?.integer ?? 0)
  }

  mutating func add(manifest: JSONValue) { if manifests.count < Self.limit { manifests.append(manifest) } }
}

/// Counts by place, in sixty bins at most: they grow wider as places lie further off.
struct Histogram {
  private(set) var bins: [Int] = []
  private(set) var width = 1

  static let limit = 60

  mutating func add(_ place: Int) {
    let place = max(place, 0)
    while place / width >= Self.limit {
      bins = stride(from: 0, to: bins.count, by: 2).map { bins[$0] + ($0 + 1 < bins.count ? bins[$0 + 1] : 0) }
      width *= 2
    }
    let bin = place / width
    if bin >= bins.count { bins += Array(repeating: 0, count: bin + 1 - bins.count) }
    bins[bin] += 1
  }

  var isEmpty: Bool { bins.isEmpty }
}

/// How full the fields of records are, and when people were born.
struct RecordProfile {
  private(set) var count = 0
  private(set) var fields: [String] = []
  private(set) var filled: [String: Int] = [:]
  /// Birth dates by year.
  private(set) var births: [Int: Int] = [:]
  private var plan: (shape: Int, fields: [Int], birth: Int?) = (-1, [], nil)
  private static let limit = 300

  mutating func add(_ record: Record) {
    count += 1
    if record.shape.id != plan.shape { choosePlan(record.shape) }
    for index in plan.fields where !record[index].isAbsent { filled[record.shape.names[index], default: 0] += 1 }
    if let birth = plan.birth, let date = CivilDate(iso: record[birth].text) { births[date.year, default: 0] += 1 }
  }

  private mutating func choosePlan(_ shape: Shape) {
    let own = shape.names.indices.filter { !shape.names[$0].hasPrefix("_") }
    for index in own where !fields.contains(shape.names[index]) && fields.count < Self.limit {
      fields.append(shape.names[index])
    }
    plan = (shape.id, own.filter { fields.contains(shape.names[$0]) }, own.first { shape.names[$0] == "dateOfBirth" })
  }
}
