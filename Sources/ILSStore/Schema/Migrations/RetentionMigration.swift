extension Migrations {
  /// Retention, rollbacks in any order, and no batch behind a job's rollback.
  static let retention = """
    -- When cleanup took a job's errors, and what its rollback would need.
    ALTER TABLE ils.jobs ADD COLUMN errors_removed_at timestamptz, ADD COLUMN undo_removed_at timestamptz;
    CREATE INDEX jobs_by_undoes ON ils.jobs (undoes);

    -- The xmin of the row that the image was taken of.
    ALTER TABLE ils.before_images ADD COLUMN xid bigint;

    -- A row that a rollback restored carries the rollback's transaction id, and stands for the one it had before.
    CREATE TABLE ils.restored (
      target text NOT NULL,
      row_id text NOT NULL,
      xid bigint NOT NULL,
      stands_for bigint NOT NULL,
      at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (target, row_id, xid)
    );

    -- A loader that was waiting while its job was rolled back may not bring rows again.
    CREATE FUNCTION ils.refuse_rolled_back() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      job_status text;
    BEGIN
      SELECT status INTO job_status FROM ils.jobs WHERE id = NEW.job_id FOR NO KEY UPDATE;
      IF job_status = 'rolled back' THEN
        RAISE EXCEPTION 'job % has been rolled back', NEW.job_id USING ERRCODE = '55000';
      END IF;
      RETURN NEW;
    END
    $$;
    CREATE TRIGGER job_is_open BEFORE INSERT ON ils.batches FOR EACH ROW EXECUTE FUNCTION ils.refuse_rolled_back();
    """
}
