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
    for moment in [0.1, 0.25, 0.5] {
      let database = try Database()
      try write(database, parts: 3, rows: 1500)
      let load = "ils-load patients --skip-duplicates --batch-size 40 --lock-timeout 60 --outcomes none --job \(job)"
      let start = (0..<3).map { "\(load) --part \($0) part\($0) > /dev/null 2> told\($0) & p\($0)=$!" }.joined(
        separator: "\n")
      let outcome = try database.run(
        """
        \(start)
        sleep \(moment); kill -9 $p1; sleep 0.05; kill -9 $p0 $p2; wait $p0 $p1 $p2
        \(start)
        wait $p0 && wait $p1 && wait $p2 && ils-jobs close \(job)
        """)
      #expect(outcome.status == 0, "\(outcome.err) \(database.scratch.read("told0") ?? "")")
      #expect(try database.rows(keys) == expected, "killed after \(moment) s")
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
      for _ in {1..200}; do [ "$(psql -XAtqc "SELECT count(*) FROM patients" "$DATABASE_URL")" = 20 ] && break; sleep 0.1; done
      ils-jobs close --force \(job); echo "closed: $?"
      exec 7>&-; wait $loader
      """)
    #expect(outcome.out.hasSuffix("closed: 75\n"), "\(outcome.out)\(outcome.err)")
    #expect(outcome.err.contains("[job.locked]"))
    #expect(try database.rows("SELECT status FROM ils.jobs") == ["processing"])
  }
}
