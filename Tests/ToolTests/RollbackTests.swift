import Foundation
import Testing

/// ils-rollback: exactly what a job did, whatever others have done since.
@Suite struct RollbackTests {
  /// A patients job of source `clinic`, and an orders job of source `lab` whose orders stand on it.
  private func twoJobs() throws -> (database: Database, patients: String, orders: String) {
    let database = try Database()
    let (patients, _) = try database.load(
      "patients", "--source clinic", [patient(2, mrn: "M1"), patient(3, mrn: "M2", first: "Bo")])
    let (orders, _) = try database.load("orders", "--source lab", [order(2, "A", of: "M1")])
    return (database, patients, orders)
  }

  private func count(_ database: Database) throws -> [String] {
    try database.rows("SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM orders)")
  }

  // MARK: - Order

  @Test func rowsThatOthersPointAtAreKeptAndTheJobToUndoFirstIsNamed() throws {
    let (database, patients, orders) = try twoJobs()
    let undone = try database.run("ils-rollback \(patients)")
    #expect(undone.status == 1)
    #expect(undone.out.contains(#""outcome":"kept""#) && undone.out.contains(#""reason":"referenced""#))
    #expect(undone.out.contains(#""deleted":1,"restored":0,"kept":1"#))
    #expect(undone.err.contains("[rollback.depends]") && undone.err.contains("1 rows of job \(orders) (orders)"))
    #expect(undone.err.contains("--cascade"))
    #expect(try count(database) == ["1|1"])
    #expect(try database.run("ils-rollback \(orders)").status == 0)
    #expect(try database.run("ils-rollback \(patients)").status == 0)
    #expect(try count(database) == ["0|0"])
  }

  @Test func aCascadeUndoesFirstWhatStandsOnTheJob() throws {
    let (database, patients, orders) = try twoJobs()
    let dry = try database.run("ils-rollback --dry-run --cascade \(patients)")
    #expect(dry.status == 0)
    #expect(dry.out.split(separator: "\n").count == 2 && dry.out.contains(#""dryRun":true"#))
    #expect(try count(database) == ["2|1"])
    let undone = try database.run("ils-rollback --cascade \(patients)")
    #expect(undone.status == 0)
    let undoes = undone.out.matches(of: /"undoes":"([0-9a-f-]{36})"/).map { String($0.1) }
    #expect(undoes == [orders, patients])
    #expect(try count(database) == ["0|0"])
    #expect(try database.run("ils-jobs audit --verify").status == 0)
  }

  @Test func aCascadeUndoesLaterUpdatesOfTheJobsRows() throws {
    let database = try Database()
    let (first, _) = try database.load("patients", "", [patient(2, mrn: "M1")])
    let (second, _) = try database.load("patients", "--update-existing", [patient(2, mrn: "M1", city: "Rome")])
    let kept = try database.run("ils-rollback \(first)")
    #expect(kept.status == 1 && kept.err.contains("1 rows of job \(second) (patients)"))
    #expect(try database.run("ils-rollback --cascade \(first)").status == 0)
    #expect(try count(database) == ["0|0"])
  }

  @Test func allJobsOfASourceAreUndoneTheNewestFirst() throws {
    let (database, patients, orders) = try twoJobs()
    let (later, _) = try database.load(
      "patients", "--source clinic --update-existing", [patient(2, mrn: "M2", first: "Bo", city: "Rome")])
    let lab = try database.run("ils-rollback --to-source lab")
    #expect(lab.status == 0 && lab.out.contains(orders))
    let clinic = try database.run("ils-rollback --to-source clinic")
    #expect(clinic.status == 0)
    #expect(clinic.out.matches(of: /"undoes":"([0-9a-f-]{36})"/).map { String($0.1) } == [later, patients])
    #expect(try count(database) == ["0|0"])
    let none = try database.run("ils-rollback --to-source clinic")
    #expect(none.status == 66 && none.err.contains("[job.unknown]"))
    #expect(try database.run("ils-rollback --to-source clinic \(patients)").status == 64)
  }

  // MARK: - A second job

  @Test func theUpdatesOfASecondJobAreUndoneAndThenThoseOfTheFirst() throws {
    let database = try Database()
    _ = try database.rows(
      """
      INSERT INTO patients (mrn, first_name, last_name, date_of_birth)
      SELECT 'P' || n, 'F' || n, 'L', '1950-01-01' FROM generate_series(1, 200) n
      """)
    let before = try database.dump()
    let rows = { (city: String) in
      (1...200).map { patient($0, mrn: "P\($0)", first: "F\($0)", last: "L", born: "1950-01-01", city: city) }
    }
    let (first, _) = try database.load("patients", "--update-existing --batch-size 60", rows("Rome"))
    let between = try database.dump()
    let (second, _) = try database.load("patients", "--update-existing --batch-size 70", rows("Oslo"))
    let early = try database.run("ils-rollback \(first)")
    #expect(early.status == 1 && early.out.contains(#""deleted":0,"restored":0,"kept":200"#))
    #expect(try database.run("ils-rollback \(second)").out.contains(#""restored":200,"kept":0"#))
    #expect(try database.dump() == between)
    #expect(try database.run("ils-rollback \(first)").out.contains(#""restored":200,"kept":0"#))
    #expect(try database.dump() == before)
  }

  /// Two are indexes on expressions, and of a part of the table; the last is one that is not asked before: only the row that
  /// is tried shows the collision.
  @Test(
    arguments: ["--dry-run", ""],
    ["(phone)", "(lower(phone), (1))", "(phone) WHERE city IS NULL OR city <> 'Rome'", "exclude"])
  func oldValuesThatCollideByNowAreNotGivenBack(dry: String, key: String) throws {
    let database = try Database()
    _ = try database.rows(
      """
      INSERT INTO patients (mrn, phone, first_name, last_name, date_of_birth)
      SELECT 'P' || n, 'T' || n, 'F' || n, 'L', '1950-01-01' FROM generate_series(1, 40) n;
      \(key == "exclude" ? "ALTER TABLE patients ADD EXCLUDE (phone WITH =)" : "CREATE UNIQUE INDEX ON patients \(key)")
      """)
    let (job, _) = try database.load(
      "patients", "--update-existing",
      (1...40).map {
        patient($0, mrn: "P\($0)", first: "F\($0)", last: "L", born: "1950-01-01", city: "Rome", phone: "U\($0)")
      })
    _ = try database.rows(
      "INSERT INTO patients (mrn, phone, first_name, last_name, date_of_birth, city) VALUES ('x', 'T7', 'A', 'B', '1950-01-01', 'Oslo')"
    )
    let undone = try database.run("ils-rollback \(dry) \(job)")
    #expect(undone.status == 1)
    #expect(undone.out.contains(#""reason":"conflict""#) && undone.out.contains(#""restored":39,"kept":1"#))
    let restored = try database.rows("SELECT count(*) FROM patients WHERE city IS NULL")
    #expect(restored == [dry.isEmpty ? "39" : "0"])
  }

  @Test func forceUndoesEditedRowsButNeverThoseThatOthersPointAt() throws {
    let (database, patients, _) = try twoJobs()
    _ = try database.rows("UPDATE patients SET notes = 'by hand'")
    #expect(try database.run("ils-rollback \(patients)").out.contains(#""deleted":0,"restored":0,"kept":2"#))
    #expect(try database.run("ils-rollback --force \(patients)").out.contains(#""deleted":1,"restored":0,"kept":1"#))
  }

  // MARK: - Interrupted

  /// A load of new and known rows with edits by hand after it; and what is there once it is undone.
  private func mixed(_ database: Database, _ count: Int) throws -> (job: String, expected: String) {
    _ = try database.rows(
      """
      INSERT INTO patients (mrn, first_name, last_name, date_of_birth)
      SELECT 'old' || n, 'F' || n, 'L', '1950-01-01' FROM generate_series(1, \(count)) n
      """)
    let fresh = (1...count).map { patient($0, mrn: "new\($0)", first: "N\($0)", born: "1960-01-01") }
    let known = (1...count).map {
      patient($0, mrn: "old\($0)", first: "F\($0)", last: "L", born: "1950-01-01", city: "Rome")
    }
    _ = try database.rows("CREATE TABLE was AS SELECT * FROM patients")
    let (job, _) = try database.load("patients", "--update-existing --batch-size 1000 --outcomes none", fresh + known)
    _ = try database.rows("UPDATE patients SET notes = 'by hand' WHERE mrn LIKE '%77'")
    let left = try database.rows(
      """
      SELECT * FROM (SELECT * FROM patients WHERE notes = 'by hand'
        UNION ALL SELECT * FROM was WHERE mrn NOT LIKE '%77') x ORDER BY mrn
      """)
    return (job, left.joined(separator: "\n"))
  }

  private func contents(_ database: Database) throws -> String {
    try database.rows("SELECT * FROM patients ORDER BY mrn").joined(separator: "\n")
  }

  /// Where a rollback stands when it is killed: what is held up, and when.
  static let stands: [(event: String, condition: String)] = [
    ("TRIGGER gate BEFORE UPDATE ON patients", "NEW.mrn = 'old1'"),
    ("TRIGGER gate BEFORE UPDATE ON ils.jobs", "NEW.restored >= 1000"),
    (
      "CONSTRAINT TRIGGER gate AFTER UPDATE ON patients DEFERRABLE INITIALLY DEFERRED",
      "NEW.mrn = 'old2' AND NEW.city IS NULL"
    ),
    ("TRIGGER gate BEFORE UPDATE ON ils.jobs", "NEW.deleted >= 1000"),
    ("TRIGGER gate BEFORE UPDATE ON ils.jobs", "NEW.status = 'rolled back'"),
    ("TRIGGER gate BEFORE UPDATE ON ils.jobs", "NEW.status = 'completed'"),
  ]

  @Test(arguments: stands.indices) func aKilledRollbackGoesOnWhereItStopped(stand: Int) throws {
    let database = try Database()
    let (job, expected) = try mixed(database, 3000)
    let gate = Self.stands[stand]
    try database.addGate(gate.event, when: gate.condition)
    let killed = try database.run(
      """
      hold "\(Database.bar)"
      ils-rollback --batch-size 500 \(job) & undo=$!
      await wait_for_it 1; kill -9 "$undo"; let_go
      wait "$undo"
      """)
    #expect(killed.status == 137)
    try database.outwaitOthers()
    _ = try database.rows("DROP FUNCTION gate() CASCADE")
    let again = try database.run("ils-rollback \(job)")
    #expect(again.status == 1 && again.out.contains(#""kept":60"#), "\(again.out)\(again.err)")
    #expect(try contents(database) == expected)
    #expect(try database.rows("SELECT status FROM ils.jobs WHERE id = '\(job)'") == ["rolled back"])
    #expect(
      try database.rows("SELECT sum(deleted), sum(restored) FROM ils.jobs WHERE undoes = '\(job)'") == ["2970|2970"])
    #expect(try database.run("ils-jobs audit --verify").status == 0)
  }

  /// It was killed behind its last row, and before its job's end.
  @Test func aCascadeEndsTheRollbackThatAnEarlierOneBegan() throws {
    let (database, patients, orders) = try twoJobs()
    _ = try database.run("ils-rollback \(orders)")
    _ = try database.rows("UPDATE ils.jobs SET status = 'processing', ended_at = NULL WHERE undoes = '\(orders)'")
    let undone = try database.run("ils-rollback --cascade \(patients)")
    #expect(undone.status == 0 && undone.out.contains(orders))
    #expect(
      try database.rows("SELECT count(*) FROM ils.jobs WHERE kind = 'rollback' AND status = 'completed'") == ["2"])
    #expect(try count(database) == ["0|0"])
  }

  @Test func aTerminatedRollbackEndsBetweenTransactions() throws {
    let database = try Database()
    let (job, expected) = try mixed(database, 3000)
    try database.addGate("TRIGGER gate BEFORE UPDATE ON ils.jobs", when: "NEW.restored >= 500")
    let stopped = try database.run(
      """
      hold "\(Database.bar)"
      ils-rollback --batch-size 500 \(job) & undo=$!
      await wait_for_it 1; kill -TERM "$undo"; let_go
      wait "$undo"
      """)
    #expect(stopped.status == 75)
    #expect(
      try database.rows("SELECT restored BETWEEN 500 AND 999, deleted FROM ils.jobs WHERE kind = 'rollback'")
        == ["t|0"])
    #expect(try database.run("ils-rollback \(job)").status == 1)
    #expect(try contents(database) == expected)
  }

  @Test func aLoaderAtWorkIsStoppedAndBringsNothingMore() throws {
    let database = try Database()
    let records = (2..<402).map { patient($0, mrn: "\($0)", first: "A\($0)") + "\n" }
    try database.scratch.write("records", records.joined())
    let outcome = try database.run(
      """
      mkfifo undone
      { head -n 150 records; cat undone; tail -n +151 records; } | ils-load patients --batch-size 100 > loaded 2> told & loader=$!
      await is 'count(*) >= 100 FROM patients'; processing
      ils-rollback "$job" | jq -c '[.kind, .kept]'
      : > undone; wait "$loader"; echo "$?"
      """)
    #expect(outcome.out.split(separator: "\n").first == #"["rollback",0]"#)
    #expect(["65", "75"].contains(outcome.out.split(separator: "\n").last ?? ""))
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
  }

  @Test func twoRollbacksOfOneJobDoNotMix() throws {
    let database = try Database()
    let (job, expected) = try mixed(database, 3000)
    let both = try database.run(
      "ils-rollback \(job) > one & one=$!; ils-rollback \(job) > two; echo $?; wait $one; echo $?")
    // One waits for the other; where that takes longer than its patience, it says so.
    let ended = both.out.split(separator: "\n")
    #expect(ended.count == 2 && ended.contains("1") && ended.allSatisfy { $0 == "1" || $0 == "75" }, "\(both.err)")
    #expect(!ended.contains("75") || both.err.contains("[job.locked]"))
    #expect(try contents(database) == expected)
    #expect(try database.rows("SELECT sum(deleted) FROM ils.jobs WHERE undoes = '\(job)'") == ["2970"])
  }
}
