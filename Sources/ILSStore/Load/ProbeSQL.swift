/// Statements that find, in the server, all staged records that the database refuses: each is tried in a block of its own.
///
/// Nothing of what they try is left. A row that a subtransaction wrote would not carry its batch's transaction id, by which
/// a rollback knows it; so the batch itself is written in one piece, behind them.
enum ProbeSQL {
  /// Names of variables and marks of refused rows.
  private static let declarations = """
    r record; place text; pass integer; made bigint; suspects integer[];
    kept boolean; ils_made_id text; state text; said text; in_table text; in_column text; in_constraint text;
    numbers integer[] := '{}'; codes text[] := '{}'; fields text[] := '{}'; tables text[] := '{}';
    constraints text[] := '{}'; texts text[] := '{}';
    """

  /// States that are not the record's: they end the probe as they would end the batch.
  private static let rethrow = """
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, in_table = TABLE_NAME,
      in_column = COLUMN_NAME, in_constraint = CONSTRAINT_NAME;
    IF state ~ \(DatabaseError.sessionStates.quotedLiteral) THEN RAISE; END IF;
    """

  private static func note(_ code: String, _ field: String) -> String {
    """
    numbers := numbers || r.n; codes := codes || (\(code))::text; fields := fields || nullif((\(field))::text, '');
    tables := tables || nullif(in_table, ''); constraints := constraints || nullif(in_constraint, ''); texts := texts || said;
    """
  }

  private static func mark(_ emptying: [String]) -> String {
    """
    UPDATE ils_stage s SET outcome = 'refused', code = f.code, field = f.field, fault_table = f.in_table,
      fault_constraint = f.in_constraint, fault_text = f.said\(emptying.map { ", \($0) = NULL" }.joined())
    FROM unnest(numbers, codes, fields, tables, constraints, texts) AS f (n, code, field, in_table, in_constraint, said)
    WHERE s.n = f.n;
    """
  }

  /// Refuses the records that have a value which its column's type cannot read: all are read in one go, and one by one only
  /// where that fails.
  /// - Parameters:
  ///   - casts: the fields and their values' SQL, over a row `r` of the staging table.
  ///   - columns: all staged columns: a refused record has none any more, so that no later statement reads them.
  static func casts(_ casts: [(field: String, value: String)], emptying columns: [String]) -> String {
    let tests = casts.map { "place := \($0.field.quotedLiteral); PERFORM \($0.value);" }
    let all = casts.map { "count(\($0.value))" }.joined(separator: ", ")
    return """
      DO $ils$ #variable_conflict use_column
      DECLARE \(declarations) BEGIN
        BEGIN
          PERFORM \(all) FROM ils_stage r WHERE outcome IS NULL;
          RETURN;
        EXCEPTION WHEN OTHERS THEN
          \(rethrow)
        END;
        FOR r IN SELECT * FROM ils_stage WHERE outcome IS NULL ORDER BY n LOOP
          BEGIN
            \(tests.joined(separator: "\n"))
          EXCEPTION WHEN OTHERS THEN
            \(rethrow)
            \(note("'db.' || state", "place"))
          END;
        END LOOP;
        \(mark(columns))
      END $ils$
      """
  }

  private static func look(_ suspects: String) -> String {
    """
    BEGIN
      suspects := ARRAY(\(suspects));
    EXCEPTION WHEN OTHERS THEN
      \(rethrow)
      suspects := NULL;
    END;
    """
  }

  /// What a field gives its column: SQL over a row `s` of the staging table.
  struct Value {
    let field: String
    let column: String
    /// The column's type, as SQL writes it.
    let type: String
    let value: String

    /// Gives the value to a variable of the column's type, as the column would take it.
    fileprivate var trial: String {
      let whole = "(SELECT \(value) FROM ils_stage s WHERE s.ctid = r.place)"
      return """
        place := \(field.quotedLiteral);
        IF \(whole) IS NOT NULL THEN DECLARE kept \(type) := \(whole); BEGIN NULL; END; END IF;
        """
    }
  }

  /// Finds which value fails as the row did, where the database did not say it: of a column's length or range, and of what
  /// its domain checks.
  private static func findPlace(_ values: [Value]) -> String {
    let fields = values.map { "WHEN \($0.column.quotedLiteral) THEN \($0.field.quotedLiteral)" }.joined(separator: " ")
    let named = fields.isEmpty ? "in_column" : "CASE in_column \(fields) ELSE in_column END"
    return """
      place := \(named);
      IF in_column = '' AND in_table = '' THEN
        BEGIN
          \(values.map(\.trial).joined(separator: "\n"))
          place := '';
        EXCEPTION WHEN OTHERS THEN
          IF SQLSTATE <> state THEN place := ''; END IF;
        END;
      END IF;
      """
  }

  /// Refuses the records whose rows the table does not take.
  ///
  /// Constraints that are looked at last are tried so at first; where one is violated, each row is looked at by itself.
  /// - Parameters:
  ///   - rows: SQL for which staged rows `s` are meant.
  ///   - suspects: a query for the numbers of those that are tried; nil for all, as where it cannot be answered.
  ///   - write: the statement that writes the row of one staged row, whose place is `r.place`.
  ///   - check: statements behind it that tell in `kept` whether the row is found again by what was sent.
  ///   - values: what fields give their columns.
  static func writes(
    _ rows: String, suspects: String?, _ write: String, checking check: String, _ values: [Value]
  ) -> String {
    // The table's columns may be named as variables are.
    """
    DO $ils$ #variable_conflict use_column
    DECLARE \(declarations) BEGIN
      \(suspects.map(look) ?? "")
      FOR pass IN 0..1 LOOP
        BEGIN
          numbers := '{}'; codes := '{}'; fields := '{}'; tables := '{}'; constraints := '{}'; texts := '{}';
          IF pass = 1 THEN SET CONSTRAINTS ALL IMMEDIATE; END IF;
          FOR r IN SELECT s.n, s.ctid AS place FROM ils_stage s WHERE \(rows)
            AND (suspects IS NULL OR s.n = ANY (suspects)) ORDER BY s.n LOOP
            BEGIN
              kept := true;
              \(write);
              GET DIAGNOSTICS made = ROW_COUNT;
              IF made = 0 THEN
                in_table := NULL; in_constraint := NULL; said := NULL;
                \(note("'row.left_out'", "NULL"))
              ELSE
                \(check)
              END IF;
              -- Its row goes, or later ones would meet it.
              IF NOT kept THEN RAISE EXCEPTION USING ERRCODE = '\(DatabaseError.rowsRekeyed)'; END IF;
            EXCEPTION WHEN OTHERS THEN
              \(rethrow)
              \(findPlace(values))
              \(note("CASE state WHEN '\(DatabaseError.rowsRekeyed)' THEN 'row.rekeyed' ELSE 'db.' || state END", "place"))
            END;
          END LOOP;
          SET CONSTRAINTS ALL IMMEDIATE;
          RAISE EXCEPTION USING ERRCODE = 'ILS00';
        EXCEPTION
          WHEN SQLSTATE 'ILS00' THEN EXIT;
          WHEN OTHERS THEN
            \(rethrow)
            IF pass = 1 THEN RAISE; END IF;
        END;
      END LOOP;
      \(mark([]))
    END $ils$
    """
  }
}
