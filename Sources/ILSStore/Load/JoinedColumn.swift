/// SQL for a column that several fields feed.
enum JoinedColumn {
  /// What a record's parts make of the column.
  static func whole(_ derived: LoadSchema.Derived, _ parts: [String]) -> String {
    guard let zone = derived.zone else { return whole(derived.separator, parts) }
    return "CASE WHEN \(isGiven(parts, "AND")) THEN \(ClockTime.moment(parts, zone)) END"
  }

  /// The same for a row that is there: parts that the record does not have are the column's. A moment is given whole.
  static func completed(_ derived: LoadSchema.Derived, _ parts: [String], _ column: String) -> String {
    derived.zone == nil ? completed(derived.separator, parts, column) : whole(derived, parts)
  }

  /// The parts that there are; null where there is none.
  static func whole(_ separator: String, _ parts: [String]) -> String {
    "NULLIF(concat_ws(\(separator.quotedLiteral), \(parts.joined(separator: ", "))), '')"
  }

  /// The parts that there are, and for the others what the column has; null where there is none.
  static func completed(_ separator: String, _ parts: [String], _ column: String) -> String {
    let all = parts.enumerated().map { number, part in
      "coalesce(\(part), (\(split(separator, column)))[\(number + 1)])"
    }
    return "CASE WHEN \(isGiven(parts, "OR")) THEN \(whole(separator, all)) END"
  }

  /// Whether some parts are given, and the column's text cannot be cut into the others.
  static func isTorn(_ separator: String, _ parts: [String], _ column: String) -> String {
    """
    (\(isGiven(parts, "OR"))) AND NOT (\(isGiven(parts, "AND")))
      AND cardinality(\(split(separator, column))) IS DISTINCT FROM \(parts.count)
    """
  }

  /// Whether some parts are given, and others are not.
  static func isPartial(_ parts: [String]) -> String { "(\(isGiven(parts, "OR"))) AND NOT (\(isGiven(parts, "AND")))" }

  private static func isGiven(_ parts: [String], _ word: String) -> String {
    parts.map { "\($0) IS NOT NULL" }.joined(separator: " \(word) ")
  }

  private static func split(_ separator: String, _ column: String) -> String {
    "string_to_array(\(column)::text, \(separator.quotedLiteral))"
  }
}
