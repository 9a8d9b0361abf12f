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
    /// What jobs wrote between the last two counts: likely as much again until the next one.
    var growth: [String: Int] = [:]
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
      recount(&sums)
      if let excess = excess(of: token, in: sums, and: bytes + more, ofAll: bytes + more) { return excess }
      sums.ofToken[token, default: 0] += bytes
      sums.all += bytes
      return nil
    }
  }

  /// What is over its limit, or will be before anybody looks again, as fast as the jobs at work write; nil: nothing.
  ///
  /// A job's files grow while nobody looks: one that is ended at the limit has passed it by then.
  func foreseenExcess(of token: String) -> String? {
    sums.withLock { sums in
      recount(&sums)
      let growth = sums.growth
      return excess(of: token, in: sums, and: growth[token, default: 0], ofAll: growth.values.reduce(0, +))
    }
  }

  private func excess(of token: String, in sums: Sums, and own: Int, ofAll all: Int) -> String? {
    // A token that is over its own share is told that, also where it fills the spool.
    if sums.ofToken[token, default: 0] + own > quota.tokenBytes {
      return "the token's uploads, rejects and jobs in the spool take more than \(quota.tokenBytes) bytes"
    }
    return sums.all + all > quota.spoolBytes ? "the server's spool is full: try again later" : nil
  }

  private func recount(_ sums: inout Sums) {
    guard sums.at.duration(to: .now) > max(.milliseconds(200), sums.effort * 20) else { return }
    var counted = count()
    if !sums.ofToken.isEmpty {
      for (token, size) in counted.ofToken { counted.growth[token] = max(0, size - sums.ofToken[token, default: 0]) }
    }
    sums = counted
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
