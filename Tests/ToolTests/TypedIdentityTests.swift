import Foundation
import Testing

/// Identifiers in columns whose type takes a value in several forms: whoever is inserted is found again, in each of them.
@Suite struct TypedIdentityTests {
  /// A column's type, forms of one value that it takes, and other values.
  struct Forms: Sendable, CustomTestStringConvertible {
    let type: String
    let forms: [String]
    let others: [String]
    var testDescription: String { type }

    static let uuid = [
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
      "a0eebc999c0b4ef8bb6d6bb9bd380a11",
      "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
      "{A0EEBC999C0B4EF8BB6D6BB9BD380A11}",
    ]
    static let all: [Forms] = [
      .init(type: "bigint", forms: ["1000000000000000000", "+1000000000000000000"], others: ["9223372036854775807"]),
      .init(type: "bigint", forms: ["7", "007", "+7", " 7 ", "00000000000000000000000000007"], others: ["-7", "70"]),
      .init(type: "integer", forms: ["0", "-0", "000"], others: ["2147483647", "-2147483648"]),
      .init(type: "smallint", forms: ["7", "0000000000000000000000007"], others: ["8"]),
      .init(type: "uuid", forms: uuid, others: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"]),
      .init(type: "numeric", forms: ["8", "8.0", "08.00", "0.8e1", "+8"], others: ["80", "8.01"]),
      .init(type: "numeric(9,2)", forms: ["8", "8.0", "8.00"], others: ["80", "8.01"]),
      .init(type: "double precision", forms: ["0", "-0", "0.0"], others: ["0.5"]),
      .init(type: "char(8)", forms: ["ab", "ab  "], others: ["AB", "abc"]),
      .init(type: "whole", forms: ["7", "007"], others: ["8"]),
      .init(type: "price", forms: ["8", "8.0"], others: ["8.01"]),
      .init(type: "key", forms: uuid, others: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"]),
      .init(type: "code", forms: ["Ab", "aB"], others: ["abc"]),
    ]
  }

  private func database(_ type: String) throws -> Database {
    let database = try Database()
    _ = try database.rows(
      """
      CREATE EXTENSION citext; CREATE DOMAIN whole AS bigint CHECK (value > 0); CREATE DOMAIN price AS numeric(9,2);
      CREATE DOMAIN key AS uuid; CREATE DOMAIN code AS citext;
      CREATE TABLE things (id bigserial PRIMARY KEY, job uuid, no \(type), note text)
      """)
    try database.scratch.write(
      "things.json",
      #"""
      {"type": "object", "properties": {"no": {"type": "string", "x-ils": {"column": "no"}},
        "note": {"type": "string", "x-ils": {"column": "note"}}},
       "x-ils": {"table": "things", "id": "id", "job": "job", "identity": [["no"]]}}
      """#)
    return database
  }

  private func load(_ database: Database, _ values: [String], _ options: String = "") throws -> Outcome {
    try database.scratch.write("records", values.map { "{\"no\":\"\($0)\"}\n" }.joined())
    return try database.run(
      "ils-load --schema things.json --skip-duplicates --outcomes all --rejects refused \(options) records")
  }

  @Test(arguments: Forms.all) func eachFormOfAnIdentifierIsTheSame(one: Forms) throws {
    let database = try database(one.type)
    let first = try load(database, one.forms + one.others, "--batch-size 2")
    #expect(first.status == 0, "\(first.out)\(first.err)")
    let count = "\(one.others.count + 1)"
    #expect(try database.rows("SELECT count(*), count(DISTINCT no) FROM things") == ["\(count)|\(count)"])
    // Within a batch, and beside a table that a later run finds.
    for form in one.forms {
      _ = try database.rows("TRUNCATE things")
      #expect(try load(database, [form] + one.forms + one.others).status == 0)
      let again = try load(database, one.forms.reversed() + one.others)
      #expect(again.out.contains(#""equation":{"inserted":0,"#), "\(form): \(again.out)\(again.err)")
      #expect(try database.rows("SELECT count(*) FROM things") == [count], "\(form)")
    }
  }

  /// What is no value of the type is refused, and is no row's.
  @Test(arguments: [
    ("bigint", "9223372036854775808"), ("bigint", "99999999999999999999999"),
    ("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1"),
    ("uuid", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), ("whole", "-1"),
  ])
  func whatIsNoValueIsRefused(type: String, value: String) throws {
    let database = try database(type)
    let outcome = try load(database, [value, value])
    #expect(outcome.status == 1, "\(outcome.out)\(outcome.err)")
    #expect(try database.rows("SELECT count(*) FROM things") == ["0"])
    #expect(try database.rows("SELECT failed FROM ils.jobs") == ["2"])
  }

  /// References find rows as records do, by themselves and by aliases.
  @Test func referencesReadValuesAsTheColumnDoes() throws {
    let database = try Database()
    _ = try database.rows(
      "ALTER TABLE patients ALTER mrn TYPE bigint USING mrn::bigint, ALTER external_id TYPE numeric USING external_id::numeric"
    )
    let people = [
      patient(1, mrn: "1000000000000000000", first: "Elsa"),
      patient(2, mrn: "7", first: "Viktor", source: "north", external: "30"),
      patient(3, mrn: "007", first: "Viktor", source: "south", external: "8.0"),
    ]
    #expect(try database.load("patients", "--skip-duplicates", people).outcome.status == 0)
    #expect(try database.rows("SELECT count(*) FROM patients") == ["2"])
    let orders = [order(1, "O1", of: "1000000000000000000"), order(2, "O2", of: "0007"), order(3, "O3", of: "8")]
    let loaded = try database.load("orders", "--source south", orders).outcome
    #expect(loaded.status == 0, "\(loaded.out)\(loaded.err)")
    let found =
      "SELECT p.first_name, count(*) FROM orders o JOIN patients p ON p.id = o.patient_id GROUP BY 1 ORDER BY 1"
    #expect(try database.rows(found) == ["Elsa|1", "Viktor|2"])
  }
}
