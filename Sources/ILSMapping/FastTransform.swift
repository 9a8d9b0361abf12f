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

  /// With the year in front, only ISO dates are quick.
  var isYearFirst = false

  init(_ transforms: [any Transform]) {
    for transform in transforms where kind != .none { transform.join(&self) }
  }

  /// Nothing but white space and case has been seen to: whatever reads values may follow.
  var isText: Bool { kind == .copy || kind == .text }
}
