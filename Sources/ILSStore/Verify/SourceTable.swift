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
    CREATE TEMPORARY TABLE ils_source (record bigint, source_row bigint, source_file text, source_sheet text, target \(idType), outcome text,
      code text, candidates integer, is_first boolean DEFAULT true, \(columns.map { "\($0) text" }.joined(separator: ", "))) ON COMMIT DROP
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
    INSERT INTO ils_source (record, source_row, source_file, source_sheet, target, outcome, code, candidates,
      \(columns.joined(separator: ", ")))
    SELECT record, source_row, source_file, source_sheet, target, outcome, code,
      cardinality(string_to_array(candidates, E'\\n')), \(columns.joined(separator: ", ")) FROM ils_stage
    """
  }

  /// Before it is compared as a whole. A row counts once, however many records came to it: with the first.
  static let prepare = """
    CREATE INDEX ON ils_source (target); ANALYZE ils_source; SET LOCAL enable_seqscan = on;
    SET LOCAL random_page_cost = 4; SET LOCAL work_mem = '64MB';
    UPDATE ils_source s SET is_first = false FROM (
      SELECT target, min(record) AS first FROM ils_source
      WHERE target IS NOT NULL AND outcome IS DISTINCT FROM 'refused' GROUP BY target HAVING count(*) > 1) f
    WHERE s.target = f.target AND s.record > f.first
    """
}
