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
