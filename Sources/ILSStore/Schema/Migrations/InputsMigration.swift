extension Migrations {
  /// By what a job's own input is known when it goes on.
  static let inputs = """
    -- A digest of the records that are settled, in order; records is how many they are.
    CREATE TABLE ils.inputs (
      job_id uuid NOT NULL REFERENCES ils.jobs ON DELETE CASCADE,
      part text NOT NULL,
      records bigint NOT NULL,
      digest text NOT NULL,
      PRIMARY KEY (job_id, part)
    );
    """
}
