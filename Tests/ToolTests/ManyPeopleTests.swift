import Foundation
import Testing

/// People drawn at random, some of them several times, spelled otherwise, with fields that are missing or somebody else's.
@Suite struct ManyPeopleTests {
  private struct Dice {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }

    /// True once in `count` times.
    mutating func isOne(in count: Int) -> Bool { below(count) == 0 }

    mutating func one<T>(of list: [T]) -> T { list[below(list.count)] }
  }

  private typealias Person = [String: String]

  private static let names = ["Ann", "Zoë", "Mary-Ann", "O'Brien", "Lee", "Müller", "李明", "Иван", "Jean Luc", "Bob"]

  private static func person(_ number: Int, _ dice: inout Dice) -> Person {
    var person: Person = [
      "firstName": dice.one(of: names), "lastName": dice.one(of: names) + dice.one(of: ["a", "bb", "ccc"]),
      "dateOfBirth": "197\(dice.below(10))-0\(1 + dice.below(4))-0\(1 + dice.below(8))", "gender": "unknown",
    ]
    if !dice.isOne(in: 5) { person["mrn"] = "M\(number)" }
    if !dice.isOne(in: 4) {
      person["email"] = dice.isOne(in: 3) ? "family\(dice.below(250))@x.org" : "p\(number)@x.org"
    }
    if dice.isOne(in: 3) { person["externalId"] = "E\(number)" }
    return person
  }

  private static func spelledOtherwise(_ text: String, _ dice: inout Dice) -> String {
    switch dice.below(6) {
    case 0: text.uppercased()
    case 1: " " + text.lowercased()
    case 2: text.replacingOccurrences(of: "ü", with: "u").replacingOccurrences(of: "ë", with: "e")
    case 3: text.replacingOccurrences(of: "-", with: " ").replacingOccurrences(of: "'", with: "’")
    default: text
    }
  }

  /// Records of patients that the schema takes.
  private static func records(seed: UInt64, count: Int) throws -> String {
    var dice = Dice(state: seed)
    var people: [Person] = []
    var text = ""
    for row in 2..<count + 2 {
      if people.isEmpty || !dice.isOne(in: 4) { people.append(person(people.count, &dice)) }
      var record = dice.isOne(in: 4) ? dice.one(of: people) : people[people.count - 1]
      for field in ["firstName", "lastName"] { record[field] = spelledOtherwise(record[field] ?? "", &dice) }
      if dice.isOne(in: 16) { record["mrn"] = dice.isOne(in: 2) ? nil : "M\(dice.below(count))" }
      if dice.isOne(in: 20) { record["email"] = dice.isOne(in: 2) ? nil : "noemail@x.org" }
      if dice.isOne(in: 25) { record["lastName"] = dice.one(of: names) }
      if dice.isOne(in: 25) { record["dateOfBirth"] = "1975-01-01" }
      if dice.isOne(in: 30) { record["externalId"] = "E\(dice.below(count))" }
      if record["externalId"] != nil { record["importSource"] = dice.isOne(in: 3) ? "south" : "north" }
      let data = try JSONSerialization.data(withJSONObject: record.merging(["_row": "\(row)"]) { own, _ in own })
      text += String(decoding: data, as: UTF8.self).replacing("\"_row\":\"\(row)\"", with: "\"_row\":\(row)") + "\n"
    }
    return text
  }

  @Test(arguments: [(1, ""), (2, "--connections 1 --batch-size 40"), (3, "--connections 3 --batch-size 97")])
  func theLoaderTakesWhatTheValidatorTakes(seed: UInt64, options: String) throws {
    let database = try Database()
    try database.scratch.write("people", try Self.records(seed: seed, count: 2500))
    let outcome = try database.run(
      #"""
      ils-validate patients --rejects told people > fine
      ils-load patients --rejects refused \#(options) people > /dev/null
      jq -r '[._row] + ([.errors[].message | if test("one and the same") then "duplicate"
        elif test("nothing proves") then "identity.doubtful" else "identity.conflict" end] as $all
        | [("duplicate", "identity.conflict", "identity.doubtful") | select(IN($all[]))][:1]) | @tsv' told | sort > expected
      jq -r '[._row, .errors[0].code] | @tsv' refused | sort > found
      diff expected found && wc -l < fine && cut -f 2 found | sort | uniq -c | awk '{ print $2, ($1 > 9) }'
      """#)
    let fine = try database.rows("SELECT count(*) FROM patients")
    #expect(
      outcome.out.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        == fine + ["duplicate 1", "identity.conflict 1", "identity.doubtful 1"], "\(outcome.err)")
  }

  /// Orders for people drawn at random: by chart numbers, by ids of either source or of none, by e-mails that families share.
  private static func orders(seed: UInt64, count: Int, people: Int) throws -> String {
    var dice = Dice(state: seed)
    return try (0..<count).map { number in
      let person = dice.below(people)
      var order = ["orderNumber": "O\(number)", "orderDate": "2024-01-01", "testType": "x"]
      order["patientIdentifier"] = dice.one(of: [
        "M\(person)", "E\(person)", "e\(person)", "p\(person)@x.org", "FAMILY\(dice.below(250))@x.org",
        "noemail@x.org",
      ])
      if !dice.isOne(in: 3) { order["importSource"] = dice.isOne(in: 2) ? "south" : "north" }
      return String(decoding: try JSONSerialization.data(withJSONObject: order), as: UTF8.self) + "\n"
    }.joined()
  }

  @Test(arguments: [(4, "fine"), (5, "people")])
  func ordersFindWhomTheValidatorSaysTheyFind(seed: UInt64, loaded: String) throws {
    let database = try Database()
    try database.scratch.write("people", try Self.records(seed: seed, count: 2500))
    try database.scratch.write("orders", try Self.orders(seed: seed + 1, count: 3000, people: 1900))
    let outcome = try database.run(
      #"""
      ils-validate patients people > fine
      ils-load patients --source north --skip-duplicates \#(loaded) > /dev/null
      told() { jq -r '[.orderNumber, .errors[0].code] | @tsv' | sort; }
      ils-validate orders --source north --orders-against fine --rejects refused orders > /dev/null; told < refused > file
      ils-validate orders --source north --database "$DATABASE_URL" --rejects refused orders > /dev/null
      told < refused > rows
      ils-load orders --source north --rejects refused orders > /dev/null; told < refused > loader
      if [ \#(loaded) = fine ]; then diff file loader; fi
      diff rows loader; cut -f 2 loader | sort | uniq -c | awk '{ print $2, ($1 > 99) }'; wc -l < loader
      """#)
    let taken = try database.rows("SELECT 3000 - count(*) FROM orders")
    #expect(
      outcome.out.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        == ["patient.not_found 1", "reference.ambiguous 1"] + taken, "\(outcome.err)")
  }
}
