/// A list of transforms that can work on plain ASCII text from the record straight into the output.
///
/// Most mappings are one of these. What they cannot take (escapes, other scripts, values that will be refused) goes the
/// general way, through `TransformRun`, which gives the same results.
struct FastTransform {
  enum Kind: UInt8 {
    case copy, text, date, phone, table
    /// Only the general way will do.
    case none
  }

  var kind = Kind.copy
  var trims = false
  /// The first letter of those that change: `A` for lower case, `a` for upper case, 0 for neither.
  var caseFirst: UInt8 = 0
  /// An outcome of no characters becomes null.
  var turnsEmptyToNull = false
  var dayFirst = false
  var isOrderAssumed = false
  var table: ValueTable?

  init(_ transforms: [Transform]) {
    for transform in transforms where kind != .none { add(transform) }
  }

  private mutating func add(_ transform: Transform) {
    switch transform {
    case .trim:
      // Behind these there is nothing left to trim.
      if kind == .date || kind == .phone { return }
      guard kind == .copy || kind == .text, !turnsEmptyToNull else { return kind = .none }
      kind = .text
      trims = true
    case .lowercase, .uppercase:
      guard kind == .copy || kind == .text, caseFirst == 0 else { return kind = .none }
      kind = .text
      if case .lowercase = transform { caseFirst = UInt8(ascii: "A") } else { caseFirst = UInt8(ascii: "a") }
    case .emptyToNull(let words):
      guard words.isEmpty, kind != .table else { return kind = .none }
      if kind == .copy { kind = .text }
      turnsEmptyToNull = true
    case .date(let reader):
      guard canPrecede, reader.serials == nil, reader.order != .yearMonthDay || !reader.isOrderAssumed else {
        return kind = .none
      }
      kind = .date
      dayFirst = reader.order == .dayMonthYear
      isOrderAssumed = reader.isOrderAssumed
      // With the year in front, only ISO dates are quick.
      if reader.order == .yearMonthDay { isYearFirst = true }
    case .phone:
      guard canPrecede else { return kind = .none }
      kind = .phone
    case .table(let table):
      guard kind == .copy || kind == .text, !turnsEmptyToNull else { return kind = .none }
      kind = .table
      self.table = table
      if table.foldsCase {
        trims = true
        caseFirst = UInt8(ascii: "A")
      }
    default: kind = .none
    }
  }

  private(set) var isYearFirst = false

  /// Whether what came so far makes no difference to a date or a number: white space and case.
  private var canPrecede: Bool { kind == .copy || kind == .text }
}
