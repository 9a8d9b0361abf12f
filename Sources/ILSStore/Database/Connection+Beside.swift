import CLibPQ
import Glibc
import ILSRecord

/// Work of the server that this side does not wait for at once.
extension Connection {
  /// Starts a COPY ... FROM STDIN whose data are kept on this side where the server takes no more for now.
  /// - Returns: what the question before it has answered.
  func startCopyBeside(_ sql: String, behind question: String) throws(DatabaseError) -> Rows {
    let answer = try startCopy(sql, behind: question)
    PQsetnonblocking(handle, 1)
    return answer
  }

  /// Sends what the server takes of the data that are kept; waits for nothing.
  func push() { _ = PQflush(handle) }

  /// Ends a COPY's data; with a reason, all of them are taken back.
  func closeCopyBeside(failing reason: String? = nil) { _ = PQputCopyEnd(handle, reason) }

  /// Sends one or several statements, whose answer `answer` takes.
  func send(_ sql: String) throws(DatabaseError) {
    guard PQsendQuery(handle, whole(sql)) == 1 else { throw brokenOff }
  }

  /// What the server says to all that was sent: the rows of COPY, or the first error.
  func answer() -> (taken: Int, failure: DatabaseError?) {
    var failure: DatabaseError?
    var taken = 0
    while let result = PQgetResult(handle) {
      do throws(DatabaseError) { taken += try check(result).affected } catch { failure = failure ?? error }
      if PQstatus(handle) != CONNECTION_OK { break }
    }
    return (taken, failure)
  }

  /// Stops the statement that runs.
  func cancel() {
    let handle = PQgetCancel(handle)
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { _ = PQcancel(handle, $0.baseAddress, 256) }
    PQfreeCancel(handle)
  }

  /// Stops what was sent, and waits until it is over. A request that comes before the server has begun with the statement
  /// is lost on it: so it is made again.
  func stopSent() {
    cancel()
    while true {
      while PQisBusy(handle) == 1 {
        var wait = [pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)]
        if poll(&wait, 1, 100) == 0 { cancel() } else if PQconsumeInput(handle) == 0 { return }
      }
      guard let result = PQgetResult(handle) else { return }
      PQclear(result)
      if isLost { return }
    }
  }

  /// Ends the connection's work for good. Nothing but `isLost` is to be asked of it from then on.
  func close() {
    Cancellation.forget(handle)
    _ = shutdown(PQsocket(handle), Int32(SHUT_RDWR))
    PQconsumeInput(handle)
  }

  /// Waits until a COPY that was closed has its answer; others' data are sent meanwhile.
  func waitForCopy(beside others: [Connection]) {
    while PQconsumeInput(handle) == 1 {
      let unsent = PQflush(handle)
      if unsent < 0 || (unsent == 0 && PQisBusy(handle) == 0) { break }
      var waits = [pollfd(fd: PQsocket(handle), events: Int16(POLLIN | (unsent > 0 ? POLLOUT : 0)), revents: 0)]
      for other in others where PQflush(other.handle) > 0 {
        waits.append(pollfd(fd: PQsocket(other.handle), events: Int16(POLLOUT), revents: 0))
      }
      // Another's socket that is broken shows when its own turn comes: it must not keep this one from sleeping.
      _ = poll(&waits, nfds_t(waits.count), 1000)
      if waits.dropFirst().contains(where: { $0.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 }),
        waits[0].revents == 0
      {
        usleep(1000)
      }
    }
    PQsetnonblocking(handle, 0)
  }
}
