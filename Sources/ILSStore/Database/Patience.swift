import Glibc

import ILSRecord

/// Pauses between attempts, each twice as long as the one before, five seconds at most, until the time for them is over.
struct Patience {
  private let limit: Double
  private var waited = 0.0
  private var pause = 0.1

  /// - Parameter limit: the sum of all pauses, in seconds.
  init(_ limit: Double) { self.limit = limit }

  /// Waits before the next attempt; false where the time is over.
  mutating func wait() -> Bool {
    guard waited < limit else { return false }
    usleep(UInt32(pause * 1e6))
    waited += pause
    pause = min(pause * 2, 5, max(limit - waited, 0.1))
    return true
  }
}

extension Connection {
  /// Does `work`, and does it again on a new connection if this one is lost on the way.
  ///
  /// What `work` did before the loss may have been committed: doing it twice must be as good as once.
  func outlivingLosses<T>(
    for seconds: Double, isInterrupted: () -> Bool, _ work: () throws(StopError) -> T
  ) throws(StopError) -> T {
    var patience = Patience(seconds)
    while true {
      do throws(StopError) {
        return try work()
      } catch {
        guard isLost else { throw error }
        repeat {
          guard !isInterrupted(), patience.wait() else { throw error }
        } while !reset()
      }
    }
  }
}
