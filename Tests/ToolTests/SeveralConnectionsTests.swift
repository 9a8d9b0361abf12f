import Foundation
import Testing

/// One loader on several connections does what it does on one.
@Suite struct SeveralConnectionsTests {
  /// People of whom some come again, are in conflict, are refused by this side or by the database; and lines that are none.
  private func people(_ count: Int, seed: UInt64, isClean: Bool) -> String {
    var random = SplitMix(seed: seed)
    var text = ""
    for row in 1...count {
      let old = max(1, row - Int(random.next(400)))
      var person = [
        "mrn": "M\(row)", "first": "F\(row)", "born": born(row), "city": random.next(2) == 0 ? "Rome" : "Oslo",
      ]
      switch random.next(isClean ? 4000 : 400) {
      case 0...3: person["mrn"] = "M\(old)"
      case 4...7: (person["mrn"], person["first"], person["born"]) = (nil, "F\(old)", born(old) + "T00:00:00")
      case 8...10: (person["mrn"], person["born"]) = (nil, born(row) + "T00:00:00")
      case 11: person["born"] = "1980-02-31"
      case 12 where !isClean: person["first"] = String(repeating: "x", count: 300)
      case 13 where !isClean: person["city"] = "a\\u0000"
      case 14 where !isClean: text += "{\"_row\":\(row),\n"
      case 15: (person["mrn"], person["first"], person["born"]) = ("M\(old)", "F\(old)", born(old))
      default: break
      }
      text +=
        patient(
          row, mrn: person["mrn"], first: person["first"] ?? "", last: "L", born: person["born"] ?? "",
          city: person["city"]) + "\n"
    }
    return text
  }

  private func born(_ row: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "19\(two(30 + row % 69))-\(two(1 + row % 12))-\(two(1 + row % 28))"
  }

  /// All that a load leaves, but for what differs between any two.
  private struct Traces: Equatable {
    var rows, errors: [String]
    var sums: [String]
    var batches: [String]
    var rejects, outcomes: String

    init(_ database: Database, rejects: String, outcomes: String) throws {
      rows = try database.rows(
        "SELECT mrn, first_name, date_of_birth, city, import_job_id IS NULL FROM patients ORDER BY 1, 2, 3, 4, 5")
      errors = try database.rows(
        "SELECT record, source_row, code, field, message FROM ils.job_errors ORDER BY 1, 2, 3, 4")
      sums = try database.rows("SELECT processed, inserted, updated, skipped, failed, rejected, status FROM ils.jobs")
      batches = try database.rows(
        "SELECT number, first_record, last_record, inserted, updated, skipped, failed FROM ils.batches ORDER BY 1")
      // Ids are made by the server, and differ between any two loads.
      func bare(_ name: String) -> String {
        (database.scratch.read(name) ?? "").replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/, with: "ID")
          .replacing(/"(startedAt|endedAt|auditHead)":"[^"]*"/, with: "")
      }
      (self.rejects, self.outcomes) = (bare(rejects), bare(outcomes))
    }
  }

  private func load(_ database: Database, _ options: String) throws -> Traces {
    _ = try database.run("ils-load patients --outcomes all --rejects bad \(options) people > loaded 2> told")
    return try Traces(database, rejects: "bad", outcomes: "loaded")
  }

  /// How often the fence was asked for: a transaction that is taken back for each batch that several connections bring.
  private func landed(_ database: Database) throws -> Int {
    try database.outwaitOthers()
    return Int(
      try database.rows(
        "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()")[0]) ?? 0
  }

  @Test(
    arguments: ["--batch-size 40", "--skip-duplicates --batch-size 7", "--update-existing --batch-size 90"],
    [true, false])
  func severalBringWhatOneBrings(options: String, isClean: Bool) throws {
    for seed in UInt64(1)...2 {
      let people = people(1500, seed: seed, isClean: isClean)
      var traces: [Traces] = []
      for connections in 1...3 {
        let database = try Database()
        try database.scratch.write("people", people)
        traces.append(try load(database, "--connections \(connections) \(options)"))
        // How many of them depends on how soon the server shows who waits.
        if connections > 1, isClean { #expect(try landed(database) > 0, "several connections were at work") }
      }
      #expect(traces[0].rows.count > 1000 && (isClean || !traces[0].rejects.isEmpty))
      #expect(traces[1] == traces[0], "two connections, seed \(seed)")
      #expect(traces[2] == traces[0], "three connections, seed \(seed)")
    }
  }

  /// The run ends behind the same batch, and goes on from there; fields without a column make it tell something on the way.
  @Test(arguments: ["--fail-fast", "--max-errors 3"], ["--batch-size 1", "--batch-size 20"])
  func severalStopWhereOneStops(budget: String, size: String) throws {
    var records = people(400, seed: 3, isClean: false).split(separator: "\n").map(String.init)
    for row in stride(from: 0, to: records.count, by: 7) where records[row].hasSuffix("}") {
      records[row] = records[row].dropLast() + ",\"more\(row % 5)\":1}"
    }
    var traces: [[Traces]] = []
    for connections in 1...3 {
      let database = try Database()
      try database.scratch.write("people", records.map { $0 + "\n" }.joined())
      let options = "--skip-duplicates \(size) --connections \(connections)"
      let stopped = try load(database, "\(options) \(budget)")
      let job = try #require(try database.rows("SELECT id FROM ils.jobs WHERE status = 'failed'").first)
      traces.append([stopped, try load(database, "\(options) --resume \(job)")])
    }
    #expect(traces[0][0].rows.count < traces[0][1].rows.count)
    #expect(traces[1] == traces[0], "two connections")
    #expect(traces[2] == traces[0], "three connections")
  }

  /// Tables that refuse, drop and change rows by rules of their own.
  @Test(arguments: [
    "CREATE UNIQUE INDEX ON patients (city, last_name) WHERE city = 'Rome'",
    "ALTER TABLE patients ADD CONSTRAINT no_oslo CHECK (city <> 'Oslo' OR right(mrn, 1) <> '7')",
    "ALTER TABLE patients ALTER state SET DEFAULT 'XX'",
    "ALTER TABLE patients ADD UNIQUE (phone) DEFERRABLE INITIALLY DEFERRED",
    """
    CREATE FUNCTION drops() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF right(NEW.mrn, 1) = '3' THEN RETURN NULL; END IF; NEW.city := upper(NEW.city); RETURN NEW; END $$;
    CREATE TRIGGER drops BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION drops()
    """,
  ]) func aTablesOwnRulesMakeNoDifference(rule: String) throws {
    let people = people(600, seed: 5, isClean: false)
    let traces = try (1...2).map { connections in
      let database = try Database()
      _ = try database.rows(rule)
      try database.scratch.write("people", people)
      return try load(database, "--skip-duplicates --batch-size 40 --connections \(connections)")
    }
    #expect(traces[0].rows.count > 10)
    #expect(traces[1] == traces[0])
  }

  /// What the server, a role or a database has no connections for, one brings alone; what was parked is released all the same.
  @Test(arguments: [2, 3, 4]) func aRoleWithFewConnectionsLoads(limit: Int) throws {
    let database = try Database()
    let role = "few\(UUID().uuidString.lowercased().prefix(8))"
    #expect(
      try database.run("psql -qX -v ON_ERROR_STOP=1 -f '\(Place.root)/scripts/roles.sql' \"$DATABASE_URL\"").status == 0
    )
    _ = try database.rows("CREATE ROLE \(role) LOGIN IN ROLE ils_loader CONNECTION LIMIT \(limit)")
    try database.scratch.write("orders", order(1, "O1", of: "M7") + "\n")
    try database.scratch.write(
      "people", (1...200).map { patient($0, mrn: "M\($0)", first: "F\($0)", born: born($0)) + "\n" }.joined())
    let its = "${DATABASE_URL/user=postgres/user=\(role)}"
    let result = try database.run(
      """
      ils-load orders --park-orphans --database "\(its)" orders > out 2> told; echo $?
      ils-load patients --batch-size 20 --database "\(its)" people > out 2> told; echo $?
      """)
    #expect(result.out == "0\n0\n", "\(database.scratch.read("told") ?? "")")
    #expect(try database.rows("SELECT count(*), (SELECT count(*) FROM orders) FROM patients") == ["200|1"])
  }

  @Test func aKilledLoaderOfSeveralGoesOn() throws {
    let people = people(6000, seed: 7, isClean: true)
    let whole = try Database()
    try whole.scratch.write("people", people)
    let expected = try load(whole, "--skip-duplicates --batch-size 50")
    for connections in [2, 3] {
      let database = try Database()
      try database.scratch.write("people", people)
      var goOn = ""
      // What is on its way behind the batch of this number is lost.
      for batch in [1, 4, 30, 77] {
        try database.addGate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = \(batch)")
        let killed = try database.run(
          """
          hold "\(Database.bar)"
          ils-load patients --outcomes none --skip-duplicates --batch-size 50 --lock-timeout 600 --connections \(connections) \(goOn) people > out 2> told & p=$!
          await wait_for_it 1; kill -9 $p; let_go; wait $p
          """)
        #expect(killed.status == 137, "killed at batch \(batch): \(killed.err)")
        try database.outwaitOthers()
        _ = try database.rows("DROP FUNCTION gate() CASCADE")
        goOn = "--resume " + (try database.rows("SELECT id FROM ils.jobs")[0])
      }
      let result = try load(
        database, "--skip-duplicates --batch-size 50 --connections \(connections) \(goOn)")
      #expect(
        result.rows == expected.rows && result.errors == expected.errors && result.sums == expected.sums
          && result.batches == expected.batches, "\(connections) connections")
      #expect(result.rejects == expected.rejects)
    }
  }

  /// Any of them: one that brings a batch, or the one that keeps others out.
  @Test func aLostConnectionOfSeveralIsNoLoss() throws {
    let people = people(6000, seed: 9, isClean: true)
    let whole = try Database()
    try whole.scratch.write("people", people)
    let expected = try load(whole, "--skip-duplicates --batch-size 50")
    for victim in 0..<4 {
      let database = try Database()
      try database.scratch.write("people", people)
      try database.addGate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = 20")
      // The loader's connections, by their age: the first keeps others out.
      let ended = try database.run(
        """
        hold "\(Database.bar)"
        ils-load patients --outcomes all --rejects bad --skip-duplicates --batch-size 50 --lock-timeout 600 --retry 600 --connections 3 people > loaded 2> told & p=$!
        await wait_for_it 1
        ask "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
          AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name <> 'psql'
          ORDER BY backend_start OFFSET \(victim) LIMIT 1"
        let_go; wait $p
        """)
      #expect(ended.out == "t\n", "a connection was ended")
      let result = try Traces(database, rejects: "bad", outcomes: "loaded")
      #expect(result.rows == expected.rows && result.errors == expected.errors && result.sums == expected.sums)
      #expect(result.rejects == expected.rejects && result.outcomes == expected.outcomes)
    }
  }

  /// Users look whether somebody is there before they enter them, and so does the loader: nobody is there twice.
  @Test func usersAndSeveralConnectionsBringNobodyTwice() throws {
    let database = try Database()
    let count = 4000
    try database.scratch.write(
      "people",
      (1...count).map { patient($0, mrn: "M\($0)", first: "F\($0)", last: "L", born: born($0)) + "\n" }.joined())
    var random = SplitMix(seed: 11)
    for user in 1...3 {
      let entries = (1...120).map { _ -> String in
        // Each has people of their own: two users do not see each other's.
        let row = Int(random.next(UInt64(count / 3))) * 3 + user
        return """
          BEGIN; INSERT INTO patients (first_name, last_name, date_of_birth, city) SELECT 'F\(row)', 'L', '\(born(row))', 'User'
            WHERE NOT EXISTS (SELECT FROM patients WHERE first_name = 'F\(row)'); SELECT pg_sleep(0.005); COMMIT;\n
          """
      }
      try database.scratch.write("user\(user)", entries.joined())
    }
    let ended = try database.run(
      """
      mkfifo go
      { head -n 2000 people; cat go; tail -n +2001 people; } |
        ils-load patients --outcomes none --skip-duplicates --batch-size 50 --lock-timeout 600 --connections 3 > loaded 2> told & loader=$!
      await is 'count(*) > 0 FROM patients'
      for user in 1 2 3; do psql -XAtq -f user$user "$DATABASE_URL" > /dev/null & done
      await is "count(*) > 0 FROM patients WHERE city = 'User'"; : > go
      wait $loader; echo $?
      wait
      """)
    #expect(ended.out == "0\n", "\(ended.out) \(database.scratch.read("told") ?? "")")
    #expect(
      try database.rows("SELECT count(*), count(DISTINCT first_name) FROM patients") == ["\(count)|\(count)"])
    #expect(try database.rows("SELECT count(*) > 0 FROM patients WHERE city = 'User'") == ["t"])
  }

  @Test func otherLoadersHaveTheirTurn() throws {
    let database = try Database()
    for part in 1...2 {
      let records = (1...3000).map { patient($0, mrn: "M\($0)", first: "F\($0)", born: born($0)) + "\n" }
      try database.scratch.write("part\(part)", records.joined())
    }
    let ended = try database.run(
      """
      for part in 1 2; do
        ils-load patients --outcomes none --skip-duplicates --batch-size 50 --lock-timeout 600 --connections 2 part$part > out$part 2> told$part || echo broke &
      done
      wait
      """)
    #expect(ended.out == "", "\(database.scratch.read("told1") ?? "") \(database.scratch.read("told2") ?? "")")
    #expect(try database.rows("SELECT count(*), count(DISTINCT mrn) FROM patients") == ["3000|3000"])
    #expect(try database.rows("SELECT sum(inserted), sum(skipped), count(*) FROM ils.jobs") == ["3000|3000|2"])
  }
}

/// The same numbers for the same seed.
private struct SplitMix {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next(_ bound: UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return (mixed ^ mixed >> 31) % bound
  }
}
