import Foundation
import Testing

/// Tables of an application that has rules of its own: numbers that it makes, a list of its imports, things that belong to
/// one another, and hours that clocks show.
@Suite struct ApplicationTablesTests {
  private static let tables = """
    CREATE TABLE imports (id varchar PRIMARY KEY, number varchar NOT NULL UNIQUE, company varchar NOT NULL, kind text NOT NULL);
    CREATE SEQUENCE numbers START 7;
    CREATE FUNCTION next_number() RETURNS varchar LANGUAGE sql AS $$ SELECT 'C-' || nextval('numbers') $$;
    CREATE TABLE people (id varchar PRIMARY KEY DEFAULT gen_random_uuid(), company_id varchar NOT NULL,
      number varchar NOT NULL UNIQUE, name text NOT NULL, external_id varchar, deleted_at timestamp,
      import_id varchar REFERENCES imports (id));
    CREATE TABLE glasses (id varchar PRIMARY KEY DEFAULT gen_random_uuid(), company_id varchar NOT NULL,
      person_id varchar NOT NULL REFERENCES people (id), external_id varchar);
    CREATE TABLE visits (id text PRIMARY KEY, company_id varchar NOT NULL, person_id varchar NOT NULL REFERENCES people (id),
      glasses_id varchar REFERENCES glasses (id), external_id varchar, starts timestamptz, hour text);
    """

  private static func text(_ column: String) -> String { #"{"type":"string","x-ils":{"column":"\#(column)"}}"# }

  private static func entity(_ properties: String, _ rest: String) -> String {
    """
    {"type":"object","properties":{"key":\(text("external_id")),"company":\(text("company_id")),\(properties)},
     "x-ils":{"scope":["company"],"identity":[{"fields":["key"]}],\(rest)}}
    """
  }

  private static let person = #"{"field":"person","column":"person_id","entity":"app/people","by":[["key"]]}"#

  private static let entities = [
    "people": entity(
      #""name":\#(text("name")),"number":\#(text("number"))"#,
      #"""
      "table":"people","where":{"deleted_at":null},"compute":{"number":"next_number()"},
      "job":{"column":"import_id","table":"imports","set":{"kind":"people"},"from":{"number":"job","company":"company_id"}}
      """#),
    "glasses": entity(
      #""person":{"type":"string"}"#, #""table":"glasses","job":null,"references":[\#(person)]"#),
    "visits": entity(
      #""person":{"type":"string"},"glasses":{"type":"string"},"day":{"type":"string"},"hour":\#(text("hour"))"#,
      #"""
      "table":"visits","job":null,"compute":{"id":"gen_random_uuid()::text"},
      "columns":[{"column":"starts","join":["day","hour"],"zone":"Europe/London"}],
      "references":[\#(person),{"field":"glasses","column":"glasses_id","entity":"app/glasses","by":[["key"]],
        "missing":"glasses.not_found","agrees":{"person":"person"}}]
      """#),
  ]

  /// A database with the tables, and a folder `d` with the set `app` in it.
  private func database() throws -> Database {
    let database = try Database()
    _ = try database.rows(Self.tables)
    _ = try database.run("mkdir -p d/entities/app")
    for (name, text) in Self.entities { try database.scratch.write("d/entities/app/\(name).json", text) }
    return database
  }

  private func load(
    _ database: Database, _ entity: String, _ records: [String], company: String = "a", options: String = ""
  ) throws -> (job: String, outcome: Outcome) {
    try database.scratch.write("records", records.map { $0 + "\n" }.joined())
    let outcome = try database.run(
      "ILS_DATA=d ils-load app/\(entity) --set company_id=\(company) --rejects bad \(options) records")
    let job = outcome.err.firstMatch(of: /job ([0-9a-f-]{36})/).map { String($0.1) } ?? ""
    return (job, outcome)
  }

  private func codes(_ database: Database) throws -> [String] {
    try database.run("jq -r '.errors[].code' bad").out.split(separator: "\n").map(String.init)
  }

  private static let people = [#"{"key":"1","name":"Ann Lee"}"#, #"{"key":"2","name":"Bo Ek","number":"OWN"}"#]

  @Test func theDatabaseMakesWhatARecordDoesNotHave() throws {
    let database = try database()
    let (_, outcome) = try load(database, "people", Self.people)
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(try database.rows("SELECT external_id, number FROM people ORDER BY 1") == ["1|C-7", "2|OWN"])
  }

  @Test func anExpressionThatIsNoneStopsTheLoad() throws {
    let database = try database()
    let wrong = (Self.entities["people"] ?? "").replacing("next_number()", with: "next_number(); DROP TABLE visits")
    try database.scratch.write("d/entities/app/people.json", wrong)
    let (_, outcome) = try load(database, "people", Self.people)
    #expect(outcome.status == 78, "\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM visits") == ["0"])
  }

  @Test func aJobIsListedAndGoesWithItsRows() throws {
    let database = try database()
    let (job, _) = try load(database, "people", Self.people)
    #expect(try database.rows("SELECT id, number, company, kind FROM imports") == ["\(job)|\(job)|a|people"])
    #expect(try database.rows("SELECT DISTINCT import_id FROM people") == [job])
    let dry = try database.run("ils-rollback --dry-run \(job)")
    #expect(dry.status == 0, "\(dry.err)")
    #expect(try database.rows("SELECT count(*) FROM imports") == ["1"])
    let undo = try database.run("ils-rollback \(job)")
    #expect(undo.status == 0, "\(undo.err)")
    #expect(try database.rows("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM imports)") == ["0|0"])
  }

  @Test func aJobWhoseRowsStayStaysListed() throws {
    let database = try database()
    let (job, _) = try load(database, "people", Self.people)
    _ = try database.rows("UPDATE people SET name = 'Ann Ek' WHERE external_id = '1'")
    _ = try database.run("ils-rollback \(job)")
    #expect(try database.rows("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM imports)") == ["1|1"])
  }

  @Test func aDryRunListsNoJob() throws {
    let database = try database()
    let (_, outcome) = try load(database, "people", Self.people, options: "--dry-run")
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(try database.rows("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM imports)") == ["0|0"])
  }

  /// Two companies have the same numbers; nobody is another company's.
  @Test func aNumberIsOfItsCompanyAlone() throws {
    let database = try database()
    _ = try load(database, "people", [#"{"key":"1","name":"Ann Lee"}"#])
    _ = try load(database, "people", [#"{"key":"1","name":"Cy Roe"}"#], company: "b")
    _ = try load(database, "glasses", [#"{"key":"g","person":"1"}"#], company: "b")
    let owners = "SELECT p.name FROM glasses g JOIN people p ON p.id = g.person_id"
    #expect(try database.rows(owners) == ["Cy Roe"])
    _ = try load(database, "glasses", [#"{"key":"h","person":"1"}"#], company: "c")
    #expect(try codes(database) == ["reference.not_found"])
  }

  /// A record of another company than the one that is loaded does not become this one's.
  @Test func aRecordDoesNotChangeItsCompany() throws {
    let database = try database()
    let (_, outcome) = try load(
      database, "people",
      [#"{"key":"1","name":"Ann Lee","company":"b"}"#, #"{"key":"2","name":"Bo Ek","company":"a"}"#])
    #expect(outcome.status == 1 && !outcome.err.contains("load.no_column"), "\(outcome.err)")
    #expect(try codes(database) == ["value.gainsaid"])
    #expect(try database.rows("SELECT company_id, external_id FROM people") == ["a|2"])
  }

  @Test func aDeletedRowIsNotThere() throws {
    let database = try database()
    _ = try load(database, "people", Self.people)
    _ = try database.rows("UPDATE people SET deleted_at = now() WHERE external_id = '1'")
    _ = try load(database, "glasses", [#"{"key":"g","person":"1"}"#])
    #expect(try codes(database) == ["reference.not_found"])
  }

  @Test func aThingOfAnotherPersonIsRefused() throws {
    let database = try database()
    _ = try load(database, "people", Self.people)
    _ = try load(database, "glasses", [#"{"key":"g1","person":"1"}"#, #"{"key":"g2","person":"2"}"#])
    let (_, outcome) = try load(
      database, "visits",
      [
        #"{"key":"own","person":"1","glasses":"g1"}"#, #"{"key":"other","person":"1","glasses":"g2"}"#,
        #"{"key":"none","person":"2"}"#,
      ])
    #expect(outcome.status == 1, "\(outcome.err)")
    #expect(try codes(database) == ["reference.disagrees"])
    #expect(try database.rows("SELECT external_id FROM visits ORDER BY 1") == ["none", "own"])
  }

  // MARK: - Clocks

  /// Day, hour, and the moment in UTC; or a code.
  @Test(arguments: [
    ("2027-01-05", "10:20", "2027-01-05 10:20"), ("2027-07-05", "10:20", "2027-07-05 09:20"),
    ("2027-03-28", "00:59", "2027-03-28 00:59"), ("2027-03-28", "01:00", "time.unclear"),
    ("2027-03-28", "01:30", "time.unclear"), ("2027-03-28", "02:00", "2027-03-28 01:00"),
    ("2027-10-31", "00:59", "2027-10-30 23:59"), ("2027-10-31", "01:00", "time.unclear"),
    ("2027-10-31", "01:59", "time.unclear"), ("2027-10-31", "02:00", "2027-10-31 02:00"),
    ("2027-02-30", "10:20", "value.not_iso"), ("05/01/2027", "10:20", "value.not_iso"),
    ("2027-01-05", "25:00", "value.not_iso"),
    ("2027-01-05", "10.20", "value.not_iso"), ("2027-01-05", "10:20+01:00", "value.inexact"),
    ("2027-01-05", "", "update.joined"), ("", "10:20", "update.joined"),
  ]) func aClockShowsOneMomentOrIsRefused(_ day: String, _ hour: String, _ moment: String) throws {
    let database = try database()
    _ = try load(database, "people", Self.people)
    _ = try load(database, "visits", [#"{"key":"v","person":"1","day":"\#(day)","hour":"\#(hour)"}"#])
    let found = try database.rows("SELECT to_char(starts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM visits")
    #expect(try found + codes(database) == [moment])
  }

  @Test func anUpdateMovesAnAppointmentWhole() throws {
    let database = try database()
    _ = try load(database, "people", Self.people)
    let first = #"{"key":"v","person":"1","day":"2027-07-05","hour":"10:20"}"#
    _ = try load(database, "visits", [first])
    _ = try load(database, "visits", [first.replacing("10:20", with: "11:40")], options: "--update-existing")
    let found = "SELECT starts AT TIME ZONE 'UTC', hour FROM visits"
    #expect(try database.rows(found) == ["2027-07-05 10:40:00|11:40"])
    _ = try load(
      database, "visits", [#"{"key":"v","person":"1","hour":"12:00"}"#], options: "--update-existing")
    #expect(try codes(database) == ["update.joined"])
    #expect(try database.rows(found) == ["2027-07-05 10:40:00|11:40"])
  }

  /// What a set's entity says, with something else in it.
  private func change(_ database: Database, _ entity: String, _ old: String, to new: String) throws {
    let text = try #require(Self.entities[entity])
    #expect(text.contains(old))
    try database.scratch.write("d/entities/app/\(entity).json", text.replacing(old, with: new))
  }

  /// A day alone is no midnight where a clock is meant.
  @Test(arguments: [
    ("2027-07-05T10:20", "2027-07-05 09:20"), ("2027-07-05 10:20:00", "2027-07-05 09:20"),
    ("2027-07-05", "value.not_iso"),
    ("2027-07-05T10:20Z", "value.inexact"), ("2027-03-28T01:30", "time.unclear"), ("2027-10-31T01:30", "time.unclear"),
  ]) func oneFieldHasDayAndTime(_ text: String, _ moment: String) throws {
    let database = try database()
    try change(database, "visits", #"["day","hour"]"#, to: #"["day"]"#)
    _ = try load(database, "people", Self.people)
    _ = try load(database, "visits", [#"{"key":"v","person":"1","day":"\#(text)"}"#])
    let found = try database.rows("SELECT to_char(starts AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') FROM visits")
    #expect(try found + codes(database) == [moment])
  }

  /// The hour has a column of its own, too, which would round it.
  @Test func aPartIsWhatItsOwnColumnKeeps() throws {
    let database = try database()
    _ = try database.rows("ALTER TABLE visits ALTER hour TYPE time(0) USING hour::time")
    _ = try load(database, "people", Self.people)
    func code(_ day: String, _ hour: String) throws -> [String] {
      _ = try load(database, "visits", [#"{"key":"v","person":"1","day":"\#(day)","hour":"\#(hour)"}"#])
      return try codes(database)
    }
    #expect(try code("2027-01-05", "10:20:30.5") == ["value.inexact"])
    #expect(try code("2027-01-05T00:00", "10:20:30") == ["value.not_iso"])
    #expect(try code("2027-01-05", "10:20:30").isEmpty)
  }

  @Test(arguments: ["BST", "UTC+1", "Etc/GMT+1", "Europe/Londn", "europe/london"]) func aZoneIsAPlaces(_ zone: String)
    throws
  {
    let database = try database()
    try change(database, "visits", "Europe/London", to: zone)
    #expect(try load(database, "visits", []).outcome.status == 78)
  }

  @Test func aMomentNeedsAColumnOfMoments() throws {
    let database = try database()
    _ = try database.rows("ALTER TABLE visits ALTER starts TYPE timestamp")
    #expect(try load(database, "visits", []).outcome.status == 78)
  }

  // MARK: - Attacks

  /// An update that gives one of two that must agree is held against what the row has of the other.
  @Test func anUpdateDoesNotTearWhatAgrees() throws {
    let database = try database()
    _ = try load(database, "people", Self.people)
    _ = try load(database, "glasses", [#"{"key":"g1","person":"1"}"#, #"{"key":"g2","person":"2"}"#])
    _ = try load(database, "visits", [#"{"key":"v","person":"1","glasses":"g1","hour":"10:00","day":"2027-01-05"}"#])
    func update(_ record: String) throws -> [String] {
      _ = try load(database, "visits", [record], options: "--update-existing")
      return try codes(database)
    }
    #expect(try update(#"{"key":"v","glasses":"g2"}"#) == ["reference.disagrees"])
    #expect(try update(#"{"key":"v","person":"2"}"#) == ["reference.disagrees"])
    #expect(try update(#"{"key":"v","person":"2","glasses":"g1"}"#) == ["reference.disagrees"])
    #expect(try update(#"{"key":"v","person":"2","glasses":"g2"}"#).isEmpty)
    let found =
      "SELECT p.external_id, g.external_id FROM visits v JOIN people p ON p.id = v.person_id JOIN glasses g ON g.id = v.glasses_id"
    #expect(try database.rows(found) == ["2|g2"])
  }

  /// A column that a reference or a clock feeds is computed where a record has nothing, and has no other column's default.
  @Test func whatIsComputedStandsForAnyFeed() throws {
    let database = try database()
    _ = try database.rows("ALTER TABLE visits ADD code text DEFAULT 'none', DROP CONSTRAINT visits_glasses_id_fkey")
    let old = #""glasses":{"type":"string"}"#
    try change(database, "visits", old, to: #""glasses":{"type":"string","x-ils":{"column":"code"}}"#)
    _ = try database.run(
      #"sed -i 's/"compute":{/&"starts":"timestamptz @2030-01-01Z@",/; s/@/\x27/g' d/entities/app/visits.json"#)
    _ = try load(database, "people", Self.people)
    let (_, outcome) = try load(database, "visits", [#"{"key":"v","person":"1"}"#])
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(
      try database.rows("SELECT starts AT TIME ZONE 'UTC', glasses_id IS NULL, code FROM visits")
        == ["2030-01-01 00:00:00|t|none"])
  }

  /// An expression of another type than its column's is made one of it.
  @Test func aNumberBecomesTheTextOfItsColumn() throws {
    let database = try database()
    try change(database, "people", "next_number()", to: "nextval('numbers')")
    _ = try load(database, "people", Self.people)
    #expect(try database.rows("SELECT number FROM people ORDER BY 1") == ["7", "OWN"])
  }

  /// What cascades from the application's list would go along unseen.
  @Test func aListedJobTakesNothingAlong() throws {
    let database = try database()
    _ = try database.rows("CREATE TABLE logs (import_id varchar REFERENCES imports ON DELETE CASCADE)")
    let (job, _) = try load(database, "people", Self.people)
    _ = try database.rows("INSERT INTO logs VALUES ('\(job)')")
    let undo = try database.run("ils-rollback \(job)")
    #expect(undo.status == 0 && undo.out.contains(#""listed":true"#), "\(undo.err)")
    #expect(
      try database.rows(
        "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM imports), (SELECT count(*) FROM logs)")
        == ["0|1|1"])
  }

  // MARK: - Columns for a job

  @Test(arguments: ["uuid", "char(40)", "varchar(36)", "ids", "codes"])
  func aColumnThatKeepsAnIDIsUndoneByIt(type: String) throws {
    let database = try database()
    _ = try database.rows(
      """
      CREATE DOMAIN ids AS uuid; CREATE DOMAIN codes AS varchar(50) CHECK (VALUE ~ '^[0-9a-f-]{36}$');
      ALTER TABLE glasses ADD job \(type)
      """)
    try change(database, "glasses", #""job":null"#, to: #""job":"job""#)
    _ = try load(database, "people", Self.people)
    let (job, outcome) = try load(database, "glasses", [#"{"key":"g","person":"1"}"#])
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM glasses WHERE job::text = '\(job)'") == ["1"])
    #expect(try database.run("ILS_DATA=d ils-verify app/glasses").status == 0)
    #expect(try database.run("ils-rollback \(job)").status == 0)
    #expect(try database.rows("SELECT count(*) FROM glasses") == ["0"])
  }

  /// An id that is cut off, or that nothing is equal to, would find no row again.
  @Test(arguments: ["varchar(35)", "char(8)", "bigint", "jsonb", "json", "xml", "text[]", "bytea", "short"])
  func aColumnThatKeepsNoIDStopsTheLoad(type: String) throws {
    let database = try database()
    _ = try database.rows("CREATE DOMAIN short AS varchar(20); ALTER TABLE glasses ADD job \(type)")
    try change(database, "glasses", #""job":null"#, to: #""job":"job""#)
    let (_, outcome) = try load(database, "glasses", [#"{"key":"g","person":"1"}"#])
    #expect(outcome.status == 78 && outcome.err.contains("cannot keep the id of a job"), "\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM ils.jobs WHERE entity = 'app/glasses'") == ["0"])
  }

  // MARK: - A list that policies hide

  /// A database whose list of imports shows no role rows of its own; and such a role.
  private func databaseOfPolicies(_ policies: String) throws -> (database: Database, role: String) {
    let database = try databaseOfEnds("'pending', 'completed', 'failed', 'cancelled'")
    let role = "tenant\(UUID().uuidString.lowercased().prefix(8))"
    _ = try database.rows(
      """
      ALTER TABLE imports ENABLE ROW LEVEL SECURITY; \(policies)
      CREATE ROLE \(role) LOGIN; GRANT USAGE ON SCHEMA ils TO \(role);
      GRANT ALL ON ALL TABLES IN SCHEMA ils, public TO \(role); GRANT ALL ON ALL SEQUENCES IN SCHEMA ils, public TO \(role)
      """)
    return (database, role)
  }

  /// Nobody would ever say in it how the job ended.
  @Test(arguments: [
    ("CREATE POLICY made ON imports FOR INSERT WITH CHECK (true);", "a policy of the table"),
    (
      "CREATE POLICY made ON imports FOR INSERT WITH CHECK (true); CREATE POLICY seen ON imports FOR SELECT USING (true);",
      "does not reach it"
    ),
  ]) func aListThatTheRoleDoesNotReachStopsTheLoad(policies: String, message: String) throws {
    let (database, role) = try databaseOfPolicies(policies)
    let (_, outcome) = try load(
      database, "people", Self.people, options: #"--database "${DATABASE_URL/user=postgres/user=\#(role)}""#)
    #expect(outcome.status == 77 && outcome.err.contains(message), "\(outcome.err)")
    #expect(
      try database.rows(
        "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM ils.jobs), (SELECT count(*) FROM imports)")
        == ["0|0|0"])
  }

  /// A role that does not see the row any more cannot say that it is gone.
  @Test(arguments: [true, false]) func whatThePoliciesHideMayBeListed(isSeen: Bool) throws {
    let (database, role) = try databaseOfPolicies("CREATE POLICY own ON imports USING (company = 'a');")
    let asRole = #"--database "${DATABASE_URL/user=postgres/user=\#(role)}""#
    let (job, outcome) = try load(database, "people", Self.people, options: asRole)
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(try database.rows("SELECT state FROM imports") == ["completed"])
    if !isSeen { _ = try database.rows("UPDATE imports SET company = 'b'") }
    let undo = try database.run("ils-rollback \(job) \(asRole)")
    #expect(undo.status == 0 && undo.out.contains(#""listed":true"#) == !isSeen, "\(undo.out)\(undo.err)")
    #expect(try database.rows("SELECT count(*) FROM imports") == [isSeen ? "0" : "1"])
  }

  // MARK: - What became of a job

  private static let ends = #""end":{"state":"status","ended":"endedAt","sums":"progress"},"from""#

  private func databaseOfEnds(_ labels: String) throws -> Database {
    let database = try database()
    _ = try database.rows(
      """
      CREATE TYPE state AS ENUM (\(labels));
      ALTER TABLE imports ADD state state NOT NULL DEFAULT 'pending', ADD ended timestamp, ADD sums jsonb
      """)
    try change(database, "people", #""from""#, to: Self.ends)
    return database
  }

  @Test(arguments: ["", "--atomic"]) func theListSaysHowAJobEnded(_ options: String) throws {
    let database = try databaseOfEnds("'pending', 'completed', 'failed', 'cancelled'")
    _ = try load(database, "people", Self.people, options: options)
    let found =
      "SELECT state, abs(extract(epoch FROM now() AT TIME ZONE 'UTC' - ended)) < 600, sums->>'successful', sums->>'failed' FROM imports"
    #expect(try database.rows(found) == ["completed|t|2|0"])
    _ = try database.rows("UPDATE imports SET number = 'first'")
    _ = try load(database, "people", [#"{"key":"3","name":"Di Fox","number":"OWN"}"#], company: "b", options: options)
    let last = try database.rows("SELECT state, sums->>'failed' FROM imports WHERE number <> 'first'")
    #expect(last == [options.isEmpty ? "completed|1" : "failed|1"])
  }

  @Test func aListThatCannotBeToldStopsTheLoad() throws {
    let database = try databaseOfEnds("'pending', 'completed'")
    let (_, outcome) = try load(database, "people", Self.people)
    #expect(outcome.status == 78 && outcome.err.contains("x-ils.job.end"), "\(outcome.err)")
    #expect(try database.rows("SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM imports)") == ["0|0"])
  }

  @Test(arguments: [#""agrees":["person"]"#, #""agrees":"person""#]) func aWordOfAnotherKindIsTold(_ word: String)
    throws
  {
    let database = try database()
    try change(database, "visits", #""agrees":{"person":"person"}"#, to: word)
    #expect(try load(database, "visits", []).outcome.status == 78)
  }

  // MARK: - Sets of entities

  @Test func aSetThatIsNoneIsNotPassedOver() throws {
    let database = try database()
    #expect(try database.run("ILS_ENTITIES=ils3 ils-verify").status == 78)
  }

  @Test func plainNamesAreOfTheChosenSet() throws {
    let database = try database()
    func status(_ entity: String, _ set: String) throws -> Int {
      try database.run("export ILS_DATA=d ILS_ENTITIES=\(set); echo '{}' | ils-validate \(entity) > /dev/null 2>&1")
        .status
    }
    #expect(try status("people", "app") == 0)
    #expect(try status("app/people", "ils") == 0)
    #expect(try status("people", "ils") == 78)
    #expect(try status("patients", "app") == 78)
    // The first set of all: three fields are missing.
    #expect(try status("ils/patients", "app") == 1)
    #expect(try status("app/../app/people", "ils") == 78)
    let told = try database.run("ILS_DATA=d ils-validate nobody < /dev/null").err
    #expect(told.contains("app/people") && told.contains("ils2/prescriptions"), "\(told)")
  }

  /// Orders of the first set point at its patients, whichever set plain names are of.
  @Test func aReferenceStaysInItsSet() throws {
    let database = try database()
    _ = try database.load("patients", "", [patient(1, mrn: "M1")])
    try database.scratch.write("orders", order(1, "O1", of: "M1") + "\n")
    let outcome = try database.run("ILS_ENTITIES=ils2 ils-load ils/orders orders")
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM orders") == ["1"])
  }
}
