/// How many records may be refused before the run stops.
public enum RejectBudget: Equatable, Sendable {
  case unlimited
  case count(Int)
  /// Of the records read so far. Judged from the hundredth record on, and at the end.
  case percent(Double)

  /// It depends on how many records were read when one is refused.
  public var isShare: Bool { if case .percent = self { true } else { false } }

  /// Whether `rejected` of `total` records are too many.
  public func isExceeded(rejected: Int, total: Int, atEnd: Bool) -> Bool {
    switch self {
    case .unlimited: false
    case .count(let most): rejected > most
    case .percent(let share): (atEnd || total >= 100) && Double(rejected) * 100 > share * Double(total)
    }
  }
}
