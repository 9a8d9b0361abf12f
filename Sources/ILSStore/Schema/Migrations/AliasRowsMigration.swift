extension Migrations {
  /// A row's id may be another row's by now: of a table that was emptied, and counts anew, or of another schema.
  static let aliasRows = """
    -- The schema of the table, and the job that the row bears, '-' for none: empty where an earlier version did not note it.
    ALTER TABLE ils.aliases ADD COLUMN target_schema text NOT NULL DEFAULT '', ADD COLUMN row_job text NOT NULL DEFAULT '';
    UPDATE ils.aliases a SET target_schema = j.target_schema FROM ils.jobs j
    WHERE j.id = a.job_id AND j.target_schema IS NOT NULL;
    ALTER TABLE ils.aliases DROP CONSTRAINT aliases_pkey, ADD PRIMARY KEY (target, key, value, row_id, target_schema, row_job);
    """
}
