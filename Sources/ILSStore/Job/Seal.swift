/// What the audit trail holds of a job beside its events: digests of its rows in `ils.*`.
///
/// The functions that the migrations make are built of the same text: it may only change together with one that
/// makes them anew and seals every job again.
enum Seal {
  /// What the digests are computed under, whatever the session has.
  static let settings = "SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET extra_float_digits = 1"

  /// SQL for the digest of what a job was made as; `j` is its row.
  static let identity = digest(
    """
    j.id, j.kind, j.entity, j.target, j.target_oid, j.target_schema, j.system_id, j.id_column, j.job_column, j.columns,
      j.document, j.source, j.options, j.undoes, j.database_user, j.os_user, j.host, j.started_at
    """)

  /// SQL for the digest of a job with all that belongs to it; `j` is its row.
  static let whole = digest(
    "\(firstParts), \(rows("inputs", "b.part")), \(rows("aliases", "b.target, b.key, b.value, b.row_id"))")

  /// The same as the first migration that sealed jobs had it: what came later was not there yet.
  static let firstWhole = digest(firstParts)

  private static let firstParts = """
    to_jsonb(j), \(rows("batches", "b.part, b.number")), \(rows("parts", "b.part")),
      \(rows("before_images", "b.row_id, b.turn")), \(rows("inserted", "b.row_id")),
      \(rows("job_errors", "b.part, b.record, b.code, b.field, b.message")), \(rows("parked", "b.part, b.record")),
      \(rows("restored", "b.target, b.row_id, b.xid")), \(rows("claims", "b.seq")), \(rows("releases", "b.part"))
    """

  /// SQL for the digest of what belongs to no job.
  static let tables =
    "(SELECT \(digest("\(all("migrations m", "m.version")), \(all("restored m WHERE m.job_id IS NULL", "m.row_id, m.xid"))")))"

  /// What the function `ils.seal` must be: it sees what an auditor may not, and could have been changed with the rest.
  static let function = body(whole)
  static let firstFunction = body(firstWhole)

  private static func body(_ whole: String) -> String {
    "\n      SELECT \(whole) FROM ils.jobs j WHERE j.id = job\n    "
  }

  private static func all(_ table: String, _ order: String) -> String {
    "(SELECT jsonb_agg(to_jsonb(m) ORDER BY \(order)) FROM ils.\(table))"
  }

  /// SQL that makes the function which seals jobs anew: all that are at no work, or those that are named.
  static func appendSeals(_ whole: String) -> String {
    """
    CREATE OR REPLACE FUNCTION ils.append_seals(event text, jobs uuid[], os_user text, host text, detail jsonb) RETURNS text
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp \(settings) AS $$
      SELECT ils.append_audit(event, NULL, os_user, host, detail || jsonb_build_object('tables', \(tables),
        'seals', (SELECT coalesce(jsonb_object_agg(j.id, \(whole)), '{}') FROM ils.jobs j
          WHERE CASE WHEN jobs IS NULL THEN j.ended_at IS NOT NULL ELSE j.id = ANY (jobs) END)))
    $$;
    """
  }

  /// SQL that makes `ils.seal`.
  static func makeSeal(_ function: String) -> String {
    """
    CREATE OR REPLACE FUNCTION ils.seal(job uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp \(settings) AS $$\(function)$$;
    """
  }

  private static func digest(_ values: String) -> String {
    "encode(sha256(convert_to(jsonb_build_array(\(values))::text, 'UTF8')), 'hex')"
  }

  private static func rows(_ table: String, _ order: String) -> String {
    """
    (SELECT encode(sha256(string_agg(sha256(convert_to(to_jsonb(b)::text, 'UTF8')), ''::bytea ORDER BY \(order))), 'hex')
      FROM ils.\(table) b WHERE b.job_id = j.id)
    """
  }
}
