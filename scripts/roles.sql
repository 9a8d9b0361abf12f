-- Roles with no more rights than their work needs. Run as the owner of the tables, after ils-load --init, and again after
-- each --init that made something new; run again, it changes nothing.
--   psql "$DATABASE_URL" -f scripts/roles.sql
--   CREATE ROLE nightly LOGIN PASSWORD '...' IN ROLE ils_loader;
--
--   ils_loader   ils-load, resume included; ils-jobs list, show, watch, errors, cancel, close, release. Reads and writes the
--                target tables, deletes nothing there, and reads no other table; nor before-images, which hold old values.
--   ils_undo     the same, and ils-rollback.
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

-- Loading. No event of the trail is written but by its function, and none is read.
GRANT SELECT, INSERT, UPDATE ON patients, orders TO ils_loader, ils_undo;
GRANT SELECT, INSERT, UPDATE ON ils.jobs, ils.parts TO ils_loader, ils_undo;
GRANT SELECT, INSERT ON ils.batches TO ils_loader, ils_undo;
GRANT UPDATE (xid) ON ils.batches TO ils_loader, ils_undo;
GRANT INSERT ON ils.before_images TO ils_loader, ils_undo;
GRANT SELECT, INSERT ON ils.inserted, ils.job_errors TO ils_loader, ils_undo;
GRANT SELECT, INSERT, DELETE ON ils.parked, ils.claims TO ils_loader, ils_undo;
GRANT EXECUTE ON FUNCTION ils.append_audit TO ils_loader, ils_undo;

-- Undoing.
GRANT DELETE ON patients, orders TO ils_undo;
GRANT SELECT, DELETE ON ils.before_images, ils.inserted TO ils_undo;
GRANT SELECT, INSERT ON ils.restored TO ils_undo;

-- Looking.
GRANT SELECT ON ils.jobs, ils.parts, ils.batches, ils.job_errors, ils.audit TO ils_auditor;
GRANT EXECUTE ON FUNCTION ils.audit_hash TO ils_auditor;
COMMIT;
