import CLibPQ
import Glibc
import ILSRecord

/// Several connections, opened at the price of one.
extension Connection {
  /// How long it is waited for the server, in seconds.
  private static var openingTime: Int { 30 }

  /// Connects as often as asked for, and gives each session its settings, beside each other.
  /// - Parameter setup: SQL that is run on each.
  /// - Returns: those that could be had: the server may have no more to give.
  static func sideBySide(_ count: Int, _ url: String, _ setup: String) -> [Connection] {
    var opened: [Connection] = []
    for handle in handles(count, url) {
      if PQstatus(handle) == CONNECTION_OK { opened.append(Connection(handle)) } else { PQfinish(handle) }
    }
    // All are asked before the first is listened to.
    let asked = opened.filter { PQsendQuery($0.handle, SessionSettings.statement(for: $0.backend)) == 1 }
    let pinned = asked.filter { connection in
      guard let rows = try? connection.answerRows() else { return false }
      return (try? connection.checkPinned(rows)) != nil
    }
    let prepared = pinned.filter { (try? $0.send(setup)) != nil }
    return prepared.filter { $0.answer().failure == nil && !$0.isLost }
  }

  /// The answer to a single statement that was sent.
  private func answerRows() throws(DatabaseError) -> Rows {
    let rows = try check(PQgetResult(handle))
    while !isLost, let more = PQgetResult(handle) { PQclear(more) }
    return rows
  }

  /// Connections that are made, or that cannot be.
  private static func handles(_ count: Int, _ url: String) -> [OpaquePointer] {
    let handles = (0..<count).compactMap { _ in start(url) }
    let end = time(nil) + openingTime
    // Before the first look, each waits until it can be written to (libpq, PQconnectPoll), unless it could not begin.
    var waits = handles.filter { PQstatus($0) != CONNECTION_BAD }.map { (handle: $0, events: POLLOUT) }
    while !waits.isEmpty, time(nil) < end {
      var polled = waits.map { pollfd(fd: PQsocket($0.handle), events: Int16($0.events), revents: 0) }
      _ = poll(&polled, nfds_t(polled.count), 1000)
      var left: [(handle: OpaquePointer, events: Int32)] = []
      for (wait, polled) in zip(waits, polled) {
        if polled.revents == 0 {
          left.append(wait)
          continue
        }
        switch PQconnectPoll(wait.handle) {
        case PGRES_POLLING_READING: left.append((wait.handle, POLLIN))
        case PGRES_POLLING_WRITING: left.append((wait.handle, POLLOUT))
        default: break
        }
      }
      waits = left
    }
    return handles
  }
}
