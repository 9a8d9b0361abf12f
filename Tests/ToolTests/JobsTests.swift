import Foundation
import Testing

/// ils-jobs: what others see of jobs, and what they can do with them.
@Suite struct JobsTests {
  /// A patients job with a refusal and a duplicate, and an orders job of another source.
  private func twoJobs() throws -> (database: Database, patients: String, orders: String) {
    let database = try Database()
    let (patients, _) = try database.load(
      "patients", "--source clinic --skip-duplicates --rejects bad",
      [patient(2, mrn: "M1"), patient(3, mrn: "M1"), patient(4, mrn: "M2", first: "Secret", born: "1980-99-01")])
    let (orders, _) = try database.load("orders", "--source lab", [order(2, "A", of: "M1")])
    return (database, patients, orders)
  }

  private func jobs(_ outcome: Outcome) -> [String] {
    outcome.out.matches(of: /^\{"job":"([0-9a-f-]{36})"/.anchorsMatchLineEndings()).map { String($0.1) }
  }

  @Test func jobsAreListedAndFiltered() throws {
    let (database, patients, orders) = try twoJobs()
    #expect(jobs(try database.run("ils-jobs list")) == [patients, orders])
    #expect(jobs(try database.run("ils-jobs")) == [patients, orders])
    #expect(jobs(try database.run("ils-jobs list --entity orders")) == [orders])
    #expect(jobs(try database.run("ils-jobs list --source clinic")) == [patients])
    #expect(jobs(try database.run("ils-jobs list --status completed --source lab")) == [orders])
    #expect(try database.run("ils-jobs list --status failed").out == "")
    #expect(try database.run("ils-jobs list --status gone").status == 64)
  }

  @Test func aTerminalGetsATable() throws {
    let (database, patients, _) = try twoJobs()
    let outcome = try database.run("script -qec 'ils-jobs list' /dev/null")
    let lines = outcome.out.split(whereSeparator: \.isNewline).map(String.init)
    #expect(lines.count == 3)
    #expect(lines[0].contains(/^JOB +KIND  ENTITY +SOURCE +STATUS +STARTED +PROCESSED  OK  FAILED  SKIPPED$/))
    #expect(lines[1].hasPrefix("\(patients)  load  patients  clinic  completed  20"))
    #expect(lines[1].contains(/3 +1 +1 +1$/))
    #expect(Set(lines.map(\.count)).count == 1)
    #expect(try database.run("script -qec 'ils-jobs list --json' /dev/null").out.hasPrefix("{"))
    #expect(try database.run("script -qec 'ils-jobs show \(patients)' /dev/null").out.contains("progress.failed"))
  }

  /// Ids are as short as they can be told apart by; what gives way is in the JSON.
  @Test func theTableFitsATerminalOf80Columns() throws {
    let (database, patients, _) = try twoJobs()
    let long = try database.load(
      "patients", "--source 'the practice behind the station'", [patient(2, mrn: "L1", first: "Bo", last: "Long")]
    ).job
    _ = try database.run("ils-rollback \(long)")
    _ = try database.rows("UPDATE ils.jobs SET inserted = 1234567 WHERE id = '\(patients)'")
    for (verb, count) in [("list", 4), ("audit", 8)] {
      let outcome = try database.run("COLUMNS=80 script -qec 'ils-jobs \(verb)' /dev/null")
      let lines = outcome.out.split(whereSeparator: \.isNewline).map(String.init)
      #expect(lines.count >= count + 1 && lines.allSatisfy { $0.count <= 80 }, "\(outcome.out)")
      let ids = lines.dropFirst().compactMap { $0.firstMatch(of: /\b[0-9a-f]{8}[0-9a-f-]*/).map { String($0.0) } }
      #expect(ids.count >= count)
      for id in Set(ids) {
        #expect(try database.run("ils-jobs show \(id)").out.hasPrefix("{\"job\":\"\(id)"))
      }
    }
    let list = try database.run("COLUMNS=80 script -qec 'ils-jobs list' /dev/null").out
    #expect(list.contains("the pr") && list.contains("…") && list.contains("1234567"))
    #expect(try database.run("COLUMNS=200 script -qec 'ils-jobs list' /dev/null").out.contains(patients))
  }

  @Test func anIdMayBeShortWhereverAJobIsNamed() throws {
    let database = try Database()
    let records = (2...400).map { patient($0, mrn: "M\($0)", first: "F\($0)") + "\n" }.joined()
    try database.scratch.write("records", records)
    let cutOff = "--batch-size 100 --max-errors 0 -"
    _ = try database.run("(head -n 150 records; echo '{') | ils-load patients \(cutOff) 2> log")
    let job = try #require(try database.rows("SELECT id FROM ils.jobs").first)
    let prefix = try database.run(
      "(head -n 250 records; echo '{') | ils-load patients --resume \(job.prefix(9)) \(cutOff)")
    #expect(prefix.err.contains("job \(job) "), "\(prefix.err)")
    let last = try database.run("ils-load patients --resume last records")
    #expect(last.status == 0 && last.err.contains("job \(job) "), "\(last.err)")
    #expect(try database.rows("SELECT count(*), count(DISTINCT import_job_id) FROM patients") == ["399|1"])
    #expect(try database.run("ils-load patients --resume beef0000 records").status == 66)
    #expect(try database.run("ils-load patients --resume patients records").status == 64)
  }

  @Test func aJobIsShownWhole() throws {
    let (database, patients, _) = try twoJobs()
    let shown = try database.run("ils-jobs show \(patients)").out
    #expect(shown.hasPrefix(#"{"job":"\#(patients)","kind":"load","entity":"patients","source":"clinic","status":"#))
    for part in [
      #""progress":{"processed":3,"successful":1,"failed":1,"skipped":1}"#, #""errors":{"value.not_iso":1}"#,
      #""onDuplicate":"skip""#, #""databaseUser":"postgres""#, #""seconds":"#, #""target":"patients""#,
    ] {
      #expect(shown.contains(part), "\(part)")
    }
  }

  @Test func aJobIsShownWithoutTheTextOfItsMapping() throws {
    let database = try Database()
    try database.scratch.write("people.csv", "Chart,First,Last,Born\nM1,Ann,Lee,1980-01-02\n")
    let fields = [("Chart", "mrn"), ("First", "firstName"), ("Last", "lastName"), ("Born", "dateOfBirth")]
    let mappings = fields.map { #"{"sourceField":"\#($0.0)","targetField":"\#($0.1)"}"# }.joined(separator: ",")
    try database.scratch.write("map.json", #"{"mappings":[\#(mappings)]}"#)
    let loaded = try database.run(
      """
      ils-parse people.csv --manifest run.json | ils-map -m map.json --manifest run.json |
        ils-load patients --manifest run.json; ils-jobs show last
      """)
    #expect(loaded.out.contains(#""mapping":{"name":"map.json","sha256":""#), "\(loaded.out) \(loaded.err)")
    #expect(!loaded.out.contains("Chart"))
    #expect(try database.rows("SELECT manifest::text LIKE '%Chart%' FROM ils.jobs") == ["t"])
  }

  @Test func aRefusalNamesItsSheet() throws {
    let database = try Database()
    let wrong = #"{"_row":3,"_sheet":"Old","mrn":"\u0000","firstName":"A","lastName":"B","dateOfBirth":"1980-01-02"}"#
    let late = #"{"_row":4,"_sheet":"New","mrn":"M1","firstName":"A","lastName":"B","dateOfBirth":"x"}"#
    let twin = #"{"_row":5,"_sheet":"New","mrn":"M7","firstName":"Zoe","lastName":"Fox","dateOfBirth":"1999-01-02"}"#
    let (job, _) = try database.load("patients", "", [patient(2, mrn: "M7"), wrong, late, twin])
    #expect(
      try database.run("ils-jobs errors \(job) | jq -r '[._sheet, ._row, .code] | @csv' | sort").out
        == "\"New\",4,\"value.not_iso\"\n\"New\",5,\"identity.conflict\"\n\"Old\",3,\"text.nul\"\n")
  }

  @Test func theLastLoadHasAName() throws {
    let (database, patients, orders) = try twoJobs()
    #expect(jobs(try database.run("ils-jobs show last")) == [orders])
    #expect(try database.run("ils-rollback last").out.contains("\"undoes\":\"\(orders)\""))
    // The undo is no load.
    #expect(jobs(try database.run("ils-jobs show last")) == [orders])
    #expect(jobs(try database.run("ils-jobs show \(patients)")) == [patients])
    let empty = try Database()
    #expect(try empty.run("ils-jobs show last").status == 66)
  }

  @Test func aPrefixOfTheIdWillDo() throws {
    let (database, patients, _) = try twoJobs()
    let short = String(patients.prefix(30))
    #expect(jobs(try database.run("ils-jobs show \(short)")) == [patients])
    let ambiguous = try database.run("ils-jobs show \(patients.prefix(4))")
    #expect(ambiguous.status == 64)
    #expect(ambiguous.err.contains("[job.ambiguous]") && ambiguous.err.contains(patients))
    #expect(try database.run("ils-jobs show ffff-ffff").status == 66)
    #expect(try database.run("ils-jobs show %").status == 64)
  }

  @Test func errorsNameCodeFieldAndRowButNoValue() throws {
    let (database, patients, orders) = try twoJobs()
    let outcome = try database.run("ils-jobs errors \(patients)")
    #expect(outcome.out.hasPrefix(#"{"_row":4,"job":"\#(patients)","record":3,"code":"value.not_iso""#))
    #expect(!outcome.out.contains("Secret") && !outcome.out.contains("1980-99"))
    #expect(try database.run("ils-jobs errors \(orders)").out == "")
  }

  @Test func aJobIsFollowedToItsEnd() throws {
    let database = try Database()
    let records = (2..<402).map { patient($0, mrn: "\($0)", first: "A\($0)") + "\n" }
    try database.scratch.write("first", records[..<200].joined())
    try database.scratch.write("rest", records[200...].joined() + patient(402, mrn: "2") + "\n")
    let outcome = try database.run(
      """
      mkfifo seen
      { cat first seen rest; } | ils-load patients --batch-size 200 --rejects bad > loaded 2> told & loader=$!
      await processing
      ils-jobs watch --interval 0.1 "$job" > watched & watcher=$!
      await grep -q '"processed":200' watched; : > seen
      wait "$watcher"; status=$?; wait "$loader"; cat watched; (exit "$status")
      """)
    #expect(outcome.status == 1)
    let processed = outcome.out.matches(of: /"processed":(\d+)/).map { Int($0.1) ?? -1 }
    #expect(processed.count >= 2 && processed == processed.sorted() && processed.last == 401)
    #expect(outcome.out.split(separator: "\n").last?.contains(#""status":"completed""#) == true)
  }

  @Test func theExitStatusTellsHowAJobEnded() throws {
    let (database, _, orders) = try twoJobs()
    #expect(try database.run("ils-jobs watch \(orders)").status == 0)
    _ = try database.run("ils-rollback \(orders)")
    #expect(try database.run("ils-jobs watch \(orders)").status == 65)
    let rollback = try database.rows("SELECT id FROM ils.jobs WHERE kind = 'rollback'")[0]
    #expect(try database.run("ils-jobs watch \(rollback)").status == 0)
    _ = try database.rows("UPDATE ils.jobs SET status = 'processing' WHERE kind = 'rollback'")
    let stalled = try database.run("ils-jobs watch --interval 0.1 --timeout 0.3 \(rollback)")
    #expect(stalled.status == 75 && stalled.err.contains("[job.stalled]"))
  }

  @Test func aCancelledLoaderStopsBehindItsBatchAndGoesOn() throws {
    let database = try Database()
    let records = (2..<402).map { patient($0, mrn: "\($0)", first: "A\($0)") + "\n" }
    try database.scratch.write("records", records.joined())
    let load = "ils-load patients --batch-size 100"
    let outcome = try database.run(
      """
      mkfifo asked
      { head -n 150 records; cat asked; tail -n +151 records; } | \(load) > loaded 2> told & loader=$!
      await processing
      ils-jobs cancel "${job:0:23}" | jq -r .status; : > asked
      wait "$loader"; echo "$?"
      ils-jobs watch "$job" > watched; echo "$?"
      \(load) --resume "$job" records > /dev/null 2>&1; echo "$?"
      ils-jobs cancel "$job"
      """)
    #expect(outcome.out.split(separator: "\n") == ["cancelled", "75", "75", "0"])
    #expect(outcome.status == 65)
    #expect(outcome.err.contains("[job.ended]"))
    #expect(try database.rows("SELECT count(*) FROM patients") == ["400"])
    #expect(try database.rows("SELECT count(*) FROM ils.audit WHERE event = 'cancel asked'") == ["1"])
  }

  // MARK: - Parked records

  @Test func parkedOrdersAreReleasedByHand() throws {
    let database = try Database()
    let (job, _) = try database.load("orders", "--park-orphans", [order(2, "A", of: "M1"), order(3, "B", of: "M2")])
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('M2', 'By', 'Hand', '1950-01-01')")
    let released = try database.run("ils-jobs release \(job.prefix(30))")
    #expect(released.status == 0)
    #expect(released.err.contains("1 parked records released, 1 still wait"))
    #expect(try database.rows("SELECT order_number, import_job_id FROM orders") == ["B|\(job)"])
    #expect(try database.run("ils-jobs release").err.contains("0 parked records released, 1 still wait"))
  }

  // MARK: - Shared jobs

  @Test func aSharedJobIsClosedOnceAllPartsCameToTheirEnd() throws {
    let database = try Database()
    let job = "01a20000-0000-7000-8000-00000000000b"
    let load = "ils-load patients --batch-size 50 --job \(job)"
    for part in 1...2 {
      let records = (1...200).map { patient($0, mrn: "\(part * 1000 + $0)", first: "N\(part)x\($0)") + "\n" }
      try database.scratch.write("part\(part)", records.joined() + (part == 2 ? "no record\n" : ""))
    }
    #expect(try database.run("\(load) --part 1 part1").err.contains("ils-jobs close \(job)"))
    // A loader at work keeps it open, and so does one that was killed.
    let early = try database.run(
      """
      mkfifo feed; \(load) --part 2 feed 2> told & loader=$!
      exec 7> feed; head -n 100 part2 >&7
      await is 'count(*) = 300 FROM patients'
      ils-jobs close \(job); echo "$?"; kill -9 "$loader"; wait "$loader"; exec 7>&-
      is_told() { ils-jobs close \(job) 2> why; status=$?; [ "$status" != 75 ]; }
      await is_told; echo "$status"; cat why
      """)
    #expect(early.out.contains("75\n65\n"))
    #expect(early.out.contains("[job.part_open]") && early.out.contains("come to their end: 2;"))
    for _ in 1...2 { #expect(try database.run("\(load) --part 2 part2").status == 1) }
    let missing = try database.run(
      "{ echo a; seq 402; } | ils-parse --format csv --manifest manifest > all; ils-jobs close --manifest manifest \(job)"
    )
    #expect(missing.status == 65 && missing.err.contains("[job.dropped]"), "\(missing.err)")
    let closed = try database.run("ils-jobs close \(job.prefix(30))")
    #expect(closed.status == 1)
    #expect(closed.out.contains(#""inserted":400,"updated":0,"skipped":0,"failed":1,"rejected":0"#))
    #expect(closed.out.contains(#""status":"completed""#) && closed.out.contains("auditHead"))
    #expect(try database.run("ils-jobs close \(job)").err.contains("[job.ended]"))
    #expect(try database.run("\(load) --part 3 part1").err.contains("[job.not_resumable]"))
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    #expect(try database.run("ils-rollback \(job)").out.contains(#""deleted":400"#))
  }

  @Test func aSingleLoadersJobIsNotClosed() throws {
    let (database, patients, _) = try twoJobs()
    #expect(try database.run("ils-jobs close \(patients)").err.contains("[job.ended]"))
    _ = try database.rows("UPDATE ils.jobs SET status = 'processing'")
    #expect(try database.run("ils-jobs close \(patients)").err.contains("[job.not_shared]"))
    #expect(try database.run("ils-load patients --job \(patients) --manifest x").status == 64)
  }

  // MARK: - Retention

  @Test func oldDetailsAreRemovedAndNothingElse() throws {
    let (database, patients, orders) = try twoJobs()
    let counts = """
      SELECT (SELECT count(*) FROM ils.job_errors), (SELECT count(*) FROM ils.batches), (SELECT count(*) FROM ils.jobs),
        (SELECT count(*) FROM patients)
      """
    let before = try database.rows(counts)
    let trail = try database.rows("SELECT * FROM ils.audit")
    #expect(try database.run("ils-jobs cleanup").out.contains(#""jobs":0,"errors":0"#))
    _ = try database.rows("UPDATE ils.jobs SET ended_at = ended_at - interval '25 hours' WHERE id = '\(patients)'")
    #expect(
      try database.run("ils-jobs cleanup --dry-run").out.contains(
        #""jobs":1,"errors":1,"beforeImages":0,"batches":0,"dryRun":true"#))
    #expect(try database.rows(counts) == before)
    #expect(try database.run("ils-jobs cleanup --older-than 26h").out.contains(#""errors":0"#))
    #expect(try database.run("ils-jobs cleanup").out.contains(#""jobs":1,"errors":1"#))
    #expect(try database.run("ils-jobs cleanup").out.contains(#""jobs":0,"errors":0"#))
    #expect(try database.run("ils-jobs show \(patients)").out.contains(#""errorsRemovedAt":"#))
    // It can be undone for a month.
    #expect(try database.run("ils-jobs cleanup --undo-older-than 1d").out.contains(/"beforeImages":0,"batches":[1-9]/))
    let late = try database.run("ils-rollback \(patients)")
    #expect(late.status == 65 && late.err.contains("[job.expired]"))
    #expect(try database.run("ils-rollback \(orders)").out.contains(#""deleted":1"#))
    #expect(try database.rows("SELECT * FROM ils.audit ORDER BY seq LIMIT \(trail.count)") == trail)
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    #expect(try database.run("ils-jobs cleanup --older-than soon").status == 64)
  }

  // MARK: - The audit trail

  private func unlocked(_ database: Database, _ sql: String) throws {
    _ = try database.rows("ALTER TABLE ils.audit DISABLE TRIGGER append_only; \(sql)")
  }

  @Test func theTrailIsListedAndProved() throws {
    let (database, patients, _) = try twoJobs()
    let events = try database.run("ils-jobs audit").out.split(separator: "\n")
    #expect(events.count == 5)
    #expect(
      events[2].hasPrefix(#"{"seq":3,"at":"#) && events[2].contains(#""event":"job completed","job":"\#(patients)""#))
    #expect(try database.run("ils-jobs audit \(patients)").out.split(separator: "\n").count == 2)
    let head = try database.rows("SELECT hash FROM ils.audit ORDER BY seq DESC LIMIT 1")[0]
    let proof = try database.run("ils-jobs audit --verify --head \(head)")
    #expect(proof.status == 0)
    #expect(proof.out == "{\"audit\":\"verified\",\"events\":5,\"head\":\"\(head)\"}\n")
    #expect(try database.run("ils-jobs audit --verify --head abc").status == 64)
  }

  /// What was done to the trail, and the event and code that are named.
  static let breaks: [(sql: String, seq: Int, code: String)] = [
    ("UPDATE ils.audit SET database_user = 'nobody' WHERE seq = 2", 2, "audit.changed"),
    ("UPDATE ils.audit SET detail = '{\"inserted\": 7}' WHERE seq = 4", 4, "audit.changed"),
    (
      "UPDATE ils.audit a SET event = 'x'; UPDATE ils.audit a SET hash = ils.audit_hash(a) WHERE seq = 1", 2,
      "audit.unlinked"
    ),
    ("DELETE FROM ils.audit WHERE seq = 1", 1, "audit.missing"),
    ("DELETE FROM ils.audit WHERE seq = 3", 3, "audit.missing"),
    ("DELETE FROM ils.audit WHERE seq = 5", 5, "audit.truncated"),
    ("DELETE FROM ils.audit", 1, "audit.truncated"),
  ]

  @Test(arguments: breaks.indices) func theFirstBreakIsNamed(index: Int) throws {
    let (sql, seq, code) = Self.breaks[index]
    let (database, _, _) = try twoJobs()
    let head = try database.rows("SELECT hash FROM ils.audit ORDER BY seq DESC LIMIT 1")[0]
    try unlocked(database, sql)
    let verdict = try database.run("ils-jobs audit --verify --head \(head)")
    #expect(verdict.status == 65)
    #expect(verdict.out.contains(#"{"audit":"broken","seq":\#(seq),"code":"\#(code)""#))
    #expect(verdict.err.contains("[\(code)]"))
  }

  @Test func aTrailWrittenAnewLacksTheKeptHead() throws {
    let (database, _, _) = try twoJobs()
    let head = try database.rows("SELECT hash FROM ils.audit ORDER BY seq DESC LIMIT 1")[0]
    try unlocked(
      database,
      """
      DO $$ DECLARE e ils.audit; last text := ''; BEGIN
        FOR e IN SELECT * FROM ils.audit ORDER BY seq LOOP
          e.os_user := 'somebody else'; e.previous := last; last := ils.audit_hash(e);
          UPDATE ils.audit SET os_user = e.os_user, previous = e.previous, hash = last WHERE seq = e.seq;
        END LOOP; END $$
      """)
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    let verdict = try database.run("ils-jobs audit --verify --head \(head)")
    #expect(verdict.status == 65 && verdict.err.contains("[audit.truncated]"))
  }
}
