extension Migrations {
  /// Who records are, where a person said it, is an event of the trail: which record of the input, and which row.
  static let decisions = """
    CREATE FUNCTION ils.note_decisions(the_job uuid, os_user text, host text, decisions jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
    BEGIN
      PERFORM ils.append_audit('identities decided', j.id, os_user, host, jsonb_build_object('decisions', decisions));
    END
    $$;
    """
}
