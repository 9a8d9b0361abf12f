import Foundation
import Testing

/// What ils-parse --preview shows of a file before it is migrated.
@Suite struct PreviewTests {
  private let patients = """
    Chart_No,First_Name,Last_Name,DOB,Email
    1,Ann,Lee,1980-01-02,ann@example.org
    2,Bo,Ek,1981-02-03,bo@example.org
    3,Cy,Li,1982-03-04,cy@example.org

    """

  private func preview(_ text: String, _ options: String = "") throws -> (json: [String: Any], outcome: Outcome) {
    let scratch = try Scratch()
    try scratch.write("input", text)
    return try preview(scratch, "ils-parse --preview \(options) input")
  }

  private func preview(_ scratch: Scratch, _ command: String) throws -> (json: [String: Any], outcome: Outcome) {
    let outcome = try scratch.run(command)
    let json = try JSONSerialization.jsonObject(with: Data(outcome.out.utf8)) as? [String: Any]
    #expect(outcome.out.hasSuffix("}\n") && outcome.out.filter { $0 == "\n" }.count == 1)
    return (try #require(json), outcome)
  }

  /// `source>target` of each suggestion.
  private func pairs(_ json: [String: Any]) -> Set<String> {
    let all = json["suggestedMappings"] as? [[String: Any]] ?? []
    return Set(all.map { "\($0["sourceField"] ?? "")>\($0["targetField"] ?? "")" })
  }

  @Test func showsWhatTheGuideShows() throws {
    let (json, outcome) = try preview(patients)
    #expect(outcome.status == 0)
    #expect(json["headers"] as? [String] == ["Chart_No", "First_Name", "Last_Name", "DOB", "Email"])
    #expect(json["totalRows"] as? Int == 3)
    #expect(json["rejectedRows"] as? Int == 0)
    #expect(json["entity"] as? String == "patients")
    #expect(outcome.err.contains("patients, which fits best"))
    let records = json["records"] as? [[String: Any]]
    #expect(records?.map { $0["First_Name"] as? String } == ["Ann", "Bo", "Cy"])
    #expect(records?.first?["_row"] as? Int == 2)
    #expect(pairs(json).isSuperset(of: ["First_Name>firstName", "Last_Name>lastName", "DOB>dateOfBirth"]))
    #expect(json["missing"] as? [String] == [])
  }

  @Test func theSampleIsSmallAndTheCountIsWhole() throws {
    let rows = (1...30_000).map { "\($0),Ann,Lee,1980-01-02\n" }.joined()
    let text = "mrn,first,last,dob\n" + rows + "short\n"
    let (json, outcome) = try preview(text)
    #expect(outcome.status == 1)
    #expect(json["totalRows"] as? Int == 30_001)
    #expect(json["rejectedRows"] as? Int == 1)
    #expect((json["records"] as? [Any])?.count == 10)
    #expect((try preview(text, "--sample 3").json["records"] as? [Any])?.count == 3)
    #expect((try preview(text, "--sample 0").json["records"] as? [Any])?.count == 0)
    let random = try preview(text, "--random --seed 5").json["records"] as? [[String: Any]]
    #expect(random?.count == 10)
    #expect(random?.contains { ($0["_row"] as? Int ?? 0) > 1000 } == true)
  }

  @Test func ordersAreToldFromPatients() throws {
    let orders = "MRN,Order_No,Order_Date,Test\n1,A1,2024-01-02,Eye exam\n2,A2,2024-01-03,Eye exam\n"
    #expect(try preview(orders).json["entity"] as? String == "orders")
    let (named, outcome) = try preview(orders, "--entity patients")
    #expect(named["entity"] as? String == "patients")
    #expect(!outcome.err.contains("fits best"))
    #expect((named["missing"] as? [String])?.contains("firstName") == true)
  }

  @Test func whatFitsNothingGetsNoSuggestions() throws {
    let (json, outcome) = try preview("wheel,spoke\n1,2\n")
    #expect(outcome.status == 0)
    #expect(json["entity"] is NSNull)
    #expect(pairs(json) == [])
    #expect(json["unmapped"] as? [String] == ["wheel", "spoke"])
  }

  @Test func aTableWithoutRowsHasHeadersAllTheSame() throws {
    let (json, _) = try preview("Chart_No,First_Name,Last_Name,DOB,Email\n")
    #expect((json["headers"] as? [String])?.count == 5)
    #expect(json["totalRows"] as? Int == 0)
    #expect(json["entity"] as? String == "patients")
    // What holds nothing is no table, and nothing is shown of it.
    let nothing = try Scratch().run("ils-parse --preview < /dev/null")
    #expect(nothing.status == 65 && nothing.out.isEmpty && nothing.err.contains("[text.empty]"), "\(nothing.err)")
  }

  @Test func everyFormatHasAPreview() throws {
    let scratch = try Scratch()
    try scratch.write("a.csv", patients)
    let expected = try preview(scratch, "ils-parse --preview a.csv").json
    for command in [
      "gzip -c a.csv | ils-parse --preview",
      "iconv -t UTF-16 a.csv | ils-parse --preview",
      "tr , ';' < a.csv | ils-parse --preview",
      "ils-parse a.csv 2> /dev/null | ils-parse --preview --format ndjson",
      "ils-parse a.csv 2> /dev/null | jq -s '{data:.}' | ils-parse --preview --path data",
    ] {
      let json = try preview(scratch, command).json
      #expect(json["headers"] as? [String] == expected["headers"] as? [String], "\(command)")
      #expect(json["totalRows"] as? Int == 3, "\(command)")
      #expect(pairs(json) == pairs(expected), "\(command)")
    }
  }

  @Test func optionsThatContradictItAreToldSo() throws {
    let scratch = try Scratch()
    try scratch.write("a.csv", patients)
    for options in ["--preview --manifest m", "--entity patients", "--preview --sample -1", "--random"] {
      #expect(try scratch.run("ils-parse \(options) a.csv").status == 64, "\(options)")
    }
    let unknown = try scratch.run("ils-parse --preview --entity nobody a.csv")
    #expect(unknown.status == 78)
    #expect(unknown.err.contains("patients"))
  }
}
