import Foundation
import Testing

/// The manners of MannersTests, for the tools that need a database.
@Suite struct LoadMannersTests {
  let database: Database

  init() throws { database = try Database() }

  var counts: String {
    get throws { try database.rows("select count(*), (select count(*) from ils.jobs) from patients")[0] }
  }

  @Test func nothingAtAllIsNoError() throws {
    for command in ["ils-load patients < /dev/null", "ils-rollback < /dev/null"] {
      #expect(try database.run(command).status == 0, "\(command)")
    }
    #expect(try counts == "0|1")
  }

  @Test func theLastLineNeedsNoLineFeed() throws {
    try database.scratch.write("records", patient(2, mrn: "1") + "\n" + patient(3, mrn: "2", first: "Bob"))
    #expect(try database.run("ils-load patients < records").status == 0)
    #expect(try counts == "2|1")
  }

  @Test func aMissingFileIsNamedBeforeAJobBegins() throws {
    let result = try database.run("ils-load patients /dev/null nowhere.ndjson")
    #expect(result.status == 66)
    #expect(result.err.contains("nowhere.ndjson"))
    #expect(try counts == "0|0")
  }

  @Test func aFullDiskIsAnIOErrorAndTheJobGoesOn() throws {
    try database.scratch.write("records", patient(2, mrn: "1") + "\n")
    let result = try database.run("ils-load patients --outcomes all records > /dev/full")
    #expect(result.status == 74)
    #expect(result.err.contains("No space left on device"))
    #expect(try counts == "1|1")
    let job = try #require(try database.rows("select id from ils.jobs where status = 'failed'").first)
    #expect(result.err.contains("--resume \(job)"))
    #expect(try database.run("ils-load patients --outcomes all --resume \(job) records").status == 0)
    #expect(try counts == "1|1")
    #expect(try database.rows("select status from ils.jobs") == ["completed"])
  }

  @Test func aFieldWithoutAColumnIsToldOnceWhereverItComes() throws {
    let strange = patient(3, mrn: "2", first: "Bob").dropLast() + #","shoeSize":"43"}"#
    try database.scratch.write(
      "records", ([patient(2, mrn: "1")] + [strange, strange].map(String.init)).map { $0 + "\n" }.joined())
    let result = try database.run("ils-load patients --skip-duplicates records")
    #expect(result.err.components(separatedBy: "not loaded: shoeSize [load.no_column]").count == 2)
    #expect(try counts == "2|1")
  }

  @Test func rejectsNeverOverwriteTheInput() throws {
    try database.scratch.write("records", patient(2, mrn: "1") + "\n")
    #expect(try database.run("ils-load patients --rejects records records").status == 64)
    #expect(database.scratch.read("records") == patient(2, mrn: "1") + "\n")
    #expect(try counts == "0|0")
  }

  @Test(arguments: [
    ("ils-load", 64, "name an entity"),
    ("ils-load persons", 78, "there are: orders, patients"),
    ("ils-load patients --batch-size 0", 64, "--batch-size"),
    ("ils-load patients --skip-duplicates --update-existing", 64, "exclude each other"),
    ("ils-rollback x", 64, "no job id"),
    ("ils-rollback 01a207c5-c06a-783d-8e15-66aaa644fb1d", 66, "there is no job"),
  ]) func whatIsWrongIsSaid(command: String, status: Int, message: String) throws {
    let result = try database.run("\(command) < /dev/null")
    #expect(result.status == status)
    #expect(result.err.contains(message))
    #expect(result.out == "")
    #expect(try counts == "0|0")
  }

  @Test func theReaderOfOutcomesMayGoAway() throws {
    let records = (2..<20_002).map { patient($0, mrn: "M\($0)", first: "Ann\($0)") + "\n" }.joined()
    try database.scratch.write("records", records)
    let result = try database.run("ils-load patients --outcomes all --batch-size 1000 records | head -n 1 > first")
    #expect(result.statuses == [0, 0])
    #expect(try counts == "20000|1")
  }

  /// Whatever ends a run: that its rows are in the table is said of each.
  @Test(
    arguments: ["--fail-fast", "--max-errors 1", "--connections 1 --fail-fast"],
    ["people", "- < cut", "good broken.gz"])
  func eachRowThatIsStoredIsToldOf(budget: String, input: String) throws {
    let records = (1...40).map { row in
      patient(row, mrn: "M\(row)", first: "F\(row)", born: row % 13 == 0 ? "1980-02-31" : "1980-01-02") + "\n"
    }
    try database.scratch.write("people", records.joined())
    try database.scratch.write("good", records[0..<12].joined())
    try database.scratch.write("cut", records[0..<12].joined() + records[12].prefix(20))
    let result = try database.run(
      "tail -n +20 people | gzip | head -c -20 > broken.gz; ils-load patients --outcomes all --batch-size 5 \(budget) \(input)"
    )
    #expect(result.status == 65, "\(result.err)")
    let told = result.out.split(separator: "\n").count { $0.contains(#""outcome":"inserted""#) }
    #expect("\(told)" == (try database.rows("SELECT count(*) FROM patients")[0]) && told > 0, "\(result.err)")
  }
}
