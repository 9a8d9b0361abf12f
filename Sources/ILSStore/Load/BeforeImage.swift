/// What a job keeps of a row that it updates: the columns that it changes, by their numbers, each as its type writes it.
///
/// Text of the type's own is given back byte for byte by every type: json keeps its white space, and no type needs to
/// have a form in JSON.
struct BeforeImage {
  let table: TargetTable

  init(_ table: TargetTable) { self.table = table }

  /// What types write depends on these; they are the same when an image is given back.
  static let settings = """
    SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex';
    SET lc_monetary = 'C'; SET xmlbinary = 'base64'
    """

  /// Types that cannot be compared, or hold values for equal that people tell apart: another case, a day and 24 hours.
  private static let comparedAsText: Set = [
    "json", "xml", "point", "polygon", "txid_snapshot", "pg_snapshot", "citext", "interval", "citext[]", "interval[]",
  ]

  private func column(_ quoted: String) -> TargetTable.Column? {
    table.columns.values.first { $0.name.quotedIdentifier == quoted }
  }

  /// SQL that holds where a value that is there would change a column of `t`.
  func differs(_ value: String, _ quoted: String) -> String {
    let column = column(quoted)
    let isText = Self.comparedAsText.contains(column?.bareType ?? "") || column?.ambiguity == .collation
    let cast = isText ? "::text COLLATE \"C\"" : ""
    return "(\(value)\(cast) IS DISTINCT FROM t.\(quoted)\(cast) AND \(value) IS NOT NULL)"
  }

  /// SQL for the image of `t` before it gets some values.
  /// - Parameter changes: where a column is changed, and which.
  func sql(_ changes: [(test: String, column: String)]) -> String {
    // A trigger may change any column with those that the job does.
    let parts =
      table.hasUpdateTriggers
      ? table.columns.values.filter { !$0.isGenerated && $0.name != table.schema.id }.map { ("true", $0) }
      : changes.compactMap { change in column(change.column).map { (change.test, $0) } }
        + (table.columns["updated_at"].map { [("true", $0)] } ?? [])
    let members = parts.map { condition, column in
      let name = "t.\(column.name.quotedIdentifier)"
      return """
        CASE WHEN \(condition) THEN ',"\(column.number)":' ||
          CASE WHEN \(name) IS NULL THEN 'null' ELSE to_json(format('%s', \(name)))::text END END
        """
    }
    return "('{' || substr(concat(\(members.joined(separator: ", "))), 2) || '}')::jsonb"
  }

  /// SQL for who wrote `t` last. A subtransaction of this one, of a trigger, is the batch's own, and forgotten once the
  /// batch writes the row again.
  var writer: String {
    let xid = "t.xmin::text::bigint"
    if !table.hasAfterTriggers { return xid }
    let own = "pg_current_xact_id()::text::bigint"
    return """
      CASE WHEN pg_xact_status((\(Self.whole("t.xmin", own)))::text::xid8) = 'in progress' THEN \(own) & 4294967295 ELSE \(xid) END
      """
  }

  /// SQL for a row that a job has written last: under a batch of before, or in this transaction. A row that it has made
  /// needs no image, unless somebody else has changed it since.
  static func isOwn(_ row: String, _ job: JobID) -> String {
    """
    (EXISTS (SELECT 1 FROM ils.batches b WHERE b.job_id = \(job.quotedLiteral)
        AND \(row).xmin::text::bigint = ANY (b.subxids || b.xid))
      OR pg_xact_status((\(whole("\(row).xmin", "pg_current_xact_id()::text::bigint")))::text::xid8) = 'in progress')
    """
  }

  /// SQL for a transaction id of 32 bits as the nearest one to `own` of 64.
  static func whole(_ xid: String, _ own: String) -> String {
    "greatest(\(own) + ((\(xid)::text::bigint - \(own) + 2147483648) & 4294967295) - 2147483648, 0)"
  }
}
