extension Migrations {
  /// How loaders of a shared job tell each other their records' keys.
  static let claims = """
    -- A batch's keys, as hashes of eight bytes; seq grows in the order of commits, job by job.
    CREATE TABLE ils.claims (
      job_id uuid NOT NULL REFERENCES ils.jobs,
      seq bigint GENERATED ALWAYS AS IDENTITY,
      part text NOT NULL,
      keys bytea NOT NULL,
      PRIMARY KEY (job_id, seq)
    );
    ALTER TABLE ils.claims ALTER keys SET STORAGE EXTERNAL;
    """
}
