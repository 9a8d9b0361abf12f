import Foundation
import Testing

/// One table of verdicts, wherever two records meet: what ils-validate says of a file is what ils-load does with it.
@Suite struct IdentityTests {
  private func database() throws -> Database {
    let database = try Database()
    _ = try database.rows(People.table)
    try database.scratch.write("people.json", People.schema)
    return database
  }

  private static let load = "ils-load --schema people.json --skip-duplicates --outcomes all --rejects refused"

  private func load(
    _ database: Database, _ records: [String], _ options: String = ""
  ) throws -> Outcome {
    try database.scratch.write("records", records.map { $0 + "\n" }.joined())
    return try database.run("\(Self.load) \(options) records")
  }

  /// What became of the record of a row, by what ils-load wrote and set aside.
  private func expect(
    _ one: IdentityCase, row: Int, _ database: Database, _ outcome: Outcome, unsaid: [String] = [],
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    let told = outcome.out.split(separator: "\n").compactMap { object(String($0)) }.last {
      $0["_row"] as? Int == row && $0["outcome"] != nil
    }
    let word = ["same": "skipped", "another": "inserted"][one.verdict.rawValue] ?? "failed"
    let expected = unsaid.contains(word) ? nil : word
    #expect(told?["outcome"] as? String == expected, "\(outcome.out)\(outcome.err)", sourceLocation: place)
    switch one.verdict {
    case .another: break
    case .same:
      #expect(Set(told?["differed"] as? [String] ?? []) == one.differed, sourceLocation: place)
    case .conflict, .doubtful:
      let error = try #require(refusal(database, row), "\(outcome.err)", sourceLocation: place)
      #expect(error["code"] as? String == "identity.\(one.verdict)", sourceLocation: place)
      #expect(Set(error["differed"] as? [String] ?? []) == one.differed, sourceLocation: place)
      let others = try database.rows("SELECT id FROM people WHERE last_name <> 'Decoy'")
      #expect(Set(error["rows"] as? [String] ?? []) == Set(others), sourceLocation: place)
    }
    let people = try database.rows("SELECT count(*) FROM people WHERE last_name <> 'Decoy' OR last_name IS NULL")
    #expect(people == ["\(one.earlier.count + (one.verdict == .another ? 1 : 0))"], sourceLocation: place)
  }

  private func object(_ line: String) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
  }

  /// The first reason why the record of a row was set aside.
  private func refusal(_ database: Database, _ row: Int) -> [String: Any]? {
    let refused = (database.scratch.read("refused") ?? "").split(separator: "\n").compactMap { object(String($0)) }
    return (refused.last { $0["_row"] as? Int == row }?["errors"] as? [[String: Any]])?.first
  }

  // MARK: - The five places

  @Test(arguments: IdentityCase.table) func aRowOfTheTableHoldsWithinTheInput(one: IdentityCase) throws {
    let scratch = try Scratch()
    try scratch.write("people.json", People.schema)
    try scratch.write("records", People.records(one.earlier + [one.later]).map { $0 + "\n" }.joined())
    let outcome = try scratch.run("ils-validate --schema people.json --rejects refused records")
    let refused = (scratch.read("refused") ?? "").split(separator: "\n").compactMap { object(String($0)) }
    guard one.verdict != .another else { return #expect(refused.isEmpty && outcome.status == 0, "\(outcome.err)") }
    #expect(refused.map { $0["_row"] as? Int } == [one.earlier.count + 2])
    let errors = refused.first?["errors"] as? [[String: Any]] ?? []
    #expect(errors.allSatisfy { ($0["code"] as? String)?.hasPrefix("unique.") ?? false })
    let rows = Set(errors.flatMap { $0["rows"] as? [String] ?? [] })
    #expect(rows == Set((0..<one.earlier.count).map { "\($0 + 2)" }))
    #expect(Set(errors.flatMap { $0["differed"] as? [String] ?? [] }) == one.differed, "\(outcome.err)")
    let words = [IdentityCase.Verdict.same: "one and the same", .conflict: "by all else", .doubtful: "nothing proves"]
    let word = one.earlier.count == rows.count && rows.count > 1 ? "keys of other rows" : words[one.verdict] ?? ""
    #expect(errors.allSatisfy { ($0["message"] as? String)?.contains(word) ?? false }, "\(outcome.err)")
  }

  @Test(arguments: IdentityCase.table) func aRowOfTheTableHoldsWithinABatch(one: IdentityCase) throws {
    let database = try database()
    let outcome = try load(database, People.records(one.earlier + [one.later]))
    try expect(one, row: one.earlier.count + 2, database, outcome)
  }

  @Test(arguments: IdentityCase.table) func aRowOfTheTableHoldsAgainstTheTable(one: IdentityCase) throws {
    let database = try database()
    #expect(try load(database, People.records(one.earlier)).status == 0)
    try expect(one, row: 9, database, load(database, People.records([one.later], from: 9)))
  }

  /// The second loader has read the table's keys, and holds the record, when the first one brings the earlier ones.
  @Test(arguments: IdentityCase.table) func aRowOfTheTableHoldsBetweenLoaders(one: IdentityCase) throws {
    let database = try database()
    try database.scratch.write("earlier", People.records(one.earlier).map { $0 + "\n" }.joined())
    let decoy = IdentityCase.elsa(["firstName": "A", "lastName": "Decoy", "dateOfBirth": "1900-01-01"])
    try database.scratch.write(
      "later", People.records([decoy, one.later], from: 8).map { $0 + "\n" }.joined())
    let outcome = try database.run(
      """
      mkfifo feed
      \(Self.load) feed > later.out 2> later.err & loader=$!
      exec 7> feed
      cat later >&7
      await is "count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'
        AND query LIKE '%COPY (SELECT%'"
      ils-load --schema people.json earlier || echo the first loader failed
      exec 7>&-
      wait $loader
      cat later.out; cat later.err >&2
      """)
    #expect(!outcome.out.contains("the first loader failed"), "\(outcome.err)")
    try expect(one, row: 9, database, outcome)
  }

  @Test(arguments: IdentityCase.table) func aRowOfTheTableHoldsOnRelease(one: IdentityCase) throws {
    let database = try database()
    let waiting = try load(database, People.records([one.later], from: 9, guardian: "G"), "--park-orphans")
    #expect(waiting.out.contains(#""outcome":"parked""#), "\(waiting.out)\(waiting.err)")
    #expect(try load(database, People.records(one.earlier)).status == 0)
    _ = try database.rows(
      "INSERT INTO patients (mrn, first_name, last_name, date_of_birth) VALUES ('G', 'Gerd', 'Brandt', '1948-08-08')")
    let release = try database.run("ils-jobs release --rejects refused")
    #expect(release.err.contains("1 parked records released"), "\(release.err)")
    try expect(one, row: 9, database, release, unsaid: ["inserted"])
  }

  // MARK: - Spellings

  /// All were born on a day that stands for none, in a script whose letters the server may not know: by pairs they would be
  /// tens of thousands.
  @Test func peopleOfOneBirthDateAreFoundInAnotherSpelling() throws {
    let database = try database()
    let letters = Array("абвгдежзик").map(String.init)
    func name(_ number: Int) -> String { [100, 10, 1].map { letters[number / $0 % 10] }.joined() }
    func person(_ number: Int, _ spell: (String) -> String) -> IdentityCase.Person {
      ["firstName": spell(name(number)), "lastName": spell("Ли-" + name(number * 7)), "dateOfBirth": "1900-01-01"]
    }
    let first = try load(database, People.records((0..<300).map { person($0) { $0 } }))
    #expect(first.out.contains(#""equation":{"inserted":300,"#), "\(first.err)")
    let again = try load(database, People.records((100..<400).map { person($0) { " \($0.uppercased())" } }))
    #expect(again.out.contains(#""equation":{"inserted":100,"updated":0,"skipped":200,"#), "\(again.out)\(again.err)")
    #expect(try database.rows("SELECT count(*) FROM people") == ["400"])
  }

  /// Who is found in two ways is found once: two rows would be a conflict.
  @Test func aRowThatIsFoundTwiceIsOneRow() throws {
    let database = try database()
    func people(_ names: [String]) -> [String] {
      People.records(names.map { ["firstName": $0, "lastName": "OBrien", "dateOfBirth": "1975-04-05"] })
    }
    #expect(try load(database, people(["Anna-Maria", "Zoe"])).status == 0)
    let again = try load(database, people(["Anna Maria", "Zoë"]))
    #expect(again.out.contains(#""skipped":2,"failed":0"#), "\(again.out)\(again.err)")
  }

  /// Accents and letters that take two are written without, on either side.
  @Test func namesAreFoundWithAndWithoutAccents() throws {
    let database = try database()
    func people(_ names: [String]) -> [String] {
      People.records(names.map { ["firstName": $0, "lastName": "O'Brien", "dateOfBirth": "1975-04-05"] })
    }
    #expect(try load(database, people(["Zoë", "Jurgen", "Soren", "Łukasz"])).status == 0)
    let again = try load(database, people(["ZOE", "Jürgen", "Søren", "lukasz "]))
    #expect(again.out.contains(#""skipped":4,"#), "\(again.out)\(again.err)")
    #expect(try load(database, people(["Zola", "Jürg"])).out.contains(#""equation":{"inserted":2,"#))
  }

  /// Keys of nothing but names, with or without what they are unique within.
  @Test(arguments: [#"["name"]"#, #"["name", "place"]"#, #"{"fields": ["name"], "scope": ["owner"]}"#], [1, 20])
  func namesAloneAreFoundInAnotherSpelling(key: String, batch: Int) throws {
    let database = try Database()
    _ = try database.rows(
      "CREATE TABLE houses (id bigserial PRIMARY KEY, job uuid, name text, place text, owner text DEFAULT 'x')")
    try database.scratch.write(
      "houses.json",
      """
      {"type": "object", "properties": {"name": {"type": "string", "x-ils": {"column": "name", "fold": "name"}},
        "place": {"type": "string", "x-ils": {"column": "place", "fold": "name"}},
        "owner": {"type": "string", "x-ils": {"column": "owner"}}},
       "x-ils": {"table": "houses", "id": "id", "job": "job", "identity": [\(key)]}}
      """)
    func load(_ names: [String]) throws -> Outcome {
      try database.scratch.write(
        "records", names.map { #"{"name":"\#($0)","place":"York","owner":"x"}"# + "\n" }.joined())
      return try database.run("ils-load --schema houses.json --skip-duplicates --batch-size \(batch) records")
    }
    let names = ["St. Mary's", "Zoë", "Muller", "\u{C11C}\u{C5F0}", "Ивано́ва", "Ann Lee"]
    let others = ["St Marys", "ZOE", "Müller", "\u{1109}\u{1165}\u{110B}\u{1167}\u{11AB}", "ИВАНОВА", "ann-lee"]
    let within = try load(names + others)
    #expect(within.out.contains(#""inserted":6,"updated":0,"skipped":6,"#), "\(within.out)\(within.err)")
    let again = try load(others + names + ["St. Marta"])
    #expect(again.out.contains(#""inserted":1,"updated":0,"skipped":12,"#), "\(again.out)\(again.err)")
    // Two rows of one name are a conflict, however each is spelt.
    _ = try database.rows(
      "INSERT INTO houses (name, place, owner) VALUES ('Stmarys', 'york', 'x'), ('Żoe', 'York', 'x')")
    let refused = try load(["St. Mary's", "Zoë", "Muller"])
    #expect(refused.out.contains(#""inserted":0,"updated":0,"skipped":1,"failed":2"#), "\(refused.out)\(refused.err)")
  }

  /// However many keys stand before it.
  @Test(arguments: [1, 29, 30, 31, 40]) func aNameBehindManyKeysIsFoundInAnotherSpelling(count: Int) throws {
    let database = try Database()
    let keys = (0..<count).map { "k\($0)" }
    _ = try database.rows(
      "CREATE TABLE houses (id bigserial PRIMARY KEY, job uuid, name text, place text, \(keys.map { "\($0) text" }.joined(separator: ", ")))"
    )
    let fields = keys.map { #""\#($0)": {"x-ils": {"column": "\#($0)"}}, "# }.joined()
    try database.scratch.write(
      "houses.json",
      """
      {"type": "object", "properties": {\(fields)"name": {"x-ils": {"column": "name", "fold": "name"}},
        "place": {"x-ils": {"column": "place"}}},
       "x-ils": {"table": "houses", "id": "id", "job": "job",
        "identity": [\(keys.map { #"["\#($0)"], "# }.joined())["name", "place"]]}}
      """)
    for (name, outcome) in [("Zo\u{EB}", #""inserted":1,"#), ("Zoe", #""skipped":1,"#)] {
      try database.scratch.write("records", #"{"name":"\#(name)","place":"York"}"# + "\n")
      let loaded = try database.run("ils-load --schema houses.json --skip-duplicates records")
      #expect(loaded.out.contains(outcome), "\(loaded.out)\(loaded.err)")
    }
    // Both in one run: the filter knows the table by then.
    _ = try database.rows(
      "TRUNCATE houses; INSERT INTO houses (name, place) SELECT 'B ' || n, 'York' FROM generate_series(1, 50) n")
    try database.scratch.write(
      "records",
      (1...200).map { #"{"name":"A \#($0)","place":"York"}"# + "\n" }.joined()
        + (1...50).map { #"{"name":"B-\#($0)","place":"York"}"# + "\n" }.joined())
    let both = try database.run("ils-load --schema houses.json --skip-duplicates --batch-size 20 records")
    #expect(both.out.contains(#""inserted":200,"updated":0,"skipped":50,"#), "\(both.out)\(both.err)")
  }
}
