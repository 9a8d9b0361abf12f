import ILSRecord

/// What is done next about a batch that the database took back.
///
/// No answer leads back to the same attempt without an end: `again` is counted, and each other makes the batch another one.
struct Tries {
  enum Step: Equatable {
    /// The same once more.
    case again
    /// Straight rows become staged ones.
    case restage
    /// Each row is tried alone in the server, to find those that it refuses.
    case carefully
    /// Two of half the size.
    case split
    /// The one record is refused.
    case refuse
    case stop
  }

  /// A part of a batch that has ended its connection before.
  let isSuspect: Bool
  /// How long locks are waited for in all, in seconds; 0 for ever.
  private let patience: Double
  private var losses = 0
  private var collisions = 0
  private var waited = 0.0

  static let collisionLimit = 40
  /// A connection may be lost by chance, and twice; a record that is alone and loses it each time ends its server.
  private static let lossLimit = 3

  /// - Parameters:
  ///   - patience: how long locks are waited for in all, in seconds; 0 for ever.
  ///   - isSuspect: the records are part of a batch that has ended its connection.
  init(patience: Double, isSuspect: Bool) {
    self.patience = patience
    self.isSuspect = isSuspect
  }

  /// - Parameters:
  ///   - count: the number of records.
  ///   - isStraight: some of them went straight into the table.
  ///   - isCareful: each row was tried alone.
  ///   - lock: how long the attempt waited for a lock, in seconds.
  mutating func next(
    _ error: DatabaseError, count: Int, isStraight: Bool, isCareful: Bool, lock: Double
  ) -> Step {
    let isTried = error.isLost || error.isLockTimeout || error.isCollision || error.isAboutRecord
    // Rows that went straight are gone with their transaction.
    if isStraight, isTried { return .restage }
    if error.isLost {
      losses += 1
      if losses < (isSuspect && count > 1 ? 1 : Self.lossLimit) { return .again }
      return count > 1 ? .split : .refuse
    }
    if error.isLockTimeout {
      waited += lock
      return patience == 0 || waited < patience ? .again : .stop
    }
    guard error.isCollision || error.isAboutRecord else { return .stop }
    if error.isCollision {
      collisions += 1
      if collisions < Self.collisionLimit { return error.isAboutRecord && !isCareful ? .carefully : .again }
    }
    guard error.isAboutRecord else { return .stop }
    if !isCareful { return .carefully }
    return count > 1 ? .split : .refuse
  }
}
