import Glibc
import ILSCommand
import ILSJobs
import ILSRecord
import ILSStore
import ILSStream

/// What a rehearsal came to, and from what: the file that somebody approves, and that `ils-migrate apply` holds the world against.
public struct ApprovedPlan: Sendable {
  /// One input that decides what happens.
  public struct Input: Equatable, Sendable {
    public let role: String
    public let path: String
    public let sha256: String
  }

  /// The command line behind the verb, without what belongs to one run.
  public let arguments: [String]
  public let inputs: [Input]
  /// Of `TargetShape.text`.
  public let target: String
  /// Of `TargetShape.place`.
  public let database: String
  public let outcome: Outcome
  /// What has changed since an earlier plan was applied, where that was asked.
  public let delta: PlanDelta?
  public let seconds: Int
  /// What a person reads: the summary of the rehearsal.
  public let notes: [String]
  public let refused: [String]
  public let made: String
  public let tool: String

  /// The digest of all of it.
  public var sha256: String { Self.digest(of: body) }

  static let thisTool = "ils-migrate \(Toolkit.version)"

  /// What became, or would become, of the rows.
  public struct Outcome: Equatable, Sendable {
    /// The job's equation: each a name and a number.
    public var counts: [String]
    /// The SHA-256 of each stage's rejects, by stage; none where there are none.
    var rejects: [String]
    /// The SHA-256 of the records that reached the loader: whatever made another value of one, makes another digest.
    var records: String
    /// A sum over what became of each record that is told by itself; of the rows that it met, the ids are none of it.
    var settled: String
  }

  // MARK: - As a file

  /// With a digest of all else, so that a plan that was changed by hand is none.
  var json: JSONValue {
    let members = body.members ?? []
    return .object(members + [("sha256", .string(sha256))])
  }

  private static func digest(of value: JSONValue) -> String {
    var text = OutputBuffer()
    value.write(to: &text)
    var digest = SHA256()
    digest.update(text.bytes)
    return digest.finish()
  }

  private var body: JSONValue {
    func texts(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
    return .object(
      [
        ("approvedPlan", .number("1")), ("tool", .string(tool)), ("made", .string(made)),
        ("arguments", texts(arguments)),
        (
          "inputs",
          .array(
            inputs.map {
              .object([("role", .string($0.role)), ("path", .string($0.path)), ("sha256", .string($0.sha256))])
            })
        ),
        ("database", .string(database)), ("target", .string(target)), ("outcome", texts(outcome.counts)),
        ("rejects", texts(outcome.rejects)), ("records", .string(outcome.records)),
        ("settled", .string(outcome.settled)),
        ("seconds", .number("\(seconds)")), ("notes", texts(notes)), ("refused", texts(refused)),
      ] + (delta.map { [("delta", $0.json)] } ?? []))
  }

  init(
    arguments: [String], inputs: [Input], database: String, target: String, outcome: Outcome, delta: PlanDelta?,
    seconds: Int,
    notes: [String],
    refused: [String]
  ) {
    (self.arguments, self.inputs, self.target, self.outcome) = (arguments, inputs, target, outcome)
    (self.database, self.delta) = (database, delta)
    (self.seconds, self.notes, self.refused) = (seconds, notes, refused)
    tool = Self.thisTool
    var (time, parts) = (Glibc.time(nil), tm())
    gmtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    made = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Whether `path` looks like a file of that kind.
  public static func isPlan(_ path: String) -> Bool {
    guard FileStatus(path: path)?.isRegular == true, var source = try? ByteSource(path) else { return false }
    let start = Array("{\"approvedPlan\":".utf8)
    return withUnsafeTemporaryAllocation(byteCount: start.count, alignment: 1) { bytes in
      ((try? source.read(into: bytes)) ?? 0) == start.count && bytes.elementsEqual(start)
    }
  }

  /// - Throws: `noInput`, or `dataError` where the file is no plan.
  public init(reading path: String) throws(StopError) {
    let value = try DataFiles.json(at: path)
    func texts(_ name: String) -> [String]? { value[name]?.array?.compactMap(\.string) }
    guard value["approvedPlan"]?.integer == 1, let arguments = texts("arguments"), let target = value["target"]?.string,
      let counts = texts("outcome"), let rejects = texts("rejects"), let inputs = value["inputs"]?.array,
      let database = value["database"]?.string, let records = value["records"]?.string,
      let settled = value["settled"]?.string
    else {
      throw StopError(
        .dataError, MigrationFault.planInvalid, "not a plan that ils-migrate plan wrote", at: Position(file: path))
    }
    let members = (value.members ?? []).filter { $0.name != "sha256" }
    guard value["sha256"]?.string == Self.digest(of: .object(members)) else {
      throw StopError(
        .dataError, MigrationFault.planChanged, "the plan was changed after it was made: plan again",
        at: Position(file: path)
      )
    }
    self.arguments = arguments
    (self.target, self.database) = (target, database)
    tool = value["tool"]?.string ?? ""
    self.inputs = inputs.map { input in
      Input(
        role: input["role"]?.string ?? "", path: input["path"]?.string ?? "", sha256: input["sha256"]?.string ?? "")
    }
    outcome = Outcome(counts: counts, rejects: rejects, records: records, settled: settled)
    delta = value["delta"].flatMap { PlanDelta($0) }
    (notes, refused) = (texts("notes") ?? [], texts("refused") ?? [])
    (seconds, made) = (value["seconds"]?.integer ?? 0, value["made"]?.string ?? "")
  }

  // MARK: - The world

  /// The digests of what decides a migration, as they are now.
  static func inputs(of request: MigrationRequest) throws(StopError) -> [Input] {
    var inputs = [Input(role: "source", path: request.file, sha256: try digest(request.file))]
    if let mapping = request.mapping, let path = try request.mappingPath() {
      inputs.append(Input(role: "mapping", path: mapping, sha256: try digest(path)))
    }
    inputs.append(Input(role: "schema", path: request.entity, sha256: try digest(try request.schemaPath())))
    return inputs
  }

  /// Which database it is.
  static func database(of request: MigrationRequest) throws(StopError) -> String {
    try TargetShape.place(request.databaseURL)
  }

  static func target(of request: MigrationRequest) throws(StopError) -> String {
    let schema = try LoadSchema(at: try request.schemaPath())
    var digest = SHA256()
    var text = OutputBuffer()
    text.append(try TargetShape.text(schema, database: request.databaseURL))
    digest.update(text.bytes)
    return digest.finish()
  }

  private static func digest(_ path: String) throws(StopError) -> String {
    var source = try ByteSource(path, digesting: true)
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { block.deallocate() }
    while try source.read(into: block) > 0 {}
    return source.finishDigest() ?? ""
  }

  /// What is not as it was when the plan was made; empty where all is.
  func differences(to request: MigrationRequest) throws(StopError) -> [String] {
    var found: [String] = []
    if tool != Self.thisTool { found.append("it was made by \(tool), and this is \(Self.thisTool)") }
    for (was, now) in zip(inputs, try Self.inputs(of: request)) where was != now {
      found.append(
        "the \(was.role) \(was.path) has changed (SHA-256 \(was.sha256.prefix(12)), now \(now.sha256.prefix(12)))")
    }
    let place = try Self.database(of: request)
    if place != database { return found + ["it is for the database \(database), and this is \(place)"] }
    if try Self.target(of: request) != target {
      found.append("the target table, or one that it points to, has changed its shape")
    }
    return found
  }
}

extension MigrationRequest {
  /// What decides a migration: the source, the mapping, the schema.
  func files() throws(StopError) -> [String] { [file] + [try mappingPath()].compactMap(\.self) + [try schemaPath()] }

  /// The mapping's file; nil where there is no mapping.
  func mappingPath() throws(StopError) -> String? {
    guard let mapping else { return nil }
    let isFile = FileStatus(path: mapping) != nil || mapping.contains("/") || mapping.hasSuffix(".json")
    return isFile ? mapping : try DataFiles.path(.presets, mapping)
  }

  /// The schema's file.
  func schemaPath() throws(StopError) -> String {
    let given = passed[.load]?.last { $0.hasPrefix("--schema=") }
    if let given { return String(given.dropFirst("--schema=".count)) }
    return try DataFiles.path(.entities, entity)
  }
}

extension RunResult {
  /// What became of the rows, to be compared.
  func outcome(in folder: String) throws(StopError) -> ApprovedPlan.Outcome {
    var rejects: [String] = []
    for stage in StageName.allCases {
      let path = "\(folder)/\(stage.rawValue).rejects.ndjson"
      guard FileStatus(path: path) != nil else { continue }
      var digest = SHA256()
      let bytes = try readWhole(path, limit: .max)
      bytes.withUnsafeBytes { digest.update($0) }
      rejects.append("\(stage.rawValue) \(digest.finish())")
    }
    let counts = (job?["equation"]?.members ?? []).map { "\($0.name) \($0.value.text)" }
    return ApprovedPlan.Outcome(
      counts: counts, rejects: rejects, records: job?["recordsSha256"]?.string ?? "",
      settled: try Self.settled(in: folder))
  }

  /// A sum over the outcomes, in whatever order they were told.
  private static func settled(in folder: String) throws(StopError) -> String {
    var (sums, count) = ((UInt64(0), UInt64(0)), 0)
    var text = OutputBuffer()
    let isThere = try forEachOutcome(in: folder) { outcome in
      guard outcome["outcome"] != nil else { return }
      text.removeAll()
      JSONValue.object((outcome.members ?? []).filter { !["job", "target"].contains($0.name) }).write(to: &text)
      sums = (sums.0 &+ keyHash(text.bytes, seed: 1), sums.1 &+ keyHash(text.bytes, seed: 2))
      count += 1
    }
    return isThere ? "\(count) \(String(sums.0, radix: 16)) \(String(sums.1, radix: 16))" : ""
  }

  /// Calls `body` with each outcome that the loader told. - Returns: whether it has written any file of them.
  @discardableResult
  static func forEachOutcome(in folder: String, _ body: (JSONValue) -> Void) throws(StopError) -> Bool {
    let path = "\(folder)/outcomes.ndjson"
    guard FileStatus(path: path) != nil else { return false }
    var reader = LineReader(try ByteSource(path))
    while true {
      switch reader.next() {
      case .line(let line): if let value = try? JSONValue(parsing: Array(line.bytes)) { body(value) }
      case .tooLong: continue
      case .needsInput: try reader.fill()
      case .end: return true
      }
    }
  }
}
