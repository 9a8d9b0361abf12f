import ILSRecord

/// How a job loads.
public struct JobOptions: Equatable, Sendable {
  /// Records a batch.
  public var batchSize = 10_000
  /// On how many connections batches are brought at once.
  public var connections = 2
  public var onDuplicate = OnDuplicate.fail
  /// One transaction for all: one refused record, and nothing is loaded.
  public var isAtomic = false
  /// All is done and taken back.
  public var isDryRun = false
  /// The import source of records that name none.
  public var source: String?
  /// Rows that a filter dropped are no fault.
  public var allowsDropped = false
  public var outcomes = Outcomes.notable
  /// Outcome records name the row that the record came to.
  public var namesRows = false
  /// Records that point at a row which is not there yet wait in the database, instead of being refused.
  public var parksOrphans = false
  /// How long a lost connection is tried to be made again, in seconds.
  public var retry = 60.0
  /// How long a lock is waited for, in seconds; 0 for ever.
  public var lockTimeout = 10.0
  /// The SHA-256 of the plan that somebody approved.
  public var plan: String?
  /// User triggers of the table do not fire.
  public var disablesTriggers = false
  /// A rollback undoes rows that were edited since, too.
  public var isForced = false
  /// A rollback undoes first what stands on the jobs.
  public var isCascade = false
  /// Who runs the job.
  public var osUser: String?
  public var host: String?

  /// Which outcome records are written.
  public enum Outcomes: String, CaseIterable, Sendable {
    /// Those that a person must see: updated, skipped, failed.
    case notable
    case all
    case none
  }

  public init() {}

  /// How a rollback undoes.
  var undoJSON: String {
    JSONValue.object([
      ("batchSize", .number("\(batchSize)")), ("dryRun", .boolean(isDryRun)), ("force", .boolean(isForced)),
      ("cascade", .boolean(isCascade)),
    ]).text
  }

  var json: String {
    JSONValue.object(
      [
        ("batchSize", .number("\(batchSize)")), ("onDuplicate", .string(onDuplicate.rawValue)),
        ("atomic", .boolean(isAtomic)), ("dryRun", .boolean(isDryRun)), ("allowDropped", .boolean(allowsDropped)),
        ("parkOrphans", .boolean(parksOrphans)), ("disableTriggers", .boolean(disablesTriggers)),
      ] + (plan.map { [("plan", .string($0))] } ?? [])
    ).text
  }
}

/// What the start of the pipe says of its end: the manifest's sums, and what the stages between them refused.
public struct Ledger: Equatable, Sendable {
  /// Rows of the sources; nil where no manifest was given.
  public var rows: Int?
  /// Records in the rejects of earlier stages.
  public var rejected: Int
  /// The manifest, as JSON.
  public var manifest: String?

  public init(rows: Int? = nil, rejected: Int = 0, manifest: String? = nil) {
    self.rows = rows
    self.rejected = rejected
    self.manifest = manifest
  }
}

/// What becomes of a record whose row is in the table already.
public enum OnDuplicate: String, CaseIterable, Sendable {
  /// It is refused.
  case fail
  case skip
  /// The row gets the fields that the record has.
  case update
}
