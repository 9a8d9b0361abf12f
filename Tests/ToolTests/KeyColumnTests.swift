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
    CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      new.no := CASE WHEN new.no = 'none' THEN NULL ELSE upper(new.no) END; RETURN new;
    END $$
    """

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

  @Test func sessionsThatATriggerGivesAnotherZoneLoadNothing() throws {
    let database = try database("text")
    _ = try database.rows(
      """
      ALTER TABLE things ADD seen timestamptz;
      CREATE FUNCTION zone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        SET TIME ZONE 'America/New_York'; RETURN new;
      END $$;
      CREATE TRIGGER zone BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION zone()
      """)
    let loaded = try load(database, ["1", "2"], "--batch-size 1")
    #expect(
      loaded.status == 78 && loaded.err.contains("TimeZone") && loaded.err.contains("[db.session]"), "\(loaded.err)")
    #expect(try database.rows("SELECT count(*) FROM things") == ["0"])
  }
}
