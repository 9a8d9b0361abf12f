/// SQL for texts as values of a column's type, and back.
enum SQLValue {
  /// Null where a text is no number or UUID, in whatever form the type takes it: then it is no row's, and no error.
  static func of(_ text: String, as type: String) -> String {
    switch type {
    case "smallint", "integer", "bigint":
      // All that has so few digits is read as a number of any size first.
      """
      CASE WHEN \(text) ~ '^\\s*[-+]?0*[0-9]{1,19}\\s*$' THEN
        CASE WHEN (\(text))::numeric BETWEEN \(Int64.min) AND \(Int64.max) THEN (\(text))::bigint END END
      """
    case "uuid": "CASE WHEN \(text) ~* '\(uuid)' THEN (\(text))::uuid END"
    case "text", "character varying": text
    default: "(\(text))::\(type)"
    }
  }

  /// A hyphen may stand behind each four digits, and braces around them all.
  private static let uuid = "^(\\{([0-9a-f]{4}-?){7}[0-9a-f]{4}\\}|([0-9a-f]{4}-?){7}[0-9a-f]{4})$"

  /// A value as text: the same for values that are equal.
  static func text(_ value: String, of type: String) -> String {
    switch type {
    case "numeric": "trim_scale(\(value))::text"
    // There are two zeros.
    case "real", "double precision": "(\(value) + 0)::text"
    default: "(\(value))::text"
    }
  }

  /// The texts of which an alias is made, as one: absent ones are empty, and a character that no text has stands between.
  static func alias(_ texts: [String]) -> String {
    "concat_ws(E'\\x1f', \(texts.map { "coalesce(\($0), '')" }.joined(separator: ", ")))"
  }
}
