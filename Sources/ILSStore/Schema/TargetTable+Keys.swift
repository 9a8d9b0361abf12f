import ILSIdentity
import ILSRecord

extension TargetTable {
  /// Why equal values of a column may be written in several ways.
  enum Ambiguity: String {
    /// Its collation takes other texts for the same.
    case collation
    /// Its type does: a day is 24 hours.
    case type

    /// SQL for that of a column `a`, of type `t` and collation `co`.
    static let sql = """
      CASE WHEN NOT co.collisdeterministic THEN 'collation' WHEN t.typcategory IN ('A', 'C', 'G', 'R', 'T') THEN 'type' END
      """
  }

  /// Refuses columns as identity keys whose values the server takes for equal and the tools do not: one person would have
  /// two rows.
  func checkKeys() throws(StopError) {
    for name in schema.identity.terms {
      guard let column = columns[schema.column(of: name) ?? name], let ambiguity = column.ambiguity else { continue }
      let (reason, advice) =
        switch ambiguity {
        case .collation:
          (
            "whose collation takes different texts for equal",
            "give it a deterministic one, and the field \"fold\" where case is to count for nothing"
          )
        case .type:
          ("of type \(column.type), of which equal values are written in several ways", "give it another type")
        }
      throw StopError(
        .configuration, DatabaseFault.dbKeyColumn,
        "records are known by column \(column.name), \(reason): \(advice), or take the key out of the schema file's x-ils.identity"
      )
    }
  }
}
