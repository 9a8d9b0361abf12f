extension Migrations {
  /// Jobs, their batches, before-images and errors, and the audit trail.
  static let jobTables = """
    CREATE TABLE ils.jobs (
      id uuid PRIMARY KEY,
      kind text NOT NULL CHECK (kind IN ('load', 'rollback')),
      entity text NOT NULL,
      target text NOT NULL,
      source text,
      options jsonb NOT NULL DEFAULT '{}',
      manifest jsonb,
      undoes uuid REFERENCES ils.jobs,
      status text NOT NULL DEFAULT 'pending' CHECK (
        status IN ('pending', 'processing', 'completed', 'failed', 'cancelled', 'rolled back')),
      started_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz,
      -- rows = inserted + updated + skipped + failed + rejected + dropped; rows is null where no manifest was given
      rows bigint,
      processed bigint NOT NULL DEFAULT 0,
      inserted bigint NOT NULL DEFAULT 0,
      updated bigint NOT NULL DEFAULT 0,
      skipped bigint NOT NULL DEFAULT 0,
      failed bigint NOT NULL DEFAULT 0,
      rejected bigint NOT NULL DEFAULT 0,
      dropped bigint NOT NULL DEFAULT 0,
      deleted bigint NOT NULL DEFAULT 0,
      restored bigint NOT NULL DEFAULT 0,
      kept bigint NOT NULL DEFAULT 0,
      database_user text NOT NULL DEFAULT session_user,
      os_user text,
      host text
    );

    -- One transaction each. xid is the xmin of the rows that the batch wrote: a row with another one was edited since.
    CREATE TABLE ils.batches (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      number bigint NOT NULL,
      first_record bigint NOT NULL,
      last_record bigint NOT NULL,
      inserted bigint NOT NULL,
      updated bigint NOT NULL,
      skipped bigint NOT NULL,
      failed bigint NOT NULL,
      xid bigint,
      ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (job_id, number)
    );

    -- What a row held before a batch changed it; inserted rows need none.
    CREATE TABLE ils.before_images (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      batch bigint NOT NULL,
      row_id text NOT NULL,
      before jsonb NOT NULL,
      PRIMARY KEY (job_id, row_id, batch)
    );

    -- Why records were refused; never a value.
    CREATE TABLE ils.job_errors (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      record bigint NOT NULL,
      source_row bigint,
      source_file text,
      code text NOT NULL,
      field text,
      message text NOT NULL
    );
    CREATE INDEX job_errors_by_job ON ils.job_errors (job_id, record);

    -- Append-only; each event holds the hash of the one before it.
    CREATE TABLE ils.audit (
      seq bigint PRIMARY KEY,
      at timestamptz NOT NULL,
      event text NOT NULL,
      job_id uuid,
      database_user text NOT NULL,
      os_user text,
      host text,
      detail jsonb NOT NULL,
      previous text NOT NULL,
      hash text NOT NULL
    );

    CREATE FUNCTION ils.audit_hash(a ils.audit) RETURNS text LANGUAGE sql IMMUTABLE AS $$
      SELECT encode(sha256(convert_to(concat_ws(E'\\x1f', a.seq, extract(epoch FROM a.at), a.event, a.job_id,
        a.database_user, a.os_user, a.host, a.detail, a.previous), 'UTF8')), 'hex')
    $$;

    CREATE FUNCTION ils.append_audit(event text, job uuid, os_user text, host text, detail jsonb)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      last ils.audit;
      made ils.audit;
    BEGIN
      PERFORM pg_advisory_xact_lock(\(AdvisoryLock.auditTrail.key));
      SELECT * INTO last FROM ils.audit ORDER BY seq DESC LIMIT 1;
      made.seq := coalesce(last.seq, 0) + 1;
      made.at := clock_timestamp();
      made.event := event;
      made.job_id := job;
      made.database_user := session_user;
      made.os_user := os_user;
      made.host := host;
      made.detail := detail;
      made.previous := coalesce(last.hash, '');
      made.hash := ils.audit_hash(made);
      INSERT INTO ils.audit SELECT made.*;
      RETURN made.hash;
    END
    $$;

    CREATE FUNCTION ils.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the audit trail is append-only';
    END
    $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ils.audit
      FOR EACH STATEMENT EXECUTE FUNCTION ils.refuse_change();
    """
}
