import Foundation
import Testing

/// ils-verify: is what was migrated whole and sound, and is everything of the source there, unchanged?
@Suite struct VerifyTests {
  // MARK: - Tables

  @Test func whatWasMigratedIsSound() throws {
    let (database, job) = try Database.loaded()
    let sound = try database.run("ils-verify")
    #expect(
      sound.status == 0 && sound.out.hasSuffix("verdict: sound (0 checks found faults, 0 doubts)\n"), "\(sound.out)")
    #expect(sound.out.contains("       50  patients\n"))
    _ = try database.run("ils-rollback --cascade \(job)")
    #expect(try database.run("ils-verify --strict").status == 0)
    #expect(try database.run("ils-verify --database 'host=/nowhere'").status == 69)
    #expect(try database.run("ils-verify --ids many").status == 64)
    #expect(try database.run("ils-verify --source clinic").status == 64)
    _ = try database.rows("DROP TABLE orders, patients")
    #expect(try database.run("ils-verify").status == 78)
  }

  /// What is done to a sound database, the check that finds it, and its kind. What is done to the trail is a fault besides.
  static let faults: [(sql: String, check: String, kind: String, status: Int)] = [
    (
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('M1', 'A', 'B', '1980-01-02')",
      "share mrn", "fault", 1
    ),
    ("UPDATE patients SET date_of_birth = '2/1/1980' WHERE mrn = 'M1'", "is not YYYY-MM-DD", "fault", 1),
    ("UPDATE patients SET first_name = ' ' WHERE mrn = 'M1'", "without firstName", "fault", 1),
    ("UPDATE patients SET date_of_birth = '1850-01-01' WHERE mrn = 'M1'", "before 1900", "fault", 1),
    ("UPDATE patients SET date_of_birth = '2999-01-01' WHERE mrn = 'M1'", "dateOfBirth is after today", "fault", 1),
    ("DELETE FROM patients WHERE mrn = 'M1'", "orders without their row in patients", "fault", 1),
    ("UPDATE orders SET order_number = 'O2' WHERE order_number = 'O1'", "share orderNumber", "fault", 1),
    ("UPDATE orders SET test_type = '' WHERE order_number = 'O1'", "without testType", "fault", 1),
    ("UPDATE orders SET status = 'lost' WHERE order_number = 'O1'", "status is none", "fault", 1),
    ("UPDATE orders SET order_date = '2999-01-01' WHERE order_number = 'O1'", "orderDate is after", "fault", 1),
    ("UPDATE ils.jobs SET rows = 7, dropped = 2", "equation", "fault", 1),
    (
      "ALTER TABLE ils.audit DISABLE TRIGGER append_only; DELETE FROM ils.audit WHERE seq = 2", "audit trail", "fault",
      1
    ),
    ("UPDATE patients SET email = 'ann at home' WHERE mrn = 'M1'", "e-mail", "doubt", 0),
    ("UPDATE patients SET first_name = 'f1' WHERE mrn = 'M2'", "may be one", "doubt", 0),
    ("UPDATE patients SET city = U&'Z\\FFFDrich' WHERE mrn = 'M1'", "garbled", "doubt", 0),
    (
      "UPDATE patients SET date_of_birth = '2024-02-01' WHERE mrn = 'M1'",
      "orderDate is before the date_of_birth of their row", "doubt", 0
    ),
    ("UPDATE orders SET result_date = '2024-01-01' WHERE order_number = 'O1'", "resultDate is before", "doubt", 0),
    ("UPDATE ils.jobs SET status = 'failed' WHERE entity = 'orders'", "neither completed", "doubt", 0),
    ("UPDATE ils.jobs SET status = 'rolled back' WHERE entity = 'orders'", "were rolled back", "doubt", 0),
    ("DELETE FROM orders WHERE order_number = 'O1'", "are gone", "doubt", 0),
    (
      "ALTER TABLE ils.parked DISABLE TRIGGER own_job; INSERT INTO ils.parked SELECT id, '', 1, 1, NULL, 'f', '{}' FROM ils.jobs LIMIT 1",
      "parked", "doubt", 0
    ),
  ]

  @Test func eachFaultIsFound() throws {
    let (database, _) = try Database.loaded()
    // A table that is not ours, and keeps nothing out.
    _ = try database.rows(
      """
      ALTER TABLE orders DROP CONSTRAINT orders_patient_id_fkey, DROP CONSTRAINT orders_order_number_key,
        DROP CONSTRAINT orders_order_date_check, DROP CONSTRAINT IF EXISTS orders_status_check;
      ALTER TABLE patients DROP CONSTRAINT patients_mrn_key, DROP CONSTRAINT patients_date_of_birth_check;
      DROP INDEX patients_born; ALTER TABLE patients ALTER date_of_birth TYPE text;
      """)
    for (sql, check, kind, status) in Self.faults {
      let outcome = try changed(database, sql)
      let line = outcome.out.split(separator: "\n").first { $0.contains(check) && $0.hasPrefix(kind) }
      #expect(line != nil, "\(sql): \(outcome.out)\(outcome.err)")
      #expect(!(line ?? "M1").contains("M1") && !(line ?? "").contains("home"))
      #expect(outcome.status == status, "\(sql): \(outcome.out)")
    }
    #expect(try database.run("ils-verify --strict").status == 0)
  }

  /// What ils-verify says of the database with a change, which is taken back: from a copy of it.
  private func changed(_ database: Database, _ sql: String) throws -> Outcome {
    let name = try #require(database.url.firstMatch(of: /test_\w+/)).0
    let server = database.url.replacingOccurrences(of: "/\(name)?", with: "/postgres?")
    try database.scratch.write("change.sql", sql)
    return try database.run(
      """
      psql -qX -c 'DROP DATABASE IF EXISTS x\(name)' -c 'CREATE DATABASE x\(name) TEMPLATE \(name)' '\(server)'
      export DATABASE_URL='\(database.url.replacingOccurrences(of: "/test_", with: "/xtest_"))'
      psql -qX -v ON_ERROR_STOP=1 -f change.sql "$DATABASE_URL" > /dev/null && ils-verify
      """)
  }

  // MARK: - The source beside the table

  private static let clinic = (1...40).map { number in
    patient(
      number + 1, mrn: "M\(number)", first: "F\(number)", last: "L\(number % 7)", born: "19\(10 + number)-03-04",
      city: number % 3 == 0 ? nil : "City \(number % 5)", source: "clinic", external: "x\(number)",
      phone: number % 2 == 0 ? "555-01\(number)" : nil)
  }

  private func clinic() throws -> Database {
    let database = try Database()
    _ = try database.load("patients", "--batch-size 15 --rejects none", Self.clinic)
    return database
  }

  /// Each check of a comparison that found something: its verdict, field, name, rows and records.
  private func found(_ database: Database, _ arguments: String = "patients records") throws -> [String] {
    let outcome = try database.run(
      """
      ils-verify --json \(arguments) > out 2> err; echo $? > status
      jq -r 'select(.about == "records" or .about == "field") | select(.verdict != "ok")
        | [.verdict, .field // "-", .check, (.rows | tostring), (.records // [] | join(","))] | join("|")' out
      """)
    return outcome.out.split(separator: "\n").map(String.init)
  }

  private func status(_ database: Database) -> Int { Int(database.scratch.read("status")?.dropLast() ?? "") ?? -1 }

  @Test func whatIsThereUnchangedIsSaidToBe() throws {
    let database = try clinic()
    #expect(try found(database) == [])
    #expect(status(database) == 0, "\(database.scratch.read("err") ?? "")")
    let lines = try database.run(
      """
      jq -c 'select(.field == "phone" or .check == "records without a row")
        | [.check, .source, .database, .difference, .verdict]' out
      """)
    #expect(
      lines.out == """
        ["records without a row",40,40,0,"ok"]
        ["values that differ",20,20,0,"ok"]
        ["filled",20,20,0,"ok"]
        ["distinct values",20,20,0,"ok"]

        """)
    // By a pipe, in the other order, and in text.
    let piped = try database.run("tac records | ils-verify patients --strict")
    #expect(
      piped.status == 0 && piped.out.contains("ok             0  phone: values that differ (source 20, database 20)"))
    #expect(piped.out.hasSuffix("verdict: sound (0 checks found faults, 0 doubts)\n"), "\(piped.out)")
    // It changed nothing, and left nothing.
    #expect(try database.rows("SELECT count(*) FROM pg_class WHERE relname IN ('ils_source', 'ils_stage')") == ["0"])
  }

  /// What is done to the table behind a load, and what a comparison says of it. A job's own transaction stands for a wrong load.
  static let changes: [(sql: String, isOfJob: Bool, found: [String])] = [
    (
      "UPDATE patients SET phone = NULL WHERE mrn = 'M2'", true,
      ["fault|phone|values that differ|1|3", "doubt|phone|filled|1|", "doubt|phone|distinct values|1|"]
    ),
    (
      "UPDATE patients SET date_of_birth = '1911-03-05' WHERE mrn = 'M1'", true,
      ["fault|dateOfBirth|values that differ|1|2", "doubt|dateOfBirth|first value|1|"]
    ),
    (
      "UPDATE patients SET city = CASE city WHEN 'City 1' THEN 'City 2' ELSE 'City 1' END WHERE mrn IN ('M1', 'M7')",
      true,
      ["fault|city|values that differ|2|2,8"]
    ),
    (
      "UPDATE patients SET last_name = upper(last_name || ' ') WHERE mrn = 'M1'", true,
      ["fault|lastName|values that differ|1|2", "doubt|lastName|distinct values|1|"]
    ),
    (
      "UPDATE patients SET phone = '1' WHERE mrn = 'M1'", true,
      ["doubt|phone|values that no record has|1|2", "doubt|phone|filled|1|", "doubt|phone|distinct values|1|"]
    ),
    (
      "UPDATE patients SET city = 'By hand' WHERE mrn = 'M1'", false,
      ["doubt|city|values that differ in rows that no job wrote last|1|2", "doubt|city|distinct values|1|"]
    ),
    (
      "DELETE FROM patients WHERE mrn = 'M3'", true,
      [
        "fault|-|records without a row|1|4", "doubt|mrn|filled|1|", "doubt|mrn|distinct values|1|",
        "doubt|firstName|filled|1|", "doubt|firstName|distinct values|1|", "doubt|lastName|filled|1|",
        "doubt|dateOfBirth|filled|1|", "doubt|dateOfBirth|distinct values|1|", "doubt|externalId|filled|1|",
        "doubt|externalId|distinct values|1|", "doubt|importSource|filled|1|",
      ]
    ),
    (
      """
      ALTER TABLE patients DROP CONSTRAINT patients_mrn_key;
      INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('M1', 'F1', 'L1', '1911-03-04')
      """, true, ["fault|-|records with several rows|1|2", "doubt|-|rows that no record came to|2|"]
    ),
    (
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('new', 'A', 'B', '1980-01-02')", false,
      ["doubt|-|rows that no record came to|1|"]
    ),
  ]

  @Test(arguments: changes.indices) func eachChangeBehindTheLoadIsFound(_ number: Int) throws {
    let change = Self.changes[number]
    let database = try clinic()
    // The transaction is entered as a batch of the job.
    let note = "UPDATE ils.batches SET subxids = subxids || (pg_current_xact_id()::text::bigint & 4294967295);"
    _ = try database.rows("BEGIN; \(change.isOfJob ? note : "") \(change.sql); COMMIT")
    #expect(Set(try found(database)) == Set(change.found))
    #expect(status(database) == (change.found.contains { $0.hasPrefix("fault") } ? 1 : 0))
    let shown = try database.run("cat out")
    #expect(!shown.out.contains("City") && !shown.out.contains("1911-03"))
    #expect(try database.run("ils-verify --strict patients records").status == 1)
  }

  /// Once more, with the records that were loaded first.
  private func foundAgain(_ database: Database) throws -> Set<String> {
    try database.scratch.write("records", Self.clinic.map { $0 + "\n" }.joined())
    return Set(try found(database))
  }

  @Test func whatALaterJobChangedIsThatJobs() throws {
    let database = try clinic()
    let (job, _) = try database.load(
      "patients", "--update-existing",
      (1...2).map { number in
        patient(
          number, mrn: "M\(number)", first: "F\(number)", last: "L\(number)", born: "19\(10 + number)-03-04",
          city: "Leith", phone: "555-01\(number)")
      })
    _ = try database.rows("UPDATE patients SET updated_at = now() WHERE mrn = 'M2'")
    #expect(
      try foundAgain(database) == [
        "doubt|city|values that job \(job) changed since|2|2,3", "doubt|city|distinct values|1|",
        "doubt|phone|values that job \(job) changed since|1|2", "doubt|phone|filled|1|",
        "doubt|phone|distinct values|1|",
      ])
    #expect(status(database) == 0)
    // Undone, all is as it was; the row that a person has edited is kept.
    _ = try database.run("ils-rollback \(job)")
    #expect(
      try foundAgain(database) == [
        "doubt|city|values that job \(job) changed since|1|3", "doubt|city|distinct values|1|",
      ])
  }

  @Test func whatATriggerNamesMayBeTheTriggers() throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.City := upper(NEW.city); RETURN NEW; END $$;
      CREATE TRIGGER shout BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION shout()
      """)
    _ = try database.load("patients", "", (1...2).map { patient($0 + 1, mrn: "M\($0)", first: "F\($0)", city: "Oslo") })
    _ = try database.rows(
      """
      BEGIN; UPDATE ils.batches SET subxids = subxids || (pg_current_xact_id()::text::bigint & 4294967295);
      UPDATE patients SET first_name = 'Wrong' WHERE mrn = 'M2'; COMMIT
      """)
    let expected: Set = [
      "doubt|city|values that differ in columns that triggers name: shout|2|2,3",
      "fault|firstName|values that differ|1|3",
    ]
    #expect(Set(try found(database)).isSuperset(of: expected))
    #expect(status(database) == 1)
  }

  /// Nobody edited the rows that an ALTER TABLE wrote anew: what differs in them has no excuse.
  @Test func aRewrittenTableExcusesNothing() throws {
    let database = try clinic()
    _ = try database.rows(
      """
      UPDATE patients SET phone = '999' WHERE mrn = 'M2'; ALTER TABLE patients ADD COLUMN token uuid DEFAULT gen_random_uuid()
      """)
    #expect(try found(database) == ["fault|phone|values that differ|1|3"])
  }

  /// A role that sees a part of the table must not be told that all of it is sound.
  @Test func whatAPolicyHidesIsADoubt() throws {
    let database = try clinic()
    let role = "verify_" + database.url.matches(of: /test_(\w+)/).map { String($0.1) }.joined()
    _ = try database.rows(
      """
      CREATE ROLE \(role); GRANT USAGE ON SCHEMA ils TO \(role); GRANT SELECT ON ALL TABLES IN SCHEMA ils, public TO \(role);
      ALTER TABLE patients ENABLE ROW LEVEL SECURITY; CREATE POLICY visible ON patients USING (mrn < 'M2')
      """)
    let outcome = try database.run("PGOPTIONS='-c role=\(role)' ils-verify --strict")
    #expect(outcome.out.contains("doubt          1  policies may hide patients from this role"), "\(outcome.out)")
    #expect(outcome.status == 1)
    _ = try database.rows("DROP OWNED BY \(role); DROP ROLE \(role)")
  }

  @Test func valuesAreShownWhenAskedFor() throws {
    let database = try clinic()
    _ = try database.rows("UPDATE patients SET city = 'Elsewhere' WHERE mrn = 'M1'")
    let shown = try database.run("ils-verify --show-values patients records")
    #expect(shown.out.contains("2: source City 1, database Elsewhere"), "\(shown.out)")
    let json = try database.run(
      #"ils-verify --show-values --json patients records | jq -c 'select(.check == "last value") | [.source, .database]'"#
    )
    #expect(json.out.contains(#"["1950-03-04","1950-03-04"]"#))
  }

  @Test func aMissingPartOfTheSourceIsNoEmptySource() throws {
    let database = try clinic()
    let nothing = try database.run("true | ils-verify patients")
    #expect(nothing.status == 66 && nothing.err.contains("verify.no_records"))
    #expect(try database.run("ils-verify patients < /dev/null").status == 0)
    let said = try database.run(
      "true | ils-verify --json patients - | jq -r 'select(.check == \"rows that no record came to\").rows'")
    #expect(said.out == "40\n")
    // A line that is no record, and a value that no column holds, are refused aloud.
    try database.scratch.write("bad", Self.clinic[0] + "\n{\"mrn\":\n" + patient(9, mrn: "M8", born: "4/5/1918") + "\n")
    let bad = try database.run("ils-verify --rejects refused patients bad")
    #expect(
      bad.status == 1 && bad.out.contains("fault          1  records with values that no column holds"), "\(bad.out)")
    #expect(try database.run("jq -r '.errors[0].code' refused").out.contains("value.not_iso"))
  }

  /// What was not held against anything is named, on the page as well: nobody signs for it.
  @Test func whatWasNotComparedIsSaid() throws {
    let database = try clinic()
    let odd = Self.clinic[0].dropLast() + ",\"shoeSize\":42}"
    try database.scratch.write(
      "odd", ([String(odd)] + Self.clinic.dropFirst() + ["{\"mrn\":", ""]).joined(separator: "\n"))
    #expect(
      try found(database, "--html page.html patients odd") == [
        "fault|-|lines that are no records: not compared|1|",
        "doubt|-|fields that no column takes: not compared: shoeSize|1|",
      ])
    #expect(status(database) == 1)
    let page = try #require(database.scratch.read("page.html"))
    #expect(page.contains("fields that no column takes: not compared: shoeSize"))
    #expect(page.contains("lines that are no records") && !page.contains("Every record is there"))
  }

  /// A table that jobs loaded is not passed over where it is in another schema, or gone.
  @Test func aTableThatIsNotCheckedIsNamed() throws {
    let database = try clinic()
    let name = "tables that jobs loaded, and that were not checked"
    func unchecked(_ arguments: String) throws -> String? {
      let out = try database.run("\(arguments) < /dev/null").out
      return out.split(separator: "\n").first { $0.contains(name) }.map(String.init)
    }
    let none = "ok             0  \(name)"
    #expect(try unchecked("ils-verify") == none)
    _ = try database.rows("CREATE SCHEMA clinic; ALTER TABLE patients SET SCHEMA clinic; DROP TABLE orders")
    // Another table has its name by now.
    #expect(try database.run("psql -qXf '\(Place.root)/scripts/schema.sql' \"$DATABASE_URL\"").status == 0)
    let moved = "doubt          1  \(name): clinic.patients"
    #expect(try unchecked("ils-verify") == moved)
    #expect(try unchecked("ils-verify patients") == moved)
    #expect(try unchecked("ils-verify orders") == none)
    #expect(try unchecked("PGOPTIONS='-c search_path=clinic,public' ils-verify patients") == none)
    _ = try database.rows("DROP TABLE clinic.patients CASCADE; UPDATE ils.jobs SET target_schema = 'clinic'")
    #expect(try unchecked("ils-verify") == moved)
  }

  /// A column with a default holds what the database gives where a record has nothing; anything else is from elsewhere.
  @Test func whatIsNoDefaultIsFromElsewhere() throws {
    let database = try shop()
    _ = try database.rows("UPDATE things SET is_open = false WHERE company_id = 2 AND no % 20 IN (3, 5)")
    #expect(
      try found(database, "--schema things.json --set company_id=2 records").contains(
        "doubt|isOpen|values that no record has|1|6"))
  }

  /// Two records of one patient, of which the later one updated the row: it holds what one of the two has.
  @Test func recordsOfOneRowAreTakenTogether() throws {
    let database = try Database()
    let records = [
      patient(2, mrn: "M1", city: "Rome"), patient(3, mrn: "M1", city: "Oslo", phone: "1"),
      patient(4, mrn: "M2", first: "Bo"),
    ]
    _ = try database.load("patients", "--update-existing", records)
    #expect(
      try found(database) == [
        "doubt|-|records that share a row with an earlier one|1|3", "doubt|mrn|filled|1|", "doubt|firstName|filled|1|",
        "doubt|lastName|filled|1|", "doubt|dateOfBirth|filled|1|", "doubt|city|filled|1|",
        "doubt|city|distinct values|1|",
      ])
    #expect(status(database) == 0)
  }

  @Test func anOrderIsHeldAgainstThePatientThatItNames() throws {
    let database = try clinic()
    _ = try database.load("orders", "", (1...10).map { order($0, "O\($0)", of: "M\($0)") })
    #expect(try found(database, "orders records") == [])
    _ = try database.rows(
      """
      BEGIN; UPDATE ils.batches SET subxids = subxids || (pg_current_xact_id()::text::bigint & 4294967295);
      UPDATE orders SET patient_id = (SELECT id FROM patients WHERE mrn = 'M9') WHERE order_number = 'O2'; COMMIT
      """)
    #expect(
      try found(database, "orders records") == [
        "fault|-|records whose row cannot be told (identity.conflict)|1|2", "doubt|-|rows that no record came to|1|",
      ])
  }

  // MARK: - Tables of any shape

  private static let things = """
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["code"], "properties": {
      "code": {"type": "string", "x-ils": {"column": "Co\\"de"}}, "price": {"type": "number", "x-ils": {"column": "price"}},
      "weight": {"type": "number", "x-ils": {"column": "weight"}}, "seen": {"type": "string", "x-ils": {"column": "seen"}},
      "isOpen": {"type": "boolean", "x-ils": {"column": "is_open"}}, "more": {"type": "string", "x-ils": {"column": "more"}},
      "mail": {"type": "string", "x-ils": {"column": "mail"}}, "first": {"type": "string"}, "last": {"type": "string"},
      "note": {"type": "string", "x-ils": {"column": "note", "clearWith": "-"}}},
     "x-ils": {"table": "things", "id": "no", "job": null, "set": {"company_id": "0"}, "scope": ["company_id"], "where": {"deleted": null},
      "identity": [{"kind": "identifier", "fields": ["code"]}],
      "columns": [{"column": "whole", "join": ["first", "last"]}]}}
    """

  /// No column for the job, a number as its key, names that need quotes, types with rules of their own, companies.
  private func shop() throws -> Database {
    let database = try Database()
    try database.scratch.write("things.json", Self.things)
    _ = try database.rows(
      """
      CREATE EXTENSION IF NOT EXISTS citext;
      CREATE TABLE things (no bigserial PRIMARY KEY, company_id int NOT NULL, "Co""de" char(6), price numeric(10,2),
        weight real, seen timestamptz, is_open boolean DEFAULT true, more json, mail citext, whole text, note text,
        deleted date, added_later text NOT NULL DEFAULT '')
      """)
    for company in 1...2 {
      _ = try database.load(
        "--schema things.json", "--set company_id=\(company)",
        (1...20).map { number in
          """
          {"_row":\(number + 1),"code":"A\(number)","price":\(number).5,"weight":0.1,"seen":"2024-05-0\(number % 9 + 1)T10:00:00+02:00",\
          "more":"{\\"a\\":  \(company)}","mail":"Ann\(number)@X.org","first":"F","last":"L\(company)"\(number == 3 ? ",\"isOpen\":false" : "")}
          """
        })
    }
    return database
  }

  @Test func aTableOfAnyShapeIsComparedWithinItsScope() throws {
    let database = try shop()
    let ask = "--schema things.json --set company_id=2 records"
    #expect(try found(database, ask) == [], "\(database.scratch.read("err") ?? "")")
    #expect(status(database) == 0)
    let price = try database.run(#"jq -c 'select(.field == "price" and .check == "sum") | [.source, .database]' out"#)
    #expect(
      price.out == "[220.0,220.00]\n" || price.out == "[220.0,220.0]\n" || price.out == "[220,220]\n", "\(price.out)")
    // The same records under the other company are not the same.
    #expect(
      try found(database, "--schema things.json --set company_id=1 records").contains {
        $0.hasPrefix("fault|first+last|values that differ|20|")
      })
    #expect(
      try found(database, "--schema things.json --set company_id=3 records").contains(
        "fault|-|records without a row|20|2,3,4,5,6"))
    // What equals by its type's own rule, or is of the other company, is told apart.
    _ = try database.rows(
      """
      BEGIN; UPDATE ils.batches SET subxids = subxids || (pg_current_xact_id()::text::bigint & 4294967295);
      UPDATE things SET mail = lower(mail::text) WHERE company_id = 2 AND no % 20 = 1;
      UPDATE things SET more = '{"a": 2}' WHERE company_id = 2 AND no % 20 = 2;
      UPDATE things SET seen = seen + interval '1 microsecond' WHERE company_id = 2 AND no % 20 = 3;
      UPDATE things SET price = 0 WHERE company_id = 1; COMMIT
      """)
    let wrong = try found(database, ask).filter { $0.hasPrefix("fault") }
    #expect(
      wrong == [
        "fault|seen|values that differ|1|4", "fault|more|values that differ|1|3", "fault|mail|values that differ|1|2",
      ])
    // Alone, it is one of the tables that jobs have loaded.
    let all = try database.run("ils-verify")
    #expect(all.out.contains("       40  things\n") && all.out.contains("things without code"))
    #expect(
      try database.run("ils-verify --schema things.json --set company_id=2 < /dev/null").out.contains(
        "       20  things\n"))
  }

  // MARK: - The page

  @Test func thePageCanBeSigned() throws {
    let database = try clinic()
    _ = try database.rows("UPDATE patients SET city = '<b>' WHERE mrn = 'M1'")
    let outcome = try database.run("ils-verify --source clinic --html page.html patients records; sha256sum records")
    let page = try #require(database.scratch.read("page.html"))
    let sum = try #require(outcome.out.firstMatch(of: /([0-9a-f]{64})  records/)).1
    for part in [
      "Verification of patients from clinic", "Signature", "Place", "Date", "Name", "Only rows of source", "The fields",
      "<td class=\"number\">40</td>", String(sum), "values that differ in rows that no job wrote last",
    ] {
      #expect(page.contains(part), "\(part)")
    }
    #expect(
      page.hasPrefix("<!doctype html>") && page.hasSuffix("</html>\n") && !page.contains("<b>")
        && !page.contains("City"))
    #expect(!page.contains("src=") && !page.contains("href="))
    #expect(try database.run("ils-verify --html records patients records").status == 64)
    #expect(try database.run("wc -l < records").out == "40\n")
  }
}
