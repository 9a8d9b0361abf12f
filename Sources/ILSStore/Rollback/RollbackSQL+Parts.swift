extension RollbackSQL {
  /// The array `ils_keys` as rows: a key, and its place among them.
  static let keys = "unnest(ils_keys) WITH ORDINALITY k (row_id, n)"

  /// SQL, at the end of a condition over `t` and `row`, that notes the place of the row that is written next. A sequence
  /// alone is not taken back with a statement that fails.
  func mark(_ part: Part, _ row: String) -> String {
    if part == .page { return "" }
    // By the row of the table too, so that it is asked behind the join.
    let isThere = "CASE WHEN t.\(target.id.quotedIdentifier) IS NULL THEN 0 ELSE 1 END"
    return " AND setval('pg_temp.ils_at', \(row).n + \(isThere)) > 0"
  }

  /// Runs a step over the rows of a page in parts, so that what is refused is known by row: `ils_refused`. How many were
  /// undone, and how many refused, is left in `ils.done` and `ils.refused`.
  ///
  /// Where a part fails, the row that was written last is tried alone. A trigger may refuse a row only when its statement ends,
  /// and then that says nothing: from there on, the rows of a part that fails are tried one by one up to the one that is refused.
  /// A refused row spoils all of its part, and small parts cost more by themselves: so parts grow by little, and are halved.
  /// - Parameter keys: SQL for the rows' keys.
  func each(_ keys: String, _ step: Step) -> String {
    """
    DO $ils_each$
    DECLARE
      -- A piece of the page: a longer array is copied for each of its parts.
      ils_all text[];
      ils_keys text[];
      -- The rows before it are settled.
      ils_at integer;
      ils_size integer := 24;
      -- How far rows are tried one by one; the row at ils_at is tried alone.
      ils_single integer;
      ils_suspected boolean := false;
      ils_tells boolean := true;
      ils_place bigint;
      ils_amount bigint;
      ils_refusals bigint := 0;
      ils_status text;
    BEGIN
      -- What is looked at when the transaction ends would refuse all of it.
      SET CONSTRAINTS ALL IMMEDIATE;
      -- All parts are alike: to plan each would cost more than to undo its rows.
      SET LOCAL plan_cache_mode = force_generic_plan;
      FOR ils_all IN
        SELECT array_agg(row_id ORDER BY n) FROM (SELECT row_id, row_number() OVER () AS n FROM (\(keys)) k) k
        GROUP BY (n - 1) / 500 ORDER BY (n - 1) / 500
      LOOP
        ils_at := 1;
        ils_single := 0;
        WHILE ils_at <= cardinality(ils_all) LOOP
          ils_keys := ils_all[ils_at:ils_at + CASE WHEN ils_suspected OR ils_at <= ils_single THEN 1 ELSE ils_size END - 1];
          PERFORM setval('pg_temp.ils_at', 1);
          BEGIN
            \(step.hold.map { "PERFORM * FROM (\($0)) h;" } ?? "")
            \(step.write);
            IF ils_suspected THEN
              ils_tells := false;
              ils_suspected := false;
            ELSIF ils_at > ils_single THEN
              ils_size := ils_size + CASE WHEN ils_tells THEN 4 ELSE 1 END;
            END IF;
            ils_at := ils_at + cardinality(ils_keys);
          EXCEPTION WHEN OTHERS THEN
            -- What is no row's fault would be every row's.
            IF SQLSTATE ~ '^(40|53|55P03|57|58|XX|42)' AND SQLSTATE <> '42501' THEN RAISE; END IF;
            SELECT last_value - 1 INTO ils_place FROM pg_temp.ils_at;
            IF cardinality(ils_keys) = 1 THEN
              INSERT INTO ils_refused VALUES (ils_keys[1], SQLSTATE) ON CONFLICT DO NOTHING;
              ils_refusals := ils_refusals + 1;
              ils_at := ils_at + 1;
              ils_suspected := false;
              ils_single := 0;
            ELSE
              ils_size := greatest(cardinality(ils_keys) / 2, 1);
              IF ils_tells AND ils_place > 0 THEN
                ils_all[ils_at + ils_place - 1] := ils_keys[1];
                ils_all[ils_at] := ils_keys[ils_place];
                ils_suspected := true;
              ELSE
                ils_single := ils_at + cardinality(ils_keys) - 1;
              END IF;
            END IF;
          END;
        END LOOP;
      END LOOP;
      \(step.note ?? "SELECT 0, NULL") INTO ils_amount, ils_status;
      PERFORM set_config('ils.done', ils_amount::text, true), set_config('ils.refused', ils_refusals::text, true);
    END
    $ils_each$
    """
  }
}
