extension Migrations {
  /// The trail's events without ambiguity, and jobs that are sealed into it. See `Seal`.
  static let seal = """
    -- Scheme 1 joined the columns, so that a value moved to its neighbour went unseen.
    ALTER TABLE ils.audit ADD COLUMN scheme smallint NOT NULL DEFAULT 1;
    ALTER TABLE ils.restored ADD COLUMN job_id uuid REFERENCES ils.jobs;
    CREATE INDEX restored_by_job ON ils.restored (job_id);
    ALTER TABLE ils.parts ADD COLUMN database_user text NOT NULL DEFAULT session_user;

    -- Who takes up a job's parked records again, for as long as that lasts.
    CREATE TABLE ils.releases (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      part text NOT NULL,
      database_user text NOT NULL DEFAULT session_user,
      PRIMARY KEY (job_id, part)
    );

    CREATE OR REPLACE FUNCTION ils.audit_hash(a ils.audit) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT \(AuditHash.sql)
    $$;

    CREATE OR REPLACE FUNCTION ils.append_audit(event text, job uuid, os_user text, host text, detail jsonb)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      last ils.audit;
      made ils.audit;
    BEGIN
      PERFORM pg_advisory_xact_lock(4966, 2);
      SELECT * INTO last FROM ils.audit ORDER BY seq DESC LIMIT 1;
      made.seq := coalesce(last.seq, 0) + 1;
      made.at := clock_timestamp();
      made.event := event;
      made.job_id := job;
      made.database_user := session_user;
      made.os_user := os_user;
      made.host := host;
      made.detail := detail || jsonb_strip_nulls(jsonb_build_object('client', host(inet_client_addr())));
      made.previous := coalesce(last.hash, '');
      made.scheme := 2;
      made.hash := ils.audit_hash(made);
      INSERT INTO ils.audit SELECT made.*;
      RETURN made.hash;
    END
    $$;

    \(Seal.makeSeal(Seal.firstFunction))
    CREATE FUNCTION ils.identity(job uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp \(Seal.settings) AS $$
      SELECT \(Seal.identity) FROM ils.jobs j WHERE j.id = job
    $$;

    -- Seals jobs anew that others than their loader have changed.
    \(Seal.appendSeals(Seal.firstWhole))

    -- Nobody adds to what a job has done but a session of its own, while the job is at work.
    CREATE FUNCTION ils.is_own(j ils.jobs) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
      SELECT j.database_user = session_user
        OR pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'ils.jobs'::regclass), 'USAGE')
        OR EXISTS (SELECT 1 FROM ils.parts p WHERE p.job_id = j.id AND p.database_user = session_user)
        OR EXISTS (SELECT 1 FROM ils.releases r WHERE r.job_id = j.id AND r.database_user = session_user)
    $$;
    CREATE FUNCTION ils.refuse_foreign() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT job_id FROM made) m LEFT JOIN ils.jobs j ON j.id = m.job_id
        WHERE NOT coalesce(ils.is_own(j) AND (j.status IN ('pending', 'processing', 'cancelled')
          OR EXISTS (SELECT 1 FROM ils.releases r WHERE r.job_id = j.id)), false)
      ) THEN
        RAISE EXCEPTION 'the job is not at work, or not this session''s' USING ERRCODE = '42501';
      END IF;
      IF TG_TABLE_NAME = 'before_images' THEN
        UPDATE ils.jobs j SET images = images + m.amount
        FROM (SELECT job_id, count(*) AS amount FROM made WHERE turn = 0 GROUP BY job_id) m WHERE j.id = m.job_id;
      END IF;
      RETURN NULL;
    END
    $$;
    \(["before_images", "inserted", "job_errors", "parked"].map {
      """
      CREATE TRIGGER own_job AFTER INSERT ON ils.\($0) REFERENCING NEW TABLE AS made
        FOR EACH STATEMENT EXECUTE FUNCTION ils.refuse_foreign();
      """
    }.joined(separator: "\n"))
    """
}
