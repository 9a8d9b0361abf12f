import Foundation
import Testing

/// Somebody brings a person whom a loader has found to be new, and has not stored yet.
@Suite struct MeetingTests {
  /// A check that refuses who is noted as `held`, and from the second time on waits for lock 4711 first: the loader has
  /// met him once, in a COPY, and now tries its rows one by one.
  private static let slowCheck = """
    CREATE SEQUENCE visits;
    CREATE FUNCTION takes(note text) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = 0 AS $$ BEGIN
      IF note IS DISTINCT FROM 'held' THEN RETURN true; END IF;
      IF nextval('visits') > 1 THEN PERFORM pg_advisory_xact_lock_shared(4711); END IF;
      RETURN false;
    END $$;
    ALTER TABLE patients ADD CONSTRAINT slow CHECK (takes(notes));
    """

  /// The records of a failed COPY are not looked up again where the database has refused one of them.
  @Test(arguments: [1, 2, 3], [true, false])
  func whoComesBetweenACopyAndItsSecondTryIsFound(connections: Int, isUnique: Bool) throws {
    try meet(connections, isUnique: isUnique)
  }

  /// Somebody else's transaction, which lasts, keeps whoever has come since in sight: he is met once all the same.
  @Test(arguments: [1, 2]) func whoHasComeIsMetOnceHoweverLongOthersWork(connections: Int) throws {
    try meet(
      connections, isUnique: true,
      beside: """
        psql -Xq "$DATABASE_URL" -c "BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(600)" > /dev/null 2>&1 &
        lasts="FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)' AND backend_xid IS NOT NULL"
        await is "count(*) = 1 $lasts"
        """, behind: #"ask "SELECT pg_terminate_backend(pid) $lasts""#)
  }

  private func meet(_ connections: Int, isUnique: Bool, beside: String = "", behind: String = "") throws {
    for (option, expected) in [("--skip-duplicates", "78|0|1|1"), ("--update-existing", "78|1|0|1")] {
      let database = try Database()
      _ = try database.rows(Self.slowCheck)
      if !isUnique { _ = try database.rows("ALTER TABLE patients DROP CONSTRAINT patients_mrn_key") }
      let records = (1...80).map { row in
        let record = patient(row, mrn: "M\(row)", first: "F\(row)", city: "Rome")
        return row == 52 ? record.dropLast() + #","notes":"held"}"# + "\n" : record + "\n"
      }
      try database.scratch.write("people", records.joined())
      let loaded = try database.run(
        """
        \(beside)
        hold "\(Database.bar)"
        ils-load patients --batch-size 20 \(option) --connections \(connections) --lock-timeout 600 people > loaded 2> told & p=$!
        await wait_for_it 1
        ask "INSERT INTO patients (mrn, first_name, last_name, date_of_birth, city)
          VALUES ('M57', 'F57', 'Lee', '1980-01-02', 'User')"
        let_go; wait $p; echo $?
        \(behind.isEmpty ? "" : behind + " > /dev/null")
        """)
      #expect(loaded.out == "1\n", "\(database.scratch.read("told") ?? "")")
      #expect(try database.rows("SELECT inserted, updated, skipped, failed FROM ils.jobs") == [expected])
      #expect(try database.rows("SELECT count(*), count(DISTINCT mrn) FROM patients") == ["79|79"])
      #expect(try database.rows("SELECT code FROM ils.job_errors") == ["db.23514"])
    }
  }

  /// One record a batch, each tried since the one before was refused: that the database refuses a row is no fault of it
  /// where somebody has just brought it.
  @Test(arguments: [1, 2], ["--skip-duplicates", "--update-existing"])
  func whoComesBeforeTheOnlyRowOfABatchIsFound(connections: Int, option: String) throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not with me'; END $$;
      CREATE TRIGGER refuses BEFORE INSERT ON patients FOR EACH ROW WHEN (NEW.mrn = 'M1') EXECUTE FUNCTION refuses()
      """)
    try database.addGate("TRIGGER gate BEFORE INSERT ON patients", when: "NEW.mrn = 'M2' AND NEW.city = 'Rome'")
    try database.scratch.write(
      "people", (1...3).map { patient($0, mrn: "M\($0)", first: "F\($0)", city: "Rome") + "\n" }.joined())
    let loaded = try database.run(
      """
      hold "\(Database.bar)"
      ils-load patients --batch-size 1 \(option) --connections \(connections) --lock-timeout 600 people > loaded 2> told & p=$!
      await wait_for_it 1
      ask "INSERT INTO patients (mrn, first_name, last_name, date_of_birth, city)
        VALUES ('M2', 'F2', 'Lee', '1980-01-02', 'User')"
      let_go; wait $p; echo $?
      """)
    #expect(loaded.out == "1\n", "\(database.scratch.read("told") ?? "")")
    let isUpdate = option == "--update-existing"
    #expect(
      try database.rows("SELECT inserted, updated, skipped, failed FROM ils.jobs")
        == [isUpdate ? "1|1|0|1" : "1|0|1|1"])
    #expect(try database.rows("SELECT record, code FROM ils.job_errors") == ["1|db.P0001"])
    #expect(
      try database.rows("SELECT mrn, city FROM patients ORDER BY mrn") == [isUpdate ? "M2|Rome" : "M2|User", "M3|Rome"])
  }

  /// Another job finds out under which id a source knows a person, while this one is under way.
  @Test(arguments: [1, 2]) func anIdThatAnotherJobHasLearntIsKnown(connections: Int) throws {
    let database = try Database()
    _ = try database.load(
      "patients", "", [patient(1, mrn: "M1", first: "Ann", last: "Lee", source: "old", external: "9")])
    let theirs = patient(1, mrn: "M1", first: "Ann", last: "Lee", source: "new", external: "1")
    // The day of birth agrees, which is enough beside the id; by all else it is somebody new.
    let ours = patient(4, first: "Anna", last: "Leigh", source: "new", external: "1")
    try database.scratch.write("theirs", theirs + "\n")
    // With the third at the latest the loader has read all keys of so small a table.
    try database.scratch.write(
      "first",
      (1...3).map { patient($0, mrn: "N\($0)", first: "Bob\($0)", last: "Ray", born: "1970-01-0\($0)") + "\n" }.joined()
    )
    try database.scratch.write("ours", ours + "\n")
    let loaded = try database.run(
      """
      mkfifo go
      { cat first; cat go; cat ours; } |
        ils-load patients --skip-duplicates --batch-size 1 --connections \(connections) --rejects bad > loaded 2> told & p=$!
      await is "count(*) = 1 FROM patients WHERE mrn = 'N3'"
      ils-load patients --skip-duplicates theirs > /dev/null 2>&1; echo $?
      : > go; wait $p; echo $?; cat bad
      """)
    #expect(loaded.out == "0\n0\n", "\(database.scratch.read("told") ?? "")")
    #expect(try database.rows("SELECT count(*) FROM patients") == ["4"])
  }

  /// Somebody writes to a part of the table by its own name.
  @Test(
    arguments: ["INHERITS (people)", "PARTITION OF people FOR VALUES IN ('new')"],
    ["--connections 2", "--connections 1"])
  func whoComesIntoAPartOfTheTableIsMet(part: String, options: String) throws {
    let database = try Database()
    let columns =
      "(number text, name text, kind text DEFAULT 'new', id uuid DEFAULT gen_random_uuid(), import_job_id uuid)"
    _ = try database.rows(
      "CREATE TABLE people \(columns)\(part.hasPrefix("P") ? " PARTITION BY LIST (kind)" : ""); CREATE TABLE part \(part.hasPrefix("I") ? "() " : "")\(part)"
    )
    try database.scratch.write(
      "people.json",
      #"{"type":"object","properties":{"number":{"x-ils":{"column":"number"}},"name":{"x-ils":{"column":"name"}}},"x-ils":{"table":"people","identity":[["number"]]}}"#
    )
    try database.scratch.write(
      "records", (1...60).map { #"{"_row":\#($0),"number":"n\#($0)","name":"of us"}"# + "\n" }.joined())
    let loaded = try database.run(
      """
      hold "INSERT INTO part (number, name, kind) VALUES ('n45', 'user', 'new')"
      ils-load --schema people.json --batch-size 10 --skip-duplicates \(options) --lock-timeout 60 records > out 2> told & p=$!
      sleep 1.5; let_go; wait $p; echo $?; cat told >&2
      """)
    #expect(loaded.out == "0\n", "\(loaded.out)\(loaded.err)")
    #expect(try database.rows("SELECT count(*), count(DISTINCT number) FROM people") == ["60|60"], "\(loaded.err)")
    #expect(try database.rows("SELECT name FROM people WHERE number = 'n45'") == ["user"])
  }

  /// A loader that waits for the row of an idle user lets go of those that others want.
  @Test func nobodyWaitsForALoaderThatWaitsForSomebody() throws {
    let database = try Database()
    _ = try database.rows(
      """
      INSERT INTO patients (id, mrn, first_name, last_name, date_of_birth) SELECT
        lpad(n::text, 32, '0')::uuid, 'M' || n, 'F' || n, 'Lee', '1980-01-02' FROM generate_series(1, 9) n
      """)
    try database.scratch.write(
      "people", (1...9).map { patient($0, mrn: "M\($0)", first: "F\($0)", city: "Rome") + "\n" }.joined())
    let loaded = try database.run(
      """
      hold "SELECT 1 FROM patients WHERE mrn = 'M9' FOR UPDATE"
      ils-load patients --update-existing --outcomes none people > loaded 2> told & p=$!
      await is "count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      ask "SET statement_timeout = '2s'; UPDATE patients SET notes = 'mine' WHERE mrn = 'M1'"; echo $?
      let_go; wait $p; echo $?
      """)
    #expect(loaded.out == "0\n0\n", "\(loaded.err)\(database.scratch.read("told") ?? "")")
    #expect(try database.rows("SELECT updated FROM ils.jobs") == ["9"])
    #expect(
      try database.rows(
        "SELECT count(*) FROM patients WHERE city = 'Rome' AND coalesce(notes = 'mine', false) = (mrn = 'M1')") == ["9"]
    )
  }
}
