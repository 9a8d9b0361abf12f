import Foundation
import Testing

/// What a clean-up leaves: an undo that needs what was removed is refused whole, and nobody is told more than is known.
@Suite struct RetentionTests {
  private let database: Database
  /// Patients M1 to M3; an order of M1; an order of M2; an update of M3's city; the last two newer than the clean-up reaches.
  private let patients: String
  private let old: String
  private let new: String
  private let update: String

  /// - Note: the order of M1 and the update of M3 are too old by the time of the clean-up.
  init() throws {
    database = try Database()
    (patients, _) = try database.load("patients", "--source s", (1...3).map { Self.person($0, city: "Rome") })
    (old, _) = try database.load("orders", "--source s", [order(1, "O1", of: "M1")])
    (new, _) = try database.load("orders", "--source s", [order(1, "O2", of: "M2")])
    (update, _) = try database.load("patients", "--source s --update-existing", [Self.person(3, city: "Oslo")])
    _ = try database.rows(
      "UPDATE ils.jobs SET ended_at = ended_at - interval '40 days' WHERE id IN ('\(old)', '\(update)')")
    #expect(try database.run("ils-jobs cleanup").out.contains(#""jobs":2,"errors":0,"beforeImages":1,"batches":2"#))
  }

  private static func person(_ number: Int, city: String) -> String {
    patient(number, mrn: "M\(number)", first: "F\(number)", last: "L\(number)", born: "198\(number)-01-02", city: city)
  }

  private func rows() throws -> [String] {
    try database.rows(
      "SELECT mrn || ' ' || city FROM patients UNION ALL SELECT order_number FROM orders ORDER BY 1")
  }

  @Test(arguments: [
    "--cascade PATIENTS", "--cascade --force PATIENTS", "--to-source s", "NEW OLD", "--dry-run NEW UPDATE",
  ])
  func anUndoOfWhatIsKeptInPartIsRefusedWhole(_ arguments: String) throws {
    let said = arguments.replacing("PATIENTS", with: patients).replacing("NEW", with: new).replacing("OLD", with: old)
      .replacing("UPDATE", with: update)
    let before = try rows()
    let outcome = try database.run("ils-rollback \(said)")
    #expect(outcome.status == 65 && outcome.out == "", "\(outcome.out)")
    #expect(outcome.err.contains("[job.expired]") && outcome.err.contains("nothing is undone"), "\(outcome.err)")
    #expect(try rows() == before)
    #expect(try database.rows("SELECT count(*) FROM ils.jobs WHERE kind = 'rollback'") == ["0"])
  }

  /// What the refusal names can be undone, and keeps the rows that a job without its images wrote or points at.
  @Test func theRestIsUndoneByItself() throws {
    let refused = try database.run("ils-rollback --cascade \(patients)")
    let rest = try #require(refused.err.firstMatch(of: /the rest alone: (ils-rollback [-0-9a-f ]+) \[/)).1
    #expect(rest == "ils-rollback \(new) \(patients)")
    let outcome = try database.run(
      "\(rest) > out; echo $? > status; jq -c '[.reason, .deleted, .kept, .equation.inserted]' out")
    #expect(database.scratch.read("status") == "1\n")
    #expect(
      Set(outcome.out.split(separator: "\n")) == [
        #"[null,1,0,{"rows":1,"deleted":1,"kept":0,"gone":0}]"#, #"["referenced",null,null,null]"#,
        #"["edited",null,null,null]"#, #"[null,1,2,{"rows":3,"deleted":1,"kept":2,"gone":0}]"#,
      ], "\(outcome.out)")
    #expect(try rows() == ["M1 Rome", "M3 Oslo", "O1"])
    #expect(try database.run("ils-jobs audit --verify").status == 0)
    #expect(try database.rows("SELECT status FROM ils.jobs WHERE id = '\(patients)'") == ["rolled back"])
  }

  /// An edit is a doubt where it is known to be one, and a fault where it is not.
  @Test func whatDiffersHasNoExcuse() throws {
    _ = try database.rows("UPDATE patients SET city = 'Kiel' WHERE mrn = 'M1'")
    try database.scratch.write("records", (1...3).map { Self.person($0, city: "Rome") + "\n" }.joined())
    let outcome = try database.run("ils-verify patients records")
    #expect(outcome.status == 1)
    #expect(
      outcome.out.contains("fault          2  city: values that differ (source 3, database 3): 1 3"), "\(outcome.out)")
    #expect(!outcome.out.contains("rows that no job wrote last"))
  }

  @Test func whoWroteARowIsNotTold() throws {
    _ = try database.rows("ALTER TABLE patients ADD COLUMN ward text DEFAULT 'A'; UPDATE patients SET ward = 'B'")
    func verdict(_ question: String) throws -> String {
      try database.run("ils-why \(question) 2> log | jq -r '.verdict + \": \" + .says'").out
    }
    #expect(try verdict("patients mrn=M3 ward").hasPrefix("unexplained: "))
    #expect(try verdict("patients mrn=M3 ward").contains("cannot be told"))
  }
}
