import Foundation
import Testing

@Suite struct LoadTests {
  @Test func recordsBecomeRowsAndGoAgain() throws {
    let database = try Database()
    _ = try database.rows(
      "INSERT INTO patients (first_name, last_name, date_of_birth) VALUES ('Old', 'Row', '1950-01-01')")
    let before = try database.dump()
    let (job, outcome) = try database.load(
      "patients", "--outcomes all",
      [patient(2, mrn: "1", email: "a@b.co"), patient(3, mrn: "2", first: "Zoë", city: "Köln")])
    #expect(outcome.status == 0)
    #expect(outcome.out.hasPrefix(#"{"_row":2,"outcome":"inserted","job":"\#(job)"}"#))
    #expect(
      outcome.out.contains(#""equation":{"inserted":2,"updated":0,"skipped":0,"failed":0,"rejected":0,"dropped":0}"#))
    #expect(
      try database.rows("SELECT mrn, first_name, city FROM patients WHERE import_job_id = '\(job)' ORDER BY mrn") == [
        "1|Ann|", "2|Zoë|Köln",
      ])
    let undone = try database.run("ils-rollback \(job)")
    #expect(undone.status == 0)
    #expect(undone.out.contains(#""deleted":2,"restored":0,"kept":0"#))
    #expect(try database.dump() == before)
    #expect(try database.rows("SELECT status FROM ils.jobs WHERE id = '\(job)'") == ["rolled back"])
    #expect(try database.run("ils-rollback \(job)").out.contains(#""deleted":0"#))
  }

  // MARK: - Orders before their patients

  /// Two files may have the same fields in another order.
  @Test func eachFileHasItsOwnOrderOfFields() throws {
    let database = try Database()
    try database.scratch.write(
      "one", #"{"mrn":"1","firstName":"Ann","lastName":"Lee","dateOfBirth":"1980-01-02"}"# + "\n")
    try database.scratch.write(
      "two", #"{"lastName":"Ray","firstName":"Bob","mrn":"2","dateOfBirth":"1980-01-02"}"# + "\n")
    try database.scratch.write("odd", #"{"lastName":"","firstName":"Cy","mrn":"3","dateOfBirth":"1980-01-02"}"# + "\n")
    try database.scratch.write(
      "mapping",
      #"{"name":"m","mappings":[{"sourceField":"mrn","targetField":"m"},{"sourceField":"lastName","targetField":"l"}]}"#
    )
    let result = try database.run("ils-load patients one two")
    #expect(result.status == 0)
    #expect(
      try database.rows("SELECT mrn, first_name, last_name FROM patients ORDER BY 1") == ["1|Ann|Lee", "2|Bob|Ray"])
    #expect(try database.run("ils-validate patients one two odd").status == 1)
    let mapped = try database.run("ils-map -m mapping one two")
    #expect(mapped.out.contains(#""m":"2","l":"Ray""#), "\(mapped)")
  }

  /// A day is a day, however it is written and whatever else the record lacks: each record sees those before it.
  @Test(arguments: ["ALTER TABLE patients ALTER state SET DEFAULT 'XX'", "SELECT 1"], ["1", "2"])
  func aDayIsTheSameInEachSpelling(table: String, connections: String) throws {
    let database = try Database()
    _ = try database.rows(table)
    let records = (1...60).flatMap { person -> [String] in
      let born = "19\(30 + person)-03-04"
      let first = person % 3 == 0 ? born.replacingOccurrences(of: "-03-", with: "\\u002d03-") : born + "T00:00:00"
      return [
        patient(person, first: "F\(person)", born: person % 2 == 0 ? first : born, city: "first"),
        patient(person, first: "F\(person)", born: person % 2 == 0 ? born : first, city: "second"),
      ]
    }
    try database.scratch.write("records", records.map { $0 + "\n" }.joined())
    let result = try database.run(
      "ils-load patients --update-existing --batch-size 15 --connections \(connections) records")
    #expect(result.status == 0, "\(result.err)")
    #expect(try database.rows("SELECT city, count(*) FROM patients GROUP BY 1") == ["second|60"])
  }

  /// One transaction keeps others waiting, where there is something to work on.
  @Test(arguments: ["--atomic", "--dry-run", ""]) func aLoadThatHoldsOthersUpSaysSo(option: String) throws {
    let database = try Database()
    try database.scratch.write("records", (1...3).map { patient($0, mrn: "\($0)", first: "F\($0)") + "\n" }.joined())
    let first = try database.run("ils-load patients \(option) records")
    #expect(first.status == 0 && !first.err.contains("job.holds"))
    _ = try database.run("ils-load patients --skip-duplicates records")
    let next = try database.run("ils-load patients --skip-duplicates \(option) records")
    #expect(next.status == 0)
    #expect(next.err.contains("[job.holds]") == (option != ""))
  }

  /// Records of several inputs may be in one batch.
  @Test(arguments: ["1", "2"]) func aRejectNamesTheFileThatItCameFrom(connections: String) throws {
    let database = try Database()
    for name in ["one", "two"] {
      let records = (1...20).map { row in
        patient(
          row, mrn: row == 7 ? "again" : "\(name)\(row)", first: "\(name)\(row)",
          born: row == 5 ? "1980-02-31" : "1980-01-02")
      }
      try database.scratch.write(name, records.map { $0 + "\n" }.joined())
    }
    let result = try database.run(
      "ils-load patients --connections \(connections) --rejects bad one two; jq -r '\"\\(._file):\\(._row)\"' bad")
    #expect(result.out.hasSuffix("one:5\ntwo:5\ntwo:7\n"), "\(result.out)")
  }

  @Test func parkedOrdersAreReleasedByTheirPatients() throws {
    let database = try Database()
    let (job, outcome) = try database.load(
      "orders", "--park-orphans",
      [order(2, "A", of: "M1"), order(3, "B", of: "M2"), order(4, "C", of: "M3")])
    #expect(outcome.status == 0)
    #expect(outcome.out.contains(#"{"_row":3,"outcome":"parked","job":"\#(job)","code":"patient.not_found""#))
    #expect(outcome.out.contains(#""dropped":0,"parked":3"#))
    let (_, patients) = try database.load("patients", "", [patient(2, mrn: "M1"), patient(3, mrn: "M3", first: "Cy")])
    #expect(patients.err.contains("2 parked records released, 1 still wait"))
    #expect(
      try database.rows("SELECT order_number, import_job_id = '\(job)' FROM orders ORDER BY 1") == ["A|t", "C|t"])
    #expect(
      try database.rows("SELECT inserted, parked, processed, failed FROM ils.jobs WHERE id = '\(job)'") == ["2|1|3|0"])
    // What came later is the job's as well.
    #expect(try database.run("ils-rollback \(job)").out.contains(#""deleted":2"#))
    #expect(try database.rows("SELECT count(*) FROM orders") == ["0"])
    #expect(try database.rows("SELECT count(*) FROM ils.parked") == ["0"])
  }

  @Test func aJobMayHaveAnIdFromOutside() throws {
    let database = try Database()
    let id = "01890a5d-ac96-774b-bcce-b302099a8057"
    #expect(try database.load("patients", "--id \(id)", [patient(2)]).job == id)
    let again = try database.load("patients", "--id \(id)", [patient(3)]).outcome
    #expect(again.status == 65 && again.err.contains("[job.exists]"))
    #expect(try database.load("patients", "--id \(id) --resume \(id)", [patient(3)]).outcome.status == 64)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["1"])
  }

  @Test func aJobMayBeSharedByLoaders() throws {
    let database = try Database()
    let job = "01a20000-0000-7000-8000-00000000000a"
    for part in 1...3 {
      let records = (1...500).map { patient($0, mrn: "\(part * 1000 + $0)", first: "N\(part)x\($0)") + "\n" }
      try database.scratch.write("part\(part)", (records + [patient(501, mrn: "7", first: "Same")]).joined())
    }
    let load = "ils-load patients --skip-duplicates --batch-size 40 --job \(job)"
    let script = (1...3).map { "\(load) --part \($0) part\($0) & p\($0)=$!" }.joined(separator: "\n")
    let outcome = try database.run(script + "\nwait $p1 && wait $p2 && wait $p3")
    #expect(outcome.status == 0)
    #expect(try database.rows("SELECT count(*), count(DISTINCT mrn) FROM patients") == ["1501|1501"])
    #expect(
      try database.rows("SELECT status, processed, inserted, skipped FROM ils.jobs") == ["processing|1503|1501|2"])
    // A part that is done is not done again.
    #expect(try database.run("\(load) --part 2 part2").status == 0)
    #expect(try database.rows("SELECT processed FROM ils.jobs") == ["1503"])
  }

  /// However the same value is written, and in whatever batch its other records are.
  @Test(arguments: [1, 2, 3, 1000]) func keysAreKnownHoweverTheyAreWritten(batchSize: Int) throws {
    let database = try Database()
    let named = { (first: String, rest: String) in
      #"{"firstName":"\#(first)","lastName":"Lee","dateOfBirth":"1980-01-02",\#(rest)}"#
    }
    let (_, outcome) = try database.load(
      "patients", "--skip-duplicates --batch-size \(batchSize)",
      [
        named("A", #""email":"a\u0062@x.co""#), named("B", #""email":"AB@x.co""#),
        named("C", #""mrn":17"#), named("D", #""mrn":"17""#),
        named("E", #""mrn":"1\u0038""#), named("F", #""mrn":"18""#),
        #"{"firstName":"Cy","lastName":"Poe","dateOfBirth":"1980-01-02T00:00"}"#,
        #"{"firstName":"CY","lastName":"Poe","dateOfBirth":"1980-01-02"}"#,
        #"{"firstName":"Cy","lastName":"Poe","dateOfBirth":"1980-01-03"}"#,
        #"{"firstName":"Di","lastName":"Poe","dateOfBirth":"1980-01-04"}"#,
        #"{"firstName":"Di","lastName":"Poe","dateOfBirth":"1980-01-04 00:00"}"#,
      ])
    #expect(outcome.out.contains(#""inserted":6,"updated":0,"skipped":4,"failed":1"#), "\(outcome.out)")
    #expect(outcome.err.contains("records:2: ") && outcome.err.contains("[identity.doubtful]"))
  }

  // MARK: - Tables that are not ours

  @Test func aForeignTableNeedsASchemaFileAlone() throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE TABLE clients (no serial PRIMARY KEY, company_id integer NOT NULL, name text NOT NULL, born text, mail text)
      """)
    try database.scratch.write(
      "clients.json",
      """
      {"type": "object", "properties": {
        "firstName": {"type": "string"}, "lastName": {"type": "string"},
        "dateOfBirth": {"type": "string", "x-ils": {"column": "born"}},
        "email": {"type": "string", "x-ils": {"column": "mail", "fold": "case"}}},
       "x-ils": {"table": "clients", "id": "no", "job": null, "identity": [["email"]],
        "columns": [{"column": "name", "join": ["firstName", "lastName"]}]}}
      """)
    let load = "ils-load --schema clients.json records --skip-duplicates"
    try database.scratch.write(
      "records",
      [patient(2, email: "a@b.co"), patient(3, first: "Bo", email: "A@B.co"), patient(4, first: "Cy")]
        .joined(separator: "\n"))
    let refused = try database.run(load)
    #expect(refused.status == 78)
    #expect(refused.err.contains("--set company_id=VALUE"))
    let outcome = try database.run("\(load) --set company_id=7")
    #expect(outcome.status == 0)
    #expect(
      try database.rows("SELECT company_id, name, born, mail FROM clients ORDER BY no") == [
        "7|Ann Lee|1980-01-02|a@b.co", "7|Cy Lee|1980-01-02|",
      ])
    let job = try #require(try database.rows("SELECT id FROM ils.jobs WHERE inserted = 2").first)
    _ = try database.rows("UPDATE clients SET born = 'seen' WHERE name = 'Cy Lee'")
    #expect(
      try database.run("ils-rollback \(job)").out.contains(#""deleted":1,"restored":0,"kept":1"#))
    #expect(try database.rows("SELECT name FROM clients") == ["Cy Lee"])
  }

  // MARK: - Duplicates

  /// Names that only the database's locale can compare.
  @Test func aNameIsKnownInAnyCaseOfAnyScript() throws {
    let database = try Database()
    let names = ["Ünal", "Иван", "Ελένη", "Kim", "李", "Łukasz"]
    let lower = ["ünal", "ИВАН", "ελένη", "KIM", "李", "łUKASZ"]
    let records = names.enumerated().map { patient($0 + 2, mrn: "\($0)", first: $1) }
    let again = lower.enumerated().map { patient($0 + 20, first: $1) }
    let (_, outcome) = try database.load("patients", "--skip-duplicates", records + again)
    #expect(outcome.out.contains(#""inserted":6,"updated":0,"skipped":6"#))
  }

  /// The same row in the table, in an earlier batch and in the same batch; by each key in turn.
  @Test(arguments: ["1", "2", "100"]) func aKnownRowIsFoundWhereverItIs(batchSize: String) throws {
    let database = try Database()
    _ = try database.load("patients", "", [patient(2, mrn: "7", first: "Tab", last: "Le", born: "1970-01-01")])
    let records = [
      patient(2, mrn: "1", email: "One@x.co"), patient(3, mrn: "1", first: "Other"),
      patient(4, first: "Bob", born: "1981-01-01", email: "one@X.co"),
      patient(5, first: "Cy", source: "s", external: "9"), patient(6, first: "Di", source: "s", external: "9"),
      patient(7, first: "eve", born: "1990-05-05"), patient(8, first: "EVE", born: "1990-05-05"),
      patient(9, mrn: "7", first: "Again"),
    ]
    let (_, outcome) = try database.load("patients", "--skip-duplicates --batch-size \(batchSize)", records)
    #expect(outcome.status == 1)
    let skipped = outcome.out.matches(of: /"_row":(\d+),"outcome":"skipped".*"matched":"([^"]*)"/)
    #expect(
      skipped.map { "\($0.1) \($0.2)" } == [
        "3 mrn", "6 importSource+externalId", "8 firstName+lastName+dateOfBirth",
      ])
    #expect(outcome.out.contains(#""inserted":4,"updated":0,"skipped":3,"failed":1"#))
    #expect(outcome.err.contains("records:9: ") && outcome.err.contains("[identity.conflict]"))
  }

  @Test func duplicatesFailUnlessAskedOtherwise() throws {
    let database = try Database()
    let (_, outcome) = try database.load(
      "patients", "--rejects bad", [patient(2, mrn: "1"), patient(3, mrn: "1", city: "Rome")])
    #expect(outcome.status == 1)
    #expect(outcome.err.contains("records:3: mrn: its row is there already"))
    #expect(database.scratch.read("bad")?.contains(#""record":{"_row":3,"mrn":"1""#) == true)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["1"])
  }

  @Test func anUpdateSetsOnlyWhatTheRecordHas() throws {
    let database = try Database()
    _ = try database.load("patients", "", [patient(2, mrn: "1", city: "Rome", phone: "1")])
    let before = try database.dump()
    let (job, outcome) = try database.load(
      "patients", "--update-existing",
      [
        patient(2, mrn: "1", email: "a@b.co", city: ""), patient(3, mrn: "1", phone: "2"),
        patient(4, mrn: "1", phone: "2"),
      ])
    #expect(outcome.out.contains(#""_row":2,"outcome":"updated","job":"\#(job)","matched":"mrn","changed":["email"]"#))
    #expect(outcome.out.contains(#""_row":3,"outcome":"updated","job":"\#(job)","matched":"mrn","changed":["phone"]"#))
    #expect(outcome.out.contains(#""_row":4,"outcome":"skipped""#))
    #expect(try database.rows("SELECT city, email, phone FROM patients") == ["Rome|a@b.co|2"])
    #expect(try database.run("ils-rollback \(job)").out.contains(#""restored":1,"kept":0"#))
    #expect(try database.dump() == before)
  }

  /// Of what nobody sees, no value is made: blanks, and marks of width and direction.
  @Test(arguments: [
    "\u{A0}", "\u{2007} ", "\u{200E}", "\u{2060}\u{AD}", "\u{FEFF}", "\\u202c\\u202a", "\u{3164}", "\u{61C}",
  ])
  func whatNobodySeesIsNoValue(blank: String) throws {
    let database = try Database()
    _ = try database.load("patients", "", [patient(2, mrn: "1", city: "Rome")])
    let again = try database.load(
      "patients", "--update-existing",
      [
        patient(2, mrn: "1", city: blank),
        patient(3, mrn: blank, first: "Bob", external: blank), patient(4, mrn: blank, first: "Cid", external: blank),
      ]
    ).outcome
    #expect(
      again.status == 0 && again.out.contains(#""inserted":2,"updated":0,"skipped":1"#), "\(again.out)\(again.err)")
    #expect(
      try database.rows("SELECT count(mrn), count(external_id), count(*) FILTER (WHERE city = 'Rome') FROM patients")
        == ["1|0|1"])
  }

  @Test func nothingIsGuessed() throws {
    let database = try Database()
    _ = try database.load(
      "patients", "", [patient(2, mrn: "1", email: "one@x.co"), patient(3, mrn: "2", first: "Bob", email: "two@x.co")])
    let (_, outcome) = try database.load(
      "patients", "--update-existing",
      [
        patient(2, mrn: "1", first: "Cy", born: "1955-05-05", email: "two@x.co"), patient(3, mrn: "3", first: "Bob"),
        patient(4, first: "Di", email: "one@x.co"),
      ])
    #expect(outcome.status == 1)
    #expect(outcome.err.contains("records:2: ") && outcome.err.contains("[identity.conflict]"))
    #expect(outcome.err.contains("records:3: ") && outcome.err.contains("[identity.doubtful]"))
    #expect(outcome.err.contains("records:4: ") && outcome.err.contains("[identity.doubtful]"))
    #expect(try database.rows("SELECT mrn, first_name FROM patients ORDER BY mrn") == ["1|Ann", "2|Bob"])
  }

  // MARK: - References

  @Test func ordersFindTheirPatients() throws {
    let database = try Database()
    _ = try database.load(
      "patients", "",
      [
        patient(2, mrn: "M1"), patient(3, first: "Bob", email: "Bob@x.co"),
        patient(4, first: "Cy", source: "s", external: "E1"),
      ])
    let (job, outcome) = try database.load(
      "orders", "--source s --rejects bad",
      [order(2, "A", of: "M1"), order(3, "B", of: "bob@X.CO"), order(4, "C", of: "E1"), order(5, "D", of: "nobody")])
    #expect(outcome.status == 1)
    #expect(outcome.err.contains("[patient.not_found]"))
    #expect(!outcome.err.contains("nobody"))
    #expect(
      try database.rows(
        "SELECT order_number, first_name, status FROM orders o JOIN patients p ON p.id = patient_id ORDER BY 1") == [
          "A|Ann|pending", "B|Bob|pending", "C|Cy|pending",
        ])
    let patients = try database.rows("SELECT id FROM ils.jobs WHERE entity = 'patients'")
    let kept = try database.run("ils-rollback \(patients[0])")
    #expect(kept.out.matches(of: /"outcome":"kept".*"reason":"referenced"/).count == 3)
    _ = try database.run("ils-rollback \(job)")
    #expect(try database.run("ils-rollback \(patients[0])").out.contains(#""deleted":3,"restored":0,"kept":0"#))
  }

  // MARK: - Faults

  /// Many records that only the database refuses are found at once, and what is loaded beside them can be undone.
  @Test func allThatTheDatabaseRefusesIsFoundAtOnce() throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF new.mrn LIKE 'X%' THEN RAISE EXCEPTION 'no' USING errcode = 'AB123'; END IF;
        IF new.mrn LIKE 'Y%' THEN RETURN NULL; END IF;
        RETURN new;
      END $$;
      CREATE TRIGGER judge BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION judge()
      """)
    let records = (1...3000).map {
      patient($0, mrn: ($0 % 10 == 0 ? "X" : $0 % 15 == 1 ? "Y" : "K") + "\($0)", first: "A\($0)")
    }
    let (job, outcome) = try database.load("patients", "--rejects bad --outcomes none", records)
    #expect(outcome.status == 1)
    #expect(try database.rows("SELECT inserted, failed FROM ils.jobs") == ["2500|500"])
    #expect(try database.rows("SELECT count(*) FROM patients") == ["2500"])
    #expect(
      try database.rows("SELECT code, count(*) FROM ils.job_errors GROUP BY 1 ORDER BY 1")
        == ["db.AB123|300", "row.left_out|200"])
    let rows = (database.scratch.read("bad") ?? "").matches(of: /^\{"_row":(\d+)/.anchorsMatchLineEndings())
      .compactMap { Int($0.1) }
    #expect(rows.count == 500 && rows == rows.sorted())
    #expect(try database.run("ils-rollback \(job)").out.contains(#""deleted":2500"#))
  }

  @Test func aFaultOfTheTableIsToldOnce() throws {
    let database = try Database()
    _ = try database.rows("ALTER TABLE patients ADD CHECK (coalesce(city, '') = 'Oslo')")
    let (_, outcome) = try database.load(
      "patients", "", (1...200).map { patient($0, mrn: "K\($0)", first: "A\($0)") })
    #expect(outcome.status == 78 && outcome.err.contains("[db.every_record]"), "\(outcome.err)")
  }

  @Test func constraintsThatAreLookedAtLastFailAnAtomicJob() throws {
    let database = try Database()
    _ = try database.rows("ALTER TABLE patients ADD UNIQUE (phone) DEFERRABLE INITIALLY DEFERRED")
    let twins = [patient(1, mrn: "1", first: "A", phone: "7"), patient(2, mrn: "2", first: "B", phone: "7")]
    let (_, outcome) = try database.load("patients", "--atomic", twins)
    #expect(outcome.status == 65, "\(outcome.err)")
    #expect(try database.rows("SELECT status, (SELECT count(*) FROM patients) FROM ils.jobs") == ["failed|0"])
    let (_, dry) = try database.load("patients", "--dry-run", twins)
    #expect(dry.out.contains(#""inserted":1,"updated":0,"skipped":0,"failed":1"#), "\(dry.out)")
  }

  @Test func onlyTheRecordAtFaultIsRefused() throws {
    let database = try Database()
    var records = (2..<302).map { patient($0, mrn: "\($0)", first: "A\($0)") }
    records[100] = patient(102, mrn: "bad1", first: "Secret", born: "1980-13-01")
    records[250] = patient(252, mrn: "bad2", first: "Secret", phone: "12345678901234567890123")
    records[251] = #"{"_row":253,"firstName":"Se\u0000cret","lastName":"x","dateOfBirth":"1980-01-01"}"#
    records[252] = #"{"_row":254,"firstName":"Secret"}"#
    let (_, outcome) = try database.load("patients", "--rejects bad", records)
    #expect(outcome.status == 1)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["296"])
    for (row, code) in [(102, "value.not_iso"), (252, "db.22001"), (253, "text.nul"), (254, "db.23502")] {
      #expect(outcome.err.contains(try Regex("records:\(row): .*\\[\(code)\\]")), "row \(row)")
    }
    #expect(!outcome.err.contains("Secret") && !outcome.err.contains("1980-13-01"))
    #expect(!(try database.rows("SELECT message FROM ils.job_errors").joined().contains("Secret")))
    #expect(database.scratch.read("bad")?.split(separator: "\n").count == 4)
  }

  @Test func allOrNothing() throws {
    let database = try Database()
    let records = [patient(2, mrn: "1"), patient(3, mrn: "2", first: "Bob", born: "1980-99-01")]
    let (job, outcome) = try database.load("patients", "--atomic --batch-size 1", records)
    #expect(outcome.status == 65)
    #expect(outcome.err.contains("nothing was loaded"))
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
    #expect(try database.rows("SELECT status, inserted, failed FROM ils.jobs WHERE id = '\(job)'") == ["failed|0|1"])
    #expect(try database.load("patients", "--atomic --batch-size 1", [records[0]]).outcome.status == 0)
    #expect(
      try database.rows("SELECT count(*) FROM patients p JOIN ils.batches b ON p.xmin::text::bigint = b.xid") == ["1"])
  }

  @Test func whatEarlierStagesRefusedCountsToo() throws {
    let database = try Database()
    try database.scratch.write("earlier", "{\"record\":{}}\n{\"record\":{}}\n")
    let (_, outcome) = try database.load("patients", "--atomic --rejects-in earlier", [patient(2, mrn: "1")])
    #expect(outcome.status == 65)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
  }

  @Test func aDryRunLeavesNothing() throws {
    let database = try Database()
    let (_, outcome) = try database.load("patients", "--dry-run", [patient(2, mrn: "1"), patient(3, mrn: "1")])
    #expect(outcome.status == 1)
    #expect(
      outcome.out.contains(#""inserted":1,"updated":0,"skipped":0,"failed":1"#)
        && outcome.out.contains(#""dryRun":true"#))
    #expect(try database.rows("SELECT (SELECT count(*) FROM patients), (SELECT count(*) FROM ils.jobs)") == ["0|0"])
  }

  // MARK: - The equation

  @Test func everyRowIsAccountedFor() throws {
    let database = try Database()
    try database.scratch.write(
      "in.csv", "mrn,firstName,lastName,dateOfBirth\n1,A,B,1980-01-01\n2,C,D,1980-01-01\n3,,F,1980-01-01\n4,short\n")
    let pipe = """
      ils-parse in.csv --manifest run.json --rejects p.bad | jq -c 'select(.mrn != "2")' |
        ils-validate patients --rejects v.bad | ils-load patients --manifest run.json --rejects-in p.bad --rejects-in v.bad
      """
    let refused = try database.run(pipe)
    #expect(refused.statuses == [1, 0, 1, 65])
    #expect(refused.err.contains("1 of 4 rows never arrived"))
    #expect(refused.out.contains(#""status":"failed""#))
    let allowed = try database.run(pipe + " --allow-dropped --skip-duplicates")
    #expect(allowed.statuses == [1, 0, 1, 0])
    #expect(
      allowed.out.contains(
        #""equation":{"rows":4,"inserted":0,"updated":0,"skipped":1,"failed":0,"rejected":2,"dropped":1}"#))
  }

  @Test func aParserThatDiedLeavesNoManifest() throws {
    let database = try Database()
    let (_, outcome) = try database.load("patients", "--manifest run.json --atomic", [patient(2, mrn: "1")])
    #expect(outcome.status == 66)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["0"])
  }

  // MARK: - Manners

  @Test func aDatabaseThatIsAwayIsNamedWithoutItsPassword() throws {
    let scratch = try Scratch()
    let result = try scratch.run("echo '{}' | ils-load patients --database postgresql://me:s3cret@127.0.0.1:1/clinic")
    #expect(result.status == 69)
    #expect(result.err.contains("clinic") && result.err.contains("127.0.0.1"))
    #expect(!result.err.contains("s3cret"))
  }

  @Test func aDatabaseWithoutTablesIsSaid() throws {
    let database = try Database()
    _ = try database.rows("DROP TABLE orders, patients")
    let (_, outcome) = try database.load("patients", "", [patient(2)])
    #expect(outcome.status == 78)
    #expect(outcome.err.contains("schema.sql"))
    _ = try database.rows("DROP SCHEMA ils CASCADE; CREATE TABLE patients (id int)")
    #expect(try database.load("patients", "", [patient(2)]).outcome.status == 78)
  }

  @Test func aClosedStdoutDoesNotStopTheLoad() throws {
    let database = try Database()
    try database.scratch.write("records", (2..<5002).map { patient($0, mrn: "\($0)", first: "A\($0)") + "\n" }.joined())
    let result = try database.run("ils-load patients --outcomes all --batch-size 100 records | head -n 1 > first")
    #expect(result.statuses == [0, 0])
    #expect(try database.rows("SELECT count(*) FROM patients") == ["5000"])
  }
}
