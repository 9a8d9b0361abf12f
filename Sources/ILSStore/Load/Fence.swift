import ILSRecord

/// Keeps everybody but a loader's own connections from writing to a table, while one of them commits.
///
/// The connections write to the table at once, so none of them can lock it. Another one asks for the lock and does not get it: whoever
/// begins to write waits behind it, by the order in which the server grants locks, and those who are at it are waited for.
/// The table's turn among loaders is held by that other connection too, as long as any batch is on its way.
final class Fence {
  private let session: Session
  private let table: String
  /// The server's processes of the connections that are let through, and of the one that asks, as SQL lists.
  private var own: [String] = []
  private var keeper = ""
  private var isRaised = false
  private(set) var isTurnTaken = false
  /// Another loader waits for the table's turn.
  private(set) var isTurnWanted = false
  private var connection: Connection { session.connection }
  private var turn: AdvisoryLock { .turn(table: table) }

  /// How often it is looked whether those who write have ended; in all a tenth of a second, for others wait meanwhile.
  private static var looks: Int { 40 }

  init(_ session: Session, _ table: String) {
    (self.session, self.table) = (session, table)
  }

  /// Takes the table's turn, unless another loader has it; whether it is taken.
  func takeTurn(for lanes: [Connection]) throws(DatabaseError) -> Bool {
    if isTurnTaken { return true }
    isTurnTaken = try connection.query(turn.tryHold)[0].isTrue("taken")
    isTurnWanted = false
    keeper = "\(connection.backend)"
    own = lanes.map { "\($0.backend)" }
    return isTurnTaken
  }

  func releaseTurn() throws(DatabaseError) {
    guard isTurnTaken else { return }
    isTurnTaken = false
    _ = try connection.query(turn.release)
  }

  /// Lets nobody else write to the table before `lower`; what those have written who were at it is there to be seen.
  /// - Throws: a collision where they do not end, or wait for a row of the lane themselves.
  func raise(seenBy lane: Connection) throws(DatabaseError) {
    if !isRaised {
      isRaised = true
      try connection.send(
        "BEGIN; SET LOCAL lock_timeout = 0; LOCK TABLE \(table.quotedIdentifier) IN SHARE ROW EXCLUSIVE MODE")
    }
    for look in 0..<Self.looks {
      let seen = try lane.query(sight, [table.quotedIdentifier])[0]
      isTurnWanted = isTurnWanted || seen.isTrue("wanted")
      if seen.isTrue("waits") { break }
      if seen.isTrue("raised"), !seen.isTrue("writers") { return }
      try lane.run("SELECT pg_sleep(\(look < 5 ? 0.0005 : 0.0025))")
    }
    throw DatabaseError(meeting: "somebody is writing to the table for long")
  }

  /// What is seen of the table's locks, all at one moment.
  private var sight: String {
    """
    \(locks),
    writers AS (
      SELECT pid FROM locks WHERE relation = to_regclass($1) AND mode = 'RowExclusiveLock' AND granted
        AND pid NOT IN (\(own.joined(separator: ", "))))
    SELECT EXISTS (SELECT FROM locks WHERE relation = to_regclass($1) AND pid = \(keeper) AND mode = 'ShareRowExclusiveLock'
        AND NOT granted) AS raised,
      EXISTS (SELECT FROM writers) AS writers,
      EXISTS (SELECT FROM writers WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))) AS waits,
      \(wanted) AS wanted
    """
  }

  private var locks: String {
    """
    WITH locks AS MATERIALIZED (
      SELECT locktype, relation, classid, objid, objsubid, mode, granted, coalesce(pid, 0) AS pid FROM pg_locks
      WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    """
  }

  /// Whether another loader waits for the table's turn.
  private var wanted: String {
    """
    EXISTS (SELECT FROM locks WHERE locktype = 'advisory' AND NOT granted AND objsubid = 2
      AND (classid::int8, objid::int8) = (SELECT c, o::int8 & 4294967295 FROM (VALUES (\(turn.key))) AS k (c, o)))
    """
  }

  /// Lets others write again.
  /// - Parameter lane: asks the server to; what it holds of the table itself is given free by then.
  func lower(by lane: Connection) throws(DatabaseError) {
    guard isRaised else {
      isTurnWanted = try connection.query("\(locks) SELECT \(wanted) AS wanted")[0].isTrue("wanted")
      return
    }
    // By the lane, to whom the server listens already.
    _ = try lane.query("SELECT pg_cancel_backend(\(keeper))")
    isRaised = false
    // Cancelled, or granted the moment before: either is over.
    _ = connection.answer()
    try connection.run("ROLLBACK")
  }

  /// The same where something went wrong: a lane may be gone, and the server may not have begun to raise it.
  func fall() {
    guard isRaised else { return }
    isRaised = false
    connection.stopSent()
    try? connection.run("ROLLBACK")
  }
}

/// The turn of one of several connections: the fence's.
final class LaneTurn: Turn {
  private let fence: Fence
  private let connection: Connection

  init(_ fence: Fence, _ connection: Connection) { (self.fence, self.connection) = (fence, connection) }

  func take(waiting: Bool) throws(DatabaseError) -> Bool { true }
  func end() {}
  func keepOthersOut() throws(DatabaseError) { try fence.raise(seenBy: connection) }
}
