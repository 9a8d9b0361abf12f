extension Migrations {
  /// The ways by which roles may write jobs and their batches: each does one thing, and says in the trail what it did.
  static let jobFunctions = """
    CREATE FUNCTION ils.own_job(the_job uuid) RETURNS ils.jobs LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      found_job ils.jobs;
    BEGIN
      SELECT * INTO found_job FROM ils.jobs WHERE id = the_job FOR NO KEY UPDATE;
      IF found_job.id IS NULL OR NOT ils.is_own(found_job) THEN
        RAISE EXCEPTION 'the job is another user''s' USING ERRCODE = '42501';
      END IF;
      RETURN found_job;
    END
    $$;

    CREATE FUNCTION ils.open_job(the_job uuid, the_entity text, the_target text, relation oid, keys jsonb, the_document jsonb,
      the_source text, the_options jsonb, the_status text, os_user text, host text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      INSERT INTO ils.jobs (id, kind, entity, target, target_oid, target_schema, system_id, id_column, job_column, columns,
        document, source, options, status, os_user, host)
      SELECT the_job, 'load', the_entity, the_target, relation,
        (SELECT nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation),
        (SELECT system_identifier FROM pg_control_system()), keys->>'id', keys->>'job',
        (SELECT jsonb_object_agg(attnum, attname) FROM pg_attribute
          WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped),
        the_document, the_source, the_options, the_status, os_user, host
      ON CONFLICT DO NOTHING;
      IF NOT FOUND THEN RETURN false; END IF;
      -- The trail is locked up to the end of a transaction, and a dry run is one that lasts.
      IF NOT coalesce((the_options->>'dryRun')::boolean, false) THEN
        PERFORM ils.append_audit('load started', the_job, os_user, host,
          the_options || jsonb_build_object('identity', ils.identity(the_job)));
      END IF;
      RETURN true;
    END
    $$;

    -- Sets a job to work again; false where it is not one that can go on.
    CREATE FUNCTION ils.reopen_job(the_job uuid, relation oid, os_user text, host text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      was ils.jobs;
    BEGIN
      SELECT * INTO was FROM ils.jobs WHERE id = the_job AND kind = 'load' AND target_oid = relation
        AND undo_removed_at IS NULL AND status IN ('pending', 'processing', 'failed', 'cancelled') FOR NO KEY UPDATE;
      IF was.id IS NULL THEN RETURN false; END IF;
      IF was.ended_at IS NOT NULL OR EXISTS (SELECT 1 FROM ils.batches WHERE job_id = the_job) THEN
        PERFORM ils.append_audit('load resumed', the_job, os_user, host, jsonb_build_object('identity', ils.identity(the_job)));
      END IF;
      UPDATE ils.jobs SET status = 'processing', ended_at = NULL WHERE id = the_job
        AND (status <> 'processing' OR ended_at IS NOT NULL);
      RETURN true;
    END
    $$;

    -- Notes a batch of this transaction, whose id its rows carry, and answers the job's status.
    CREATE FUNCTION ils.close_batch(the_job uuid, the_part text, the_number bigint, first bigint, last bigint, sums bigint[],
      is_release boolean, own_subxids bigint[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
      settled bigint := sums[1] + sums[2] + sums[3] + sums[4];
      answer text;
    BEGIN
      INSERT INTO ils.batches (job_id, part, number, first_record, last_record, inserted, updated, skipped, failed, parked,
        subxids)
      VALUES (the_job, the_part, the_number, CASE WHEN is_release THEN 0 ELSE first END,
        CASE WHEN is_release THEN 0 ELSE last END, sums[1], sums[2], sums[3], sums[4], sums[5], own_subxids);
      UPDATE ils.batches SET xid = xmin::text::bigint
      WHERE job_id = the_job AND part = the_part AND number = the_number;
      UPDATE ils.jobs SET processed = processed + CASE WHEN is_release THEN 0 ELSE settled + sums[5] END,
        inserted = inserted + sums[1], updated = updated + sums[2], skipped = skipped + sums[3],
        failed = failed + sums[4], parked = parked + CASE WHEN is_release THEN -settled ELSE sums[5] END
      WHERE id = the_job RETURNING status INTO answer;
      RETURN answer;
    END
    $$;

    -- Fills in a job's equation: what was settled, and how much of it was refused.
    CREATE FUNCTION ils.account_job(the_job uuid, unreadable bigint, the_rejected bigint, the_rows bigint, the_manifest jsonb)
    RETURNS bigint[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
      answer bigint[];
    BEGIN
      UPDATE ils.jobs SET failed = failed + unreadable, rejected = the_rejected, rows = the_rows, manifest = the_manifest,
        dropped = greatest(coalesce(the_rows, 0) - inserted - updated - skipped - failed - unreadable - the_rejected - parked, 0)
      WHERE id = the_job
      RETURNING ARRAY[inserted + updated + skipped + failed + rejected + parked, failed + rejected] INTO answer;
      RETURN answer;
    END
    $$;

    -- The sums of a job that was taken back in one piece.
    CREATE FUNCTION ils.note_taken_back(the_job uuid, the_failed bigint, the_rejected bigint, the_dropped bigint, the_rows bigint)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
    BEGIN
      UPDATE ils.jobs SET failed = the_failed, rejected = the_rejected, dropped = the_dropped, rows = the_rows
      WHERE id = the_job;
    END
    $$;

    -- Ends a job and seals it; answers the trail's head.
    CREATE FUNCTION ils.end_job(the_job uuid, the_status text, os_user text, host text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
    BEGIN
      IF j.status IN ('completed', 'rolled back') OR the_status NOT IN ('completed', 'failed', 'cancelled') THEN
        RAISE EXCEPTION 'job % is %', the_job, j.status USING ERRCODE = '55000';
      END IF;
      UPDATE ils.jobs SET status = the_status, ended_at = clock_timestamp() WHERE id = the_job RETURNING * INTO j;
      RETURN ils.append_audit('job ' || the_status, the_job, os_user, host,
        jsonb_strip_nulls(to_jsonb(j) - '{columns,document}'::text[]) || jsonb_build_object('seal', ils.seal(the_job)));
    END
    $$;

    CREATE FUNCTION ils.cancel_job(the_job uuid, os_user text, host text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      UPDATE ils.jobs SET status = 'cancelled', ended_at = clock_timestamp()
      WHERE id = the_job AND status IN ('pending', 'processing');
      IF NOT FOUND THEN RETURN false; END IF;
      PERFORM ils.append_audit('cancel asked', the_job, os_user, host, jsonb_build_object('identity', ils.identity(the_job)));
      RETURN true;
    END
    $$;

    CREATE FUNCTION ils.open_part(the_job uuid, the_part text) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
      INSERT INTO ils.parts (job_id, part) VALUES (the_job, the_part)
      ON CONFLICT (job_id, part) DO UPDATE SET ended_at = NULL, database_user = session_user
    $$;
    -- Loaded again, a part's unreadable lines are not counted twice.
    CREATE FUNCTION ils.close_part(the_job uuid, the_part text, the_unreadable bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
      was bigint;
    BEGIN
      SELECT unreadable INTO was FROM ils.parts WHERE job_id = the_job AND part = the_part;
      UPDATE ils.parts SET ended_at = clock_timestamp(), unreadable = the_unreadable
      WHERE job_id = the_job AND part = the_part;
      UPDATE ils.jobs SET failed = failed + the_unreadable - was WHERE id = the_job;
    END
    $$;

    CREATE FUNCTION ils.open_release(the_job uuid, the_part text, os_user text, host text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
      DELETE FROM ils.releases WHERE job_id = the_job AND part = the_part;
      INSERT INTO ils.releases (job_id, part) VALUES (the_job, the_part);
      PERFORM ils.append_audit('release started', the_job, os_user, host, jsonb_build_object('identity', ils.identity(the_job)));
    END
    $$;
    CREATE FUNCTION ils.close_release(the_job uuid, the_part text, released bigint, os_user text, host text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_job);
    BEGIN
      DELETE FROM ils.releases WHERE job_id = the_job AND part = the_part;
      PERFORM ils.append_audit('records released', the_job, os_user, host,
        jsonb_build_object('released', released, 'parked', j.parked, 'seal', ils.seal(the_job)));
    END
    $$;
    """
}
