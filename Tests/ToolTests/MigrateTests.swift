import Foundation
import Testing

/// scripts/ils-migrate: the guide's migrate-from-csv, option by option.
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
      "rm -rf run; DATABASE_URL='\(database.url)' '\(Place.root)/scripts/ils-migrate' --keep run \(arguments)")
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
      "DATABASE_URL=postgresql://nowhere.invalid/x '\(Place.root)/scripts/ils-migrate' patients in.csv --validate-only --keep run"
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
    #expect(try command("patients patients.csv").status == 0)
    let result = try command("orders orders.csv --continue-on-error")
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
    let outcome = try scratch.run(
      """
      export DATABASE_URL='\(database.url)'
      '\(Place.root)/scripts/bench/generate' --form clean --rows 30000 > many.csv
      script -qec "'\(Place.root)/scripts/ils-migrate' patients many.csv --batch-size 40 --keep shown" /dev/null
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
