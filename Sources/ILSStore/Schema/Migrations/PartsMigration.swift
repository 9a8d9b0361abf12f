extension Migrations {
  /// Parts of a shared job, and jobs that were closed.
  static let parts = """
    -- Which loaders a shared job has had; ended_at is null while one is at work, or where it did not come to its end.
    CREATE TABLE ils.parts (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      part text NOT NULL,
      -- Lines of its input that were no records.
      unreadable bigint NOT NULL DEFAULT 0,
      started_at timestamptz NOT NULL DEFAULT now(),
      ended_at timestamptz,
      PRIMARY KEY (job_id, part)
    );

    -- Nor may one that lost its connection while its job was closed. Parked records have no place in the input: 0.
    CREATE OR REPLACE FUNCTION ils.refuse_rolled_back() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      job_status text;
    BEGIN
      SELECT status INTO job_status FROM ils.jobs WHERE id = NEW.job_id FOR NO KEY UPDATE;
      IF job_status = 'rolled back' OR (job_status = 'completed' AND NEW.first_record > 0) THEN
        RAISE EXCEPTION 'job % is %', NEW.job_id, job_status USING ERRCODE = '55000';
      END IF;
      RETURN NEW;
    END
    $$;
    """
}
