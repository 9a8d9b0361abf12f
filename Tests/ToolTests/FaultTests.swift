import Foundation
import Testing

/// Loaders and servers that die at any moment.
@Suite(.serialized) struct FaultTests {
  /// Twenty batches: enough moments to die at.
  private func records() -> String {
    (2..<4002).map { row in
      patient(
        row, mrn: row % 10 == 0 ? "\(row - 1)" : "\(row)", first: "A\(row)",
        born: row % 97 == 0 ? "1980-13-01" : "1980-01-02")
        + "\n"
    }.joined()
  }

  private let load = "ils-load patients --skip-duplicates --batch-size 200 --lock-timeout 60 --rejects bad records"
  private let contents = "SELECT mrn, first_name, date_of_birth FROM patients ORDER BY mrn"

  /// What an undisturbed run gives: the rows, the rejects and the equation.
  private func undisturbed() throws -> (rows: [String], rejects: Int, sums: [String]) {
    let database = try Database()
    try database.scratch.write("records", records())
    _ = try database.run(load)
    return (try database.rows(contents), try rejects(database), try sums(database))
  }

  private func rejects(_ database: Database) throws -> Int {
    (database.scratch.read("bad") ?? "").split(separator: "\n").count
  }

  private func sums(_ database: Database) throws -> [String] {
    try database.rows("SELECT status, processed, inserted, updated, skipped, failed FROM ils.jobs WHERE kind = 'load'")
  }

  /// Where a loader of 4,000 records stands when it is killed.
  enum Stand: String, CaseIterable {
    case beforeItsFirstBatch, betweenBatches, withinABatch, atItsBooks, withinACommit, atItsEnd, behindItsLastBatch

    /// How many records it was given; none is its last.
    var records: Int {
      switch self {
      case .beforeItsFirstBatch: 100
      case .betweenBatches: 1000
      case .withinABatch, .atItsBooks, .withinACommit, .atItsEnd, .behindItsLastBatch: 4000
      }
    }

    /// True once it stands there.
    var sign: String {
      switch self {
      case .beforeItsFirstBatch: "SELECT processed = 0 FROM ils.jobs"
      case .betweenBatches, .behindItsLastBatch: "SELECT processed = \(records) FROM ils.jobs"
      case .withinABatch: "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'patients'::regclass"
      case .atItsBooks, .withinACommit, .atItsEnd:
        "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND objid = 4711"
      }
    }

    /// What bars its way, once another session holds lock 4711; empty where nothing does.
    var gate: String {
      let made: (timing: String, table: String, condition: String)? =
        switch self {
        case .atItsBooks: ("CREATE TRIGGER gate BEFORE INSERT", "ils.batches", "NEW.number = 10")
        case .withinACommit:
          ("CREATE CONSTRAINT TRIGGER gate AFTER INSERT", "patients", "NEW.mrn = '2003'")
        case .atItsEnd: ("CREATE TRIGGER gate BEFORE UPDATE", "ils.jobs", "NEW.status = 'completed'")
        case .beforeItsFirstBatch, .betweenBatches, .withinABatch, .behindItsLastBatch: nil
        }
      guard let made else { return "" }
      return """
        CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END';
        \(made.timing) ON \(made.table) \(self == .withinACommit ? "DEFERRABLE INITIALLY DEFERRED" : "")
          FOR EACH ROW WHEN (\(made.condition)) EXECUTE FUNCTION gate();
        """
    }

    /// What the other session holds, and the lock by which it is known to hold it.
    var barrier: (take: String, mode: String) {
      switch self {
      case .withinABatch:
        ("LOCK TABLE patients IN SHARE MODE", "relation = 'patients'::regclass AND mode = 'ShareLock'")
      default: ("SELECT pg_advisory_xact_lock(4711)", "locktype = 'advisory' AND objid = 4711")
      }
    }
  }

  @Test(arguments: Stand.allCases) func aKilledLoaderGoesOnWhereItStopped(_ stand: Stand) throws {
    let expected = try undisturbed()
    #expect(expected.rejects == 41)
    let database = try Database()
    try database.scratch.write("records", records())
    if !stand.gate.isEmpty { _ = try database.rows(stand.gate) }
    let killed = try database.run(
      """
      mkfifo feed lock
      \(load.dropLast(7)) < feed > outcomes 2> told & loader=$!
      exec 7> feed
      psql -qX "$DATABASE_URL" < lock > held 7>&- & exec 8> lock
      echo 'BEGIN; \(stand.barrier.take);' >&8
      until [ "$(psql -XAtq "$DATABASE_URL" -c "SELECT count(*) FROM pg_locks
        WHERE granted AND \(stand.barrier.mode)")" = 1 ]; do sleep 0.05; done
      head -n \(stand.records) records >&7 & feeder=$!
      [ \(stand) != atItsEnd ] || exec 7>&-
      for _ in $(seq 400); do
        stands=$(psql -XAtq "$DATABASE_URL" -c "\(stand.sign)" 2> /dev/null)
        [ "$stands" != t ] || break
        sleep 0.05
      done
      echo "$stands"
      kill -9 "$loader"; wait "$loader"; echo "$?"
      exec 7>&- 8>&-
      kill "$feeder" 2> /dev/null; wait
      """)
    #expect(killed.out == "t\n137\n", "the kill did not hit a loader that stands \(stand): \(killed.err)")
    try database.outwaitOthers()
    if !stand.gate.isEmpty { _ = try database.rows("DROP FUNCTION gate() CASCADE") }
    let job = try database.rows("SELECT id FROM ils.jobs WHERE status = 'processing'").first
    // What stood at the end of all may have come to it, though nobody was told.
    #expect(job != nil || stand == .atItsEnd)
    if let job {
      let result = try database.run("\(load) --resume \(job)")
      #expect(result.status == 1, "\(result.err)")
    }
    #expect(try database.rows(contents) == expected.rows)
    #expect(try rejects(database) == expected.rejects)
    #expect(try sums(database) == expected.sums)
  }

  /// A job that has ended is not loaded again: nobody could ask for its rejects any more.
  @Test func aJobDoesNotEndBeforeItsRejectsAreSafe() throws {
    let expected = try undisturbed()
    let database = try Database()
    try database.scratch.write("records", records())
    let result = try database.run(load.replacingOccurrences(of: "--rejects bad", with: "--rejects /dev/full"))
    #expect(result.status == 74)
    #expect(try database.rows("SELECT status, processed FROM ils.jobs") == ["failed|4000"])
    let job = try #require(try database.rows("SELECT id FROM ils.jobs").first)
    #expect(result.err.contains("--resume \(job)"))
    #expect(try database.run("\(load) --resume \(job)").status == 1)
    #expect(try rejects(database) == expected.rejects)
    #expect(try sums(database) == expected.sums)
  }

  /// A stage that is killed may leave half a record in the pipe; that is none that was refused.
  @Test func halfARecordIsNoRecord() throws {
    let expected = try undisturbed()
    let database = try Database()
    try database.scratch.write("records", records())
    for bytes in [40_003, 200_050] {
      let job = try database.rows("SELECT id FROM ils.jobs").first.map { "--resume \($0)" } ?? ""
      let result = try database.run("head -c \(bytes) records | \(load.dropLast(7)) \(job)")
      #expect(result.status == 65)
      #expect(result.err.contains("[json.truncated]"))
    }
    let job = try #require(try database.rows("SELECT id FROM ils.jobs WHERE status = 'failed'").first)
    #expect(try database.run("\(load) --resume \(job)").status == 1)
    #expect(try database.rows(contents) == expected.rows)
    #expect(try rejects(database) == expected.rejects)
    #expect(try sums(database) == expected.sums)
  }

  @Test(arguments: [#"{"firstName":"Ann""#, #"{"firstName":"Zoë"#, #"{"a":"#])
  func aFilterStopsAtHalfARecord(half: String) throws {
    let scratch = try Scratch()
    try scratch.write("input", patient(2, mrn: "1", first: "Ann", born: "1980-01-02") + "\n" + half)
    // The last byte goes too: within a letter of two bytes.
    let result = try scratch.run("head -c -1 input | ils-validate patients --rejects bad")
    #expect(result.status == 65)
    #expect(result.err.hasPrefix("stdin:2:"))
    #expect(result.out.contains("Ann"))
    #expect(scratch.read("bad") == "")
  }

  @Test func aTerminatedLoaderEndsBehindItsBatch() throws {
    let expected = try undisturbed()
    let database = try Database()
    try database.scratch.write("records", records())
    let result = try database.run("\(load) & sleep 0.1; kill -TERM $!; wait $!")
    if result.status == 75 {
      let job = try #require(try database.rows("SELECT id FROM ils.jobs WHERE processed % 200 = 0").first)
      #expect(result.err.contains("--resume \(job)"))
      #expect(try database.run("\(load) --resume \(job)").status == 1)
    }
    #expect([1, 75].contains(result.status))
    #expect(try database.rows(contents) == expected.rows)
    #expect(try sums(database) == expected.sums)
  }

  @Test func aCancelledJobStopsBehindItsBatch() throws {
    let expected = try undisturbed()
    let database = try Database()
    try database.scratch.write("records", records())
    let result = try database.run(
      """
      { head -n 1000 records; sleep 0.5; psql -qX "$DATABASE_URL" -c "UPDATE ils.jobs SET status = 'cancelled'"
        tail -n +1001 records; } | ils-load patients --skip-duplicates --batch-size 200 --rejects bad
      """)
    #expect(result.status == 75)
    #expect(result.err.contains("[job.cancelled]"))
    let job = try #require(try database.rows("SELECT id FROM ils.jobs WHERE status = 'cancelled'").first)
    #expect(try database.run("\(load) --resume \(job)").status == 1)
    #expect(try database.rows(contents) == expected.rows)
    #expect(try sums(database) == expected.sums)
  }

  /// A server of its own is stopped like a power cut, and comes back while the loader waits.
  @Test func aLoaderOutlivesItsServer() throws {
    let expected = try undisturbed()
    for moment in [0.05, 0.15, 0.3] {
      let scratch = try Scratch()
      try scratch.write("records", records())
      let result = try scratch.run(
        """
        export ILS_PG_DIR=$PWD/server
        pg='\(Place.root)/scripts/pg-local'
        "$pg" start > /dev/null && url=$('\(Place.root)/scripts/lib/database' loaded) || exit 69
        \(load) --database "$url" > outcomes 2> told & loader=$!
        sleep \(moment); "$pg" stop immediate > /dev/null; "$pg" start > /dev/null
        wait "$loader"; echo "$?"
        psql -XAtq "$url" -c "\(contents)" > contents
        psql -XAtq "$url" -c "SELECT status, processed, inserted, updated, skipped, failed FROM ils.jobs"
        "$pg" destroy > /dev/null
        """)
      #expect(result.out.split(separator: "\n").map(String.init) == ["1"] + expected.sums, "stopped after \(moment) s")
      #expect((scratch.read("contents") ?? "").split(separator: "\n").map(String.init) == expected.rows)
      #expect((scratch.read("bad") ?? "").split(separator: "\n").count == expected.rejects)
    }
  }

  @Test func aCompletedJobIsNotResumed() throws {
    let database = try Database()
    let records = [patient(2), patient(3, born: "1980-13-01")]
    let (job, _) = try database.load("patients", "--rejects bad", records)
    #expect(try rejects(database) == 1)
    let (_, again) = try database.load("patients", "--rejects bad --resume \(job)", records)
    #expect(again.status == 65)
    // A run that does not start leaves the rejects of the one before.
    #expect(try rejects(database) == 1)
    #expect(try database.rows("SELECT status FROM ils.jobs") == ["completed"])
  }

  @Test func editsSinceTheImportSurviveItsRollback() throws {
    let database = try Database()
    _ = try database.rows(
      """
      INSERT INTO patients (mrn, first_name, last_name, date_of_birth)
      SELECT 'old' || n, 'F' || n, 'L', '1950-01-01' FROM generate_series(1, 300) n
      """)
    let fresh = (1...300).map { patient($0, mrn: "new\($0)", first: "N\($0)", born: "1960-01-01") }
    let known = (1...300).map {
      patient($0, mrn: "old\($0)", first: "F\($0)", last: "L", born: "1950-01-01", city: "Rome")
    }
    let (job, loaded) = try database.load("patients", "--update-existing --batch-size 70", fresh + known)
    #expect(loaded.out.contains(#""inserted":300,"updated":300"#))
    // Edits that touch no timestamp, of rows that the job made and of rows that it changed.
    let edited = "right(mrn, 1) = '7'"
    _ = try database.rows("UPDATE patients SET notes = 'seen by hand' WHERE \(edited)")
    let kept = try database.rows("SELECT * FROM patients WHERE \(edited) ORDER BY mrn")
    let undone = try database.run("ils-rollback \(job)")
    #expect(undone.out.contains(#""deleted":270,"restored":270,"kept":60"#))
    #expect(try database.rows("SELECT * FROM patients WHERE \(edited) ORDER BY mrn") == kept)
    #expect(try database.rows("SELECT count(*) FROM patients WHERE city IS NULL AND NOT \(edited)") == ["270"])
    #expect(try database.run("ils-rollback \(job)").out.contains(#""deleted":0,"restored":0,"kept":60"#))
  }

  @Test func theAuditTrailIsAppendOnlyAndChained() throws {
    let database = try Database()
    let (job, outcome) = try database.load("patients", "", [patient(2)])
    _ = try database.run("ils-rollback \(job)")
    let head = try #require(outcome.out.firstMatch(of: /"auditHead":"([0-9a-f]{64})"/)?.1)
    let broken = """
      SELECT count(*) FILTER (WHERE hash <> ils.audit_hash(a) OR previous <> coalesce(before, '')),
        count(*) FILTER (WHERE hash = '\(head)'), count(*)
      FROM (SELECT a, a.hash, a.previous, lag(a.hash) OVER (ORDER BY seq) AS before FROM ils.audit a) x
      """
    #expect(try database.rows(broken) == ["0|1|6"])
    #expect(throws: Database.Unavailable.self) { try database.rows("UPDATE ils.audit SET event = 'x'") }
    #expect(throws: Database.Unavailable.self) { try database.rows("DELETE FROM ils.audit") }
  }
}
