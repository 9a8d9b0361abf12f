-- Roles with no more rights than their work needs. Run as the owner of the tables, after ils-load --init, and again after
-- each --init that made something new; run again, it changes nothing.
--   psql "$DATABASE_URL" -f scripts/roles.sql
--   CREATE ROLE nightly LOGIN PASSWORD '...' IN ROLE ils_loader;
--
--   ils_loader   ils-load, resume included; ils-jobs list, show, watch, errors, cancel, close, release. Reads and writes the
--                target tables, deletes nothing there, and reads no other table; nor before-images, which hold old values.
--   ils_undo     the same, and ils-rollback and ils-why, which read before-images.
--   ils_auditor  ils-jobs list, show, errors, audit --verify; no patient data.
--
-- ils-jobs cleanup, ils-load --init and --disable-triggers are the owner's. A table of your own: grant it as patients below.

DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['ils_loader', 'ils_undo', 'ils_auditor'] LOOP
    -- Roles belong to the server: another database may have made them, even just now.
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
END
$$;

BEGIN;
-- Nobody gets at anything for being there.
REVOKE ALL ON SCHEMA ils FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ils FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ils FROM PUBLIC;

GRANT USAGE ON SCHEMA ils TO ils_loader, ils_undo, ils_auditor;

-- Loading. Jobs, batches and events are written by functions alone, each of which says what the session is and did; a job's
-- images, refusals and parked records are added by its own session, while it is at work.
GRANT SELECT, INSERT, UPDATE ON patients, orders TO ils_loader, ils_undo;
GRANT SELECT ON ils.jobs, ils.parts, ils.batches TO ils_loader, ils_undo;
GRANT INSERT, SELECT (job_id, row_id) ON ils.before_images TO ils_loader, ils_undo;
GRANT SELECT, INSERT ON ils.inserted, ils.job_errors TO ils_loader, ils_undo;
GRANT SELECT, INSERT ON ils.parked TO ils_loader, ils_undo;
-- Earlier versions let them take aliases and parked records away, of any job; functions do that for their own.
REVOKE DELETE ON ils.parked FROM ils_loader, ils_undo;
REVOKE ALL ON ils.claims FROM ils_loader, ils_undo;
REVOKE DELETE ON ils.aliases FROM ils_loader, ils_undo;
REVOKE UPDATE ON ils.inputs FROM ils_loader, ils_undo;
GRANT SELECT, INSERT ON ils.aliases TO ils_loader, ils_undo;
GRANT SELECT, INSERT, UPDATE (records, digest) ON ils.inputs TO ils_loader, ils_undo;
GRANT EXECUTE ON FUNCTION ils.open_job, ils.reopen_job, ils.close_batch, ils.account_job, ils.note_taken_back, ils.end_job,
  ils.cancel_job, ils.open_part, ils.close_part, ils.open_release, ils.close_release, ils.note_decisions, ils.note_request, ils.unpark, ils.is_own TO ils_loader, ils_undo;

-- Undoing. Where another table points at patients or orders, its rows are looked at: see below.
GRANT DELETE ON patients, orders TO ils_undo;
GRANT SELECT ON ils.before_images, ils.inserted, ils.restored TO ils_undo;
GRANT EXECUTE ON FUNCTION ils.open_undo, ils.note_restored, ils.note_deleted, ils.drop_parked, ils.close_undone, ils.end_undo,
  ils.sees_key, ils.is_pointed_at
  TO ils_undo;
DO $$
DECLARE
  reference record;
BEGIN
  FOR reference IN
    SELECT DISTINCT c.conrelid::regclass AS name, quote_ident(a.attname) AS key
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
    WHERE c.contype = 'f' AND c.confrelid IN ('patients'::regclass, 'orders'::regclass)
  LOOP
    -- The key alone: whom a row belongs to, and nothing else of it.
    EXECUTE format('GRANT SELECT (%s) ON %s TO ils_undo', reference.key, reference.name);
  END LOOP;
END
$$;

-- Looking.
GRANT SELECT ON ils.jobs, ils.parts, ils.batches, ils.job_errors, ils.audit, ils.migrations, ils.restored TO ils_auditor;
GRANT EXECUTE ON FUNCTION ils.audit_hash, ils.seal TO ils_auditor;
COMMIT;
