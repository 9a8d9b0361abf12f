import ILSRecord

/// The connection that rollbacks work on. A dry run is one transaction over all of them, taken back at the end.
public final class RollbackSession {
  let connection: Connection
  let options: JobOptions
  /// Asked between transactions: whether to stop, resumable.
  let isInterrupted: () -> Bool

  public init(
    database: String, options: JobOptions, isInterrupted: @escaping () -> Bool = { false }
  ) throws(StopError) {
    connection = try Connection(database)
    self.options = options
    self.isInterrupted = isInterrupted
    do throws(DatabaseError) {
      try connection.run(
        """
        SET lock_timeout = \(Int(options.lockTimeout * 1000)); SET random_page_cost = 1.1; SET jit = off;
        SET default_transaction_isolation = 'read committed'; \(BeforeImage.settings);
        CREATE TEMPORARY TABLE ils_refused (row_id text PRIMARY KEY, state text NOT NULL);
        CREATE TEMPORARY TABLE ils_back (row_id text NOT NULL, was bigint, now bigint) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY SEQUENCE ils_at
        """)
      if options.isDryRun { try connection.run("BEGIN") }
    } catch {
      throw error.stop("opening the session")
    }
  }

  /// Runs `body` in a transaction, again where others were in the way.
  func transaction(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
    if options.isDryRun { return try savepoint(body) }
    var attempts = 0
    while true {
      do throws(DatabaseError) {
        try connection.run("BEGIN")
        try body()
        try connection.run("COMMIT")
        return
      } catch {
        try? connection.run("ROLLBACK")
        attempts += 1
        guard error.isCollision, error.state != "23505", attempts < 4 else { throw error }
      }
    }
  }

  private func savepoint(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
    try connection.run("SAVEPOINT step")
    do throws(DatabaseError) {
      try body()
      try connection.run("RELEASE SAVEPOINT step")
    } catch {
      try? connection.run("ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step")
      throw error
    }
  }
}
