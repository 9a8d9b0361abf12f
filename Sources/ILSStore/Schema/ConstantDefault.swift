/// Tells of a column's default, as PostgreSQL writes it, whether it is one value for all rows: a literal, of whatever type.
enum ConstantDefault {
  /// SQL that holds for such a text.
  /// - Parameter text: SQL for what `pg_get_expr` says.
  static func isOne(_ text: String) -> String {
    #"coalesce(\#(text) ~ $re$^(E?'([^']|'')*'|\(?-?[0-9.]+\)?|true|false)(::[a-z "_.,0-9\[\]()]+)?$$re$, false)"#
  }
}
