import ArgumentParser
import ILSCommand
import ILSRecord
import ILSStore

/// How a job loads, as ils-load is asked.
public struct LoadOptions: ParsableArguments {
  @Option(help: .init("Load N records in one transaction.", valueName: "n"))
  public var batchSize = JobOptions().batchSize

  @Option(help: .init("Load on N connections at once, from 1 to 8.", valueName: "n"))
  public var connections = JobOptions().connections

  @Option(help: "What becomes of a record whose row is there already: fail, skip or update.")
  public var onDuplicate: OnDuplicate?

  @Flag(help: "Skip records whose row is there already.")
  public var skipDuplicates = false

  @Flag(help: "Update rows that are there already with the fields that the record has.")
  public var updateExisting = false

  @Flag(help: "Load all or nothing: one refused record, here or in --rejects-in, and nothing is loaded.")
  public var atomic = false

  @Flag(help: "Do it all, take it back, and say what would have happened.")
  public var dryRun = false

  @Option(
    help: .init(
      "Go on with job ID (or a prefix of it, or last) and the same input, behind its last committed batch.",
      valueName: "id"))
  public var resume: String?

  @Option(help: .init("Give the new job this id, a UUID, so that others know it before it begins.", valueName: "id"))
  public var id: String?

  @Option(
    help: .init(
      "Load one part of job ID, a UUID that other loaders name too; the first of them makes it.", valueName: "id"))
  public var job: String?

  @Option(help: .init("Which part of the shared job this input is: the same name goes on with it.", valueName: "name"))
  public var part = "1"

  @Flag(help: "Keep orders without a patient in the job, until a later patients job or ils-jobs release finds one.")
  public var parkOrphans = false

  @Option(help: .init("Try for this long to get a lost connection back.", valueName: "seconds"))
  public var retry = JobOptions().retry

  @Option(help: .init("Wait for a lock no longer than this; 0 is for ever.", valueName: "seconds"))
  public var lockTimeout = JobOptions().lockTimeout

  @Flag(help: "Keep the table's own triggers from firing, by a lock on it for each batch.")
  public var disableTriggers = false

  @Option(
    help: .init("Put VALUE into a column of every row that is inserted. May be repeated.", valueName: "column=value"))
  public var set: [String] = []

  @Option(help: .init("The import source of records that name none.", valueName: "name"))
  public var source: String?

  @Option(
    help: .init(
      "Note in the job and in the audit trail which approved plan it does, by its SHA-256.", valueName: "sha256"))
  public var plan: String?

  @Flag(help: "Name the SHA-256 of the records in the job's record.")
  public var digestRecords = false

  @Option(help: .init("Stop before the end unless the records have this SHA-256.", valueName: "sha256"))
  public var expectRecords: String?

  @OptionGroup public var ledgerOptions: LedgerOptions

  @Option(help: "Which outcome records to write: notable (updated, skipped, failed), all or none.")
  public var outcomes = JobOptions().outcomes

  @Flag(help: "Name in outcome records the id of the row that was updated or skipped.")
  public var nameRows = false

  public init() {}

  public func validate() throws {
    if [skipDuplicates, updateExisting, onDuplicate != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--on-duplicate, --skip-duplicates and --update-existing exclude each other")
    }
    if job != nil, resume != nil || atomic || dryRun {
      throw ValidationError("--job excludes --resume, --atomic and --dry-run: name the same --job and --part to go on")
    }
    if id != nil, job != nil || resume != nil {
      throw ValidationError("--id is for a new job: it excludes --job and --resume")
    }
    if job != nil, ledgerOptions.isGiven {
      throw ValidationError("a shared job's rows are accounted for at its end: give ils-jobs close what they are")
    }
    for digest in [plan, expectRecords].compactMap({ $0 })
    where digest.utf8.count != 64 || !digest.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) {
      throw ValidationError("--plan and --expect-records take a SHA-256: 64 hexadecimal digits, letters small")
    }
    if job != nil, digestRecords || expectRecords != nil || plan != nil {
      throw ValidationError(
        "--plan, --digest-records and --expect-records are for all of an input: --job excludes them")
    }
    if !(1...8).contains(connections) { throw ValidationError("--connections must be 1 to 8") }
    if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
  }

  /// How the job begins: as a new one, as the one that is gone on with, or as a part of a shared one.
  /// - Parameter database: where a job is looked up whose id is not given whole.
  public func start(database: String) throws(StopError) -> JobStart {
    if let resume {
      if let id = JobID(resume) { return .resume(id) }
      return .resume(try JobCatalogue(database: database).find(resume))
    }
    if let job { return .join(try JobID(typed: job), part: part) }
    guard let id else { return .new(id: nil) }
    return .new(id: try JobID(typed: id))
  }

  /// The options as the job keeps them.
  public func jobOptions() throws(StopError) -> JobOptions {
    var options = JobOptions()
    options.batchSize = batchSize
    options.connections = connections
    options.onDuplicate = onDuplicate ?? (skipDuplicates ? .skip : updateExisting ? .update : .fail)
    options.isAtomic = atomic
    options.isDryRun = dryRun
    options.source = source
    options.plan = plan
    options.namesRows = nameRows
    options.allowsDropped = ledgerOptions.allowDropped
    options.outcomes = outcomes
    options.parksOrphans = parkOrphans
    options.retry = retry
    options.lockTimeout = lockTimeout
    options.disablesTriggers = disableTriggers
    (options.osUser, options.host) = DatabaseOptions.who
    return options
  }

  /// What `--set` puts into every row.
  public func constants() throws(StopError) -> [(column: String, value: String)] { try Self.constants(set) }

  /// What `--set` says, as columns and values.
  public static func constants(_ set: [String]) throws(StopError) -> [(column: String, value: String)] {
    var constants: [(column: String, value: String)] = []
    for text in set {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw StopError(.usage, UsageFault.usage, "--set takes COLUMN=VALUE, not \"\(text)\"")
      }
      constants.append((String(parts[0]), String(parts[1])))
    }
    return constants
  }

  /// Whether the records' digest is taken.
  public var digestsRecords: Bool { digestRecords || expectRecords != nil }

  /// What the start of the pipe says; read only now that its end is here.
  public func ledger() throws(StopError) -> Ledger {
    let said = try ledgerOptions.read()
    return Ledger(rows: said.rows, rejected: said.rejected, manifest: said.manifest)
  }
}

extension OnDuplicate: ExpressibleByArgument {}
extension JobOptions.Outcomes: ExpressibleByArgument {}
