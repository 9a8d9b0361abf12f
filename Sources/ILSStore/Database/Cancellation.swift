import CLibPQ

/// Stops what the server does for this process, when the process must end at once.
public enum Cancellation {
  private nonisolated(unsafe) static var handle: OpaquePointer?

  /// The connection that was made last is the one that works.
  static func note(_ connection: OpaquePointer) {
    let old = handle
    handle = PQgetCancel(connection)
    PQfreeCancel(old)
  }

  /// Asks the server to cancel the statement that runs. A signal handler may call it (libpq, Canceling Queries in Progress).
  public static func request() {
    guard let handle else { return }
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { _ = PQcancel(handle, $0.baseAddress, 256) }
  }
}
