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

  private let load = "ils-load patients --skip-duplicates --batch-size 200 --lock-timeout 600 --rejects bad records"
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
      case .beforeItsFirstBatch: "is 'processed = 0 FROM ils.jobs'"
      case .betweenBatches, .behindItsLastBatch: "is 'processed = \(records) FROM ils.jobs'"
      case .withinABatch, .atItsBooks, .withinACommit, .atItsEnd: "wait_for_it 1"
      }
    }

    /// What bars its way, once another session holds lock 4711; empty where nothing does.
    var gate: String {
      switch self {
      case .atItsBooks: Database.gate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = 10")
      case .withinACommit:
        Database.gate(
          "CONSTRAINT TRIGGER gate AFTER INSERT ON patients DEFERRABLE INITIALLY DEFERRED", when: "NEW.mrn = '2003'")
      case .atItsEnd: Database.gate("TRIGGER gate BEFORE UPDATE ON ils.jobs", when: "NEW.status = 'completed'")
      case .beforeItsFirstBatch, .betweenBatches, .withinABatch, .behindItsLastBatch: ""
      }
    }

    /// What the other session holds.
    var bar: String { self == .withinABatch ? "LOCK TABLE patients IN SHARE MODE" : Database.bar }
  }

  @Test(arguments: Stand.allCases) func aKilledLoaderGoesOnWhereItStopped(_ stand: Stand) throws {
    let expected = try undisturbed()
    #expect(expected.rejects == 41)
    let database = try Database()
    try database.scratch.write("records", records())
    if !stand.gate.isEmpty { _ = try database.rows(stand.gate) }
    let killed = try database.run(
      """
      mkfifo feed
      hold "\(stand.bar)"
      \(load.dropLast(7)) < feed > outcomes 2> told & loader=$!
      exec 7> feed
      head -n \(stand.records) records >&7 & feeder=$!
      [ \(stand) != atItsEnd ] || exec 7>&-
      await \(stand.sign)
      kill -9 "$loader"; wait "$loader"; echo "$?"
      exec 7>&-; let_go
      kill "$feeder" 2> /dev/null; wait
      """)
    #expect(killed.out == "137\n", "the kill did not hit a loader that stands \(stand): \(killed.err)")
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

  /// Rows are on their way into the table then: the job must not be left as one that is at work.
  @Test(arguments: ["1", "2"], ["{\"mrn\":\"half", "no record\n"])
  func aRunThatBreaksOffWithinABatchEndsItsJob(connections: String, last: String) throws {
    let database = try Database()
    // More than is gathered before rows are sent, and less than a batch.
    try database.scratch.write(
      "records", (2..<3002).map { patient($0, mrn: "\($0)", first: "A\($0)") + "\n" }.joined() + last)
    let result = try database.run("ils-load patients --fail-fast --connections \(connections) records")
    #expect(result.status == 65)
    #expect(try database.rows("SELECT status, processed, ended_at IS NULL FROM ils.jobs") == ["failed|0|f"])
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
    let job = try #require(try database.rows("SELECT id FROM ils.jobs").first)
    try database.scratch.write("records", (2..<3002).map { patient($0, mrn: "\($0)", first: "A\($0)") + "\n" }.joined())
    #expect(try database.run("ils-load patients --resume \(job) records").status == 0)
    #expect(try database.rows("SELECT status, inserted FROM ils.jobs") == ["completed|3000"])
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
    try database.addGate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = 1")
    let result = try database.run(
      """
      hold "\(Database.bar)"
      \(load) & loader=$!
      await wait_for_it 1; kill -TERM "$loader"; let_go
      wait "$loader"
      """)
    #expect(result.status == 75)
    // It heard of it in its first batch.
    let job = try #require(try database.rows("SELECT id FROM ils.jobs WHERE processed = 200").first)
    #expect(result.err.contains("--resume \(job)"))
    #expect(try database.run("\(load) --resume \(job)").status == 1)
    #expect(try database.rows(contents) == expected.rows)
    #expect(try sums(database) == expected.sums)
  }

  @Test func aCancelledJobStopsBehindItsBatch() throws {
    let expected = try undisturbed()
    let database = try Database()
    try database.scratch.write("records", records())
    let result = try database.run(
      """
      { head -n 1000 records; await is 'processed = 1000 FROM ils.jobs'; ask "UPDATE ils.jobs SET status = 'cancelled'"
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
  @Test(arguments: [Stand.betweenBatches, .withinABatch, .withinACommit, .atItsEnd])
  func aLoaderOutlivesItsServer(_ stand: Stand) throws {
    let expected = try undisturbed()
    let scratch = try Scratch()
    try scratch.write("records", records())
    try scratch.write("gate.sql", stand.gate)
    let result = try scratch.run(
      """
      export ILS_PG_DIR=$PWD/server
      pg='\(Place.root)/scripts/pg-local'
      trap '"$pg" destroy > /dev/null' EXIT
      "$pg" start > /dev/null && DATABASE_URL=$('\(Place.root)/scripts/lib/database' loaded) || exit 69
      export DATABASE_URL; psql -XqAt "$DATABASE_URL" -f gate.sql
      mkfifo go; hold "\(stand.bar)"
      { head -n \(stand.records) records; cat go; tail -n +\(stand.records + 1) records; } |
        \(load.dropLast(7)) --retry 600 > outcomes 2> told 8>&- & loader=$!
      [ \(stand) != atItsEnd ] || : > go
      await \(stand.sign)
      "$pg" stop immediate > /dev/null; "$pg" start > /dev/null
      [ \(stand) = atItsEnd ] || : > go
      wait "$loader"; echo "$?"
      exec 8>&-
      psql -XAtq "$DATABASE_URL" -c "\(contents)" > contents
      psql -XAtq "$DATABASE_URL" -c "SELECT status, processed, inserted, updated, skipped, failed FROM ils.jobs"
      """)
    let told = scratch.read("told") ?? ""
    #expect(result.out.split(separator: "\n").map(String.init) == ["1"] + expected.sums, "\(result.err)\(told)")
    #expect((scratch.read("contents") ?? "").split(separator: "\n").map(String.init) == expected.rows)
    #expect((scratch.read("bad") ?? "").split(separator: "\n").count == expected.rejects)
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
