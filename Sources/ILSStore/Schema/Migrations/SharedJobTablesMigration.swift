extension Migrations {
  /// Parts of a job that several loaders share, parked orphans, and one before-image a row.
  static let sharedJobTables = """
    ALTER TABLE ils.batches ADD COLUMN part text NOT NULL DEFAULT '', ADD COLUMN parked bigint NOT NULL DEFAULT 0,
      DROP CONSTRAINT batches_pkey, ADD PRIMARY KEY (job_id, part, number);
    ALTER TABLE ils.job_errors ADD COLUMN part text NOT NULL DEFAULT '';
    ALTER TABLE ils.jobs ADD COLUMN parked bigint NOT NULL DEFAULT 0;

    DELETE FROM ils.before_images b USING ils.before_images e
      WHERE e.job_id = b.job_id AND e.row_id = b.row_id AND e.batch < b.batch;
    ALTER TABLE ils.before_images DROP CONSTRAINT before_images_pkey, ADD PRIMARY KEY (job_id, row_id);

    -- Records whose other row is not there yet, byte for byte.
    CREATE TABLE ils.parked (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      part text NOT NULL,
      record bigint NOT NULL,
      source_row bigint,
      source_file text,
      field text NOT NULL,
      bytes text NOT NULL,
      PRIMARY KEY (job_id, part, record)
    );

    -- Rows of tables that have no column for the job.
    CREATE TABLE ils.inserted (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      row_id text NOT NULL,
      PRIMARY KEY (job_id, row_id)
    );
    """
}
