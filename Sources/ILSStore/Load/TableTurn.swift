import ILSRecord

/// Keeps others out of the table that a batch is for.
protocol Turn: AnyObject {
  /// Takes the table for the open transaction; whether it has it.
  func take(waiting: Bool) throws(DatabaseError) -> Bool
  /// The transaction is over.
  func end()
  /// Lets nobody write to the table before the transaction ends, and waits for those who are at it.
  func keepOthersOut() throws(DatabaseError)
}

/// Keeps loaders of one table apart, and at the end of a batch everybody else who writes to it, for a moment.
///
/// Loaders take turns, a batch each: so each sees all that the others have committed. Behind `keepOthersOut`, the
/// application's writers wait until the batch is committed, and then see its rows; those that had begun have ended.
final class TableTurn: Turn {
  private let session: Session
  private let table: String
  private let patience: Double
  private var isTaken = false
  private var isShut = false
  private var isForbidden = false
  private var connection: Connection { session.connection }

  /// How long writers of the application wait behind the loader that waits for one of them, in milliseconds.
  private static var shortWait: Int { 100 }
  /// How often the loader asks for the lock before it gives what it has itself free.
  private static var tries: Int { 12 }
  /// How often the loader looks whether writers that it waits for have ended.
  private static var looks: Int { 40 }

  init(_ session: Session, _ table: String, patience: Double) {
    (self.session, self.table, self.patience) = (session, table, patience)
  }

  private var lock: AdvisoryLock { .turn(table: table) }

  /// Takes the table for the open transaction; whether it has it.
  func take(waiting: Bool) throws(DatabaseError) -> Bool {
    if isTaken { return true }
    if waiting {
      // A turn is a batch: with several loaders, it takes as many of them.
      let limit = Int(patience * 10_000)
      try connection.run("SET LOCAL lock_timeout = \(limit); \(lock.holdInTransaction); \(usualTimeout)")
      isTaken = true
    } else {
      isTaken = try connection.query(lock.tryInTransaction)[0].isTrue("taken")
    }
    return isTaken
  }

  private var usualTimeout: String { "SET LOCAL lock_timeout = \(Int(session.lockTimeout * 1000))" }

  /// The transaction is over.
  func end() { (isTaken, isShut) = (false, false) }

  /// Waits for those who are writing to the table, and lets nobody begin to before the transaction ends.
  ///
  /// Others wait behind this one for a moment at a time only. Where a lock on the table cannot be had, for want of the right
  /// to it or since the server is cleaning the table up, those who are writing are waited for all the same.
  /// - Throws: a collision where they do not end: the batch is taken back, and what they wait for is free.
  func keepOthersOut() throws(DatabaseError) {
    // A job that is one transaction would keep everybody out up to its end.
    if isShut || session.isHeldOpen { return }
    for _ in 0..<Self.tries {
      if try isWaitedFor() { break }
      isShut = try shut()
      if isShut { return }
      if try isNeverFree() { return try waitForWriters() }
    }
    throw DatabaseError(meeting: "somebody is writing to the table for long")
  }

  /// The same at the end of a job that is one transaction. Whoever waits for a row of it goes on once it has ended.
  func keepOthersOutOfWhole() throws(DatabaseError) {
    for _ in 0..<Self.tries {
      if try isWaitedFor() { break }
      if try shut() { return }
      if try isNeverFree() { break }
    }
    try waitForWriters(looks: Self.looks * 10, waitingOnes: false)
  }

  /// Waits, behind the end of a job that is one transaction, for those who were writing to the table when it ended.
  func waitForOthersOfWhole() throws(DatabaseError) { try waitForWriters(looks: Self.looks * 10, waitingOnes: false) }

  /// Whether the table is locked now. A right that is missing is told as a lock that cannot be had.
  private func shut() throws(DatabaseError) -> Bool {
    do throws(DatabaseError) {
      try connection.run(
        """
        SAVEPOINT turn; SET LOCAL lock_timeout = \(Self.shortWait);
        LOCK TABLE \(table.quotedIdentifier) IN SHARE ROW EXCLUSIVE MODE; RELEASE SAVEPOINT turn; \(usualTimeout)
        """)
      return true
    } catch {
      guard error.state == "55P03" || error.state == "42501" else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT turn; RELEASE SAVEPOINT turn; \(usualTimeout)")
      isForbidden = error.state == "42501"
      return false
    }
  }

  /// SQL that holds for a lock on the table `$1`, or on one that is a part of it: one of another database may have the same
  /// number, where both are copies of one.
  private static let isOnTable = """
    relation IN (\(tree)) AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """

  /// The table `$1` with its partitions and heirs: others may write to those by their own names.
  private static let tree = """
    WITH RECURSIVE tree (oid) AS (
      SELECT to_regclass($1)::oid UNION SELECT inhrelid FROM tree JOIN pg_inherits ON inhparent = tree.oid)
    SELECT oid FROM tree
    """

  /// Whether to ask for the lock again is of no use: it is forbidden, or the server, or an index that is being made, has the
  /// table for as long as it takes.
  private func isNeverFree() throws(DatabaseError) -> Bool {
    if isForbidden { return true }
    let locks = """
      SELECT EXISTS (SELECT FROM pg_locks WHERE \(Self.isOnTable) AND mode = 'ShareUpdateExclusiveLock' AND granted
        AND pid <> pg_backend_pid()) AS held
      """
    return try connection.query(locks, [table.quotedIdentifier])[0].isTrue("held")
  }

  /// Whether somebody who writes to the table waits for a row of this transaction: to wait for them would be for ever, and
  /// the server would turn one of the two away.
  private func isWaitedFor() throws(DatabaseError) -> Bool {
    let waiting = """
      SELECT EXISTS (SELECT FROM pg_locks WHERE \(Self.isOnTable) AND mode = 'RowExclusiveLock' AND granted
        AND pid <> pg_backend_pid() AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) AS waits
      """
    return try connection.query(waiting, [table.quotedIdentifier])[0].isTrue("waits")
  }

  /// - Parameter waitingOnes: those too who wait for a row of this transaction: then it is a collision.
  private func waitForWriters(looks: Int = TableTurn.looks, waitingOnes: Bool = true) throws(DatabaseError) {
    let writers = """
      SELECT coalesce(string_agg(virtualtransaction, ',' ORDER BY virtualtransaction), '') AS writers FROM pg_locks
      WHERE \(Self.isOnTable) AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
        \(waitingOnes ? "" : "AND pg_backend_pid() <> ALL (pg_blocking_pids(pid))")
      """
    func now() throws(DatabaseError) -> Set<String> {
      let text = try connection.query(writers, [table.quotedIdentifier])[0].text("writers")
      return Set(text.split(separator: ",").map { String($0) })
    }
    let atWork = try now()
    var left = atWork
    for _ in 0..<looks where !left.isEmpty {
      if waitingOnes, try isWaitedFor() { break }
      try connection.run("SELECT pg_sleep(0.025)")
      left = try now().intersection(atWork)
    }
    if !left.isEmpty { throw DatabaseError(meeting: "somebody is writing to the table for long") }
  }
}

extension DatabaseError {
  /// Two writers met, as the server would say it (serialization_failure).
  init(meeting text: String) {
    self.init(state: "40001", table: nil, column: nil, constraint: nil, text: text, isDisconnected: false)
  }
}
