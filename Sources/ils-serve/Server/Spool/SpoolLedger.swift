import Foundation
import Synchronization

/// How much the spool holds, of each token and in all; what is being received counts as it comes.
final class SpoolLedger: Sendable {
  private struct Sums {
    var at = ContinuousClock.now - .seconds(3600)
    /// How long it took to count.
    var effort = Duration.zero
    var ofToken: [String: Int] = [:]
    var all = 0
  }

  private let spool: String
  private let quota: Quota
  private let sums = Mutex(Sums())

  init(spool: String, quota: Quota) { (self.spool, self.quota) = (spool, quota) }

  /// - Parameter bytes: that a request of this token is about to write.
  /// - Throws: a problem where they are too many.
  func take(_ bytes: Int, for token: String) throws {
    if let excess = excess(of: token, taking: bytes) { throw Problem.noRoom(excess) }
  }

  /// What is over its limit; nil: nothing.
  /// - Parameters:
  ///   - taking: bytes that are written now.
  ///   - expecting: bytes that are yet to come.
  func excess(of token: String, taking bytes: Int = 0, expecting more: Int = 0) -> String? {
    sums.withLock { sums in
      if sums.at.duration(to: .now) > max(.milliseconds(200), sums.effort * 20) { sums = count() }
      let (own, all) = (sums.ofToken[token, default: 0] + bytes, sums.all + bytes)
      if all + more > quota.spoolBytes { return "the server's spool is full: try again later" }
      if own + more > quota.tokenBytes {
        return "the token's uploads, rejects and jobs in the spool take more than \(quota.tokenBytes) bytes"
      }
      sums.ofToken[token] = own
      sums.all = all
      return nil
    }
  }

  private func count() -> Sums {
    let begun = ContinuousClock.now
    var sums = Sums()
    let jobs = JobFolder.all(in: spool).map { ($0.path, $0.request?.startedBy) }
    let uploads = Uploads(spool: spool).folders.map { ($0, Uploads.owner($0)) }
    for (path, owner) in jobs + uploads {
      let size = Limited.size(of: path)
      sums.ofToken[owner ?? "", default: 0] += size
      sums.all += size
    }
    sums.at = .now
    sums.effort = begun.duration(to: sums.at)
    return sums
  }
}
