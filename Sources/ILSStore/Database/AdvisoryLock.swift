/// The advisory locks of the toolkit (PostgreSQL, Explicit Locking, Advisory Locks), with all their numbers.
///
/// Loaders of several versions may be at work on one database: a number is never changed, nor used again.
enum AdvisoryLock {
  /// Schema `ils` is brought up to date, by one at a time.
  case migrations
  /// The end of the audit trail; `ils.append_audit` takes it.
  case auditTrail
  /// Loaders of one table take turns, a batch each.
  case turn(table: String)
  /// One rollback of the job is at work.
  case rollback(JobID)
  /// A loader of the shared job is at work (shared), or the job is being closed.
  case presence(JobID)
  /// The one loader of a job's part is at work.
  case loader(JobID, part: String)
  /// Connections on which a loader brings batches of a job's part (shared), or somebody waits until the server has done
  /// with all of them.
  case lane(JobID, part: String)

  /// SQL for the arguments of the lock functions.
  var key: String {
    switch self {
    case .migrations: "4966, 1"
    case .auditTrail: "4966, 2"
    case .turn(let table): "4969, hashtext(\(table.quotedLiteral))"
    case .rollback(let job): "hashtextextended(\(job.quotedLiteral), 4966)"
    case .presence(let job): "hashtextextended(\(job.quotedLiteral), 4967)"
    case .loader(let job, let part): "hashtextextended(\("\(job)/\(part)".quotedLiteral), 4968)"
    case .lane(let job, let part): "hashtextextended(\("\(job)/\(part)".quotedLiteral), 4970)"
    }
  }

  /// SQL that takes the lock and holds it as long as the connection lasts.
  var hold: String { "SELECT pg_advisory_lock(\(key))" }

  /// The same beside others who hold it so.
  var share: String { "SELECT pg_advisory_lock_shared(\(key))" }

  /// SQL that takes the lock, unless somebody else has it, and holds it as long as the connection lasts.
  var tryHold: String { "SELECT pg_try_advisory_lock(\(key)) AS taken" }

  var release: String { "SELECT pg_advisory_unlock(\(key))" }

  /// SQL that ends the server's processes that hold the lock: it is one with a single number.
  var endHolders: String {
    """
    SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
      AND ((classid::bigint << 32) | objid::bigint) = \(key)
    """
  }

  /// SQL that takes the lock up to the end of the transaction.
  var holdInTransaction: String { "SELECT pg_advisory_xact_lock(\(key))" }

  /// The same, unless somebody else has it: whether it was taken.
  var tryInTransaction: String { "SELECT pg_try_advisory_xact_lock(\(key)) AS taken" }
}
