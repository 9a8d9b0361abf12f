/// SQL for a column that several fields feed.
enum JoinedColumn {
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

  private static func isGiven(_ parts: [String], _ word: String) -> String {
    parts.map { "\($0) IS NOT NULL" }.joined(separator: " \(word) ")
  }

  private static func split(_ separator: String, _ column: String) -> String {
    "string_to_array(\(column)::text, \(separator.quotedLiteral))"
  }
}
