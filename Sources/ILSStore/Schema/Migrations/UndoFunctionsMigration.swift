extension Migrations {
  /// The ways by which a rollback writes what it did.
  static let undoFunctions = """
    -- Opens the rollback of a job, or takes up one that was interrupted; a loader that is under way stops behind its batch.
    CREATE FUNCTION ils.open_undo(new_job uuid, undone uuid, the_options jsonb, os_user text, host text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      is_dry boolean := coalesce((the_options->>'dryRun')::boolean, false);
      found_job uuid;
      detail jsonb;
    BEGIN
      IF NOT is_dry THEN
        PERFORM ils.cancel_job(undone, os_user, host);
        SELECT id INTO found_job FROM ils.jobs WHERE undoes = undone AND status IN ('processing', 'failed', 'cancelled')
          ORDER BY started_at DESC LIMIT 1;
      END IF;
      detail := the_options || jsonb_build_object('undoes', undone);
      IF found_job IS NOT NULL THEN
        UPDATE ils.jobs SET status = 'processing', ended_at = NULL, database_user = session_user WHERE id = found_job;
        PERFORM ils.append_audit('rollback resumed', found_job, os_user, host,
          detail || jsonb_build_object('identity', ils.identity(found_job)));
        RETURN found_job;
      END IF;
      INSERT INTO ils.jobs (id, kind, entity, target, target_oid, target_schema, system_id, id_column, job_column, source,
        options, undoes, status, os_user, host)
      SELECT new_job, 'rollback', entity, target, target_oid, target_schema, system_id, id_column, job_column, source,
        the_options, undone, 'processing', open_undo.os_user, open_undo.host FROM ils.jobs WHERE id = undone;
      IF NOT is_dry THEN
        PERFORM ils.append_audit('rollback started', new_job, os_user, host,
          detail || jsonb_build_object('identity', ils.identity(new_job)));
      END IF;
      RETURN new_job;
    END
    $$;

    -- An image that was given back is needed no more; the row carries another transaction's id now, and stands for what
    -- it was then. That matters where that was a batch of another job, or of the same one.
    CREATE FUNCTION ils.note_restored(the_undo uuid, the_turn smallint, row_ids text[], now_xids bigint[], was_xids bigint[])
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_undo);
      amount bigint;
      answer text;
    BEGIN
      DELETE FROM ils.before_images i USING unnest(row_ids) r (id)
      WHERE i.job_id = j.undoes AND i.row_id = r.id AND i.turn = the_turn;
      INSERT INTO ils.restored (target, row_id, xid, stands_for, job_id)
      SELECT j.target_oid, r.id, r.now_xid, coalesce(e.stands_for, r.was_xid), the_undo
      FROM unnest(row_ids, now_xids, was_xids) r (id, now_xid, was_xid)
      LEFT JOIN ils.restored e ON e.target = j.target_oid AND e.row_id = r.id AND e.xid = r.was_xid
      WHERE e.xid IS NOT NULL OR r.was_xid IN (
        SELECT b.xid FROM ils.batches b UNION ALL SELECT unnest(b.subxids) FROM ils.batches b)
      ON CONFLICT DO NOTHING;
      -- A row that the job has updated twice is back with its first image.
      amount := CASE WHEN the_turn = 0 THEN cardinality(row_ids) ELSE 0 END;
      UPDATE ils.jobs SET restored = restored + amount, processed = processed + amount
      WHERE id = the_undo RETURNING status INTO answer;
      RETURN answer;
    END
    $$;

    -- row_ids: those that ils.inserted lists.
    CREATE FUNCTION ils.note_deleted(the_undo uuid, amount bigint, row_ids text[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_undo);
      answer text;
    BEGIN
      DELETE FROM ils.inserted i USING unnest(row_ids) r (id) WHERE i.job_id = j.undoes AND i.row_id = r.id;
      UPDATE ils.jobs SET deleted = deleted + amount, processed = processed + amount
      WHERE id = the_undo RETURNING status INTO answer;
      RETURN answer;
    END
    $$;

    CREATE FUNCTION ils.drop_parked(the_undo uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_undo);
    BEGIN
      DELETE FROM ils.parked WHERE job_id = j.undoes;
      DELETE FROM ils.claims WHERE job_id = j.undoes;
    END
    $$;

    -- Sets the undone job rolled back, unless a loader has brought a batch meanwhile.
    CREATE FUNCTION ils.close_undone(the_undo uuid, batches bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_undo);
    BEGIN
      PERFORM 1 FROM ils.jobs WHERE id = j.undoes FOR NO KEY UPDATE;
      IF (SELECT count(*) FROM ils.batches WHERE job_id = j.undoes) <> batches THEN RETURN false; END IF;
      UPDATE ils.jobs SET status = 'rolled back' WHERE id = j.undoes;
      RETURN true;
    END
    $$;

    -- Ends a rollback, and seals both jobs. One that does not close leaves the other as it was before.
    CREATE FUNCTION ils.end_undo(the_undo uuid, the_status text, the_kept bigint, the_gone bigint, undone_status text,
      os_user text, host text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      j ils.jobs := ils.own_job(the_undo);
    BEGIN
      UPDATE ils.jobs SET kept = the_kept, gone = the_gone WHERE id = the_undo;
      IF undone_status IS NOT NULL THEN UPDATE ils.jobs SET status = undone_status WHERE id = j.undoes; END IF;
      PERFORM ils.append_audit('job undone', j.undoes, os_user, host, jsonb_build_object('by', the_undo,
        'status', (SELECT status FROM ils.jobs WHERE id = j.undoes), 'seal', ils.seal(j.undoes)));
      RETURN ils.end_job(the_undo, the_status, os_user, host);
    END
    $$;
    """
}
