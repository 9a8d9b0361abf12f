import Foundation
import Testing

/// Loaders that load parts of one job at once.
@Suite struct SharedJobTests {
  private let job = "01a20000-0000-7000-8000-0000000000aa"

  /// Parts that share keys of every kind: MRNs, e-mail addresses, names with dates of birth, however they are written.
  private func write(_ database: Database, parts: Int, rows: Int) throws {
    for part in 0..<parts {
      let records = (0..<rows).map { row -> String in
        // Other parts bring them too: at the same time, or in another order.
        let common = row % 3 == 0 ? row : (row * 7 + part * 13) % rows / 10
        switch row % 8 {
        case 0: return patient(row + 1, mrn: "C\(common)", first: "Common\(common)")
        case 2:
          return patient(
            row + 1, first: "E\(common)", email: part == 1 ? "c\\u002E\(common)@x.co" : "C.\(common)@x.co")
        case 4: return patient(row + 1, first: "Twin\(common)", born: part == 2 ? "1990-02-02T00:00:00" : "1990-02-02")
        case 6:
          return
            #"{"_row":\#(row + 1),"mrn":\#(common),"firstName":"N\#(part)x\#(row)","lastName":"L","dateOfBirth":"1970-01-01"}"#
        default: return patient(row + 1, mrn: "P\(part)x\(row)", first: "F\(part)x\(row)")
        }
      }
      try database.scratch.write("part\(part)", records.map { $0 + "\n" }.joined())
    }
  }

  private let keys = """
    SELECT (SELECT count(*) FROM patients),
      (SELECT count(*) FROM (SELECT mrn FROM patients WHERE mrn IS NOT NULL GROUP BY 1 HAVING count(*) > 1) d),
      (SELECT count(*) FROM (SELECT lower(email) FROM patients WHERE email IS NOT NULL GROUP BY 1 HAVING count(*) > 1) d),
      (SELECT count(*) FROM (
        SELECT lower(first_name), date_of_birth FROM patients GROUP BY 1, 2 HAVING count(*) > 1) d)
    """

  /// What one loader makes of all parts, one behind the other.
  private func expected(parts: Int, rows: Int) throws -> [String] {
    let database = try Database()
    try write(database, parts: parts, rows: rows)
    _ = try database.run("cat part* | ils-load patients --skip-duplicates --batch-size 50 --outcomes none")
    return try database.rows(keys)
  }

  @Test(arguments: [1, 2, 4]) func loadersOfOneJobBringEachRowOnce(loaders: Int) throws {
    let rows = 4000 / loaders
    let expected = try expected(parts: loaders, rows: rows)
    #expect(expected[0].hasSuffix("|0|0|0"))
    for size in [37, 300] {
      let database = try Database()
      try write(database, parts: loaders, rows: rows)
      let load = "ils-load patients --skip-duplicates --batch-size \(size) --outcomes none --job \(job)"
      let script = (0..<loaders).map { "\(load) --part \($0) part\($0) > out\($0) 2> told\($0) & p\($0)=$!" }
      let waits = (0..<loaders).map { "wait $p\($0) || { echo broke; cat told\($0); }" }
      let outcome = try database.run((script + waits + ["ils-jobs close \(job)"]).joined(separator: "\n"))
      #expect(outcome.status == 0 && !outcome.out.contains("broke"), "\(outcome.out)")
      #expect(try database.rows(keys) == expected, "\(loaders) loaders, batches of \(size)")
      #expect(
        try database.rows("SELECT processed, inserted + skipped, failed FROM ils.jobs") == ["4000|4000|0"])
    }
  }

  @Test func killedLoadersOfOneJobGoOn() throws {
    let expected = try expected(parts: 3, rows: 1500)
    // Loaders of a job take turns: one stands at the batch of this number, and the others wait or have come as far.
    for batch in [1, 5, 20] {
      let database = try Database()
      try write(database, parts: 3, rows: 1500)
      let load = "ils-load patients --skip-duplicates --batch-size 40 --lock-timeout 600 --outcomes none --job \(job)"
      try database.addGate("TRIGGER gate BEFORE INSERT ON ils.batches", when: "NEW.number = \(batch)")
      let start = (0..<3).map { "\(load) --part \($0) part\($0) > /dev/null 2> told\($0) & p\($0)=$!" }.joined(
        separator: "\n")
      let outcome = try database.run(
        """
        hold "\(Database.bar)"
        \(start)
        await wait_for_it 1; kill -9 $p1; kill -9 $p0 $p2; wait $p0; echo $?; wait $p1; echo $?; wait $p2; echo $?
        let_go
        \(start)
        wait $p0 && wait $p1 && wait $p2 && ils-jobs close \(job)
        """)
      #expect(outcome.out.hasPrefix("137\n137\n137\n"), "\(outcome.out)")
      #expect(outcome.status == 0, "\(outcome.err) \(database.scratch.read("told0") ?? "")")
      #expect(try database.rows(keys) == expected, "killed at batch \(batch)")
      #expect(try database.rows("SELECT processed, inserted + skipped FROM ils.jobs") == ["4500|4500"])
    }
  }

  /// The id of a job is the same id in capitals: so is its lock.
  @Test func jobInCapitalsIsNotClosedUnderItsLoader() throws {
    let database = try Database()
    try database.scratch.write("in", (1...20).map { patient($0, mrn: "K\($0)", first: "First\($0)") + "\n" }.joined())
    let outcome = try database.run(
      """
      mkfifo input; exec 7<> input
      ils-load patients --job \(job.uppercased()) --batch-size 5 input > out 2> told 7>&- & loader=$!
      cat in >&7
      await is 'count(*) = 20 FROM patients'
      ils-jobs close --force \(job); echo "closed: $?"
      exec 7>&-; wait $loader
      """)
    #expect(outcome.out.hasSuffix("closed: 75\n"), "\(outcome.out)\(outcome.err)")
    #expect(outcome.err.contains("[job.locked]"))
    #expect(try database.rows("SELECT status FROM ils.jobs") == ["processing"])
  }
}
