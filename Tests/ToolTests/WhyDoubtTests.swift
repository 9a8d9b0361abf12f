import Foundation
import Testing

/// ils-why where a value may be the database's, a person's, or that of another record with the row's key.
@Suite struct WhyDoubtTests {
  /// What nothing of a record goes to may be a person's as well: an edited default is not the database's.
  @Test func aDefaultThatWasEditedIsNotTheDatabases() throws {
    let database = try Database()
    try database.scratch.write("things.json", Self.things)
    _ = try database.rows(
      """
      CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text, city text DEFAULT 'Nowhere',
        n int, status varchar(9) DEFAULT 'new', remark text, twice int GENERATED ALWAYS AS (n * 2) STORED)
      """)
    try database.scratch.write(
      "t.csv", "code,city,n\nA,Rome,1\nB,,2\nC,,3\nD,Oslo,4\nD,Bern,4\nE,Oslo,\nE,Bern,5\nF,Kiel,6\n")
    #expect(
      try database.run(
        """
        ils-parse --manifest m.json t.csv 2> log | ils-load --schema things.json --skip-duplicates --manifest m.json 2>> log
        """
      ).status == 0)
    _ = try database.rows(
      """
      UPDATE things SET status = 'old', remark = 'by hand' WHERE code = 'A'; UPDATE things SET n = 7 WHERE code = 'B';
      UPDATE things SET city = NULL WHERE code = 'C'; UPDATE things SET city = 'Bern' WHERE code IN ('D', 'E')
      """)
    func answers(_ code: String, _ extra: String = "") throws -> [String] {
      let all = try database.run(
        "ils-why things code=\(code) --from t.csv 2> why.log | jq -r '[.column, .verdict, .value\(extra)] | join(\" \")'"
      )
      return all.out.split(separator: "\n").map(String.init)
    }
    #expect(
      try answers("A") == [
        "id default 1", "code loaded A", "city loaded Rome", "n loaded 1", "status edited old", "remark edited by hand",
        "twice default 2",
      ])
    #expect(
      try answers("B") == [
        "id default 2", "code loaded B", "city default Nowhere", "n edited 7", "status default new", "remark default ",
        "twice default 14",
      ])
    #expect(try answers("C")[2] == "city edited ")
    #expect(try answers("F")[2] == "city loaded Kiel")
    // Of two records of one row the first made it, and what the row holds now is what the other has.
    #expect(try answers("D", ", .source.row")[2] == "city ambiguous Bern 6")
    #expect(try answers("D", ", .source.row")[1] == "code loaded D 6")
    let either = try database.run("ils-why things code=D city --from t.csv")
    #expect(either.status == 1 && either.out.contains("may be the one that made the row"), "\(either.out)")
    #expect(try answers("E", ", .source.row")[2] == "city ambiguous Bern 8")
  }

  /// The row was made of one record, and all of its columns with it: not of one that was refused on the way.
  @Test func aRowThatWasMadeOfOneRecordIsAnsweredForByThatOne() throws {
    let database = try Database()
    try database.scratch.write(
      "p.csv",
      """
      mrn,firstName,lastName,dateOfBirth,city,email
      M1,Ann,Lee,1980-01-02,Rome,no address
      M1,Ann,Lee,1980-01-02,Rome,a@x.org

      """)
    #expect(
      try database.run(
        """
        ils-parse --manifest run.json p.csv 2> log | ils-validate patients --rejects refused 2>> log |
          ils-load patients --skip-duplicates --manifest run.json --rejects-in refused 2>> log
        """
      ).status == 0)
    for field in ["email", "firstName", "city"] {
      let row = try database.run(
        "ils-why patients mrn=M1 \(field) --from p.csv 2> why.log | jq -c '[.verdict, .source.row]'")
      #expect(row.out == "[\"loaded\",3]\n", "\(field)")
    }
  }

  private static let things = """
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["code"], "properties": {
      "code": {"type": "string", "x-ils": {"column": "code"}}, "city": {"type": "string", "x-ils": {"column": "city"}},
      "n": {"type": ["number", "string"], "x-ils": {"column": "n"}}},
     "x-ils": {"table": "things", "id": "id", "job": null, "identity": [{"kind": "identifier", "fields": ["code"]}]}}
    """
}
