import ILSRecord

/// What is done next about a batch that the database took back.
///
/// No answer leads back to the same attempt without an end: `again` is counted, and each other makes the batch another one.
struct Tries {
  enum Step: Equatable {
    /// The same once more.
    case again
    /// Straight rows become staged ones, and are looked up.
    case restage
    /// Rows are tried before they are written, so carefully, to find those that the server refuses; straight ones are
    /// staged for it, and not looked up: that nobody has them is as true as before.
    case carefully(Care)
    /// Two of half the size.
    case split
    /// The one record is refused.
    case refuse
    case stop
  }

  /// What is tried before a batch is written, where rows of it, or of the one before, were refused.
  enum Care: Int, Comparable {
    case none
    /// Rows whose own values look as if the table refused them.
    case suspects
    /// Each row.
    case all

    var next: Care { Care(rawValue: rawValue + 1) ?? .all }
    static func < (one: Care, other: Care) -> Bool { one.rawValue < other.rawValue }
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
  ///   - care: what was tried before.
  ///   - lock: how long the attempt waited for a lock, in seconds.
  mutating func next(
    _ error: DatabaseError, count: Int, isStraight: Bool, care: Care, lock: Double
  ) -> Step {
    let isTried = error.isLost || error.isLockTimeout || error.isCollision || error.isAboutRecord
    // Rows that went straight are gone with their transaction.
    if isStraight, isTried {
      return error.isAboutRecord && !error.isCollision ? .carefully(max(care, .suspects)) : .restage
    }
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
      if collisions < Self.collisionLimit { return error.isAboutRecord && care < .all ? .carefully(care.next) : .again }
    }
    guard error.isAboutRecord else { return .stop }
    if care < .all { return .carefully(care.next) }
    return count > 1 ? .split : .refuse
  }
}
