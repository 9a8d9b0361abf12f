extension Migrations {
  /// Jobs that know their table by more than its name, before-images of the columns that a job changed alone, and
  /// restored rows that are known by their table's oid.
  static let undo = """
    -- The table as the catalogue knew it when the job was made; where its rows are, by the cluster's own identifier.
    ALTER TABLE ils.jobs ADD COLUMN target_oid oid, ADD COLUMN target_schema text, ADD COLUMN system_id bigint,
      ADD COLUMN id_column text, ADD COLUMN job_column text,
      -- Column names by their numbers, and the schema files that the job was loaded by.
      ADD COLUMN columns jsonb, ADD COLUMN document jsonb,
      -- Rows that the job has before-images of.
      ADD COLUMN images bigint NOT NULL DEFAULT 0, ADD COLUMN gone bigint NOT NULL DEFAULT 0;

    UPDATE ils.jobs j SET target_oid = c.oid, target_schema = n.nspname,
      system_id = (SELECT system_identifier FROM pg_control_system()),
      id_column = (
        SELECT min(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE i.indrelid = c.oid AND i.indisprimary HAVING count(*) = 1),
      job_column = (
        SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attname = 'import_job_id' AND NOT attisdropped
          AND NOT EXISTS (SELECT 1 FROM ils.inserted i WHERE i.job_id = j.id)),
      columns = (
        SELECT jsonb_object_agg(attnum, attname) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
      images = (SELECT count(*) FROM ils.before_images i WHERE i.job_id = j.id)
        + (SELECT coalesce(sum(r.restored), 0) FROM ils.jobs r WHERE r.undoes = j.id)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(quote_ident(j.target));

    -- Subtransactions of a batch: those of the table's triggers.
    ALTER TABLE ils.batches ADD COLUMN subxids bigint[];

    -- A column's number and its value as its type writes it; turn counts a job's images of one row, from 0.
    ALTER TABLE ils.before_images DROP CONSTRAINT before_images_pkey, ADD COLUMN turn smallint NOT NULL DEFAULT 0,
      ADD PRIMARY KEY (job_id, row_id, turn), DROP COLUMN batch;
    UPDATE ils.before_images i SET before = coalesce((
        SELECT jsonb_object_agg(a.attnum, v.value) FROM jsonb_each_text(i.before) v
        JOIN pg_attribute a ON a.attrelid = j.target_oid AND a.attname = v.key AND a.attnum > 0 AND NOT a.attisdropped
        WHERE a.attgenerated = '' AND a.attidentity <> 'a' AND a.attname <> j.id_column), '{}')
      FROM ils.jobs j WHERE j.id = i.job_id;

    DELETE FROM ils.restored WHERE to_regclass(quote_ident(target)) IS NULL;
    ALTER TABLE ils.restored ALTER COLUMN target TYPE oid USING to_regclass(quote_ident(target))::oid;
    """
}
