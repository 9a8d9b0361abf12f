import ILSRecord

/// Sends a batch's straight rows into the table by one COPY, while the next ones are read.
final class StraightStream {
  /// How rows go straight into the table; nil where they cannot.
  let copy: StraightCopy?
  private let session: Session
  private let turn: any Turn
  private let ring: KeyRing
  /// The writer is one of several, on a connection of its own.
  private let isLane: Bool
  /// A COPY is under way; and what went wrong with it, or before it.
  private(set) var isCopying = false
  private var failure: DatabaseError?
  private var connection: Connection { session.connection }

  init(_ copy: StraightCopy?, _ session: Session, _ turn: any Turn, _ ring: KeyRing, isLane: Bool) {
    (self.copy, self.session, self.turn, self.ring, self.isLane) = (copy, session, turn, ring, isLane)
  }

  /// Rows of the batch were sent, or could not be.
  var hasBegun: Bool { isCopying || failure != nil }

  /// What was sent has gone with its transaction, or is in the table.
  func forget() { (isCopying, failure) = (false, nil) }

  /// Sends rows ahead of the batch's end. What goes wrong shows when the batch is settled.
  func send(_ batch: inout Batch) {
    do throws(DatabaseError) {
      if !hasBegun, let copy {
        session.open()
        // Another loader has the table: what is gathered waits for the end of its batch.
        guard try turn.take(waiting: false) else { return }
        try start(copy)
        isCopying = true
        Batch.header.withUnsafeBytes { connection.putCopy($0) }
      }
    } catch {
      failure = error
    }
    connection.putCopy(batch.straightRows)
    batch.removeStraightRows()
  }

  private func start(_ copy: StraightCopy) throws(DatabaseError) {
    guard isLane else { return try connection.startCopy(copy.sql) }
    let own = try connection.startCopyBeside(copy.sql, behind: KeyRing.ownID)
    ring.noteOwn(UInt64(own[0].text("own")))
  }

  /// Sends what is left, and makes sure that the table has taken all.
  func end(_ batch: inout Batch) throws(DatabaseError) {
    send(&batch)
    defer { forget() }
    if let failure { throw failure }
    guard try taken() == batch.straightCount else { throw DatabaseError(state: DatabaseError.rowsLeftOut) }
  }

  /// Ends the COPY; how many rows the table has taken.
  private func taken() throws(DatabaseError) -> Int {
    guard isLane else {
      Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
      return try connection.endCopy()
    }
    let (taken, failure) = connection.answer()
    if let failure { throw failure }
    return taken
  }

  // MARK: - Beside others

  /// Sends what is left of a batch, and waits for nothing.
  func close(_ batch: inout Batch) {
    guard batch.straightCount > 0 else { return }
    send(&batch)
    Batch.trailer.withUnsafeBytes { connection.putCopy($0) }
    connection.closeCopyBeside()
  }

  /// Waits for the end of the COPY; others' data are sent meanwhile.
  func wait(beside others: [Connection]) { if isCopying { connection.waitForCopy(beside: others) } }

  /// Takes back what was sent.
  func takeBack() {
    if isCopying {
      connection.closeCopyBeside(failing: "taken back")
      connection.waitForCopy(beside: [])
      _ = connection.answer()
    }
    forget()
  }
}
