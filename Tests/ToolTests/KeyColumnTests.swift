import Foundation
import Testing

/// Columns that would keep another identifier than was sent, or take several for one.
@Suite struct KeyColumnTests {
  private func database(_ column: String, more: String = "") throws -> Database {
    let database = try Database()
    _ = try database.rows("\(more); CREATE TABLE things (id bigserial PRIMARY KEY, job uuid, no \(column), note text)")
    try schema(database)
    return database
  }

  private func schema(_ database: Database, table: String = "things", job: String = "\"job\"") throws {
    try database.scratch.write(
      "things.json",
      #"""
      {"type": "object", "properties": {"no": {"type": "string", "x-ils": {"column": "no"}},
        "note": {"type": "string", "x-ils": {"column": "note"}}},
       "x-ils": {"table": "\#(table)", "id": "id", "job": \#(job), "identity": [["no"]]}}
      """#)
  }

  private func load(_ database: Database, _ values: [String], _ options: String = "--skip-duplicates") throws -> Outcome
  {
    try database.scratch.write("records", values.map { "{\"no\":\"\($0)\",\"note\":\"of \($0)\"}\n" }.joined())
    return try database.run("ils-load --schema things.json --outcomes all --rejects refused \(options) records")
  }

  private static let upper = """
    CREATE FUNCTION raised(no text) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN no <> 'none' THEN upper(no) END $$;
    CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      new.no := raised(new.no); RETURN new;
    END $$;
    CREATE FUNCTION raise_behind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      UPDATE things SET no = raised(no) WHERE no <> raised(no) OR no = 'none'; RETURN NULL;
    END $$;
    CREATE FUNCTION raise_instead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO base (job, no, note) VALUES (new.job, raised(new.no), new.note); RETURN new;
    END $$
    """

  /// What stands between a record and its row, so that no statement answers what becomes of its number.
  private static let unseen = [
    "CREATE TRIGGER raise AFTER INSERT ON things FOR EACH ROW EXECUTE FUNCTION raise_behind()",
    "CREATE TRIGGER raise AFTER INSERT ON things EXECUTE FUNCTION raise_behind()",
    """
    CREATE CONSTRAINT TRIGGER raise AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION raise_behind()
    """,
    """
    ALTER TABLE things RENAME TO base; CREATE VIEW things AS SELECT * FROM base;
    CREATE TRIGGER raise INSTEAD OF INSERT ON things FOR EACH ROW EXECUTE FUNCTION raise_instead()
    """,
    """
    CREATE TRIGGER raise BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION raise();
    ALTER TABLE things RENAME TO base; CREATE VIEW things AS SELECT * FROM base
    """,
    """
    ALTER TABLE things RENAME TO base; CREATE VIEW things AS SELECT * FROM base;
    CREATE RULE raise AS ON INSERT TO things DO INSTEAD
      INSERT INTO base (job, no, note) VALUES (new.job, raised(new.no), new.note)
    """,
    """
    DROP TABLE things; CREATE TABLE things (id bigserial, job uuid, no text, note text) PARTITION BY RANGE (id);
    CREATE TABLE part PARTITION OF things DEFAULT;
    CREATE TRIGGER raise BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION raise()
    """,
  ]

  @Test(arguments: unseen, ["", "--batch-size 1", "--atomic"]) func identifiersThatChangeUnseenAreRefused(
    change: String, options: String
  ) throws {
    let database = try database("text", more: Self.upper)
    _ = try database.rows(change)
    for _ in 0..<2 {
      let loaded = try load(database, ["a1", "A1", "B2", "7", "none", "b2"], "--skip-duplicates \(options)")
      #expect(loaded.status == (options == "--atomic" ? 65 : 1), "\(loaded.err)")
      #expect(loaded.out.contains(#"_row":1,"outcome":"failed""#), "\(loaded.out)")
      #expect(
        try database.rows("SELECT no FROM things ORDER BY id") == (options == "--atomic" ? [] : ["A1", "B2", "7"]))
    }
    let rejects = database.scratch.read("refused") ?? ""
    #expect(rejects.contains(#""_row":1,"#) && rejects.contains(#""code":"row.rekeyed""#), "\(rejects)")
  }

  /// Who has no number is known by name and birth date: another date makes another person.
  @Test func aBirthDateThatATriggerChangesIsRefused() throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE FUNCTION guess() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE patients SET date_of_birth = greatest(date_of_birth, '1901-01-01'), first_name = replace(upper(first_name), ' ', '-')
        WHERE id = new.id; RETURN NULL;
      END $$;
      CREATE TRIGGER guess AFTER INSERT ON patients FOR EACH ROW EXECUTE FUNCTION guess()
      """)
    let people = [
      patient(1, first: "Ann", born: "1900-01-01"), patient(2, mrn: "2", first: "Bob", born: "1900-01-01"),
      patient(3, first: "Cid"), patient(4, first: "Ana María"),
    ]
    for outcomes in [["1|row.rekeyed"], ["1|row.rekeyed"]] {
      let (job, loaded) = try database.load("patients", "--skip-duplicates", people)
      #expect(loaded.status == 1, "\(loaded.err)")
      #expect(
        try database.rows("SELECT record, code FROM ils.job_errors WHERE job_id = '\(job)'") == outcomes)
    }
    #expect(try database.rows("SELECT first_name FROM patients ORDER BY 1") == ["ANA-MARÍA", "BOB", "CID"])
  }

  /// A row that is there keeps its number, whatever else a record changes.
  @Test(arguments: ["BEFORE", "AFTER"], ["", "--batch-size 1"])
  func identifiersThatATriggerChangesInAnUpdateAreRefused(time: String, options: String) throws {
    let database = try database("text", more: Self.upper)
    #expect(try load(database, ["a1", "B2"]).status == 0)
    _ = try database.rows(
      """
      UPDATE things SET note = 'other';
      CREATE TRIGGER raise \(time) UPDATE ON things FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND new.no = 'a1')
        EXECUTE FUNCTION raise\(time == "AFTER" ? "_behind" : "")()
      """)
    for _ in 0..<2 {
      let loaded = try load(database, ["a1", "B2"], "--update-existing \(options)")
      #expect(loaded.status == 1 && loaded.out.contains("row.rekeyed"), "\(loaded.out)\(loaded.err)")
      #expect(try database.rows("SELECT no, note FROM things ORDER BY id") == ["a1|other", "B2|of B2"])
    }
  }

  /// The server cuts blanks behind a column's length in silence (ISO 9075-2): under the rest, the person is another.
  @Test(arguments: ["varchar(4)", "code"], ["", "--batch-size 1"])
  func blanksThatWouldBeCutAreRefused(type: String, options: String) throws {
    let database = try database(type, more: "CREATE DOMAIN code AS varchar(4)")
    let loaded = try load(database, ["ABCD  ", "ABCD", "ÄÖÜß ", "ab  ", "abcde"], "--skip-duplicates \(options)")
    #expect(loaded.status == 1, "\(loaded.err)")
    #expect(try database.rows("SELECT quote_literal(no) FROM things ORDER BY id") == ["'ABCD'", "'ab  '"])
    #expect(
      try database.rows("SELECT record, code FROM ils.job_errors ORDER BY record")
        == ["1|value.inexact", "3|value.inexact", "5|db.22001"])
  }

  @Test(arguments: [
    ("text COLLATE loose", "collation"), ("interval", "interval"), ("numrange", "numrange"), ("span", "span"),
  ])
  func keysThatSeveralTextsAreEqualInAreRefusedAtFirst(column: String, word: String) throws {
    let database = try database(
      column,
      more: """
        CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE DOMAIN span AS interval
        """)
    let loaded = try load(database, ["1 day"])
    #expect(loaded.status == 78 && loaded.err.contains("[db.key_column]") && loaded.err.contains(word), "\(loaded.err)")
    #expect(try database.rows("SELECT count(*) FROM ils.jobs") == ["0"])
  }

  /// Whoever has an identifier that a trigger writes otherwise would be brought again by each load of the file.
  @Test(arguments: ["\"job\"", "null"]) func identifiersThatATriggerChangesAreRefused(job: String) throws {
    let database = try database("text", more: Self.upper)
    _ = try database.rows(
      "CREATE TRIGGER raise BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION raise()")
    try schema(database, job: job)
    for _ in 0..<2 {
      let loaded = try load(database, ["a1", "A1", "B2", "7", "none", "b2"])
      #expect(loaded.status == 1, "\(loaded.err)")
      #expect(try database.rows("SELECT no FROM things ORDER BY id") == ["A1", "B2", "7"])
    }
    #expect(
      try database.rows("SELECT record, code FROM ils.job_errors e ORDER BY job_id, record").prefix(3)
        == ["1|row.rekeyed", "5|row.rekeyed", "6|row.rekeyed"])
    #expect(try load(database, ["c3"], "--disable-triggers").status == 0)
    #expect(try database.rows("SELECT no FROM things WHERE no LIKE 'c%'") == ["c3"])
  }

  /// All of a file: the trigger is the table's, and is told once.
  @Test func aTriggerThatChangesAllIdentifiersIsToldOnce() throws {
    let database = try database("text", more: Self.upper)
    _ = try database.rows("CREATE TRIGGER raise BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION raise()")
    let loaded = try load(database, (1...20).map { "a\($0)" })
    #expect(loaded.status == 78 && loaded.err.contains("[db.every_record]"), "\(loaded.err)")
    #expect(try database.rows("SELECT count(*) FROM things") == ["0"])
  }

  /// What the table takes for the same is not: an update writes another case, and hours for a day.
  @Test(arguments: [
    ("citext", "smith", "Smith"), ("interval", "1 day", "24:00:00"), ("text COLLATE loose", "smith", "SMITH"),
  ])
  func updatesWriteWhatIsEqualAndNotTheSame(type: String, before: String, after: String) throws {
    let database = try database(
      "text",
      more: """
        CREATE EXTENSION citext; CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)
        """)
    _ = try database.rows(
      "ALTER TABLE things ALTER note TYPE \(type) USING note::\(type.split(separator: " ")[0]); INSERT INTO things (no, note) VALUES ('1', '\(before)')"
    )
    try database.scratch.write("records", "{\"no\":\"1\",\"note\":\"\(after)\"}\n")
    let command = "ils-load --schema things.json --update-existing --outcomes all records"
    #expect(try database.run(command).out.contains(#""changed":["note"]"#))
    #expect(try database.rows("SELECT note FROM things") == [after])
    #expect(try database.run("ils-rollback last").status == 0)
    #expect(try database.rows("SELECT note FROM things") == [before])
    _ = try database.run(command)
    #expect(try database.run(command).out.contains(#""outcome":"skipped""#))
  }

  /// By what is set for the session, the next rows would be read otherwise, or go into another table.
  @Test(
    arguments: [
      ("TIME ZONE 'America/New_York'", "TimeZone"), ("search_path = elsewhere, public", "search_path"),
      ("ROLE pg_read_all_data", "role"), ("extra_float_digits = -10", "extra_float_digits"),
    ],
    [
      "CREATE TRIGGER leave BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION leave()",
      "CREATE TRIGGER leave AFTER INSERT ON things EXECUTE FUNCTION leave()",
      "ALTER TABLE things ADD gone boolean DEFAULT has_left()", "ALTER TABLE things ADD CHECK (has_left())",
    ])
  func sessionsThatCodeOfTheTableChangesLoadNothing(setting: (sql: String, name: String), code: String) throws {
    let database = try database("text")
    _ = try database.rows(
      """
      ALTER TABLE things ADD seen timestamptz;
      CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.things (LIKE things INCLUDING ALL);
      CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN SET \(setting.sql); RETURN new; END $$;
      CREATE FUNCTION has_left() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN SET \(setting.sql); RETURN true; END $$;
      \(code)
      """)
    for options in ["--batch-size 1", "--skip-duplicates", "--batch-size 1 --connections 1"] {
      let loaded = try load(database, ["1", "2", "3", "4"], options)
      #expect(
        loaded.status == 78 && loaded.err.contains(setting.name) && loaded.err.contains("[db.session]"), "\(loaded.err)"
      )
    }
    #expect(try database.rows("SELECT FROM things UNION ALL SELECT FROM elsewhere.things") == [])
  }
}
