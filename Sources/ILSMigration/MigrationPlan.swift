import ILSRecord

/// One migration as it is run: the stages with their arguments, and where their files go.
///
/// Every front door runs this plan, or the shell text of it: none has a pipe of its own.
public struct MigrationPlan: Sendable {
  public struct StageCall: Equatable, Sendable {
    public let name: StageName
    public var arguments: [String]
  }

  public let entity: String
  public private(set) var file: String
  public let mode: MigrationRequest.Mode
  public private(set) var folder: String
  /// The job that the load makes; nil where nothing is loaded.
  public private(set) var job: String?
  /// Nothing is loaded unless all is.
  public let isAtomic: Bool
  public private(set) var leastRows: Int?
  /// How many refused records come back by this run; nil for a run of a file.
  public private(set) var mended: Int?
  public internal(set) var stages: [StageCall]

  /// - Parameters:
  ///   - folder: where rejects, logs and records of the run go.
  ///   - job: the id of the job to be.
  ///   - source: the import source, unless the request names one.
  public init(_ request: MigrationRequest, folder: String, job: String, source: String) {
    entity = request.entity
    file = request.file
    mode = request.mode
    self.folder = folder
    self.job = request.mode == .load ? job : nil
    isAtomic = !request.continuesOnError
    leastRows = request.leastRows
    stages = []
    let names = StageName.allCases.filter { name in
      name == .map ? request.mapping != nil : name != .load || request.mode != .validateOnly
    }
    for name in names {
      let arguments = arguments(name, request, source, before: names.filter { $0 != .load })
      stages.append(StageCall(name: name, arguments: arguments))
    }
  }

  private func arguments(
    _ stage: StageName, _ request: MigrationRequest, _ source: String, before: [StageName]
  ) -> [String] {
    let passed = request.passed[stage] ?? []
    let kept = ["--rejects", path("\(stage.rawValue).rejects.ndjson")]
    // A schema file stands in place of the entity's name.
    let entity = passed.contains { $0.hasPrefix("--schema=") } ? [] : [entity]
    switch stage {
    case .parse: return ["--manifest", path("manifest.json")] + kept + passed + ["--", file]
    case .map: return ["--mapping", request.mapping ?? "", "--manifest", path("manifest.json")] + kept + passed
    case .validate:
      // The loader settles records that come twice, as it settles those that are in the table.
      return kept + (request.duplicates == nil ? [] : ["--no-unique"]) + ["--source", request.source ?? source] + passed
        + entity
    case .load:
      return kept + ["--manifest", path("manifest.json")]
        + before.flatMap { ["--rejects-in", path("\($0.rawValue).rejects.ndjson")] }
        + ["--source", request.source ?? source] + (request.duplicates.map { [$0] } ?? [])
        + (request.mode == .dryRun ? ["--dry-run"] : job.map { ["--id", $0] } ?? [])
        + (isAtomic ? ["--atomic"] : []) + approved(request) + passed + entity
    }
  }

  /// What an approved plan asks of the loader.
  private func approved(_ request: MigrationRequest) -> [String] {
    var arguments = request.plan.map { ["--plan", $0] } ?? []
    if let records = request.records {
      arguments += records.isEmpty ? ["--digest-records"] : ["--expect-records", records]
    }
    return arguments
  }

  public func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// The same migration, going on behind what its job has loaded.
  public func resumed() -> MigrationPlan {
    var plan = self
    for index in plan.stages.indices where plan.stages[index].name == .load {
      plan.stages[index].arguments = plan.stages[index].arguments.map { $0 == "--id" ? "--resume" : $0 }
    }
    return plan
  }

  /// The same migration for records that it refused and somebody mended: a job of its own.
  /// - Parameters:
  ///   - file: the table that they came back in.
  ///   - records: what goes to ils-map and to ils-validate, as files in `folder`, nil for nothing; and how many.
  func mended(file: String, folder: String, job: String, records: (map: String?, validate: String?, count: Int))
    -> MigrationPlan
  {
    var plan = self
    (plan.file, plan.folder, plan.job, plan.leastRows, plan.mended) = (file, folder, job, nil, records.count)
    plan.stages = []
    for call in stages where call.name == .map ? records.map != nil : call.name != .parse {
      var kept: [String] = []
      var rest = call.arguments[...]
      while let argument = rest.popFirst() {
        switch argument {
        // What was read and refused before is counted in the job before.
        case "--manifest", "--rejects-in": _ = rest.popFirst()
        // Nobody has approved what was mended since.
        case "--plan", "--expect-records": _ = rest.popFirst()
        case "--digest-records": break
        case "--id", "--resume":
          kept += ["--id", job]
          _ = rest.popFirst()
        case path("\(call.name.rawValue).rejects.ndjson"):
          kept.append(plan.path("\(call.name.rawValue).rejects.ndjson"))
        default: kept.append(argument)
        }
      }
      if call.name == .map { kept += ["--", records.map ?? ""] }
      if call.name == .validate, let file = records.validate { kept += (records.map == nil ? [] : ["-"]) + [file] }
      plan.stages.append(StageCall(name: call.name, arguments: kept))
    }
    return plan
  }

  /// What a shell runs to do the same.
  public var shellText: String {
    let calls = stages.map { ([$0.name.tool] + $0.arguments.map(\.shellQuoted)).joined(separator: " ") }
    let end = stages.last?.name == .load ? path("outcomes.ndjson").shellQuoted : "/dev/null"
    return "mkdir -m 700 -- \(folder.shellQuoted) &&\n" + calls.joined(separator: " |\n  ") + " > \(end)\n"
  }

  // MARK: - The verdict

  /// A stage's end: its exit status, or 128 and the number of the signal that ended it.
  public typealias Status = Int32

  /// How the whole ended. A stage that fails takes its writers with it (141, SIGPIPE), and leaves its readers with too little:
  /// the first real failure counts.
  public static func verdict(_ statuses: [Status]) -> (status: Status, failed: Int?) {
    if let first = statuses.firstIndex(where: { $0 > 1 && $0 != 141 }) { return (statuses[first], first) }
    if let torn = statuses.firstIndex(of: 141) { return (ExitStatus.software.rawValue, torn) }
    return (statuses.contains(1) ? 1 : 0, nil)
  }
}

// MARK: - As a file

extension MigrationPlan {
  public var json: JSONValue {
    .object([
      ("migration", .number("1")), ("entity", .string(entity)), ("file", .string(file)),
      ("mode", .string(mode.rawValue)),
      ("folder", .string(folder)), ("job", job.map { .string($0) } ?? .null), ("atomic", .boolean(isAtomic)),
      ("leastRows", leastRows.map { .number("\($0)") } ?? .null),
      ("mended", mended.map { .number("\($0)") } ?? .null),
      (
        "stages",
        .array(
          stages.map {
            .object([
              ("stage", .string($0.name.rawValue)), ("arguments", .array($0.arguments.map { .string($0) })),
            ])
          })
      ),
    ])
  }

  /// - Throws: `migration.invalid` where `value` is no plan.
  public init(_ value: JSONValue) throws(RecordError) {
    guard value["migration"]?.integer == 1, let entity = value["entity"]?.string, let file = value["file"]?.string,
      let mode = value["mode"]?.string.flatMap(MigrationRequest.Mode.init), let folder = value["folder"]?.string,
      let stages = value["stages"]?.array
    else { throw Self.invalid }
    (self.entity, self.file, self.mode, self.folder) = (entity, file, mode, folder)
    job = value["job"]?.string
    isAtomic = value["atomic"] == .boolean(true)
    leastRows = value["leastRows"]?.integer
    mended = value["mended"]?.integer
    self.stages = []
    for stage in stages {
      guard let name = stage["stage"]?.string.flatMap(StageName.init), let arguments = stage["arguments"]?.array else {
        throw Self.invalid
      }
      self.stages.append(StageCall(name: name, arguments: arguments.compactMap(\.string)))
    }
  }

  private static let invalid = RecordError(
    MigrationFault.migrationInvalid, message: "not a plan that ils-migrate wrote: name the folder of a migration")
}

extension String {
  /// As one word of a shell (POSIX, 2.2.2).
  public var shellQuoted: String {
    let isPlain = !isEmpty && utf8.allSatisfy { $0.isShellPlain }
    return isPlain ? self : "'" + replacing("'", with: "'\\''") + "'"
  }
}

extension UInt8 {
  fileprivate var isShellPlain: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: ":"),
      UInt8(ascii: "@"), UInt8(ascii: "%"), UInt8(ascii: "+"):
      true
    default: false
    }
  }
}
