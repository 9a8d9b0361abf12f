/// What an event's hash must be: SQL over a row `a` of `ils.audit`. Verification does not ask the database's own function,
/// which could have been changed with the trail.
enum AuditHash {
  static let sql = """
    pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(CASE a.scheme
      WHEN 1 THEN pg_catalog.concat_ws(E'\\x1f', a.seq, extract(epoch FROM a.at), a.event, a.job_id, a.database_user,
        a.os_user, a.host, a.detail, a.previous)
      ELSE pg_catalog.jsonb_build_array(a.scheme, a.seq, extract(epoch FROM a.at), a.event, a.job_id, a.database_user,
        a.os_user, a.host, a.detail, a.previous)::text END, 'UTF8')), 'hex')
    """
}
