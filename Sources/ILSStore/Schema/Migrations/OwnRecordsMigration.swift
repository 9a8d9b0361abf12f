extension Migrations {
  /// Parked records leave by a function that asks whose they are; refusals name their sheet.
  static let ownRecords = """
    ALTER TABLE ils.job_errors ADD COLUMN source_sheet text;

    -- By a release that this session's role has opened, which the trail tells of.
    CREATE FUNCTION ils.unpark(the_job uuid, the_part text, records bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM 1 FROM ils.releases WHERE job_id = the_job AND part = the_part AND database_user = session_user;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'the job''s parked records are not being released' USING ERRCODE = '42501';
      END IF;
      DELETE FROM ils.parked WHERE job_id = the_job AND part = the_part AND record = ANY (records);
    END
    $$;

    -- Who releases a job's records may add to it; so there must be some.
    CREATE OR REPLACE FUNCTION ils.open_release(the_job uuid, the_part text, os_user text, host text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      PERFORM 1 FROM ils.parked WHERE job_id = the_job AND part = the_part;
      IF NOT FOUND THEN RAISE EXCEPTION 'the job has no parked records' USING ERRCODE = '55000'; END IF;
      DELETE FROM ils.releases WHERE job_id = the_job AND part = the_part;
      INSERT INTO ils.releases (job_id, part) VALUES (the_job, the_part);
      PERFORM ils.append_audit('release started', the_job, os_user, host, jsonb_build_object('identity', ils.identity(the_job)));
    END
    $$;
    """
}
