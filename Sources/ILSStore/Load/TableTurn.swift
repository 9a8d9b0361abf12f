import ILSRecord

/// Keeps loaders of one table apart, and at the end of a batch everybody else who writes to it, for a moment.
///
/// Loaders take turns, a batch each: so each sees all that the others have committed. Behind `keepOthersOut`, the
/// application's writers wait until the batch is committed, and then see its rows; those that had begun have ended.
final class TableTurn {
  private let session: Session
  private let table: String
  private let patience: Double
  private var isTaken = false
  private var connection: Connection { session.connection }

  /// How long writers of the application wait behind the loader that waits for one of them, in milliseconds.
  private static var shortWait: Int { 100 }
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

  private var usualTimeout: String { "SET LOCAL lock_timeout = \(Int(patience * 1000))" }

  /// The transaction is over.
  func end() { isTaken = false }

  /// Waits for those who are writing to the table, and lets nobody begin to before the transaction ends.
  ///
  /// Where a lock on the table cannot be had, be it for want of the right to it or since the server is cleaning the
  /// table up, those who are writing are waited for all the same.
  /// - Throws: a collision where they do not end: the batch is taken back, and what they wait for is free.
  func keepOthersOut() throws(DatabaseError) {
    // A job that is one transaction would keep everybody out up to its end.
    if session.isHeldOpen { return }
    do throws(DatabaseError) {
      try connection.run(
        """
        SAVEPOINT turn; SET LOCAL lock_timeout = \(Self.shortWait);
        LOCK TABLE \(table.quotedIdentifier) IN SHARE ROW EXCLUSIVE MODE; RELEASE SAVEPOINT turn; \(usualTimeout)
        """)
    } catch {
      guard error.state == "55P03" || error.state == "42501" else { throw error }
      try connection.run("ROLLBACK TO SAVEPOINT turn; RELEASE SAVEPOINT turn; \(usualTimeout)")
      try waitForWriters()
    }
  }

  private func waitForWriters() throws(DatabaseError) {
    let writers = """
      SELECT coalesce(string_agg(virtualtransaction, ',' ORDER BY virtualtransaction), '') AS writers FROM pg_locks
      WHERE relation = to_regclass($1) AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
      """
    func now() throws(DatabaseError) -> Set<String> {
      let text = try connection.query(writers, [table.quotedIdentifier])[0].text("writers")
      return Set(text.split(separator: ",").map { String($0) })
    }
    let atWork = try now()
    var left = atWork
    for _ in 0..<Self.looks where !left.isEmpty {
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
