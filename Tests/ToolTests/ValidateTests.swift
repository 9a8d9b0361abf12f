import Foundation
import Testing

/// What ils-validate does beside passing records on.
@Suite struct ValidateTests {
  private static let patients = """
    {"_row":2,"mrn":"1","firstName":"Ann","lastName":"Lee","dateOfBirth":"1980-01-02","email":"ann@x.org"}
    {"_row":3,"mrn":"2","firstName":"Bo","lastName":"Roe","dateOfBirth":"1980-02-30"}
    {"_row":4,"mrn":"3","firstName":"Cy","lastName":"Poe","dateOfBirth":"1981-02-30","gender":"?"}
    {"_row":5,"mrn":"1","firstName":"Di","lastName":"Doe","dateOfBirth":"1982-02-03"}

    """

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("p.ndjson", Self.patients)
    return scratch
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func theVerdictIsAllThatIsWritten() throws {
    let result = try scratch().run("ils-validate patients --validate-only p.ndjson")
    #expect(result.status == 1)
    #expect(
      result.out == """
        4 records: 1 valid, 3 refused
        FIELD        CODE         COUNT   SHARE  FIRST ROWS
        dateOfBirth  format.date      2  50.00%  3, 4
        gender       schema.enum      1  25.00%  4
        mrn          unique.mrn       1  25.00%  5

        """)
  }

  @Test func aValidInputHasAVerdictToo() throws {
    let result = try scratch().run("head -n 1 p.ndjson | ils-validate patients --validate-only")
    #expect(result.status == 0)
    #expect(result.out == "1 records: 1 valid, 0 refused\n")
  }

  @Test func theSummaryIsForProgramsToo() throws {
    let result = try scratch().run("ils-validate patients --validate-only --summary json p.ndjson 2> told")
    let summary = try json(result.out)
    #expect(summary["records"] as? Int == 4)
    #expect(summary["valid"] as? Int == 1)
    let faults = try #require(summary["faults"] as? [[String: Any]])
    #expect(faults.map { $0["code"] as? String } == ["format.date", "schema.enum", "unique.mrn"])
    #expect(faults[0]["share"] as? Double == 0.5)
    let rows = (faults[0]["examples"] as? [[String: Any]])?.map { $0["row"] as? Int }
    #expect(rows == [3, 4])
    #expect(!result.out.contains("1980-02-30"), "values are patient data")
  }

  @Test func theSummaryShowsValuesOnRequestAlone() throws {
    let scratch = try scratch()
    #expect(
      try scratch.run("ils-validate patients --validate-only p.ndjson 2> /dev/null").out.contains("02-30") == false)
    let shown = try scratch.run("ils-validate patients --validate-only --show-values p.ndjson 2> /dev/null")
    #expect(shown.out.contains("3 1980-02-30"))
  }

  @Test func besideRecordsTheSummaryGoesToStderr() throws {
    let scratch = try scratch()
    let result = try scratch.run("ils-validate patients --summary p.ndjson")
    #expect(result.out.split(separator: "\n").count == 1)
    #expect(result.err.contains("dateOfBirth  format.date      2  50.00%  3, 4"))
    #expect(try scratch.run("ils-validate patients p.ndjson --summary").err.contains("FIRST ROWS"))
  }

  @Test func lenientlyBadOptionalFieldsBecomeNull() throws {
    let result = try scratch().run("ils-validate patients --lenient p.ndjson")
    #expect(result.status == 1)
    let scratch = try Scratch()
    try scratch.write(
      "q.ndjson", #"{"firstName":"Cy","lastName":"Poe","dateOfBirth":"1981-02-03","gender":"?"}"# + "\n")
    let lenient = try scratch.run("ils-validate patients --lenient q.ndjson")
    #expect(lenient.status == 0)
    #expect(
      lenient.out
        == #"{"firstName":"Cy","lastName":"Poe","dateOfBirth":"1981-02-03","gender":null,"_nulled":{"gender":"?"}}"#
        + "\n")
    #expect(lenient.err.contains("warning: gender: is null now"))
  }

  @Test func codesAreListedWithTheirMending() throws {
    let result = try Scratch().run("ils-validate --codes patients | jq -r .code")
    let codes = Set(result.out.split(separator: "\n").map(String.init))
    for code in [
      "schema.required", "format.email", "date.too_late", "unique.mrn", "quality.placeholder", "json.invalid",
    ] {
      #expect(codes.contains(code), "\(code)")
    }
  }

  /// Whatever the tools said in the golden cases is in the catalogue.
  @Test func noCodeIsWithoutAnExplanation() throws {
    func lines(_ command: String) throws -> Set<Substring> {
      Set(try Scratch().run(command).out.split(separator: "\n"))
    }
    let listed = try lines(
      "for entity in '' patients orders; do ils-validate --codes $entity; done | jq -r .code")
    let told = try lines(
      #"grep -rhoE '\[[a-z_]+[.][a-zA-Z0-9_]+\]$' \#(Place.root)/Tests/Golden | tr -d '[]' | sort -u"#)
    #expect(told.count > 20)
    #expect(told.subtracting(listed) == [])
  }

  @Test func thePageHasTheCodesThatTheToolLists() throws {
    let page = try Scratch().run("\(Place.root)/scripts/dev/code-page --check")
    #expect(page.status == 0, "run scripts/dev/code-page: \(page.err)")
  }

  @Test func ordersAreHeldAgainstAFileOfPatients() throws {
    let scratch = try scratch()
    try scratch.write(
      "o.ndjson",
      ["ANN@x.org", "1", "99"].enumerated().map {
        #"{"patientIdentifier":"\#($1)","orderNumber":"\#($0)","orderDate":"2024-01-01","testType":"x"}"# + "\n"
      }.joined())
    let result = try scratch.run("ils-validate orders --orders-against p.ndjson o.ndjson | jq -r .orderNumber")
    #expect(result.statuses.first == 1)
    #expect(result.out == "0\n1\n")
    #expect(result.err.contains("[patient.not_found]"))
    let none = try scratch.run("ils-validate patients --orders-against p.ndjson p.ndjson")
    #expect(none.status == 64)
    #expect(try scratch.run("ils-validate orders --orders-against none.ndjson o.ndjson").status == 66)
  }

  @Test func ordersAreHeldAgainstTheDatabase() throws {
    let database = try Database()
    try database.scratch.write("p.ndjson", Self.patients)
    try database.scratch.write(
      "o.ndjson",
      ["Ann@X.org", "1", "2"].enumerated().map {
        #"{"patientIdentifier":"\#($1)","orderNumber":"\#($0)","orderDate":"2024-01-01","testType":"x"}"# + "\n"
      }.joined())
    _ = try database.run("head -n 1 p.ndjson | ils-load patients")
    let result = try database.run("ils-validate orders --database \"$DATABASE_URL\" o.ndjson | jq -r .orderNumber")
    #expect(result.out == "0\n1\n")
    #expect(try database.run("ils-validate orders --database postgres://127.0.0.1:1/x o.ndjson").status != 0)
  }

  @Test func keysBeyondTheMemoryGoToAFile() throws {
    let scratch = try Scratch()
    let make =
      "seq 40000 | jq -c '{firstName: \"A\\(.)\", lastName: \"B\", dateOfBirth: \"1980-01-02\", mrn: \"\\(. % 39999)\"}' > in"
    _ = try scratch.run(make)
    let result = try scratch.run("ils-validate patients --memory 100k in | wc -l")
    #expect(result.out == "39999\n")
    #expect(result.err.contains("[memory.spilled]"))
    #expect(result.err.contains("[unique.mrn]"))
    let full = try scratch.run("TMPDIR=/nowhere ils-validate patients --memory 100k in | wc -l")
    #expect(full.out == "39999\n")
    #expect(full.err.contains("[memory.no_file]"))
  }

  @Test func aSchemaWithFaultsIsRefusedWithTheirPlaces() throws {
    let scratch = try scratch()
    try scratch.write("s.json", #"{"properties":{"a":{"tpye":"string","pattern":"(?=x)"}}}"#)
    let result = try scratch.run("ils-validate --schema s.json p.ndjson")
    #expect(result.status == 78)
    #expect(result.out == "")
    #expect(result.err.contains("s.json: /properties/a/tpye: "))
    #expect(result.err.contains("s.json: /properties/a/pattern: "))
  }
}
