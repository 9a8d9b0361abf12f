extension Migrations {
  /// Under which ids sources know rows that have other ids in their own columns.
  static let aliases = """
    CREATE TABLE ils.aliases (
      target text NOT NULL,
      -- The names of a key's fields, and their values: U+001F stands between them.
      key text NOT NULL,
      value text NOT NULL,
      row_id text NOT NULL,
      job_id uuid REFERENCES ils.jobs ON DELETE SET NULL,
      PRIMARY KEY (target, key, value, row_id)
    );
    CREATE INDEX aliases_job ON ils.aliases (job_id);

    -- They go with the job that brought them.
    CREATE FUNCTION ils.take_back_aliases() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      DELETE FROM ils.aliases WHERE job_id = NEW.id;
      RETURN NULL;
    END
    $body$;
    CREATE TRIGGER take_back_aliases AFTER UPDATE OF status ON ils.jobs FOR EACH ROW
      WHEN (NEW.status = 'rolled back' AND OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION ils.take_back_aliases();
    """
}
