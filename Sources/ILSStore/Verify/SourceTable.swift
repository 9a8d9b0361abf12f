/// The temporary table that holds what was read, each record with the row that it came to.
///
/// `record` is its number in the input, `c0`, `c1` ... its staged fields as text, `r0` ... the rows that it points at.
struct SourceTable {
  private let columns: [String]
  private let idType: String

  init(_ table: TargetTable) {
    let schema = table.schema
    columns = schema.references.indices.map { "r\($0)" } + schema.stagedFields.indices.map { "c\($0)" }
    idType = table.type(schema.id)
  }

  var create: String {
    """
    CREATE TEMPORARY TABLE ils_source (record bigint, source_row bigint, source_file text, target \(idType), outcome text,
      code text, candidates integer, \(columns.map { "\($0) text" }.joined(separator: ", "))) ON COMMIT DROP
    """
  }

  /// A record that somebody called new has its row by now, and is looked for like any other.
  var forgetNew: String {
    let decision = columns.last ?? ""
    return "UPDATE ils_stage SET \(decision) = NULL WHERE \(decision) = 'new'"
  }

  /// How many records of the batch are not judged yet.
  func open(_ connection: Connection) throws(DatabaseError) -> Int {
    try connection.query("SELECT count(*) AS open FROM ils_stage WHERE outcome IS NULL")[0].integer("open")
  }

  var keep: String {
    """
    INSERT INTO ils_source SELECT record, source_row, source_file, target, outcome, code,
      cardinality(string_to_array(candidates, E'\\n')), \(columns.joined(separator: ", ")) FROM ils_stage
    """
  }

  /// Before it is compared as a whole.
  static let index = """
    CREATE INDEX ON ils_source (target); ANALYZE ils_source; SET LOCAL enable_seqscan = on;
    SET LOCAL random_page_cost = 4
    """
}
