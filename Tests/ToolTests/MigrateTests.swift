import Foundation
import Testing

/// ils-migrate: the guide's migrate-from-csv, option by option.
@Suite struct MigrateTests {
  static let header = "firstName,lastName,dateOfBirth,mrn,email\n"
  static let ann = "Ann,Lee,1980-01-02,M1,ann@example.com\n"
  static let bob = "Bob,Kim,1990-03-04,M2,\n"
  /// No such day.
  static let bad = "Cid,May,1990-02-30,M3,\n"

  let database: Database
  let scratch: Scratch

  init() throws {
    database = try Database()
    scratch = database.scratch
  }

  /// Runs ils-migrate on patients with `rows`, keeping its files in `run`.
  func migrate(_ rows: String..., options: String = "", type: String = "patients") throws -> Outcome {
    try scratch.write("in.csv", Self.header + rows.joined())
    return try command("\(type) in.csv \(options)")
  }

  func command(_ arguments: String) throws -> Outcome {
    try scratch.run(
      "rm -rf run; DATABASE_URL='\(database.url)' ils-migrate --keep run \(arguments)")
  }

  /// What `sql` answers, as one text.
  func query(_ sql: String) throws -> String { try database.rows(sql).joined(separator: "\n") }

  var patients: String { get throws { try query("select count(*) from patients") } }

  func job() throws -> [String: Any] {
    let bytes = Data((scratch.read("run/job.json") ?? "").utf8)
    return try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
  }

  @Test func goodRecordsAreLoaded() throws {
    let result = try migrate(Self.ann, Self.bob)
    #expect(result.status == 0, "\(result.err)")
    #expect(result.out.contains("2 rows = 2 inserted\n"))
    #expect(
      try query("select first_name, date_of_birth, mrn, email from patients order by mrn")
        == "Ann|1980-01-02|M1|ann@example.com\nBob|1990-03-04|M2|")
  }

  @Test func oneBadRecordMeansThatNothingIsLoaded() throws {
    let result = try migrate(Self.ann, Self.bad, Self.bob)
    #expect(result.status == 65)
    #expect(try patients == "0")
    #expect(result.out.contains("row 3"))
    #expect(!result.out.contains("Cid") && !result.err.contains("Cid"))
  }

  @Test func oneRecordThatTheTableHasMeansThatNothingIsLoaded() throws {
    #expect(try migrate(Self.ann).status == 0)
    let result = try migrate(Self.bob, Self.ann)
    #expect(result.status == 65)
    #expect(try patients == "1")
  }

  @Test func aShortRowMeansThatNothingIsLoaded() throws {
    #expect(try migrate(Self.ann, "Bob,Kim\n").status == 65)
    #expect(try patients == "0")
  }

  @Test func continueOnErrorLoadsTheGoodRecords() throws {
    let result = try migrate(Self.ann, Self.bad, "Dan,Poe\n", Self.bob, options: "--continue-on-error")
    #expect(result.status == 1, "\(result.err)")
    #expect(result.out.contains("4 rows = 2 inserted + 2 rejected\n"))
    #expect(try patients == "2")
    #expect(scratch.read("run/validate.rejects.ndjson")?.contains(#""mrn":"M3""#) == true)
  }

  @Test func aDryRunKeepsNothingAndSaysWhatWouldHappen() throws {
    let result = try migrate(Self.ann, Self.bob, options: "--dry-run")
    #expect(result.status == 0, "\(result.err)")
    #expect(result.out.contains("dry run"))
    #expect(result.out.contains("2 inserted"))
    #expect(!result.out.contains("ils-rollback"))
    #expect(try patients == "0")
  }

  @Test func validateOnlyNeedsNoDatabase() throws {
    try scratch.write("in.csv", Self.header + Self.ann + Self.bad)
    let result = try scratch.run(
      "DATABASE_URL=postgresql://nowhere.invalid/x ils-migrate patients in.csv --validate-only --keep run"
    )
    #expect(result.status == 1)
    #expect(result.out.contains("2 rows = 1 valid + 1 refused"))
  }

  @Test func duplicatesAreSkipped() throws {
    #expect(try migrate(Self.ann).status == 0)
    let result = try migrate(Self.ann, Self.bob, Self.bob, options: "--skip-duplicates")
    #expect(result.status == 0, "\(result.err)\(result.out)")
    #expect(result.out.contains("3 rows = 1 inserted + 2 skipped\n"))
    #expect(try patients == "2")
  }

  @Test func existingRecordsAreUpdated() throws {
    #expect(try migrate(Self.ann).status == 0)
    let moved = "Ann,Lee-Poe,1980-01-02,M1,ann@example.org\n"
    let result = try migrate(moved, Self.bob, options: "--update-existing")
    #expect(result.status == 0, "\(result.err)\(result.out)")
    #expect(result.out.contains("2 rows = 1 inserted + 1 updated\n"))
    #expect(try query("select last_name, email from patients where mrn = 'M1'") == "Lee-Poe|ann@example.org")
  }

  @Test func valuesMayStandBehindAnEqualsSign() throws {
    let result = try migrate(Self.ann, Self.bob, options: "--batch-size=1 --source=old_clinic")
    #expect(result.status == 0, "\(result.err)")
    #expect(try query("select distinct import_source from patients") == "old_clinic")
    #expect(try query("select count(*) from ils.batches") == "2")
  }

  @Test func theToolkitsTablesAreMadeIfAsked() throws {
    _ = try query("drop schema ils cascade")
    #expect(try migrate(Self.ann).status == 78)
    let result = try migrate(Self.ann, options: "--init")
    #expect(result.status == 0, "\(result.err)")
    #expect(try patients == "1")
  }

  @Test func theSourceIsNamedAfterTheTimeUnlessItIsGiven() throws {
    #expect(try migrate(Self.ann).status == 0)
    #expect(try query("select import_source from patients").contains(/^csv_migration_[0-9]{10}$/))
  }

  @Test func columnsAreMapped() throws {
    try scratch.write("in.csv", "given,family,born\n Ann ,Lee,01/02/1980\n")
    try scratch.write(
      "map.json",
      """
      {"mappings":[{"sourceField":"given","targetField":"firstName","transform":"trim"},
      {"sourceField":"family","targetField":"lastName"},
      {"sourceField":"born","targetField":"dateOfBirth","transform":"date_format"}]}
      """)
    let result = try command("patients in.csv --mappings=map.json")
    #expect(result.status == 0, "\(result.err)")
    #expect(try query("select first_name, last_name, date_of_birth from patients") == "Ann|Lee|1980-01-02")
  }

  @Test func columnsThatNobodyMappedNameTheWayToAMapping() throws {
    try scratch.write("in.csv", "given,family,born\nAnn,Lee,1980-01-02\n")
    let result = try command("patients in.csv")
    #expect(result.status == 65)
    #expect(result.out.contains("  ils-parse in.csv | ils-map --suggest patients > mapping.json\n"))
    #expect(try !migrate(Self.bad).out.contains("--suggest"))
  }

  @Test func ordersFindTheirPatientsByEachOfTheirKeys() throws {
    try scratch.write(
      "patients.csv",
      """
      firstName,lastName,dateOfBirth,mrn,email,externalId
      Ann,Lee,1980-01-02,M1,,
      Bob,Kim,1990-03-04,,Bob@example.com,
      Cid,May,1991-03-04,,,X9

      """)
    try scratch.write(
      "orders.csv",
      """
      patientIdentifier,orderNumber,orderDate,testType
      M1,O1,2024-01-15,Exam
      bob@EXAMPLE.com,O2,2024-01-15,Exam
      X9,O3,2024-01-15,Exam
      nobody,O4,2024-01-15,Exam

      """)
    #expect(try command("patients patients.csv --source clinic").status == 0)
    let result = try command("orders orders.csv --source clinic --continue-on-error")
    #expect(result.status == 1, "\(result.err)")
    #expect(result.out.contains("[patient.not_found]"))
    #expect(
      try query(
        "select o.order_number, p.first_name from orders o join patients p on p.id = o.patient_id order by 1")
        == "O1|Ann\nO2|Bob\nO3|Cid")
  }

  @Test func aJobIsUndoneExactly() throws {
    #expect(try migrate(Self.ann).status == 0)
    let before = try query("select * from patients order by mrn")
    #expect(try migrate("Ann,Lee-Poe,1980-01-02,M1,\n", Self.bob, options: "--update-existing").status == 0)
    let id = try #require(try job()["job"] as? String)
    let undone = try scratch.run("ils-rollback --database '\(database.url)' \(id)")
    #expect(undone.status == 0, "\(undone.err)")
    #expect(try query("select * from patients order by mrn") == before)
  }

  @Test func aTerminalShowsTheStagesSideBySide() throws {
    // Half a second has passed at the first gate; at the second one the stages are under way.
    try database.addGate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = 150")
    _ = try database.rows(
      Database.gate("TRIGGER later BEFORE INSERT ON ils.batches", when: "NEW.number = 300", lock: 4712))
    let outcome = try scratch.run(
      """
      export DATABASE_URL='\(database.url)'
      '\(Place.root)/scripts/bench/generate' --form clean --rows 60000 > many.csv
      hold "SELECT pg_advisory_xact_lock(4712), pg_advisory_lock(4711)"
      script -qefc "ils-migrate patients many.csv --batch-size 80 --keep shown" /dev/null > seen & migration=$!
      await wait_for_it 1; sleep 1; echo 'SELECT pg_advisory_unlock(4711);' >&8
      await grep -q 's left' seen; let_go
      wait $migration; cat seen
      jq -r .progress shown/progress.ndjson | sort -u | tr '\\n' ' '
      """)
    #expect(outcome.out.contains(/parse [0-9]+ > validate [0-9]+ > load [0-9]+, [0-9]+ %, [0-9]+ s left/))
    #expect(outcome.out.hasSuffix("ils-load ils-parse ils-validate "))
  }

  @Test func theJobRecordIsForPrograms() throws {
    let result = try migrate(Self.ann, options: "--json")
    let record = try #require(try JSONSerialization.jsonObject(with: Data(result.out.utf8)) as? [String: Any])
    #expect(record["status"] as? String == "completed")
    #expect((record["equation"] as? [String: Int])?["inserted"] == 1)
  }

  @Test func whatIsKeptIsForTheOwnerAlone() throws {
    _ = try migrate(Self.ann, Self.bad, options: "--continue-on-error")
    #expect(try scratch.run("stat -c %a run; stat -c %a run/* | sort -u").out == "700\n600\n")
  }

  // MARK: - Nothing hidden

  /// What ils-parse says alone, ils-migrate says as well.
  @Test func everyWarningOfEveryStageIsTold() throws {
    let latin =
      #"printf 'mrn,firstName,lastName,dateOfBirth\n1,S\xf8ren,\xc5berg,1980-01-02\n2,Bj\xf6rn,M\xfcller,1980-01-03\n'"#
    let outcome = try scratch.run(
      """
      \(latin) > latin.csv
      ils-parse latin.csv 2> said > /dev/null
      ils-migrate patients latin.csv --validate-only --keep run
      """)
    let said = try #require(scratch.read("said")).split(separator: "\n").filter { $0.contains("encoding") }
    #expect(!said.isEmpty)
    for line in said {
      let code = try #require(line.firstMatch(of: /\[[a-z_.]+\]$/))
      #expect(outcome.out.contains(code.0), "\(line)")
    }
    #expect(scratch.read("run/notes.ndjson")?.contains("encoding") == true)
  }

  @Test func tooFewRowsAreAnError() throws {
    #expect(try migrate(Self.ann, options: "--expect-rows 1").status == 0)
    let short = try migrate(Self.bob, options: "--expect-rows 2")
    #expect(short.status == 65)
    #expect(short.out.contains("--expect-rows") && short.out.contains("ils-rollback"))
    #expect(try migrate(options: "--expect-rows 1 --validate-only").status == 65)
  }

  @Test func theStagesKnowTheOptionsThatAreHandedOn() throws {
    let help = try scratch.run("ils-migrate --help").out
    var titles = 0
    for block in help.split(separator: "Passed to ").dropFirst() {
      let name = String(block.prefix { $0 != "," && $0 != " " })
      titles += 1
      let options = block.split(separator: "\n").dropFirst().prefix { $0.hasPrefix("  -") }.joined(separator: "\n")
      for tool in name == "several" ? ["ils-parse", "ils-map", "ils-validate", "ils-load"] : [name] {
        let known = try scratch.run("\(tool) --help").out
        for option in options.matches(of: /--([a-z-]+)( V)?/) {
          // A schema is no matter of the first two stages.
          if option.1 == "schema", ["ils-parse", "ils-map"].contains(tool) { continue }
          let takesValue = known.contains("--\(option.1) <")
          #expect(known.contains("--\(option.1)") && takesValue == (option.2 != nil), "\(tool) --\(option.1)")
        }
      }
    }
    #expect(titles == 5)
  }

  @Test func thePrintedPipeDoesTheSame() throws {
    _ = try migrate(Self.ann, Self.bad, Self.bob, options: "--continue-on-error --source here --print > pipe.sh")
    #expect(try patients == "0")
    let result = try scratch.run("DATABASE_URL='\(database.url)' bash -eo pipefail pipe.sh")
    #expect(result.status <= 1, "\(result.err)")
    #expect(try patients == "2")
    #expect(scratch.read("run/outcomes.ndjson")?.contains(#""rejected":1"#) == true)
  }

  @Test func aPasswordIsNoArgumentOfAnyStage() throws {
    try scratch.write("in.csv", Self.header + Self.ann)
    let url = "postgresql://nobody:s3cret@/x?host=/nowhere"
    let result = try scratch.run("ils-migrate patients in.csv --keep run --database '\(url)'; grep -rl s3cret run")
    #expect(!result.out.contains("s3cret") && !result.err.contains("s3cret"))
    #expect(result.status == 1, "no file holds the password")
  }

  // MARK: - Cut off

  /// The job is at work, with some batches behind it and more to come.
  private func cutOff(by signal: String, options: String) throws -> Outcome {
    try database.addGate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = 5")
    return try scratch.run(
      """
      export DATABASE_URL='\(database.url)'
      '\(Place.root)/scripts/bench/generate' --form clean --rows 12000 > many.csv
      hold "\(Database.bar)"
      ils-migrate patients many.csv --batch-size 10 --keep run \(options) > out 2> err &
      migration=$!
      await wait_for_it 1
      \(signal)
      let_go
      wait $migration
      echo "ended with $?" >> out
      psql -XAtqc "select status from ils.jobs" "$DATABASE_URL" >> out
      cat out; cat err >&2
      """)
  }

  @Test(arguments: ["kill -INT $migration", "kill -TERM $migration", "kill -KILL $(pgrep -P $migration ils-load)"])
  func whatIsCutOffSaysWhereItStandsAndGoesOn(signal: String) throws {
    let cut = try cutOff(by: signal, options: "--continue-on-error")
    let count = Int(try patients) ?? 0
    #expect(count > 0 && count < 12000, "the signal came while it was at work")
    #expect(cut.out.contains("\(count) inserted"), "\(cut.out)")
    #expect(cut.out.contains("to go on: ils-migrate --resume run"))
    #expect(cut.out.contains("to undo what was loaded: ils-rollback "))
    #expect(cut.out.contains(signal.contains("KILL") ? "ended with 137" : "ended with 75"))
    #expect(cut.out.contains("cancelled"), "nobody is at work on the job: \(cut.out)")
    let whole = try scratch.run("DATABASE_URL='\(database.url)' ils-migrate --resume run")
    #expect(whole.status == 0, "\(whole.err)")
    #expect(whole.out.contains("12000 rows = 12000 inserted"))
    #expect(try patients == "12000")
    #expect(try query("select count(*) from ils.jobs") == "1")
  }

  @Test func whatGoesOnIsAMigrationThatWasBegun() throws {
    try scratch.write("in.csv", Self.header + Self.ann)
    #expect(try scratch.run("ils-migrate --resume nowhere").status == 66)
    let dry = try scratch.run("ils-migrate patients in.csv --validate-only --keep run; ils-migrate --resume run")
    #expect(dry.status == 64 && dry.err.contains("--validate-only"))
  }

  // MARK: - Bad input

  @Test(arguments: [
    ("patients in.csv --no-such-option", 64, "--no-such-option"),
    ("patients", 64, "usage"),
    ("patients in.csv --batch-size", 64, "--batch-size"),
    ("patients nowhere.csv", 66, "nowhere.csv"),
    ("patients in.csv --mappings nowhere.json", 66, "nowhere.json"),
    ("patients in.csv --mappings broken.json", 78, "broken.json"),
    ("persons in.csv", 78, "persons"),
    ("patients in.csv --database postgresql://nobody@nowhere.invalid/x", 69, "nowhere.invalid"),
    ("patients in.csv --database postgresql:///none?host=/nowhere", 69, "/nowhere"),
  ]) func whatIsWrongIsSaid(arguments: String, status: Int, message: String) throws {
    try scratch.write("in.csv", Self.header + Self.ann)
    try scratch.write("broken.json", #"{"mappings":[{"#)
    let result = try command(arguments)
    #expect(result.status == status, "\(result.err)")
    #expect(result.err.contains(message))
    #expect(try patients == "0")
  }
}
