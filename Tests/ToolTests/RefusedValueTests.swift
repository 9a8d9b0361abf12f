import Foundation
import Testing

/// Values that the database alone can judge: each is refused by its field, with its column's type in words.
@Suite struct RefusedValueTests {
  /// A column's type, a value that it does not take, and what is said of it.
  private static let cases: [(type: String, value: String, code: String, told: String)] = [
    ("smallint", "40000", "db.22003", "a number is out of range for a column of type smallint"),
    ("numeric(5,2)", "1234.5", "db.22003", "a number is out of range for a column of type numeric(5,2)"),
    ("uuid", "nope", "db.22P02", "a column of type uuid takes a UUID, as "),
    ("inet", "999.1.1.1", "db.22P02", "a column of type inet takes an IP address, as "),
    ("cidr", "10.0.0.1/8", "db.22P02", "a column of type cidr takes a network's address, as "),
    ("jsonb", "{bad", "db.22P02", "a column of type jsonb takes JSON"),
    ("xml", "<a", "db.2200N", "a column of type xml takes XML that is whole"),
    ("mood", "good", "db.22P02", "a column of type mood takes one of these: ok, bad"),
    ("integer[]", "{1,x}", "db.22P02", "a column of type integer[] takes an array, as {1,2}"),
    ("bit(3)", "102", "db.22P02", "a column of type bit(3) takes a bit string, as 101"),
    ("bit(3)", "10", "db.22026", "a bit string has another length than a column of type bit(3)"),
    ("bit varying(3)", "10101", "db.22001", "a value is too long for a column of type bit varying(3)"),
    ("character varying(3)", "abcd", "db.22001", "a value is too long for a column of type character varying(3)"),
    ("interval", "soon", "db.22007", "a column of type interval takes a span of time, as "),
    ("int4range", "[5,1]", "db.22000", "a column of type int4range takes a range, as [1,5)"),
    ("boolean", "maybe", "db.22P02", "a column of type boolean takes true or false"),
    ("regclass", "nope", "db.42P01", "a value does not fit a column of type regclass"),
    ("positive", "-4", "db.23514", "a check of the column's type positive forbids it"),
    ("filled", "x", "db.23514", "a check of the column's type filled forbids it"),
  ]

  private static let types = """
    CREATE TYPE mood AS ENUM ('ok', 'bad');
    CREATE DOMAIN positive AS integer CHECK (value > 0);
    CREATE DOMAIN filled AS text NOT NULL CHECK (length(value) > 1);
    """

  /// Each record has one value; `fN` feeds column `cN`, of a name that no field has.
  private func database(_ columns: String) throws -> Database {
    let database = try Database()
    _ = try database.rows("\(Self.types) CREATE TABLE kinds (id serial PRIMARY KEY, number text UNIQUE \(columns))")
    let fields = Self.cases.indices.map { #""f\#($0)":{"x-ils":{"column":"c\#($0)"}}"# }
    try database.scratch.write(
      "kinds.json",
      """
      {"type":"object","properties":{"number":{"x-ils":{"column":"number"}},\(fields.joined(separator: ","))},
       "x-ils":{"table":"kinds","job":null,"identity":[["number"]]}}
      """)
    return database
  }

  private func record(_ index: Int, _ number: Int) -> String {
    let value = Self.cases[index].value.replacingOccurrences(of: #"""#, with: #"\""#)
    return #"{"_row":\#(number),"number":"n\#(number)","f\#(index)":"\#(value)"}"# + "\n"
  }

  private func check(_ rejects: String?, from first: Int) throws {
    let lines = (rejects ?? "").split(separator: "\n")
    try #require(lines.count == Self.cases.count)
    for (index, line) in lines.enumerated() {
      let (_, _, code, told) = Self.cases[index]
      #expect(
        line.contains(#""_row":\#(first + index),"#) && line.contains(#""code":"\#(code)","field":"f\#(index)""#),
        "\(line)")
      #expect(line.contains("the database refuses it: \(told)") && line.contains("(column c\(index)"), "\(line)")
    }
  }

  @Test func eachTypeNamesTheFieldAndWhatItTakes() throws {
    let database = try database(
      Self.cases.enumerated().map { ", c\($0) \($1.type) DEFAULT NULL" }.joined()
        .replacingOccurrences(of: "filled DEFAULT NULL", with: "filled DEFAULT 'there'"))
    let good = (100..<120).map { #"{"_row":\#($0),"number":"n\#($0)"}"# + "\n" }.joined()
    try database.scratch.write("records", good + Self.cases.indices.map { record($0, 200 + $0) }.joined())
    let loaded = try database.run("ils-load --schema kinds.json --rejects rejects --outcomes none records")
    #expect(loaded.status == 1, "\(loaded.err)")
    try check(database.scratch.read("rejects"), from: 200)
    // One after the other, in batches of their own, they are told the same way.
    let alone = try database.run(
      "grep -n '_row.:2' records | cut -d: -f2- | ils-load --schema kinds.json --batch-size 1 --rejects again --outcomes none"
    )
    #expect(alone.status == 1, "\(alone.err)")
    try check(database.scratch.read("again"), from: 200)
  }

  @Test func aRowThatIsThereIsNamedTheSameWay() throws {
    let database = try database(
      Self.cases.enumerated().map { ", c\($0) \($1.type)" }.joined()
        .replacingOccurrences(of: "filled", with: "filled DEFAULT 'there'"))
    _ = try database.rows("INSERT INTO kinds (number) SELECT 'n' || n FROM generate_series(200, 299) n")
    try database.scratch.write("records", Self.cases.indices.map { record($0, 200 + $0) }.joined())
    let loaded = try database.run(
      "ils-load --schema kinds.json --update-existing --rejects rejects --outcomes none records")
    #expect(loaded.status == 1, "\(loaded.err)")
    try check(database.scratch.read("rejects"), from: 200)
    #expect(try database.rows("SELECT count(*), count(c0) FROM kinds") == ["100|0"])
  }

  /// What the table says of a row names the column; a reject has the record's field.
  @Test func aValueThatIsMissingNamesItsField() throws {
    let database = try Database()
    let (_, loaded) = try database.load("patients", "--rejects rejects", [#"{"_row":7,"firstName":"Ann"}"#])
    #expect(loaded.status == 1)
    let reject = database.scratch.read("rejects") ?? ""
    #expect(
      reject.contains(#""code":"db.23502","field":"lastName""#) && reject.contains("column last_name"), "\(reject)")
  }

  /// Of a database whose encoding has not all characters.
  @Test func aCharacterThatTheDatabaseCannotStoreNamesItsField() throws {
    let database = try Database()
    try database.scratch.write(
      "records",
      (1...30).map { patient($0, mrn: "M\($0)", first: "José \($0)", city: $0 == 7 ? "Łódź" : "Åre") + "\n" }.joined())
    for options in ["", "--dry-run"] {
      let loaded = try database.run(
        """
        name=latin_$$; latin=$(sed -E "s#///[^?]*#///$name#" <<< "$DATABASE_URL")
        ask "CREATE DATABASE $name ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
        psql -qX -f '\(Place.root)/scripts/schema.sql' "$latin" > /dev/null 2>&1; ils-load --init --database "$latin"
        ils-load patients \(options) --rejects rejects --outcomes none --database "$latin" records; echo $?
        psql -XAtqc "SELECT count(*) FROM patients WHERE first_name LIKE E'Jos\\u00e9 %'" "$latin"
        ask "DROP DATABASE $name"
        """)
      #expect(loaded.out.hasSuffix(options == "" ? "\n1\n29\n" : "\n1\n0\n"), "\(loaded.out)\(loaded.err)")
      let rejects = (database.scratch.read("rejects") ?? "").split(separator: "\n")
      #expect(
        rejects.count == 1 && rejects[0].contains(#""_row":7,"#) && rejects[0].contains(#""field":"city""#),
        "\(rejects)")
    }
  }
}

/// Rows that the server has counted as inserted, and that are not there.
@Suite struct LostRowTests {
  private static let triggers = [
    """
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN DELETE FROM people WHERE id = NEW.id AND NEW.number = ''n2''; RETURN NULL; END';
    CREATE TRIGGER lose AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION lose();
    CREATE VIEW place AS SELECT * FROM people
    """,
    """
    CREATE VIEW place AS SELECT * FROM people;
    CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
      IF NEW.number <> ''n2'' THEN INSERT INTO people (number, import_job_id) VALUES (NEW.number, NEW.import_job_id); END IF;
      RETURN NEW; END';
    CREATE TRIGGER lose INSTEAD OF INSERT ON place FOR EACH ROW EXECUTE FUNCTION lose();
    """,
  ]

  @Test(arguments: triggers, ["", "--dry-run"]) func theyAreTold(trigger: String, options: String) throws {
    let database = try Database()
    _ = try database.rows(
      "CREATE TABLE people (id serial PRIMARY KEY, number text UNIQUE, import_job_id uuid); \(trigger)")
    try database.scratch.write(
      "place.json",
      #"{"type":"object","properties":{"number":{"x-ils":{"column":"number"}}},"x-ils":{"table":"place","identity":[]}}"#
    )
    try database.scratch.write("records", (1...3).map { #"{"_row":\#($0),"number":"n\#($0)"}"# + "\n" }.joined())
    let loaded = try database.run("ils-load --schema place.json \(options) records")
    #expect(loaded.status == 0 && loaded.err.contains("1 of the 3 rows"), "\(loaded.err)")
    #expect(loaded.err.contains("[job.rows_lost]"))
    #expect(try database.rows("SELECT count(*) FROM people") == [options == "" ? "2" : "0"])
    let again = try database.run(
      """
      ask 'DROP FUNCTION lose() CASCADE; DELETE FROM people'
      ils-load --schema place.json records
      """)
    #expect(again.status == 0 && !again.err.contains("[job.rows_lost]"), "\(again.err)")
  }

  /// Who is known by a number would be brought again by each load.
  @Test(arguments: triggers) func theyAreRefusedWhereTheyAreLookedFor(trigger: String) throws {
    let database = try Database()
    _ = try database.rows(
      "CREATE TABLE people (id serial PRIMARY KEY, number text UNIQUE, import_job_id uuid); \(trigger)")
    try database.scratch.write(
      "place.json",
      #"{"type":"object","properties":{"number":{"x-ils":{"column":"number"}}},"x-ils":{"table":"place","identity":[["number"]]}}"#
    )
    try database.scratch.write("records", (1...3).map { #"{"_row":\#($0),"number":"n\#($0)"}"# + "\n" }.joined())
    let loaded = try database.run("ils-load --schema place.json --skip-duplicates records")
    #expect(loaded.status == 1 && loaded.err.contains("[row.rekeyed]"), "\(loaded.err)")
    #expect(try database.rows("SELECT number FROM people ORDER BY 1") == ["n1", "n3"])
    #expect(try database.rows("SELECT inserted, failed FROM ils.jobs") == ["2|1"])
  }

  /// A view does not tell which transaction wrote a row: that others end one meanwhile is no fault of the records.
  @Test func aViewTakesRecordsWhileOthersWrite() throws {
    let database = try Database()
    _ = try database.rows(
      "CREATE TABLE people (id serial PRIMARY KEY, number text UNIQUE, import_job_id uuid); CREATE VIEW place AS SELECT * FROM people"
    )
    try database.scratch.write(
      "place.json",
      #"{"type":"object","properties":{"number":{"x-ils":{"column":"number"}}},"x-ils":{"table":"place","identity":[["number"]]}}"#
    )
    try database.scratch.write("records", (1...3).map { #"{"_row":\#($0),"number":"n\#($0)"}"# + "\n" }.joined())
    let loaded = try database.run(
      """
      mkfifo feed
      ils-load --schema place.json --batch-size 1 feed > out 2> err & loader=$!
      exec 7> feed
      head -n 1 records >&7
      await is "count(*) = 1 FROM people"
      ask 'CREATE TABLE other ()'
      tail -n 2 records >&7
      exec 7>&-
      wait $loader; echo "status $?"; cat err >&2
      """)
    #expect(loaded.out.contains("status 0"), "\(loaded.out)\(loaded.err)")
    #expect(loaded.err.contains("[job.unseen]"))
    #expect(try database.rows("SELECT count(*) FROM people") == ["3"])
  }
}
