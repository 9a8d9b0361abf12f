import Foundation
import Testing

/// One planted value on every path that fails: it may be in records and rejects, and in nothing that is told.
@Suite struct MarkerTests {
  private let marker = "Xq7planted"

  /// Every one of these fails, or warns, about a value with the marker in it.
  static let failing = [
    // Cells, rows and files that are not as they should be.
    "printf 'a,b\\n%s\\n' Xq7planted | ils-parse --rejects r",
    "printf 'a,b\\n1,%s,3\\n' Xq7planted | ils-parse --rejects r --fail-fast",
    "printf 'a,b\\n1,\"%s\\n2,3\\n' Xq7planted | ils-parse --rejects r",
    "printf 'a,b\\n1,%s\\xff\\n' Xq7planted | ils-parse --encoding utf-8 --rejects r",
    "printf 'a,b\\n1,%s\\0\\n' Xq7planted | ils-parse --rejects r",
    "printf '[{\"a\":\"%s\"},]' Xq7planted | ils-parse --rejects r",
    "printf '{\"a\":\"%s\\n' Xq7planted | ils-parse --format ndjson --rejects r",
    // Records.
    "printf '{\"a\":\"%s\"\\n{}\\n' Xq7planted | ils-map -m m.json --rejects r",
    "printf '{\"a\":\"%s' Xq7planted | ils-map -m m.json --rejects r",
    "printf '{\"v\":\"%s\"}\\n' Xq7planted | ils-map -m date.json --rejects r",
    "printf '{\"v\":\"%s\"}\\n' Xq7planted | ils-map -m number.json --rejects r",
    "printf '{\"v\":\"%s\"}\\n' Xq7planted | ils-map -m table.json --rejects r",
    "printf '{\"v\":\"%s\"}\\n' Xq7planted | ils-map -m throw.json --rejects r",
    "printf '{\"v\":\"%s\"}\\n' Xq7planted | ils-map -m hang.json --rejects r",
    "printf '{\"v\":\"%s\"}\\n' Xq7planted | ils-map -m function.json --rejects r",
    "printf '{\"v\":[\"%s\"]}\\n' Xq7planted | ils-map -m date.json --rejects r",
    "printf '{\"firstName\":\"%s\",\"lastName\":\"%s\",\"dateOfBirth\":\"%s\",\"email\":\"%s\"}\\n' "
      + "Xq7planted Xq7planted Xq7planted Xq7planted | ils-validate patients --rejects r",
    "printf '{\"firstName\":\"A\",\"lastName\":\"B\",\"dateOfBirth\":\"1980-01-02\",\"mrn\":\"%s\"}\\n%.0s' "
      + "Xq7planted 1 Xq7planted 2 | ils-validate patients --rejects r",
    "printf '{\"firstName\":7,\"notes\":{\"a\":\"%s\"}}\\n' Xq7planted | ils-validate patients --rejects r --fail-fast",
    "printf '{\"orderNumber\":\"1\",\"testType\":\"x\",\"orderDate\":\"%s\",\"patientIdentifier\":\"%s\"}\\n' "
      + "Xq7planted Xq7planted | ils-validate orders --rejects r --max-errors 0",
  ]

  private func scratch() throws -> Scratch {
    let scratch = try Scratch()
    let transforms = [
      "m": "\"trim\"", "date": "\"date_format\"", "number": "\"to_int\"", "table": "\"trim\",\"values\":{\"a\":\"b\"}",
    ]
    for (name, transform) in transforms {
      try scratch.write(
        name + ".json", "{\"mappings\":[{\"sourceField\":\"v\",\"targetField\":\"w\",\"transform\":\(transform)}]}")
    }
    let scripts = [
      "throw": "throw new Error(value)", "hang": "for (;;) value += 'x'; return value",
      "function": "return () => value",
    ]
    for (name, script) in scripts {
      try scratch.write(
        name + ".json",
        "{\"mappings\":[{\"sourceField\":\"v\",\"targetField\":\"w\",\"transform\":\"custom\",\"customTransform\":\"\(script)\"}]}"
      )
    }
    return scratch
  }

  @Test(arguments: failing.indices, [[], ["--log-format json"]]) func noDiagnosticHoldsAValue(
    index: Int, more: [String]
  )
    throws
  {
    let command = Self.failing[index]
    let outcome = try scratch().run(([command] + more).joined(separator: " ") + " > /dev/null")
    #expect(!outcome.err.contains(marker), "\(command): \(outcome.err)")
    #expect(!outcome.err.isEmpty, "\(command) tells nothing: it tests nothing")
  }

  @Test func theDatabaseSErrorsAndTablesHoldNoValue() throws {
    let database = try Database()
    let record = #"{"firstName":"A","lastName":"B","dateOfBirth":"\#(marker)","mrn":"\#(marker)","state":"\#(marker)"}"#
    let (_, outcome) = try database.load("patients", "--rejects r", [record])
    #expect(outcome.status == 1 || outcome.status >= 64)
    let twice = #"{"firstName":"A","lastName":"B","dateOfBirth":"1980-01-02","mrn":"\#(marker)"}"#
    let (_, second) = try database.load("patients", "--rejects r2", [twice, twice])
    #expect(!(outcome.err + second.err).contains(marker), "\(outcome.err)\(second.err)")
    let told = try database.rows(
      "SELECT row_to_json(e)::text FROM ils.job_errors e UNION ALL SELECT row_to_json(a)::text FROM ils.audit a "
        + "UNION ALL SELECT row_to_json(j)::text FROM ils.jobs j")
    #expect(!told.isEmpty && !told.contains { $0.contains(marker) })
    let listed = try database.run("ils-jobs list; ils-jobs audit; ils-report r r2 -o report.html")
    #expect(!(listed.out + listed.err).contains(marker))
  }

  /// All that a migration leaves and says, from plan to mended records: the value is in the records that were refused, in those that
  /// people mend, and nowhere else.
  @Test func nothingButRecordsOfAMigrationHoldsAValue() throws {
    let marker = "Xq8planted"  // not the others': their commands are in the list of processes too
    let database = try Database()
    try database.scratch.write(
      "p.csv",
      """
      First,Last,Born,MRN,City
      A,B,1980-01-02,1,\(marker)
      \(marker),\(marker),soon \(marker),2,x
      C,D,1980-01-03,\(marker),x,more \(marker)
      E,F,1980-01-04,3,Y
      G,H,1980-01-05,3,\(marker)
      """)
    let fields = ["First": "firstName", "Last": "lastName", "Born": "dateOfBirth", "MRN": "mrn", "City": "city"]
    let mappings = fields.map { #"{"sourceField":"\#($0.key)","targetField":"\#($0.value)"}"# }.joined(separator: ",")
    try database.scratch.write("map.json", "{\"mappings\":[\(mappings)]}")
    let outcome = try database.run(
      """
      touch begun
      while [ -e begun ]; do pgrep -af '^[^ ]*ils-'; sleep 0.05; done > arguments &
      { ils-migrate plan patients p.csv --mappings map.json --continue-on-error -o plan.json --keep planned
        ils-migrate apply plan.json --keep done; ils-migrate rejects done -o t.xlsx
        ils-migrate rejects done --stage validate -o t.csv; sed 's/soon/later/' t.csv > t2.csv
        ils-migrate mended done t2.csv --keep again; ils-report plan.json -o plan.html; ils-report done again -o done.html
        ils-parse p.csv 2> parse.log | ils-map -m map.json > records; ils-verify patients records --html v.html
        ils-verify patients records --json; ils-jobs list; ils-jobs audit; ils-why patients mrn=1 city > answer
        ils-why patients mrn=none; ils-verify patients plan.json; } > said 2>&1
      rm begun; wait
      grep -l \(marker) -r . | sort; echo --
      find planned done again t.xlsx t.csv plan.json plan.html done.html v.html -type f -perm /077
      echo --
      """)
    let parts = outcome.out.components(separatedBy: "--\n")
    let holders = Set(parts[0].split(separator: "\n").map { String($0.split(separator: "/").last ?? "") })
    let records: Set = [
      "p.csv", "records", "answer", "t.csv", "t2.csv", "table.ndjson", "mended.fields.ndjson", "parse.rejects.ndjson",
      "validate.rejects.ndjson", "load.rejects.ndjson", ".sql", ".out",
    ]
    #expect(holders.isSubset(of: records), "\(holders.subtracting(records))")
    #expect(holders.contains("validate.rejects.ndjson") && holders.contains("table.ndjson"), "\(outcome.err)")
    #expect(parts.count > 2 && parts[1] == "", "others may read \(parts)")
    #expect(database.scratch.read("arguments")?.contains("ils-load") == true, "no process was looked at")
    let told = try database.rows(
      "SELECT row_to_json(a)::text FROM ils.audit a UNION ALL SELECT row_to_json(j)::text FROM ils.jobs j")
    #expect(told.count > 2 && !told.contains { $0.contains(marker) })
  }

  @Test func aConnectionThatCannotBeReadIsNotRepeated() throws {
    let scratch = try Scratch()
    for url in [
      "postgres://user:\(marker)@[::1/x", "postgresql://u:\(marker)@h:port/d", "password=\(marker) nonsense",
      "postgres://u:a@\(marker)@127.0.0.1:1/d", "postgres://u:\(marker)/x@127.0.0.1:1/d",
    ] {
      let tools = [
        "ils-jobs list", "ils-load patients /dev/null", "ils-rollback 01890a5d-ac96-774b-bcce-b302099a8057",
        "ils-verify",
      ]
      for tool in tools {
        let outcome = try scratch.run("\(tool) --database '\(url)'")
        #expect(outcome.status >= 64)
        #expect(!(outcome.err + outcome.out).contains(marker), "\(tool) \(url): \(outcome.err)")
      }
    }
  }
}
