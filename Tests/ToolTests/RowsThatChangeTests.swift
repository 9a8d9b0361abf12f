import Foundation
import Testing

/// Who is who among records of one load when rows change meanwhile, and what a value is that stands for none: whatever the size
/// of a batch, what becomes of each record is what becomes of it alone.
@Suite struct RowsThatChangeTests {
  let database: Database

  init() throws { database = try Database() }

  private func person(_ first: String, _ last: String, _ born: String, _ more: String = "") -> String {
    #"{"firstName":"\#(first)","lastName":"\#(last)","dateOfBirth":"\#(born)"\#(more.isEmpty ? "" : ",")\#(more)}"#
  }

  /// People with whom nobody has anything in common: after some of them the loader knows the table's keys.
  private func strangers(_ count: Int, _ start: Int = 0) -> [String] {
    (start..<start + count).map { person("Pad\($0)", "Q\($0)", "1950-01-0\($0 % 9 + 1)", #""mrn":"P\#($0)""#) }
  }

  /// What became of each record that is no stranger: the row, the outcome, and the code or the key.
  private func load(_ records: [String], _ options: String, schema: String = "patients") throws -> [String] {
    try database.scratch.write("in", records.map { $0 + "\n" }.joined())
    let result = try database.run(
      """
      ils-load \(schema) \(options) --outcomes all in | jq -r 'select(.outcome)
        | "\\(._row) \\(.outcome) \\(.code // .matched // "")"' | sed 's/ $//' | sort -n
      """)
    let shown = records.indices.filter { !records[$0].contains("Pad") }.map { "\($0 + 1) " }
    return result.out.split(separator: "\n").map(String.init).filter { line in shown.contains { line.hasPrefix($0) } }
  }

  private func empty() throws {
    _ = try database.rows("DELETE FROM patients; DELETE FROM ils.aliases")
  }

  @Test(arguments: [1, 10], ["--skip-duplicates", "--update-existing"])
  func anIdThatARowGetsIsKnownToTheRestOfTheBatch(size: Int, option: String) throws {
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth, external_id, import_source) VALUES ('1', 'Anna', 'Meier', '1990-01-01', 'X', 'A')"
    )
    let found = try load(
      [
        person("Anna", "Meier", "1990-01-01", #""mrn":"1","externalId":"E1","importSource":"B""#),
        person("Zoe", "Mayer", "1950-01-01", #""externalId":"E1","importSource":"B""#),
      ], "\(option) --batch-size \(size)")
    #expect(found == ["1 skipped mrn", "2 failed identity.conflict"])
    #expect(try database.rows("SELECT count(*) FROM patients") == ["1"])
  }

  @Test(arguments: [1, 10]) func aRowIsWhatTheRecordBeforeMadeOfIt(size: Int) throws {
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('1', 'Anna', 'Meier', '1991-01-01')")
    let found = try load(
      [
        person("Anna", "Meier", "1991-01-01", #""mrn":"1""#), person("Weiss", "Other", "1991-01-01", #""mrn":"1""#),
        person("Anna", "Meier", "1991-01-01", #""phone":"9""#),
      ], "--update-existing --batch-size \(size)")
    #expect(found == ["1 skipped mrn", "2 updated mrn", "3 inserted"])
    #expect(
      try database.rows("SELECT mrn, first_name, phone FROM patients ORDER BY first_name") == ["|Anna|9", "1|Weiss|"])
  }

  @Test(arguments: [1, 5, 30], [1, 3]) func whatAnUpdateMadeOfARowIsFoundInLaterBatches(size: Int, connections: Int)
    throws
  {
    let options = "--update-existing --batch-size \(size) --connections \(connections)"
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth, email) VALUES ('1', 'Anna', 'Meier', '1990-01-01', 'a@b.de')"
    )
    let contact = try load(
      strangers(15) + [person("Anna", "Smith", "1990-01-01", #""mrn":"1""#)] + strangers(4, 15)
        + [person("Anna", "Smith", "1991-02-03", #""email":"a@b.de""#)] + strangers(4, 19), options)
    #expect(contact == ["16 updated mrn", "21 failed identity.doubtful"])
    // Two rows of one name, spelled in two ways, since one of them was married.
    try empty()
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('1', 'Anna', 'Meier', '1990-01-01'), ('2', 'Anna', 'Müller', '1990-01-01')"
    )
    let spelled = try load(
      strangers(15) + [person("Anna", "Muller", "1990-01-01", #""mrn":"1""#)] + strangers(4, 15)
        + [person("Anna", "Muller", "1990-01-01", #""phone":"777""#)] + strangers(4, 19), options)
    #expect(spelled == ["16 updated mrn", "21 failed identity.conflict"])
  }

  /// A record that waits for one before it is not overtaken by one behind it that changes the row that it is.
  @Test(arguments: [1, 10]) func recordsKeepTheirOrderBesideARow(size: Int) throws {
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('3', 'Anna', 'Meier', '1990-01-02')")
    let found = try load(
      [
        person("Zoe", "Poe", "1980-01-01", #""externalId":"E3""#),
        person("Anna", "Meier", "1990-01-02", #""externalId":"E3""#),
        person("Anna", "Meier", "1990-01-02", #""phone":"1""#), person("Anna", "Ray", "1990-01-02", #""mrn":"3""#),
      ], "--update-existing --batch-size \(size)")
    #expect(
      found == [
        "1 inserted", "2 failed identity.conflict", "3 updated firstName+lastName+dateOfBirth", "4 updated mrn",
      ])
    #expect(try database.rows("SELECT last_name, phone FROM patients WHERE mrn = '3'") == ["Ray|1"])
  }

  /// Somebody enters a second spelling of a name that a row has.
  @Test(arguments: ["--skip-duplicates", "--update-existing"]) func whoComesBeforeABatchThatOnlyMatchesIsSeen(
    option: String
  ) throws {
    _ = try database.rows(
      "INSERT INTO patients (first_name, last_name, date_of_birth, notes) VALUES ('Anna', 'Meier', '1990-01-01', 'old')"
    )
    try database.scratch.write("one", strangers(60).map { $0 + "\n" }.joined())
    try database.scratch.write("two", person("Anna", "Meier", "1990-01-01", #""phone":"1""#) + "\n")
    let result = try database.run(
      """
      { cat one; await is "count(*) = 61 FROM patients"
        ask "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('88', 'Ännä', 'Meïer', '1990-01-01')"
        cat two; } | ils-load patients \(option) --batch-size 30 --connections 1 --outcomes all 2> told |
        jq -r 'select(._row == 61) | .code // .outcome'; cat told
      """)
    #expect(result.out.hasPrefix("identity.conflict\n"), "\(result.out)")
  }

  // MARK: - Schemas

  private func schema(_ annotations: String) throws {
    let plain = ["mrn", "email", "co"].map { #""\#($0)":{"type":"string","x-ils":{"column":"\#($0)"}}"# }
    let names = ["first", "last"].map { #""\#($0)":{"type":"string","x-ils":{"column":"\#($0)","fold":"name"}}"# }
    let rest = [
      #""dob":{"type":"string","format":"date","x-ils":{"column":"dob"}}"#,
      #""phone":{"type":"string","x-ils":{"column":"phone","clearWith":"-"}}"#,
    ]
    try database.scratch.write(
      "s.json",
      #"{"type":"object","properties":{\#((plain + names + rest).joined(separator: ","))},"x-ils":{"table":"p","id":"id","job":"job",\#(annotations)}}"#
    )
  }

  private static let keys = """
    "identity":[{"kind":"identifier","fields":["mrn"]},{"kind":"identifier","fields":["phone"]},
    {"kind":"description","fields":["first","last","dob"]},{"kind":"contact","fields":["email"]}]
    """

  private func table(co: String = "text") throws {
    _ = try database.rows(
      "CREATE TABLE p (id bigserial PRIMARY KEY, job uuid, mrn text, first text, last text, dob date, email text, phone text, co \(co))"
    )
  }

  /// A word that empties a column is no value, on any way into the table, and nobody is known by it.
  @Test(arguments: [1, 10]) func theWordThatEmptiesAColumnIsNoValue(size: Int) throws {
    try table()
    try schema(#"\#(Self.keys),"agreement":[["first","last"],["dob"]]"#)
    let records = [
      #"{"mrn":"1","first":"Ann","last":"Lee","dob":"1990-01-01","phone":"-"}"#,
      #"{"mrn":"2","first":"Bob","last":"Ray","dob":"1950-01-01","phone":"-"}"#,
      #"{"mrn":"3","first":"Cy","last":"Poe","dob":"1951-01-01","phone":"7"}"#,
      #"{"mrn":"3","first":"Cy","last":"Poe","dob":"1951-01-01","phone":"-"}"#,
    ]
    let found = try load(records, "--update-existing --batch-size \(size)", schema: "--schema s.json")
    #expect(found == ["1 inserted", "2 inserted", "3 inserted", "4 updated mrn"])
    #expect(try database.rows("SELECT mrn, phone IS NULL FROM p ORDER BY 1") == ["1|t", "2|t", "3|t"])
    let told = try database.run(
      "ils-validate --schema s.json --rejects bad in | wc -l; jq -r '._row, .errors[0].code' bad")
    #expect(told.out == "3\n4\nunique.mrn\n", "\(told.err)")
  }

  /// A row that two records of a batch update by different numbers has what the second gave it before the third is judged.
  @Test(arguments: [1, 10]) func aRowIsWhatAllRecordsBeforeMadeOfIt(size: Int) throws {
    try table()
    try schema(#""identity":[["mrn"],["email"],["co"]]"#)
    _ = try database.rows("INSERT INTO p (mrn, email) VALUES ('1', 'e')")
    let records = [#"{"mrn":"1","phone":"1"}"#, #"{"email":"e","co":"c"}"#, #"{"co":"c","phone":"3"}"#]
    let found = try load(records, "--update-existing --batch-size \(size)", schema: "--schema s.json")
    #expect(found == ["1 updated mrn", "2 updated email", "3 updated co"])
    #expect(try database.rows("SELECT mrn, email, co, phone FROM p") == ["1|e|c|3"])
  }

  @Test func whatAColumnGetsByItselfIsWhatKeysAreUniqueWithin() throws {
    try table(co: "text DEFAULT 'it''s main'")
    try schema(#"\#(Self.keys),"scope":["co"]"#)
    let ann = #"{"mrn":"1","first":"Ann","last":"Lee","dob":"1990-01-01"}"#
    #expect(
      try load([ann, ann], "--skip-duplicates", schema: "--schema s.json") == ["1 inserted", "2 skipped mrn"])
    #expect(try load([ann], "--skip-duplicates", schema: "--schema s.json") == ["1 skipped mrn"])
    #expect(try database.rows("SELECT co FROM p") == ["it's main"])
    // Where nobody can tell what it gets, nothing is loaded.
    _ = try database.rows("ALTER TABLE p ALTER co SET DEFAULT current_user")
    let refused = try database.run("ils-load --schema s.json --skip-duplicates in")
    #expect(refused.status == 78 && refused.err.contains("--set co=VALUE"), "\(refused.err)")
    #expect(try database.run("ils-load --schema s.json --skip-duplicates --set co=main in").status == 0)
  }

  @Test func whoeverHasMoreInCommonIsNoLessDoubtful() throws {
    try table()
    try schema(#""identity":[["mrn"],["first","last","dob"],{"kind":"contact","fields":["email"]}]"#)
    let found = try load(
      ["Elizabeth", "Liz"].map { #"{"first":"\#($0)","last":"Windsor","dob":"1926-04-21","email":"e@w.uk"}"# },
      "--skip-duplicates", schema: "--schema s.json")
    #expect(found == ["1 inserted", "2 failed identity.doubtful"])
    let told = try database.run("ils-validate --schema s.json in | wc -l")
    #expect(told.out == "1\n")
  }

  /// More keys than a set of bits has places.
  @Test func theLastOfManyKeysIsLookedAt() throws {
    let contacts = (0..<12).map { "c\($0)" }
    _ = try database.rows(
      "CREATE TABLE w (id bigserial PRIMARY KEY, job uuid, mrn text, first text, last text, dob date, \(contacts.map { "\($0) text" }.joined(separator: ", ")))"
    )
    let fields = (["mrn", "first", "last"] + contacts).map {
      #""\#($0)":{"type":"string","x-ils":{"column":"\#($0)"}}"#
    }
    let keys = contacts.map { #"{"kind":"contact","fields":["\#($0)"]}"# }
    try database.scratch.write(
      "s.json",
      #"""
      {"type":"object","properties":{\#(fields.joined(separator: ",")),"dob":{"type":"string","format":"date","x-ils":{"column":"dob"}}},
       "x-ils":{"table":"w","id":"id","job":"job","agreement":[["first","last"],["dob"],["first"]],
       "identity":[\#(keys.joined(separator: ",")),{"kind":"identifier","fields":["mrn"]},{"kind":"description","fields":["first","last","dob"]}]}}
      """#)
    let pads = (0..<10).map { #"{"mrn":"p\#($0)","first":"Pad\#($0)","last":"L","dob":"1950-01-0\#($0 % 9 + 1)"}"# }
    let found = try load(
      pads + [
        #"{"mrn":"1","first":"A","last":"B","dob":"1990-01-01"}"#,
        #"{"mrn":"1","first":"A","last":"C","dob":"1991-01-01"}"#,
      ], "--skip-duplicates", schema: "--schema s.json")
    #expect(found == ["11 inserted", "12 skipped mrn"])
  }

  /// Behind the first batch, an order that is new may have been taken for one that goes straight into the table.
  @Test(arguments: [1, 3]) func anOrderThatComesTwiceInALaterBatchIsUpdated(connections: Int) throws {
    let database = try Database()
    _ = try database.load("patients", "", [patient(2, mrn: "1", first: "Ann", last: "Lee", born: "1990-01-01")])
    let numbers = ["A", "B", "C", "D", "E", "E"]
    let orders = numbers.enumerated().map { place, number in
      #"{"_row":\#(place + 2),"patientIdentifier":"1","orderNumber":"\#(number)","orderDate":"2020-01-0\#(place + 1)","testType":"Field"}"#
    }
    let load = "--update-existing --batch-size 2 --connections \(connections)"
    let outcome = try database.load("orders", load, orders).outcome
    #expect(outcome.status == 0, "\(outcome.err)")
    #expect(
      try database.rows("SELECT order_number, order_date FROM orders ORDER BY 1")
        == ["A|2020-01-01", "B|2020-01-02", "C|2020-01-03", "D|2020-01-04", "E|2020-01-06"])
  }
}
