import Glibc

import ILSRecord

/// A connection with the settings of a loader, and the transaction that is open on it.
///
/// Where all is one transaction (`isHeldOpen`), each batch is a savepoint of it.
final class Session {
  let connection: Connection
  private(set) var isHeldOpen = false
  private var isOpen = false
  private let setup: Setup
  /// How long a lost connection is tried to be made again, in seconds.
  private let retry: Double
  /// How long one statement waits for a lock, in seconds.
  let lockTimeout: Double
  private let isInterrupted: () -> Bool

  /// SQL that is run on every new connection, and at the start and the end of every transaction.
  struct Setup {
    var connection: [String] = []
    /// How long one statement waits for a lock, in seconds. While it waits, it holds others up itself.
    var lockTimeout = 0.0
    var begin = ""
    var end = ""
    /// Every connection holds it; nil for none.
    var lock: AdvisoryLock?
  }

  convenience init(
    _ connection: Connection, _ setup: Setup, retry: Double, isInterrupted: @escaping () -> Bool
  ) throws(DatabaseError) {
    self.init(prepared: connection, setup, retry: retry, isInterrupted: isInterrupted)
    try prepare()
  }

  /// On a connection that has what `setup` says.
  init(prepared connection: Connection, _ setup: Setup, retry: Double, isInterrupted: @escaping () -> Bool) {
    self.connection = connection
    self.setup = setup
    self.retry = retry
    lockTimeout = setup.lockTimeout
    self.isInterrupted = isInterrupted
  }

  private func prepare() throws(DatabaseError) {
    try connection.run(Session.preparing(setup))
  }

  /// SQL that gives a connection what `setup` says.
  static func preparing(_ setup: Setup) -> String {
    let lock = setup.lock.map { [$0.hold] } ?? []
    return (setup.connection + lock + ["SET lock_timeout = \(Int(setup.lockTimeout * 1000))"]).joined(separator: ";\n")
  }

  /// Ends what the server still does for a connection that only this side knows to be lost: it may be about to commit.
  private func end(_ backend: Int) throws(DatabaseError) {
    guard let lock = setup.lock else { return }
    try connection.run(
      """
      SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND pid = \(backend)
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND ((classid::bigint << 32) | objid::bigint) = \(lock.key)
      """)
  }

  /// From here to `endHold`, all is one transaction.
  func hold(isBegun: Bool) throws(DatabaseError) {
    if !isBegun { try connection.run("BEGIN") }
    isHeldOpen = true
  }

  func endHold(committing: Bool) throws(DatabaseError) {
    isHeldOpen = false
    isOpen = false
    guard committing else { return try connection.run("ROLLBACK") }
    try Self.checkCommitted(connection.query("COMMIT"))
  }

  /// The server takes the COMMIT of a transaction that has failed for its end, and no error.
  private static func checkCommitted(_ answer: Rows) throws(DatabaseError) {
    guard answer.command == "COMMIT" else {
      throw DatabaseError(state: "25P02", text: "the transaction had failed, and was taken back")
    }
  }

  /// Begins a transaction, unless one is open: along with its first statement.
  func open() {
    if isOpen { return }
    connection.runAhead(isHeldOpen ? "SAVEPOINT batch" : "BEGIN")
    if !setup.begin.isEmpty { connection.runAhead(setup.begin) }
    isOpen = true
  }

  /// Runs `body` in the open transaction or in a new one, and commits it, unless `body` has; takes it back if anything fails.
  func transaction(_ body: () throws(DatabaseError) -> Void) throws(DatabaseError) {
    do throws(DatabaseError) {
      open()
      try body()
      if isOpen { try commit() }
    } catch {
      isOpen = false
      try? connection.run(isHeldOpen ? "ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch" : "ROLLBACK")
      throw error
    }
  }

  /// Commits the open transaction behind some last statements, at the price of one round trip.
  /// - Parameters:
  ///   - later: what is run once it is committed.
  ///   - answers: what those statements have answered, also where the commit fails.
  func commit(
    behind last: [Question] = [], andThen later: [String] = [], _ answers: inout [Rows]
  ) throws(DatabaseError) {
    isOpen = false
    let end = (setup.end.isEmpty ? [] : [setup.end]) + [isHeldOpen ? "RELEASE SAVEPOINT batch" : "COMMIT"]
    let committed = answers.count + last.count + end.count
    do throws(DatabaseError) {
      try connection.ask(last + (end + later).map { Question($0) }, &answers)
    } catch {
      // What comes behind a commit takes nothing back.
      if answers.count < committed { throw error }
    }
    if !isHeldOpen { try Self.checkCommitted(answers[committed - 1]) }
  }

  func commit() throws(DatabaseError) {
    var answers: [Rows] = []
    try commit(&answers)
  }

  /// Takes the open transaction back.
  func rollBack() {
    isOpen = false
    try? connection.run("ROLLBACK")
  }

  /// Runs `body` in a transaction; if the connection is lost, again on a new one, unless the commit had arrived.
  ///
  /// - Parameter isDone: asked on the new connection: whether it had.
  func persist(
    unless isDone: () throws(DatabaseError) -> Bool, _ body: () throws(DatabaseError) -> Void
  ) throws(DatabaseError) {
    for _ in 0..<Self.lossLimit {
      let loss: DatabaseError
      do throws(DatabaseError) {
        return try transaction(body)
      } catch {
        guard error.isLost, !isHeldOpen else { throw error }
        loss = error
      }
      try reconnect(after: loss)
      do throws(DatabaseError) {
        if try isDone() { return }
      } catch {
        guard error.isLost else { throw error }
      }
    }
    throw DatabaseError(state: "08006", text: "the connection is lost again and again", isDisconnected: true)
  }

  /// How often one transaction is begun again on a new connection.
  private static let lossLimit = 5

  /// Makes a lost connection anew, trying again with growing pauses until the time for it is over.
  /// - Throws: `loss`, where the time is over, somebody asks to stop, or what was lost cannot be done again.
  func reconnect(after loss: DatabaseError) throws(DatabaseError) {
    guard !isHeldOpen else { throw loss }
    isOpen = false
    let lost = connection.backend
    var patience = Patience(retry)
    while !isInterrupted(), patience.wait() {
      guard connection.reset() else { continue }
      do throws(DatabaseError) {
        try end(lost)
        try prepare()
        return
      } catch {
        if !error.isLost { throw error }
      }
    }
    throw loss
  }
}
