extension RollbackSQL {
  /// Runs a step over the rows of a page in parts, so that what is refused is known by row: the half of a part that
  /// fails is tried again, down to one row; parts that go well grow. Answers are added up in `ils.done`.
  ///
  /// Runs in the server: a row costs a part of a round trip.
  func each(_ keys: [String], _ step: Step) -> String {
    let array =
      "{\(keys.map { "\"" + $0.replacing(#"\"#, with: #"\\"#).replacing("\"", with: "\\\"") + "\"" }.joined(separator: ","))}"
    return """
      DO $ils_each$
      DECLARE
        ils_all text[] := \(array.quotedLiteral);
        ils_keys text[];
        ils_at integer := 1;
        ils_size integer := greatest(cardinality(ils_all) / 16, 1);
        ils_amount bigint;
        ils_status text;
        ils_total bigint := 0;
      BEGIN
        WHILE ils_at <= cardinality(ils_all) LOOP
          ils_keys := ils_all[ils_at:ils_at + ils_size - 1];
          BEGIN
            \(step.note.map { "\(step.write); \($0)" } ?? step.write) INTO ils_amount, ils_status;
            ils_total := ils_total + ils_amount;
            ils_at := ils_at + ils_size;
            ils_size := ils_size * 2;
          EXCEPTION WHEN OTHERS THEN
            -- What is no row's fault would be every row's.
            IF SQLSTATE ~ '^(40|53|55P03|57|58|XX|42)' AND SQLSTATE <> '42501' THEN RAISE; END IF;
            IF cardinality(ils_keys) = 1 THEN
              INSERT INTO ils_refused VALUES (ils_keys[1], SQLSTATE) ON CONFLICT DO NOTHING;
              ils_at := ils_at + 1;
            ELSE
              ils_size := greatest(cardinality(ils_keys) / 4, 1);
            END IF;
          END;
        END LOOP;
        PERFORM set_config('ils.done', ils_total::text, true);
      END
      $ils_each$
      """
  }
}
