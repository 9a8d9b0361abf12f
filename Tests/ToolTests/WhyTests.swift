import Foundation
import Testing

/// ils-why: where a value comes from, held against what is in the files.
@Suite struct WhyTests {
  private static let samples = "\(Place.root)/scripts/samples"

  /// One answer, as text that is compared: verdict, value, and more by jq's `extra`.
  private func why(
    _ database: Database, _ question: String, _ extra: String = ""
  ) throws -> String {
    try database.run("ils-why \(question) 2> why.log | jq -c '[.verdict, .value\(extra)]'").out
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A database with the job of a small file, through a mapping.
  private func clinic(_ csv: String = Self.csv, options: String = "--source clinic") throws -> Database {
    let database = try Database()
    try database.scratch.write("p.csv", csv)
    try database.scratch.write("map.json", Self.mapping)
    #expect(try load(database, "p.csv", options).status == 0)
    return database
  }

  private func load(_ database: Database, _ file: String, _ options: String, reading: String = "") throws -> Outcome {
    try database.run(
      """
      ils-parse --manifest run.json \(reading) \(file) 2> log | ils-map -m map.json --manifest run.json 2>> log |
        ils-load patients \(options) --manifest run.json 2>> log
      """)
  }

  private static let csv = """
    Chart,First,Last,Born,City,Mail\r
    M1, Ann ,Lee,1/2/1980,"Springfield, IL",ANN@X.ORG\r
    M2,Bob,Ray,3/4/1981,"Line one\r
    line two",\r

    """

  private static let mapping = """
    {"mappings":[
      {"sourceField":"Chart","targetField":"mrn"},
      {"sourceField":"First","targetField":"firstName","transform":["trim","uppercase"]},
      {"sourceField":"Last","targetField":"lastName","defaultValue":"Nemo"},
      {"sourceField":"Born","targetField":"dateOfBirth","transform":{"transform":"date_format","input":"MM/DD/YYYY"}},
      {"sourceField":"City","targetField":"city"},
      {"sourceFields":["Mail","Mail 2"],"targetField":"email","transform":["trim","lowercase","empty_to_null"]},
      {"sourceField":"Last","targetField":"notes","customTransform":"(value, record) => value + ' of ' + record.Chart"}]}
    """

  // MARK: - The sample clinic

  /// Every field of each sixth patient, as another program finds it in the file; scripts/test asks for all patients.
  @Test func theSampleClinicsPatientsAreWhatAnotherProgramFinds() throws {
    let database = try Database()
    let loaded = try database.run(
      """
      ils-migrate patients \(Self.samples)/clinic/patients.csv --mappings \(Self.samples)/mappings/clinic-patients.json \\
        --source clinic --skip-duplicates --continue-on-error --keep run > summary
      '\(Place.root)/scripts/tests/why-check' --every 6 patients \(Self.samples)/mappings/clinic-patients.json \\
        \(Self.samples)/clinic/patients.csv
      """)
    #expect(
      loaded.status == 0 && loaded.out.hasPrefix("931 answers 637 cells 196 made "), "\(loaded.out) \(loaded.err)")
  }

  @Test func aWorkbooksCellsAreNamed() throws {
    let database = try Database()
    try database.scratch.write(
      "map.json",
      Self.mapping.replacing("\"First\"", with: "\"First_Name\"").replacing("\"Last\"", with: "\"Last_Name\"")
        .replacing("\"Born\"", with: "\"DOB\"").replacing("record.Chart", with: "record.Zip")
        .replacing("\"sourceField\":\"Chart\"", with: "\"sourceField\":\"Chart_No\"")
        .replacing("MM/DD/YYYY", with: "YYYY-MM-DD"))
    let file = "\(Self.samples)/clinic/clinic.xlsx"
    #expect(try load(database, file, "--source x", reading: "--as-displayed").status == 0)
    let checked = try database.run("'\(Place.root)/scripts/tests/why-check' patients map.json \(file)")
    #expect(checked.out == "76 answers 20 cells 16 made 4 rows 28 steps\n", "\(checked.out) \(checked.err)")
    let cells = ", .source.sheet, .source.row, (.source.cells[] | .cell, .raw)"
    #expect(
      try why(database, "patients mrn=00000002 firstName --from \(file)", cells)
        == ##"["loaded","SÍLE","Patients",5,"B5","<c r=\"B5\" t=\"s\"><v>10</v></c><si><t>Síle</t></si>"]"##)
  }

  // MARK: - Files of other kinds

  @Test func compressedTextSaysSo() throws {
    let database = try clinic()
    #expect(try database.run("gzip -k p.csv").status == 0)
    #expect(try load(database, "p.csv.gz", "--source again --update-existing").status == 0)
    #expect(
      try why(database, "patients mrn=M1 city --from p.csv.gz", ", .source.cells")
        == #"["other_source","Springfield, IL",null]"#)
    let packed = try Database()
    try packed.scratch.write("p.csv", Self.csv)
    try packed.scratch.write("map.json", Self.mapping)
    #expect(try packed.run("gzip p.csv").status == 0)
    #expect(try load(packed, "p.csv.gz", "--source clinic").status == 0)
    #expect(
      try why(packed, "patients mrn=M1 city --from p.csv.gz", ", .source.cells")
        == #"["loaded","Springfield, IL",[{"field":"City","line":2,"offsetUnpacked":55,"bytes":17,"raw":"\"Springfield, IL\""}]]"#
    )
  }

  /// Two bytes a letter, with a mark; a delimiter and rows in front that were said.
  @Test func otherEncodingsAndOptionsAreKnownFromTheJob() throws {
    let database = try Database()
    try database.scratch.write("map.json", Self.mapping)
    let text = "Export of today\n" + Self.csv.replacing("\r\n", with: "\n").replacing("Ann", with: "Zoë")
    try database.scratch.write("utf8", text.replacing(",", with: ";").replacing("\"Springfield; IL\"", with: "Köln"))
    #expect(try database.run("iconv -f UTF-8 -t UTF-16 utf8 > p.csv").status == 0)
    #expect(try load(database, "p.csv", "--source clinic", reading: "-d ';' --skip 1").status == 0)
    let place = ", .source.row, (.source.cells[] | .line, .offset, .bytes)"
    // Two bytes of the mark, and two for each of the 51 characters in front.
    #expect(try why(database, "patients mrn=M1 firstName --from p.csv", place) == #"["loaded","ZOË",3,3,104,10]"#)
    #expect(
      try why(database, "patients mrn=M2 city --from p.csv", place) == #"["loaded","Line one\nline two",4,4,212,38]"#)
  }

  /// dd finds the raw cell at the bytes that are told, whatever separates cells.
  @Test(arguments: [
    ("||", "UTF-8"), ("¦", "UTF-8"), ("¦", "CP1252"), ("|~|", "UTF-16"), ("¤", "UTF-16BE"), ("\u{1F}", "UTF-8"),
  ])
  func theBytesThatAreToldAreTheCell(_ delimiter: String, _ encoding: String) throws {
    let database = try Database()
    try database.scratch.write("map.json", Self.mapping)
    try database.scratch.write(
      "utf8", Self.csv.replacing("Springfield, IL", with: "Zoë|¦'s").replacing(",", with: delimiter))
    #expect(try database.run("iconv -f UTF-8 -t \(encoding) utf8 > p.csv").status == 0)
    let reading =
      "-d '\(delimiter)'" + (encoding.hasPrefix("UTF") && encoding != "UTF-16BE" ? "" : " --encoding \(encoding)")
    #expect(try load(database, "p.csv", "--source clinic", reading: reading).status == 0)
    for (field, cell) in [("city", "\"Zoë|¦'s\""), ("email", "ANN@X.ORG"), ("lastName", "Lee")] {
      let told = try database.run(
        """
        ils-why patients mrn=M1 \(field) --from p.csv 2> why.log | jq -r '.source.cells[0] | "\\(.offset) \\(.bytes)"' > place
        read -r offset bytes < place
        dd if=p.csv bs=1 skip="$offset" count="$bytes" status=none | iconv -f \(encoding == "UTF-16" ? "UTF-16LE" : encoding) -t UTF-8
        """)
      #expect(told.out == cell, "\(delimiter) \(encoding) \(field): \(told.err)")
    }
  }

  @Test func jsonHasPathsAndLines() throws {
    let database = try Database()
    try database.scratch.write("map.json", Self.mapping)
    try database.scratch.write(
      "api.json",
      """
      {"page": 1, "data": {"patients": [
        {"Chart": "M1", "First": "Ann", "Last": "Lee", "Born": "1/2/1980"},
        {"Chart": "M2", "First": "Bob",
         "Last": "R\\u00e4y", "Born": "3/4/1981"}]}}

      """)
    #expect(try load(database, "api.json", "--source api", reading: "--path data.patients").status == 0)
    #expect(
      try why(database, "patients mrn=M2 last_name --from api.json", ", .source.cells")
        == ##"["loaded","Räy",[{"field":"Last","path":"$.data.patients[1].Last","line":4,"offset":150,"bytes":10,"raw":"\"R\\u00e4y\""}]]"##
    )
    try database.scratch.write(
      "lines.json", "{\"Chart\":\"M3\",\"First\":\"Cy\",\"Last\":\"Poe\",\"Born\":\"5/6/1982\"}\n")
    #expect(try load(database, "lines.json", "--source lines").status == 0)
    #expect(
      try why(database, "patients mrn=M3 last_name --from lines.json", ", .source.cells")
        == #"["loaded","Poe",[{"field":"Last","path":"$.Last","line":1,"offset":34,"bytes":5,"raw":"\"Poe\""}]]"#)
  }

  /// Types that write a value in another way than it came, columns of several fields, and a table of another shape.
  @Test func anyTablesColumnsAreExplained() throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE TABLE things (nr serial PRIMARY KEY, "Code" text UNIQUE, amount numeric(10,2), flag boolean, doc json,
        docb jsonb, at timestamptz, whole text, company int, extra int DEFAULT 5, twice int GENERATED ALWAYS AS (company * 2) STORED)
      """)
    let fields = ["code:Code", "amount:amount", "flag:flag", "doc:doc", "docb:docb", "at:at"].map {
      let parts = $0.split(separator: ":")
      return #""\#(parts[0])":{"x-ils":{"column":"\#(parts[1])"}}"#
    }
    try database.scratch.write(
      "things.json",
      #"""
      {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
       "properties":{\#(fields.joined(separator: ",")),"first":{},"last":{}},
       "x-ils":{"table":"things","id":"nr","job":null,"identity":[{"fields":["code"],"kind":"identifier"}],
        "columns":[{"column":"whole","join":["first","last"],"with":", "}],"set":{"company":"7"}}}
      """#)
    try database.scratch.write(
      "t.ndjson",
      #"""
      {"code":"A=1,2","amount":12.5,"flag":"yes","doc":{"a": 1,  "b":[1, 2]},"docb":{"b":1,"a":2},"at":"2024-01-02 03:04:05","first":"Ann","last":"Lee"}

      """#)
    let all = try database.run(
      """
      ils-parse --manifest m.json t.ndjson 2> log | ils-load --schema things.json --manifest m.json > out 2>> log
      ils-why things 'code=A=1,2' --from t.ndjson 2> log | jq -r '[.column, .verdict, .value] | join(" ")'
      """)
    #expect(
      all.out == """
        nr default 1
        Code loaded A=1,2
        amount loaded 12.50
        flag loaded t
        doc loaded {"a": 1,  "b":[1, 2]}
        docb loaded {"a": 2, "b": 1}
        at loaded 2024-01-02 03:04:05+00
        whole loaded Ann, Lee
        company constant 7
        extra default 5
        twice default 14

        """, "\(all.err)")
  }

  // MARK: - Transforms

  @Test func eachTransformHasWhatWentInAndCameOut() throws {
    let database = try clinic()
    let steps = ", (.mapping[].steps | map([.transform, .in, .out]))"
    #expect(
      try why(database, "patients mrn=M1 firstName --from p.csv", steps)
        == #"["loaded","ANN",[["trim"," Ann ","Ann"],["uppercase","Ann","ANN"]]]"#)
    #expect(
      try why(database, "patients mrn=M1 date_of_birth --from p.csv", steps)
        == #"["loaded","1980-01-02",[[{"transform":"date_format","input":"MM/DD/YYYY"},"1/2/1980","1980-01-02"]]]"#)
    // A function of one's own runs, in its worker.
    #expect(
      try why(database, "patients mrn=M2 notes --from p.csv", steps)
        == #"["loaded","Ray of M2",[["customTransform","Ray","Ray of M2"]]]"#)
    #expect(
      try why(database, "patients mrn=M2 email --from p.csv", ", .says")
        == #"["loaded",null,"the record has no value for it"]"#)
  }

  @Test func aChangedMappingFileMakesNoDifference() throws {
    let database = try clinic()
    try database.scratch.write("map.json", Self.mapping.replacing("uppercase", with: "lowercase"))
    #expect(try why(database, "patients mrn=M1 firstName --from p.csv --map map.json") == #"["loaded","ANN"]"#)
    #expect(database.scratch.read("why.log")?.contains("[why.other_mapping]") == true)
  }

  /// A job that was told nothing of the start of its pipe takes mapping and options by hand, and says what is not known.
  @Test func aJobWithoutAManifestIsToldByHand() throws {
    let database = try Database()
    try database.scratch.write("map.json", Self.mapping)
    try database.scratch.write(
      "p.csv",
      Self.csv.replacing("Lee,", with: "Lee;").replacing(",", with: ";").replacing("\"Springfield; IL\"", with: "Rome"))
    #expect(
      try database.run(
        "ils-parse -d ';' p.csv 2> log | ils-map -m map.json 2>> log | ils-load patients --source c 2>> log"
      )
      .status == 0)
    #expect(
      try why(
        database, "patients mrn=M1 firstName --from p.csv --map map.json --parse=--delimiter=';'",
        ", .source.isTheLoaded")
        == #"["loaded","ANN",null]"#)
    #expect(database.scratch.read("why.log")?.contains("loaded without a manifest") == true)
    #expect(try why(database, "patients mrn=M1 firstName --from p.csv") == #"["not_found","ANN"]"#)
    #expect(try database.run("ils-why patients mrn=M1 --from p.csv --parse=--colour").status == 64)
  }

  // MARK: - Who wrote it

  @Test func anEditIsToldFromWhatWasLoaded() throws {
    let database = try clinic()
    _ = try database.rows("UPDATE patients SET city = 'Rome' WHERE mrn = 'M1'")
    #expect(
      try why(database, "patients mrn=M1 city --from p.csv", ", .loaded") == #"["edited","Rome","Springfield, IL"]"#)
    // The row was touched, this value was not.
    #expect(
      try why(database, "patients mrn=M1 firstName --from p.csv", ", (.says | contains(\"still the loaded one\"))")
        == #"["loaded","ANN",true]"#)
    // Not even its key needs to be what it was: other keys, and other values of the row, still say which record it is.
    _ = try database.rows("UPDATE patients SET mrn = 'X9' WHERE mrn = 'M1'")
    #expect(try why(database, "patients mrn=X9 mrn --from p.csv", ", .loaded") == #"["edited","X9","M1"]"#)
  }

  @Test func aTriggersValueIsItsOwn() throws {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN NEW.city := 'TRIGGERED'; RETURN NEW; END $$;
      CREATE TRIGGER shouting BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION shout();
      """)
    try database.scratch.write("p.csv", Self.csv)
    try database.scratch.write("map.json", Self.mapping)
    #expect(try load(database, "p.csv", "--source clinic").status == 0)
    #expect(
      try why(database, "patients mrn=M1 city --from p.csv", ", .loaded, (.says | contains(\"shouting\"))")
        == #"["trigger","TRIGGERED","Springfield, IL",true]"#)
    #expect(try why(database, "patients mrn=M1 firstName --from p.csv") == #"["loaded","ANN"]"#)
  }

  /// Something between the stages that no manifest knows of.
  @Test func whatCannotBeExplainedIsNot() throws {
    let database = try Database()
    try database.scratch.write("p.csv", Self.csv)
    try database.scratch.write("map.json", Self.mapping)
    _ = try database.run(
      """
      ils-parse --manifest run.json p.csv | ils-map -m map.json --manifest run.json | jq -c '.city |= "Oz"' |
        ils-load patients --source clinic --manifest run.json
      """)
    let outcome = try database.run("ils-why patients mrn=M1 city --from p.csv")
    #expect(outcome.status == 1)
    #expect(outcome.out.contains(#""verdict":"unexplained""#))
  }

  @Test func aLaterJobsColumnIsItsOwn() throws {
    let database = try clinic()
    try database.scratch.write("u.csv", "Chart,First,Last,Born,City\nM2,Bob,Ray,3/4/1981,\nM1,Ann,Lee,1/2/1980,Paris\n")
    #expect(try load(database, "u.csv", "--source later --update-existing").status == 0)
    let both = "--from p.csv u.csv"
    let place = ", .job.source, .source.file, .source.row"
    #expect(try why(database, "patients mrn=M1 city \(both)", place) == #"["loaded","Paris","later","u.csv",3]"#)
    #expect(try why(database, "patients mrn=M1 firstName \(both)", place) == #"["loaded","ANN","clinic","p.csv",2]"#)
    #expect(
      try why(database, "patients mrn=M2 city \(both)", place)
        == #"["loaded","Line one\r\nline two","clinic","p.csv",3]"#)
    // An edit behind both of them, of a column that the first has set.
    _ = try database.rows("UPDATE patients SET first_name = 'Eve' WHERE mrn = 'M1'")
    #expect(try why(database, "patients mrn=M1 firstName \(both)", place) == #"["edited","Eve","clinic","p.csv",2]"#)
    #expect(try why(database, "patients mrn=M1 city \(both)", place) == #"["loaded","Paris","later","u.csv",3]"#)
    // What the later job did is undone: the first one's value is back, and not an edit.
    let id = try database.rows("SELECT id FROM ils.jobs WHERE source = 'later'")[0]
    _ = try database.rows("UPDATE patients SET first_name = 'ANN' WHERE mrn = 'M1'")
    #expect(try database.run("ils-rollback --force \(id) > undone 2> log").status == 0)
    #expect(
      try why(database, "patients mrn=M1 city \(both)", place) == #"["loaded","Springfield, IL","clinic","p.csv",2]"#)
  }

  /// What jobs kept is removed some day: then it is not said that somebody edited the row.
  @Test func behindACleanupNobodyIsAccused() throws {
    let database = try clinic()
    try database.scratch.write("u.csv", "Chart,First,Last,Born,City\nM1,Ann,Lee,1/2/1980,Paris\n")
    #expect(try load(database, "u.csv", "--source later --update-existing").status == 0)
    #expect(try database.run("ils-jobs cleanup --older-than 0s --undo-older-than 0s > removed").status == 0)
    #expect(try why(database, "patients mrn=M1 firstName --from p.csv") == #"["loaded","ANN"]"#)
    #expect(
      try why(database, "patients mrn=M1 city --from p.csv", ", .loaded, (.says | contains(\"cannot be told\"))")
        == #"["unexplained","Paris","Springfield, IL",true]"#)
  }

  @Test func anOrdersPatientIsAReference() throws {
    let database = try clinic()
    try database.scratch.write(
      "o.csv", "patientIdentifier,orderNumber,orderDate,testType\nM1,A7,2024-01-15,Eye Exam\n")
    #expect(
      try database.run(
        "ils-parse --manifest o.json o.csv 2> log | ils-load orders --source clinic --manifest o.json 2>> log"
      ).status == 0)
    #expect(
      try why(database, "orders orderNumber=A7 testType --from o.csv", ", .mapping") == #"["loaded","Eye Exam",null]"#)
    let patient = try database.rows("SELECT id FROM patients WHERE mrn = 'M1'")[0]
    #expect(
      try why(database, "orders order_number=A7 patient_id --from o.csv", ", .source.cells[0].raw")
        == #"["reference","\#(patient)","M1"]"#)
    // Pointed at somebody else, it is not the one that the record names.
    _ = try database.rows("UPDATE orders SET patient_id = (SELECT id FROM patients WHERE mrn = 'M2')")
    #expect(
      try why(database, "orders order_number=A7 patient_id --from o.csv", ", .source.cells[0].raw")
        .hasPrefix(#"["edited","#))
  }

  /// A role that may undo may ask; one that may only load may not read what rows held before.
  @Test func theRoleThatUndoesMayAsk() throws {
    let database = try clinic()
    #expect(
      try database.run("psql -qXv ON_ERROR_STOP=1 -f '\(Place.root)/scripts/roles.sql' \"$DATABASE_URL\"").status == 0)
    for (role, status) in [("ils_undo", 0), ("ils_loader", 77), ("ils_auditor", 77)] {
      let outcome = try database.run(
        "PGOPTIONS='-c role=\(role)' ils-why patients mrn=M1 city --from p.csv")
      #expect(outcome.status == status, "\(role): \(outcome.err)")
    }
  }

  @Test func anUndoneJobsRowIsGone() throws {
    let database = try clinic()
    let id = try database.rows("SELECT id FROM ils.jobs")[0]
    #expect(try database.run("ils-rollback \(id) > undone 2> log").status == 0)
    let outcome = try database.run("ils-why patients mrn=M1 --from p.csv")
    #expect(outcome.status == 66)
    #expect(outcome.err.contains("[why.no_row]"))
    #expect(outcome.out == "")
  }

  @Test func aRowOfNoJobIsSaidToBeNone() throws {
    let database = try clinic()
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('H1', 'Hand', 'Made', '1990-01-01')")
    #expect(try why(database, "patients mrn=H1 firstName --from p.csv") == #"["no_job","Hand"]"#)
    // Nor is a table without any job.
    _ = try database.rows(
      "CREATE TABLE rooms (number integer PRIMARY KEY, name text); INSERT INTO rooms VALUES (7, 'X-ray')")
    #expect(try why(database, "rooms 7 name") == #"["no_job","X-ray"]"#)
    #expect(try database.run("ils-why nowhere 7").status == 66)
    #expect(try database.run("ils-why patients 'mrn=none'").status == 66)
    #expect(try database.run("ils-why patients no-uuid").status == 66)
    #expect(try database.run("ils-why patients mrn=H1 nofield").status == 64)
  }

  @Test func twoRecordsOfOneRowAreBothTold() throws {
    let csv = Self.csv + "M1,Ann,Lee,1/2/1980,Oslo,\r\n"
    let database = try clinic(csv, options: "--source clinic --skip-duplicates")
    #expect(
      try why(database, "patients mrn=M1 city --from p.csv", ", .source.row, (.others[] | .row)")
        == #"["loaded","Springfield, IL",2,4]"#)
    let updated = try clinic(csv, options: "--source clinic --update-existing")
    #expect(
      try why(updated, "patients mrn=M1 city --from p.csv", ", .source.row, (.others[] | .row)")
        == #"["loaded","Oslo",4,2]"#)
    #expect(try why(updated, "patients mrn=M1 email --from p.csv", ", .source.row") == #"["loaded","ann@x.org",2]"#)
  }

  // MARK: - Sources

  @Test func aSourceThatWasNotLoadedIsRefused() throws {
    let database = try clinic()
    // As long as the one that was loaded, and with another letter.
    try database.scratch.write("forged.csv", Self.csv.replacing("Springfield", with: "Springfeild"))
    let outcome = try database.run("ils-why patients mrn=M1 city --from forged.csv")
    #expect(outcome.status == 65)
    #expect(outcome.out.contains(#""verdict":"other_source""#))
    #expect(!outcome.out.contains("feild"))
    #expect(outcome.err.contains("forged.csv: warning: it is no source of the jobs that wrote this: its SHA-256 is "))
    // Under another name it is the same.
    #expect(try database.run("cp p.csv moved.txt").status == 0)
    #expect(
      try why(database, "patients mrn=M1 city --from forged.csv moved.txt", ", .source.loadedAs")
        == #"["loaded","Springfield, IL","p.csv"]"#)
    #expect(
      try why(database, "patients mrn=M1 city", ", (.says | contains(\"p.csv (\"))")
        == #"["not_given","Springfield, IL",true]"#)
    #expect(try database.run("ils-why patients mrn=M1 --from none.csv").status == 66)
    #expect(try database.run("ils-why patients mrn=M1 --from -").status == 64)
  }

  @Test func oneOfSeveralSourcesIsFound() throws {
    let database = try Database()
    try database.scratch.write("map.json", Self.mapping)
    try database.scratch.write("a.csv", Self.csv)
    try database.scratch.write(
      "b.csv",
      Self.csv.replacing("M1", with: "M8").replacing("M2", with: "M9").replacing("Ann", with: "Una").replacing(
        "Bob", with: "Ulf"))
    #expect(try load(database, "a.csv b.csv", "--source clinic").status == 0)
    #expect(
      try why(database, "patients mrn=M9 firstName --from a.csv b.csv", ", .source.file, .source.row")
        == #"["loaded","ULF","b.csv",3]"#)
    let missing = try database.run("ils-why patients mrn=M9 firstName --from a.csv")
    #expect(missing.status == 1)
    #expect(missing.out.contains("the job has other sources"))
  }

  // MARK: - Manners

  @Test func aTerminalGetsTextAndNothingThatItWouldObey() throws {
    let database = try clinic(Self.csv.replacing("Springfield", with: "Spring\u{1B}[31mfield"))
    let outcome = try database.run("script -qec 'ils-why patients mrn=M1 city --from p.csv' /dev/null")
    let text = outcome.out.replacing("\r\n", with: "\n")
    #expect(text.hasPrefix("patients "))
    #expect(text.contains("\n  cell     City: line 2, bytes 55 to 77, \"Spring\\u001b[31mfield, IL\"\n"), "\(text)")
    #expect(text.contains("[why.values]"))
    #expect(!text.contains("\u{1B}[31m"))
    #expect(try database.run("script -qec 'ils-why patients mrn=M1 city --json' /dev/null").out.hasPrefix("{"))
  }

  @Test func withoutRightsItReadsNothing() throws {
    let database = try clinic()
    _ = try database.rows(
      """
      DO $$ BEGIN CREATE ROLE why_nobody LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT USAGE ON SCHEMA ils TO why_nobody; GRANT SELECT ON ils.jobs TO why_nobody;
      """)
    let url = database.url.replacing("user=postgres", with: "user=why_nobody")
    let outcome = try database.run("ils-why patients mrn=M1 --from p.csv --database '\(url)'")
    #expect(outcome.status == 77)
    #expect(outcome.out == "")
    #expect(outcome.err.contains("[db.permission]"))
    #expect(!outcome.err.contains("Ann"))
  }
}
