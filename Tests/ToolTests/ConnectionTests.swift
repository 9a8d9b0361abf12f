import Foundation
import Testing

/// Loaders whose connection is cut, and loaders that meet.
@Suite struct ConnectionTests {
  private let proxy = "'\(Place.root)/scripts/tests/cutting-proxy'"

  /// Each fifth record updates an earlier one.
  private func records(_ count: Int) -> String {
    (1...count).map {
      patient($0, mrn: "\($0 % 5 == 0 ? $0 - 1 : $0)", first: "A\($0)", city: "C\($0)") + "\n"
    }.joined()
  }

  /// The proxy cuts connections in the middle of a COPY, behind a COMMIT whose answer is lost; and, with the later seeds, while
  /// the catalogue is read (20), the job is opened (5) and the job is ended (133).
  @Test(arguments: [1, 4, 7, 20, 5, 133]) func eachBatchIsLoadedOnceWhateverConnectionsDo(seed: Int) throws {
    let database = try Database()
    try database.scratch.write("records", records(2000))
    let loaded = try database.run(
      """
      server=$(sed -E 's/.*host=([^&]*).*/\\1/' <<< "$DATABASE_URL")
      # A socket's path is short.
      mkdir -p /tmp/ils-cut.$$ && trap 'kill $p; rm -rf /tmp/ils-cut.$$' EXIT
      \(proxy) /tmp/ils-cut.$$ "$server/.s.PGSQL.5432" 4 \(seed) 400000 & p=$!
      await test -S /tmp/ils-cut.$$/.s.PGSQL.5432
      ils-load patients --update-existing --batch-size 60 --outcomes none --retry 600 \\
        --database "${DATABASE_URL/host=$server/host=/tmp/ils-cut.$$}" records
      """)
    #expect(loaded.status == 0, "\(loaded.err)")
    #expect(
      try database.rows("SELECT status, processed, inserted, updated, skipped, failed FROM ils.jobs")
        == ["completed|2000|1600|400|0|0"])
    #expect(
      try database.rows("SELECT event FROM ils.audit ORDER BY seq").suffix(2) == ["load started", "job completed"])
    #expect(try database.rows("SELECT count(*), count(DISTINCT mrn) FROM patients") == ["1600|1600"])
  }

  /// A COMMIT whose answer is lost takes nothing along of what must be told: each refused record is a reject.
  @Test(arguments: [1, 2, 3, 4, 7], [1, 3]) func nothingIsUntoldOfABatchWhoseAnswerIsLost(seed: Int, connections: Int)
    throws
  {
    let database = try Database()
    try database.scratch.write("records", records(2000))
    let loaded = try database.run(
      """
      server=$(sed -E 's/.*host=([^&]*).*/\\1/' <<< "$DATABASE_URL")
      mkdir -p /tmp/ils-cut.$$ && trap 'kill $p; rm -rf /tmp/ils-cut.$$' EXIT
      \(proxy) /tmp/ils-cut.$$ "$server/.s.PGSQL.5432" 6 \(seed) 200000 & p=$!
      await test -S /tmp/ils-cut.$$/.s.PGSQL.5432
      ils-load patients --batch-size 60 --connections \(connections) --retry 600 --outcomes all --rejects bad \\
        --database "${DATABASE_URL/host=$server/host=/tmp/ils-cut.$$}" records > told
      """)
    #expect(loaded.status == 1, "\(loaded.err)")
    #expect(try database.rows("SELECT inserted, failed FROM ils.jobs") == ["1600|400"])
    let files = try database.run(
      "jq -c ._row bad | uniq | wc -l; jq -r 'select(.outcome) | .outcome' told | sort | uniq -c | sed 's/^ *//'")
    #expect(files.out == "400\n400 failed\n1600 inserted\n")
  }

  /// Each costs a network's round trip: what does not need the answer before goes along with it.
  @Test(arguments: [(records: 0, most: 10), (records: 1, most: 19)])
  func ofAJobsBeginAndEndFewAnswersAreWaitedFor(records count: Int, most: Int) throws {
    let database = try Database()
    try database.scratch.write("records", count == 0 ? "" : records(count))
    let turns = try database.run(
      """
      server=$(sed -E 's/.*host=([^&]*).*/\\1/' <<< "$DATABASE_URL")
      mkdir -p /tmp/ils-count.$$ && trap 'kill $p; rm -rf /tmp/ils-count.$$' EXIT
      '\(Place.root)/scripts/tests/counting-proxy' /tmp/ils-count.$$ "$server/.s.PGSQL.5432" turns & p=$!
      await test -S /tmp/ils-count.$$/.s.PGSQL.5432
      ils-load patients --database "${DATABASE_URL/host=$server/host=/tmp/ils-count.$$}" records > /dev/null
      await test -s turns
      cat turns
      """)
    let counted = turns.out.split(separator: "\n").compactMap { Int($0) }
    #expect(counted.count == 1 && counted[0] <= most, "\(turns.out)\(turns.err)")
  }

  @Test func aConnectionThatIsLostBeforeTheJobIsMadeIsMadeAnew() throws {
    let database = try Database()
    try database.scratch.write("records", records(10))
    let ended = try database.run(
      """
      hold "LOCK TABLE ils.jobs"
      ils-load patients --id 0199d0e1-0000-7000-8000-000000000001 --update-existing --retry 600 --outcomes none records & p=$!
      await is "count(*) = 1 FROM pg_locks WHERE NOT granted AND relation = 'ils.jobs'::regclass"
      ask "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"
      let_go; wait $p; echo $?
      """)
    #expect(ended.out.contains("t\n") && ended.out.hasSuffix("0\n"), "\(ended.out)\(ended.err)")
    #expect(try database.rows("SELECT status, processed FROM ils.jobs") == ["completed|10"])
  }

  @Test func aJobHasOneLoaderAtATime() throws {
    let database = try Database()
    try database.scratch.write("records", records(400))
    let outcome = try database.run(
      """
      mkfifo go
      { head -n 150 records; cat go; tail -n +151 records; } |
        ils-load patients --update-existing --batch-size 100 --outcomes none > loaded 2> told & loader=$!
      await processing
      ils-load patients --lock-timeout 0.3 --resume "$job" records 2>&1; echo "$?"
      : > go; wait "$loader"; echo "$?"
      """)
    #expect(outcome.out.contains("[job.locked]"))
    #expect(outcome.out.hasSuffix("75\n0\n"))
    #expect(try database.rows("SELECT processed, inserted, updated FROM ils.jobs") == ["400|320|80"])
  }

  /// The orders come first, and their patients while they are still loaded.
  @Test func ordersWhosePatientsCameMeanwhileAreReleasedAtTheEnd() throws {
    let database = try Database()
    try database.scratch.write("orders", order(1, "A", of: "M1") + "\n")
    try database.scratch.write("patients", patient(1, mrn: "M1") + "\n")
    let outcome = try database.run(
      """
      mkfifo go
      { cat orders; cat go; } | ils-load orders --park-orphans --batch-size 1 > loaded 2> told & loader=$!
      await is 'count(*) = 1 FROM ils.parked'
      ils-load patients patients; echo "$?"
      : > go
      wait "$loader"; echo "$?"; cat told
      """)
    #expect(outcome.out.contains("0\n0\n") && outcome.out.contains("1 parked records released, 0 still wait"))
    #expect(outcome.err.contains("[job.parked]"))
    #expect(try database.rows("SELECT count(*) FROM orders") == ["1"])
  }
}
