import ILSRecord

/// A writer that is one of several: its rows go into the table while others' do, and it is settled when its turn comes.
extension BatchWriter {
  /// Sends what is left of the gathered batch's straight rows.
  func closeStream() { stream.close(&batch) }

  /// Rows of the batch were sent, or could not be.
  var hasBegun: Bool { stream.hasBegun }

  /// Takes the gathered batch into the database, or does not.
  /// - Returns: what took it back; nil once it is committed.
  func settleOnce(beside others: [BatchWriter], _ emit: inout Emitter) -> DatabaseError? {
    tellZones(&emit)
    stream.wait(beside: others.map(\.connection))
    do throws(DatabaseError) {
      try session.transaction { () throws(DatabaseError) in try apply(0..<batch.count) }
      return nil
    } catch {
      return error
    }
  }

  /// The batch is in the table: tells what became of its records.
  func tell(_ emit: inout Emitter) {
    progress.lastBatch += 1
    outcomes.write(0..<batch.count, of: batch, settled.outcomes, &emit)
    forget()
  }

  /// Takes back what the batch has brought; its records stay.
  func takeBack() {
    stream.takeBack()
    session.rollBack()
  }

  /// Takes over what another writer has gathered, of which nothing was sent.
  func takeOver(_ other: BatchWriter) {
    swap(&batch, &other.batch)
    swap(&digests, &other.digests)
    other.forget()
  }

  /// The same, to stage all of its records.
  /// - Parameter lookingUp: and to look all of them up; else the database has refused one, and rows are tried.
  func adopt(_ other: BatchWriter, lookingUp: Bool) {
    takeOver(other)
    batch.restage(layout, lookingUp: lookingUp)
    if !lookingUp { care = max(care, .suspects) }
  }
}
