extension Migrations {
  /// Who asked a server for something of a job. Such an event names the job, and is not one of the job's own: the last of those
  /// has the job's seal, which a later one without a seal would hide.
  static let requests = """
    CREATE FUNCTION ils.note_request(the_job uuid, what text, os_user text, host text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF what NOT IN ('cancel requested', 'rejects downloaded') THEN
        RAISE EXCEPTION 'nobody asks for that' USING ERRCODE = '22023';
      END IF;
      PERFORM ils.append_audit(what, NULL, os_user, host, jsonb_build_object('job', the_job));
    END
    $$;
    """
}
