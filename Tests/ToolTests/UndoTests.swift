import Foundation
import Testing

/// What an undo must not lose, and what must not hold it up. Random sequences of the same: scripts/tests/undo-model.
@Suite struct UndoTests {
  let database: Database

  init() throws { database = try Database() }

  private func undo(_ job: String, _ options: String = "") throws -> Outcome {
    try database.run("ils-rollback \(options) \(job)")
  }

  /// Patients P1, P2 ... with phones T1, T2 ..., made by the application.
  private func enter(_ count: Int) throws {
    _ = try database.rows(
      """
      INSERT INTO patients (mrn, phone, first_name, last_name, date_of_birth)
      SELECT 'P' || n, 'T' || n, 'F' || n, 'L', '1950-01-01' FROM generate_series(1, \(count)) n
      """)
  }

  private func known(_ number: Int, city: String? = nil, phone: String? = nil) -> String {
    patient(
      number, mrn: "P\(number)", first: "F\(number)", last: "L", born: "1950-01-01", city: city, phone: phone)
  }

  private func update(_ records: [String], _ options: String = "") throws -> String {
    try database.load("patients", "--update-existing \(options)", records).job
  }

  // MARK: - Values

  /// Pairs of a type and a value whose text is not the only one that it has.
  private static let values = [
    ("json", #"{ "a" :  1, "a": 2 }"#), ("hstore", #"n=>NULL, "k \"q\""=>"v,w""#), ("xml", "<a> x</a>"),
    ("int4range", "[1,5)"), ("text[]", #"{"a b",NULL,"c,\""}"#), ("money", "12.34"), ("float8", "0.30000000000000004"),
    ("bytea", #"\x00ff"#), ("interval", "1 mon 2 days 03:04:05.000006"),
    ("timestamptz", "2024-03-31 01:30:00.123456+00"),
    ("char(5)", "ab"), ("bit(3)", "101"), ("point", "(1.5,2)"), ("tsvector", "'fat':2 'rat':3"), ("numeric", "1.10"),
  ]

  @Test func valuesOfAllTypesComeBackAsTheirTypesWroteThem() throws {
    let columns = Self.values.enumerated().map { "c\($0.offset) \($0.element.0)" }.joined(separator: ", ")
    let literals = Self.values.map { "'\($0.1.replacingOccurrences(of: "'", with: "''"))'" }.joined(separator: ", ")
    _ = try database.rows(
      """
      CREATE EXTENSION hstore; CREATE TABLE things (id serial PRIMARY KEY, no text, import_job_id uuid, \(columns));
      INSERT INTO things VALUES (1, '1', NULL, \(literals))
      """)
    let before = try database.rows("SELECT things::text, c0::text FROM things")
    let fields = Self.values.indices.map { #""c\#($0)":{"type":"string","x-ils":{"column":"c\#($0)"}}"# }
    try database.scratch.write(
      "things.json",
      """
      {"type":"object","properties":{"no":{"type":"string","x-ils":{"column":"no"}},\(fields.joined(separator: ","))},
        "x-ils":{"table":"things","identity":[["no"]]}}
      """)
    let other = [
      "[1]", "a=>1", "<b/>", "[2,3)", "{z}", "1", "1", #"\\x01"#, "1 day", "2020-01-01T00:00:00Z", "zz", "000", "(0,0)",
      "cat", "7",
    ]
    let members = other.enumerated().map { #""c\#($0.offset)":"\#($0.element)""# }.joined(separator: ",")
    try database.scratch.write("records", "{\"no\":\"1\",\(members)}\n")
    let loaded = try database.run("ils-load --schema things.json --update-existing records")
    #expect(loaded.out.contains(#""updated":1"#), "\(loaded.err)")
    #expect(try database.rows("SELECT things::text, c0::text FROM things") != before)
    #expect(try database.run("ils-rollback last").status == 0)
    #expect(try database.rows("SELECT things::text, c0::text FROM things") == before)
  }

  @Test(arguments: ["phone", "lower(phone)"]) func valuesThatWereShiftedComeBackInOneRun(key: String) throws {
    try enter(20)
    _ = try database.rows("CREATE UNIQUE INDEX ON patients (\(key))")
    let job = try update((1...20).reversed().map { known($0, phone: "T\($0 + 1)") }, "--batch-size 1")
    #expect(try database.rows("SELECT count(*) FROM patients WHERE phone = 'T21'") == ["1"])
    let undone = try undo(job)
    #expect(undone.status == 0 && undone.out.contains(#""restored":20,"kept":0"#), "\(undone.err)")
    #expect(try database.rows("SELECT count(*) FROM patients WHERE 'T' || substr(mrn, 2) = phone") == ["20"])
  }

  // MARK: - Edits

  @Test func anEditThatCommitsWhileTheLoaderWaitsForTheRowIsKept() throws {
    try enter(1)
    try database.scratch.write("records", known(1, city: "Oslo") + "\n")
    let done = try database.run(
      """
      hold "UPDATE patients SET notes = 'allergic' WHERE mrn = 'P1'"
      ils-load patients --update-existing --lock-timeout 600 records > loaded 2> told & loader=$!
      await is "count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
      let_go; wait $loader && ils-rollback < loaded
      """)
    #expect(done.status == 0 && done.out.contains(#""restored":1"#), "\(done.err)")
    #expect(try database.rows("SELECT notes, city IS NULL FROM patients") == ["allergic|t"])
  }

  @Test func aForcedUndoLeavesAPersonsEditAPersons() throws {
    let (first, _) = try database.load("patients", "", [patient(2, mrn: "M1"), patient(3, mrn: "M2", first: "Bo")])
    let second = try update([patient(2, mrn: "M1", city: "Rome"), patient(3, mrn: "M2", first: "Bo", city: "Rome")])
    _ = try database.rows("UPDATE patients SET notes = 'by hand' WHERE mrn = 'M1'")
    #expect(try undo(second, "--force").out.contains(#""restored":2,"kept":0"#))
    let undone = try undo(first)
    #expect(undone.status == 1 && undone.out.contains(#""reason":"edited""#))
    #expect(try database.rows("SELECT mrn, city IS NULL, notes FROM patients") == ["M1|t|by hand"])
  }

  /// It writes the row again under a transaction id of its own, when the statement that wrote it ends.
  private func addTrigger() throws {
    _ = try database.rows(
      """
      CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        BEGIN
          UPDATE patients SET state = upper(NEW.city) WHERE id = NEW.id AND state IS DISTINCT FROM upper(NEW.city);
        EXCEPTION WHEN division_by_zero THEN NULL; END;
        RETURN NULL;
      END $$;
      CREATE TRIGGER stamp AFTER INSERT OR UPDATE ON patients FOR EACH ROW EXECUTE FUNCTION stamp()
      """)
  }

  /// Refuses what is done to patients whose number ends in 7.
  private func refuse(_ event: String, _ trigger: String) throws {
    let (made, last) = trigger.contains("DEFER") ? ("CONSTRAINT TRIGGER", trigger) : ("TRIGGER", "")
    let when = trigger.hasPrefix("BEFORE") ? "BEFORE" : "AFTER"
    _ = try database.rows(
      """
      CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF OLD.mrn LIKE '%7' THEN RAISE check_violation; END IF; RETURN coalesce(NEW, OLD); END $$;
      CREATE \(made) refuse \(when) \(event) ON patients \(last) FOR EACH ROW EXECUTE FUNCTION refuse()
      """)
  }

  private static let refusing = ["BEFORE", "AFTER", "DEFERRABLE INITIALLY DEFERRED"]

  /// What was undone in parts was undone all the same: the job before it stands on it.
  @Test(arguments: refusing) func oneInTenThatATriggerRefusesIsKeptAndAllOthersComeBack(trigger: String) throws {
    try enter(1000)
    let first = try update((1...1000).map { known($0, city: "Oslo") })
    let second = try update((1...1000).map { known($0, city: "Rome") })
    try refuse("UPDATE", trigger)
    let undone = try undo(second, "--batch-size 700")
    #expect(undone.status == 1 && undone.out.contains(#""restored":900,"kept":100"#), "\(undone.err)")
    #expect(undone.out.components(separatedBy: #""reason":"conflict","code":"db.23514""#).count == 101)
    #expect(try database.rows("SELECT city, count(*) FROM patients GROUP BY 1 ORDER BY 1") == ["Oslo|900", "Rome|100"])
    _ = try database.rows("DROP TRIGGER refuse ON patients")
    #expect(try undo(second).out.contains(#""restored":100,"kept":0"#))
    #expect(try undo(first).out.contains(#""restored":1000,"kept":0"#))
    #expect(try database.rows("SELECT count(*) FROM patients WHERE city IS NULL") == ["1000"])
  }

  @Test(arguments: refusing) func oneInTenWhoseDeleteATriggerRefusesIsKeptAndAllOthersGo(trigger: String) throws {
    let (job, _) = try database.load("patients", "", (1...1000).map { known($0) })
    try refuse("DELETE", trigger)
    let undone = try undo(job, "--batch-size 700")
    #expect(undone.status == 1 && undone.out.contains(#""deleted":900,"restored":0,"kept":100"#), "\(undone.err)")
    #expect(try database.rows("SELECT count(*) FROM patients WHERE mrn LIKE '%7'") == ["100"])
    #expect(try undo(job).out.contains(#""deleted":0,"restored":0,"kept":100"#))
    _ = try database.rows("DROP TRIGGER refuse ON patients")
    #expect(try undo(job).out.contains(#""deleted":100,"restored":0,"kept":0"#))
  }

  @Test func whatATriggerWritesBehindAnUndoIsNoEdit() throws {
    try addTrigger()
    let (first, _) = try database.load("patients", "", [patient(2, mrn: "M1", city: "Oslo")])
    let second = try update([patient(2, mrn: "M1", city: "Rome")])
    #expect(try undo(second).status == 0)
    #expect(try database.rows("SELECT city, state FROM patients") == ["Oslo|OSLO"])
    #expect(try undo(first).status == 0)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
  }

  @Test func aRowThatOneBatchWritesTwiceBehindATriggerComesBack() throws {
    try addTrigger()
    try enter(1)
    let job = try update([known(1, city: "Oslo"), known(1, city: "Rome"), known(1, city: "Bonn")])
    let undone = try undo(job)
    #expect(undone.status == 0 && undone.out.contains(#""restored":1,"kept":0"#), "\(undone.out)")
    #expect(try database.rows("SELECT city IS NULL, state IS NULL FROM patients") == ["t|t"])
  }

  @Test func aDeletedRowMakesNoJobStandOnAnother() throws {
    try enter(2)
    let first = try update([known(1, city: "Oslo")])
    let second = try update([known(1, city: "Rome"), known(2, city: "Rome")])
    _ = try database.rows("DELETE FROM patients WHERE mrn = 'P1'")
    let undone = try undo(first, "--cascade")
    #expect(undone.out.contains(first) && !undone.out.contains(second), "\(undone.out)")
    #expect(try database.rows("SELECT city FROM patients") == ["Rome"])
  }

  /// Tables without a column for the job: rows of all of them are called 1, 2, 3.
  @Test func rowsOfAnotherTableWithTheSameIdMakeNoJobStandOnAnother() throws {
    _ = try database.rows(
      """
      CREATE TABLE people (id serial PRIMARY KEY, no text); CREATE TABLE rooms (id serial PRIMARY KEY, no text);
      CREATE TABLE visits (id serial PRIMARY KEY, person integer REFERENCES people)
      """)
    for (table, field) in [("people", "no"), ("rooms", "no"), ("visits", "person")] {
      try database.scratch.write(
        "\(table).json",
        """
        {"type":"object","properties":{"\(field)":{"type":["string","integer"],"x-ils":{"column":"\(field)"}}},
          "x-ils":{"table":"\(table)","job":null,"identity":[["\(field)"]]}}
        """)
    }
    let loaded = try database.run(
      """
      load() { ils-load --schema $1.json > loaded && ask "SELECT max(id::text) FROM ils.jobs"; }
      printf '{"no":"%s"}\\n' 1 2 | load people
      printf '{"no":"%s"}\\n' 1 2 | load rooms
      ask 'SELECT json_build_object($$person$$, id) FROM people' | load visits
      """)
    let jobs = loaded.out.split(separator: "\n").map(String.init)
    try #require(jobs.count == 3, "\(loaded.err)")
    try #require(try database.rows("SELECT count(*) FROM rooms JOIN visits USING (id)") == ["2"])
    let undone = try undo(jobs[0], "--cascade")
    #expect(undone.out.contains(jobs[0]) && undone.out.contains(jobs[2]), "\(undone.out)\(undone.err)")
    #expect(!undone.out.contains(jobs[1]), "\(undone.out)")
    #expect(
      try database.rows("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM visits), count(*) FROM rooms")
        == ["0|0|2"])
  }

  // MARK: - Tables

  @Test func theJobsTableIsFoundWhateverItIsCalledByNow() throws {
    let (job, _) = try database.load("patients", "", [patient(2, mrn: "M1")])
    _ = try database.rows(
      """
      ALTER TABLE patients RENAME TO persons; ALTER TABLE persons RENAME import_job_id TO by_job;
      CREATE TABLE patients (LIKE persons INCLUDING ALL); INSERT INTO patients SELECT * FROM persons
      """)
    #expect(try undo(job).status == 0)
    #expect(try database.rows("SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM persons)") == ["1|0"])
  }

  @Test func aJobWhoseRowsAreMarkedNoMoreIsNotCalledUndone() throws {
    try enter(1)
    let first = try update([known(1, city: "Oslo")])
    let (second, _) = try database.load("patients", "", [patient(2, mrn: "M1")])
    _ = try database.rows("ALTER TABLE patients DROP import_job_id")
    let refused = try undo(second)
    #expect(refused.status == 65 && refused.err.contains("[job.no_column]"))
    #expect(try database.rows("SELECT status FROM ils.jobs WHERE id = '\(second)'") == ["completed"])
    #expect(try undo(first).status == 0)
    #expect(try database.rows("SELECT count(*) FROM patients WHERE city IS NULL") == ["2"])
  }

  @Test func aRestoredDumpIsAnotherTable() throws {
    let (job, _) = try database.load("patients", "", [patient(2, mrn: "M1")])
    let copied = try database.run(
      """
      name=$(psql -XAtqc 'SELECT current_database()' "$DATABASE_URL")
      psql -Xqc "CREATE DATABASE \\"${name}_copy\\"" "$DATABASE_URL"; copy=${DATABASE_URL/$name/${name}_copy}
      pg_dump "$DATABASE_URL" | psql -Xq "$copy" > restored 2>&1
      ils-rollback --database "$copy" \(job); echo "status $?"; psql -XAtqc 'SELECT count(*) FROM patients' "$copy"
      """)
    #expect(copied.out.contains("status 65\n1\n") && copied.err.contains("[job.elsewhere]"), "\(copied.err)")
  }

  // MARK: - Roles

  /// Runs a rollback as a role of `ils_undo`, as scripts/roles.sql makes it before `sql` is run.
  private func undone(asRoleBehind sql: String) throws -> Outcome {
    let (job, _) = try database.load("patients", "", (1...3).map { patient($0, mrn: "M\($0)", first: "F\($0)") })
    let roles = "'\(Place.root)/scripts/roles.sql'"
    #expect(try database.run("psql -qX -v ON_ERROR_STOP=1 -f \(roles) \"$DATABASE_URL\"").status == 0)
    let role = "u" + UUID().uuidString.prefix(8).lowercased()
    _ = try database.rows("CREATE ROLE \(role) LOGIN IN ROLE ils_undo; \(sql)")
    let url = database.url.replacingOccurrences(of: "user=postgres", with: "user=\(role)")
    return try database.run("ils-rollback --database '\(url)' \(job)")
  }

  private static let visits = """
    CREATE TABLE visits (patient_id uuid REFERENCES patients %); INSERT INTO visits SELECT id FROM patients WHERE mrn = 'M2'
    """

  @Test func rowsThatAnUnreadableTablePointsAtAreKeptAndTheOthersGo() throws {
    let undone = try undone(asRoleBehind: Self.visits.replacingOccurrences(of: "%", with: ""))
    #expect(undone.status == 1 && undone.out.contains(#""reason":"refused","code":"db.23503""#), "\(undone.err)")
    #expect(try database.rows("SELECT mrn FROM patients") == ["M2"])
  }

  /// The owner of schema ils sees what the role does not.
  @Test func rowsThatUnreadableOnesWouldGoAlongWithAreKept() throws {
    let undone = try undone(asRoleBehind: Self.visits.replacingOccurrences(of: "%", with: "ON DELETE CASCADE"))
    #expect(undone.status == 1 && undone.out.contains(#""reason":"referenced""#), "\(undone.err)")
    #expect(try database.rows("SELECT mrn, (SELECT count(*) FROM visits) FROM patients") == ["M2|1"])
  }

  @Test func nothingIsUndoneWhereThatWouldDeleteRowsUnseen() throws {
    let visits = Self.visits.replacingOccurrences(of: "%", with: "ON DELETE CASCADE")
    let undone = try undone(asRoleBehind: "\(visits); REVOKE EXECUTE ON FUNCTION ils.is_pointed_at FROM ils_undo")
    #expect(undone.status == 77 && undone.err.contains("GRANT SELECT ON public.visits"), "\(undone.err)")
    #expect(try database.rows("SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM visits)") == ["3|1"])
  }

  @Test func aRoleThatDoesNotGetAtTheTableIsToldWhatItLacks() throws {
    let undone = try undone(asRoleBehind: "REVOKE USAGE ON SCHEMA public FROM public")
    #expect(undone.status == 77 && undone.err.contains("GRANT USAGE ON SCHEMA public"), "\(undone.err)")
  }

  // MARK: - Manners

  @Test func anIdleTerminalIsNotWaitedFor() throws {
    let told = try database.run("script -qec 'timeout -s KILL 600 ils-rollback' /dev/null < /dev/null")
    #expect(told.status == 64 && told.out.contains("name the jobs to undo"))
  }
}
