import Testing

/// What a person says of records, what sources call rows, and within what either counts.
@Suite struct DecisionTests {
  private let elsa = patient(2, mrn: "1", first: "Elsa", last: "Brandt", born: "1975-04-05")

  // MARK: - _is

  @Test func aMendedRejectIsWhoAPersonSaysItIs() throws {
    let database = try Database()
    _ = try database.load("patients", "", [elsa])
    let before = try database.dump()
    let doubtful = patient(7, mrn: "2", first: "Elsa", last: "Brandt", born: "1975-04-05", city: "Kiel")
    let refused = try database.load("patients", "--rejects bad", [doubtful]).outcome
    #expect(refused.err.contains("[identity.doubtful]") && refused.err.contains("differ: mrn"), "\(refused.err)")
    let mend = "jq -c '.errors[0].rows[0] as $row | .record + {_is: $row, mrn: null}' bad > mended"
    let load = "ils-load patients --update-existing mended"
    let outcome = try database.run("\(mend)\n\(load)")
    #expect(outcome.out.contains(#""_row":7,"outcome":"updated""#), "\(outcome.out)\(outcome.err)")
    #expect(outcome.out.contains(#""matched":"_is""#))
    #expect(try database.rows("SELECT mrn, city FROM patients") == ["1|Kiel"])
    // The trail says which record is which row, and no value.
    let events = try database.rows("SELECT detail->'decisions' FROM ils.audit WHERE event = 'identities decided'")
    let id = try database.rows("SELECT id FROM patients")[0]
    #expect(events == [#"[{"row": "\#(id)", "part": null, "record": 1}]"#])
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    #expect(try database.run("ils-rollback \(job(outcome))").status == 0)
    #expect(try database.dump() == before)
  }

  @Test(arguments: ["", "--atomic"]) func newIsAnotherPerson(options: String) throws {
    let database = try Database()
    _ = try database.load("patients", "", [elsa])
    let other = patient(3, mrn: "2", first: "Elsa", last: "Brandt", born: "1975-04-05")
    let said = other.replacing("{\"_row\":3", with: "{\"_row\":3,\"_is\":\"new\"")
    #expect(try database.load("patients", options, [said]).outcome.status == 0)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["2"])
    #expect(
      try database.rows("SELECT detail->'decisions'->0->>'row' FROM ils.audit WHERE event = 'identities decided'")
        == ["new"])
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    // What is said of one record is no word on the next.
    let third = patient(4, mrn: "3", first: "Elsa", last: "Brandt", born: "1975-04-05")
    #expect(try database.load("patients", "", [third]).outcome.err.contains("[identity.doubtful]"))
  }

  @Test(arguments: ["0b1d8a0e-8d4c-4a5e-9c1f-0d6f3a1b2c3d", "7", "nobody"])
  func aRowThatIsNotThereIsNobody(said: String) throws {
    let database = try Database()
    let record = elsa.replacing("{\"_row\":2", with: "{\"_row\":2,\"_is\":\"\(said)\"")
    let outcome = try database.load("patients", "--update-existing", [record]).outcome
    #expect(outcome.status == 1 && outcome.err.contains("[identity.unknown]"), "\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
  }

  private func job(_ outcome: Outcome) -> String {
    outcome.err.firstMatch(of: /job ([0-9a-f-]{36})/).map { String($0.1) } ?? ""
  }

  // MARK: - scope, where, clearWith

  /// A table of two companies, whose rows are never gone but marked.
  private func companies() throws -> Database {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE TABLE clients (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), company_id text NOT NULL, external_id text,
        first_name text, last_name text, date_of_birth date, phone text, deleted_at timestamptz, import_source text,
        import_job_id uuid)
      """)
    try database.scratch.write(
      "clients.json",
      """
      {"type": "object", "properties": {
        "companyId": {"type": "string", "x-ils": {"column": "company_id"}},
        "externalId": {"type": "string", "x-ils": {"column": "external_id"}},
        "importSource": {"type": "string", "x-ils": {"column": "import_source"}},
        "firstName": {"type": "string", "x-ils": {"column": "first_name", "fold": "name"}},
        "lastName": {"type": "string", "x-ils": {"column": "last_name", "fold": "name"}},
        "dateOfBirth": {"type": "string", "x-ils": {"column": "date_of_birth"}},
        "phone": {"type": "string", "x-ils": {"column": "phone", "clearWith": "-"}}},
       "x-ils": {"table": "clients", "id": "id", "job": "import_job_id", "source": "importSource",
        "scope": ["companyId"], "where": {"deleted_at": null},
        "identity": [{"kind": "identifier", "fields": ["externalId"], "scope": ["importSource"]},
          {"kind": "description", "fields": ["firstName", "lastName", "dateOfBirth"]}],
        "agreement": [["firstName", "lastName"], ["dateOfBirth"]]}}
      """)
    return database
  }

  private func client(_ id: String, _ more: String = "") -> String {
    #"{"externalId":"\#(id)","firstName":"Elsa","lastName":"Brandt","dateOfBirth":"1975-04-05"\#(more)}"#
  }

  private func load(_ database: Database, _ company: String, _ record: String, _ more: String = "") throws -> Outcome {
    try database.scratch.write("records", record + "\n")
    return try database.run(
      "ils-load --schema clients.json --source optix --set company_id=\(company) --update-existing --outcomes all \(more) records"
    )
  }

  @Test func companiesDoNotMeet() throws {
    let database = try companies()
    #expect(try load(database, "a", client("31", #","phone":"1""#)).out.contains(#""outcome":"inserted""#))
    let other = try load(database, "b", client("31", #","phone":"2""#))
    #expect(other.out.contains(#""outcome":"inserted""#), "\(other.out)\(other.err)")
    #expect(try database.rows("SELECT company_id, phone FROM clients ORDER BY 1") == ["a|1", "b|2"])
    // Not even where a person says so.
    let id = try database.rows("SELECT id FROM clients WHERE company_id = 'a'")[0]
    let across = try load(database, "b", client("99", #","_is":"\#(id)","phone":"3""#))
    #expect(across.err.contains("[identity.unknown]"), "\(across.out)\(across.err)")
    #expect(try database.rows("SELECT phone FROM clients ORDER BY company_id") == ["1", "2"])
  }

  @Test func aSourceIsUndoneWithinOneCompany() throws {
    let database = try companies()
    _ = try load(database, "a", client("31"))
    _ = try load(database, "b", client("31"))
    let both = try database.run("ils-rollback --to-source optix")
    #expect(both.status == 64 && both.err.contains("company_id"), "\(both.err)")
    #expect(try database.rows("SELECT count(*) FROM clients") == ["2"])
    #expect(try database.run("ils-rollback --to-source optix --set company_id=b").status == 0)
    #expect(try database.rows("SELECT company_id FROM clients") == ["a"])
    #expect(try database.run("ils-rollback --to-source optix --set company_id=c").status == 66)
    #expect(try database.run("ils-rollback --to-source optix").status == 0)
    #expect(try database.rows("SELECT count(*) FROM clients") == ["0"])
  }

  @Test func rowsThatAreMarkedAsGoneAreNobody() throws {
    let database = try companies()
    _ = try load(database, "a", client("31"))
    _ = try database.rows("UPDATE clients SET deleted_at = now()")
    #expect(try load(database, "a", client("31")).out.contains(#""outcome":"inserted""#))
    let id = try database.rows("SELECT id FROM clients WHERE deleted_at IS NOT NULL")[0]
    let said = try load(database, "a", client("7", #","_is":"\#(id)""#))
    #expect(said.err.contains("[identity.unknown]"), "\(said.err)")
  }

  /// A record that says of itself that it is gone would be brought by each load of its file.
  @Test(arguments: ["", "--batch-size 1"]) func recordsThatNothingWouldFindAgainAreRefused(options: String) throws {
    let database = try companies()
    let schema = database.scratch.read("clients.json") ?? ""
    try database.scratch.write(
      "clients.json",
      schema.replacing(
        #""phone": {"#, with: #""gone": {"type": "string", "x-ils": {"column": "deleted_at"}}, "phone": {"#))
    let gone = #","gone":"2020-01-01T00:00:00Z""#
    #expect(try load(database, "a", client("31"), options).out.contains(#""outcome":"inserted""#))
    for record in [
      #"{"externalId":"32","firstName":"Viktor","lastName":"Holm","dateOfBirth":"1949-11-30"\#(gone)}"#,
      client("31", gone), client("31", gone),
    ] {
      _ = try load(database, "a", record, options)
    }
    #expect(try database.rows("SELECT external_id, deleted_at IS NULL FROM clients") == ["31|f"])
    #expect(
      try database.rows("SELECT code, field, count(*) FROM ils.job_errors GROUP BY 1, 2")
        == ["identity.outside|gone|2"])
  }

  /// Rows that are looked for where new ones never are.
  @Test func aFilterThatNoNewRowPassesIsToldAtFirst() throws {
    let database = try companies()
    let schema = database.scratch.read("clients.json") ?? ""
    func load(_ filter: String, _ options: String) throws -> Outcome {
      try database.scratch.write("clients.json", schema.replacing(#"{"deleted_at": null}"#, with: filter))
      return try self.load(database, "a", client("31"), options)
    }
    _ = try database.rows("ALTER TABLE clients ADD state text DEFAULT 'new', ADD is_live boolean DEFAULT true")
    for (filter, options) in [
      (#"{"state": "live"}"#, ""), (#"{"state": null}"#, ""), (#"{"state": "new"}"#, "--set state=old"),
      (#"{"deleted_at": "2020-01-01"}"#, ""), (#"{"is_live": null}"#, ""),
    ] {
      let outcome = try load(filter, options)
      #expect(outcome.status == 78 && outcome.err.contains("x-ils.where"), "\(filter) \(outcome.err)")
    }
    #expect(try database.rows("SELECT FROM clients").isEmpty)
    #expect(try load(#"{"state": "new", "is_live": "t"}"#, "").status == 0)
    #expect(try load(#"{"state": "old"}"#, "--set state=old").out.contains("inserted"))
    #expect(try load(#"{"state": "old"}"#, "--set state=old").out.contains("skipped"))
  }

  @Test func aFieldIsClearedOnlyAsTheSchemaSays() throws {
    let database = try companies()
    _ = try load(database, "a", client("31", #","phone":"555""#))
    for absent in ["", #","phone":null"#, #","phone":"""#, #","phone":"  ""#] {
      #expect(try load(database, "a", client("31", absent)).out.contains(#""outcome":"skipped""#))
    }
    #expect(try database.rows("SELECT phone FROM clients") == ["555"])
    let cleared = try load(database, "a", client("31", #","phone":"-""#))
    #expect(cleared.out.contains(#""changed":["phone"]"#), "\(cleared.out)")
    #expect(try database.rows("SELECT phone IS NULL FROM clients") == ["t"])
    #expect(try database.run("ils-rollback \(job(cleared))").status == 0)
    #expect(try database.rows("SELECT phone FROM clients") == ["555"])
    // A new row has no dash for a phone.
    _ = try load(database, "b", client("31", #","phone":"-""#))
    #expect(try database.rows("SELECT phone IS NULL FROM clients WHERE company_id = 'b'") == ["t"])
  }

  // MARK: - Aliases

  /// Elsa is north's 12 and south's 7; Viktor is south's 12.
  private func branches() throws -> (database: Database, south: String) {
    let database = try Database()
    _ = try database.load(
      "patients", "--source north", [patient(2, first: "Elsa", last: "Brandt", born: "1975-04-05", external: "12")])
    let (south, outcome) = try database.load(
      "patients", "--source south --skip-duplicates",
      [
        patient(2, first: "ELSA", last: "Brandt", born: "1975-04-05", external: "7"),
        patient(3, first: "Viktor", last: "Holm", born: "1949-11-30", external: "12"),
      ])
    #expect(outcome.out.contains(#""inserted":1,"updated":0,"skipped":1"#), "\(outcome.out)")
    return (database, south)
  }

  private let whose = """
    SELECT o.order_number, p.first_name FROM orders o JOIN patients p ON p.id = o.patient_id ORDER BY 1
    """

  @Test func ordersOfTwoBranchesFindTheirPatientsUnderEitherId() throws {
    let (database, south) = try branches()
    _ = try database.load("orders", "--source north", [order(2, "N1", of: "12")])
    let load = try database.load("orders", "--source south", [order(2, "S1", of: "7"), order(3, "S2", of: "12")])
    #expect(load.outcome.status == 0, "\(load.outcome.err)")
    #expect(try database.rows(whose) == ["N1|Elsa", "S1|Elsa", "S2|Viktor"])
    // The row keeps the id that it had.
    #expect(
      try database.rows("SELECT external_id, import_source FROM patients WHERE first_name = 'Elsa'") == ["12|north"])
    // What a branch brought is undone with its aliases.
    #expect(try database.run("ils-rollback \(load.job) \(south)").status == 0)
    #expect(try database.rows("SELECT count(*) FROM ils.aliases") == ["0"])
    let gone = try database.load("orders", "--source south", [order(2, "S1", of: "7")]).outcome
    #expect(gone.err.contains("[patient.not_found]"), "\(gone.err)")
    #expect(try database.rows(whose) == ["N1|Elsa"])
  }

  /// Chart numbers and a source's ids both count from 1: which of them an order has, nobody knows.
  @Test(arguments: [1, 20]) func aNumberOfTwoKindsIsNobodys(size: Int) throws {
    let database = try Database()
    let people = [
      patient(2, mrn: "1", first: "Elsa", last: "Brandt", born: "1975-04-05", source: "north", external: "2"),
      patient(3, mrn: "2", first: "Viktor", last: "Holm", born: "1949-11-30", source: "north", external: "1"),
      patient(4, mrn: "3", first: "Ida", last: "Berg", born: "1980-01-01", source: "north", external: "3"),
    ]
    _ = try database.load("patients", "", people)
    let orders = [order(2, "O1", of: "1"), order(3, "O2", of: "2"), order(4, "O3", of: "3")]
    let load = try database.load("orders", "--source north --batch-size \(size)", orders).outcome
    #expect(load.status == 1 && load.err.contains("[reference.ambiguous]"), "\(load.err)")
    #expect(try database.rows(whose) == ["O3|Ida"])
    // Another source's numbers are none of north's.
    _ = try database.load("orders", "--source south", [order(2, "S1", of: "1")])
    #expect(try database.rows(whose) == ["O3|Ida", "S1|Elsa"])
    try database.scratch.write("orders", orders.map { $0 + "\n" }.joined())
    try database.scratch.write("people", people.map { $0 + "\n" }.joined())
    for there in ["--database \"$DATABASE_URL\"", "--orders-against people"] {
      let validated = try database.run("ils-validate orders \(there) --source north orders")
      #expect(validated.out.split(separator: "\n").count == 1, "\(there) \(validated.out)\(validated.err)")
    }
  }

  @Test func aRowIsFoundByAnAliasAfterItHasChangedItsName() throws {
    let (database, _) = try branches()
    _ = try database.rows("UPDATE patients SET last_name = 'Holm' WHERE first_name = 'Elsa'")
    let again = try database.load(
      "patients", "--source south --skip-duplicates --outcomes all",
      [patient(2, first: "Elsa", last: "Brandt", born: "1975-04-05", external: "7")]
    ).outcome
    #expect(
      again.out.contains(#""outcome":"skipped""#) && again.out.contains(#""differed":["lastName"]"#), "\(again.out)")
    #expect(try database.rows("SELECT count(*) FROM patients") == ["2"])
  }

  @Test func validationKnowsTheAliasesOfTheDatabase() throws {
    let (database, _) = try branches()
    let orders = [order(2, "S1", of: "7"), order(3, "S2", of: "12"), order(4, "S3", of: "8")]
    try database.scratch.write("orders", orders.map { $0 + "\n" }.joined())
    let south = try database.run("ils-validate orders --database \"$DATABASE_URL\" --source south orders")
    #expect(south.err.contains("orders:4: ") && !south.err.contains("orders:2: "), "\(south.err)")
    #expect(south.out.split(separator: "\n").count == 2)
    let north = try database.run("ils-validate orders --database \"$DATABASE_URL\" --source north orders")
    #expect(north.err.contains("orders:2: ") && !north.err.contains("orders:3: "), "\(north.err)")
  }

  /// A rehearsal is emptied, and ids count anew: 1 was Elsa's, whom south knows as 7, and is Viktor's now.
  @Test(arguments: ["id", "schema"]) func anIdThatIsAnothersNowBringsNoAliases(reuse: String) throws {
    let database = try Database()
    func tables(_ schema: String) -> String {
      """
      CREATE TABLE \(schema).patients (id bigserial PRIMARY KEY, LIKE public.patients_like);
      CREATE TABLE \(schema).orders (id bigserial PRIMARY KEY, patient_id bigint REFERENCES \(schema).patients, LIKE public.orders_like);
      """
    }
    _ = try database.rows(
      """
      ALTER TABLE orders RENAME TO orders_like; ALTER TABLE orders_like DROP COLUMN id, DROP COLUMN patient_id;
      ALTER TABLE patients RENAME TO patients_like; ALTER TABLE patients_like DROP COLUMN id CASCADE;
      \(tables("public")) CREATE SCHEMA other; \(tables("other"))
      """.replacing("public.patients_like);", with: "public.patients_like INCLUDING DEFAULTS);")
        .replacing("public.orders_like);", with: "public.orders_like INCLUDING DEFAULTS);"))
    let elsa = ["12", "7"].map { patient(2, first: "Elsa", last: "Brandt", born: "1975-04-05", external: $0) }
    let viktor = patient(2, first: "Viktor", last: "Holm", born: "1949-11-30", external: "99")
    _ = try database.load("patients", "--source north", [elsa[0]])
    _ = try database.load("patients", "--source south --skip-duplicates", [elsa[1]])
    #expect(try database.rows("SELECT row_id FROM ils.aliases") == ["1"])
    if reuse == "id" {
      _ = try database.rows("TRUNCATE patients, orders RESTART IDENTITY")
    } else {
      _ = try database.rows("ALTER ROLE CURRENT_USER IN DATABASE \(database.name) SET search_path = other")
    }
    for _ in 0..<2 {
      _ = try database.load("patients", "--source north --skip-duplicates", [viktor, elsa[0]])
      let early = try database.load("orders", "--source south", [order(2, "S1", of: "7")]).outcome
      #expect(early.err.contains("[patient.not_found]"), "\(early.err)")
    }
    _ = try database.load("patients", "--source south --skip-duplicates", [elsa[1]])
    let load = try database.load("orders", "--source south --skip-duplicates", [order(2, "S1", of: "7")]).outcome
    #expect(load.status == 0, "\(load.err)")
    #expect(try database.rows(whose) == ["S1|Elsa"])
    try database.scratch.write("orders", order(2, "S1", of: "7") + "\n")
    let validated = try database.run("ils-validate orders --database \"$DATABASE_URL\" --source south orders")
    #expect(validated.status == 0, "\(validated.err)")
  }

  // MARK: - All or nothing

  /// Somebody enters a person of the job once its batch is in, of which nobody else sees anything before the end.
  @Test(arguments: [true, false]) func aJobThatIsAllOrNothingDoublesNobody(sees: Bool) throws {
    let database = try Database()
    let people = (1...4).map { patient($0 + 1, first: "Given\($0)", last: "Family\($0)") }
    try database.scratch.write("records", people.map { $0 + "\n" }.joined())
    let entered = sees ? "Given2" : "Nobody"
    let outcome = try database.run(
      """
      mkfifo feed
      ils-load patients --atomic --batch-size 2 feed > out 2> err & loader=$!
      exec 7> feed
      head -n 3 records >&7
      await is "count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'
        AND query LIKE 'RELEASE SAVEPOINT batch%'"
      psql -Xq "$DATABASE_URL" -c "INSERT INTO patients (first_name, last_name, date_of_birth)
        VALUES ('\(entered)', 'Family2', '1980-01-02')" || echo not entered
      tail -n 1 records >&7
      exec 7>&-
      wait $loader; echo "status $?"
      cat err >&2
      """)
    #expect(outcome.out.contains(sees ? "status 75" : "status 0"), "\(outcome.out)\(outcome.err)")
    #expect(outcome.err.contains("[job.overtaken]") == sees, "\(outcome.err)")
    #expect(!outcome.out.contains("not entered"))
    #expect(try database.rows("SELECT count(*) FROM patients") == [sees ? "1" : "5"])
    #expect(try database.rows("SELECT status FROM ils.jobs") == [sees ? "failed" : "completed"])
  }

  /// Somebody enters a person of the job, and waits in the same transaction for a row that the job has updated: nobody sees the
  /// person before the job is committed.
  @Test(arguments: [true, false]) func whoComesInTheMomentOfTheEndIsTold(meets: Bool) throws {
    let database = try Database()
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('A', 'Ann', 'Lee', '1980-01-02')")
    let people = (1...2).map { patient($0 + 2, first: "Given\($0)", last: "Family\($0)") }
    let records = [patient(2, mrn: "A", first: "Ann", last: "Lee", city: "Rome")] + people
    try database.scratch.write("records", records.map { $0 + "\n" }.joined())
    let outcome = try database.run(
      """
      mkfifo feed
      ils-load patients --atomic --update-existing --batch-size 2 feed > out 2> err & loader=$!
      exec 7> feed
      head -n 2 records >&7
      await is "count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'
        AND query LIKE 'RELEASE SAVEPOINT batch%'"
      psql -Xq "$DATABASE_URL" -c "BEGIN; INSERT INTO patients (first_name, last_name, date_of_birth)
        VALUES ('\(meets ? "Given1" : "Nobody")', 'Family1', '1980-01-02'); UPDATE patients SET state = 'TX' WHERE mrn = 'A'; COMMIT" 7>&- & user=$!
      await is "count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
      tail -n 1 records >&7
      exec 7>&-
      wait $loader; echo "status $?"
      wait $user; echo "user $?"
      cat err >&2
      """)
    #expect(outcome.out.contains(meets ? "status 75\nuser 0" : "status 0\nuser 0"), "\(outcome.out)\(outcome.err)")
    #expect(outcome.err.contains("it is loaded, and somebody has brought") == meets, "\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM patients WHERE last_name = 'Family1'") == ["2"])
    #expect(try database.rows("SELECT status FROM ils.jobs") == ["completed"])
    #expect(try database.rows("SELECT city, state FROM patients WHERE mrn = 'A'") == ["Rome|TX"])
  }
}
