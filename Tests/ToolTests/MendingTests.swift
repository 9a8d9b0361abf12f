import Foundation
import Testing

/// Refused records on their way through a spreadsheet: ils-migrate rejects, and ils-migrate mended.
@Suite struct MendingTests {
  let database: Database
  let scratch: Scratch

  init() throws {
    database = try Database()
    scratch = database.scratch
  }

  private func run(_ command: String) throws -> Outcome { try database.run(command) }

  /// Changes cells of a table: Python, over lines of "old -> new", each of which must be found.
  private func edit(_ table: String, _ changes: (old: String, new: String)...) throws {
    try scratch.write(
      "edit.py",
      """
      import sys, zipfile
      path, changes = sys.argv[1], list(zip(sys.argv[2::2], sys.argv[3::2]))
      def edited(data):
          text = data.decode('utf-8')
          for old, new in changes:
              if old in text: text, found[old] = text.replace(old, new, 1), True
          return text.encode('utf-8')
      found = {}
      if path.endswith('.xlsx'):
          old = zipfile.ZipFile(path)
          parts = [(name, old.read(name)) for name in old.namelist()]
          with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as new:
              for name, data in parts: new.writestr(name, edited(data) if 'sheet' in name else data)
      else:
          data = open(path, 'rb').read()
          open(path, 'wb').write(edited(data))
      assert len(found) == len(changes), changes
      """)
    let words = changes.flatMap { [$0.old, $0.new] }.map { "'\($0.replacing("'", with: "'\\''"))'" }
    let result = try scratch.run("python3 edit.py \(table) \(words.joined(separator: " "))")
    try #require(result.status == 0, "\(result.err)")
  }

  // MARK: - There and back

  /// Values that spreadsheets, CSV and XML have trouble with.
  private static func records(count: Int) throws -> String {
    let pieces = [
      "00123", "1980-01-02", "=1+1", "'=x", "''", "+41 79", "-1.25", "@a", "a\"b", "a,b", "a\nb", "a\r\nb", "a\rb",
      " a ", "\t",
      "_x0041_", "_x005F_", "\u{1}", "&lt;", "<b>", "José", "李明", "👩‍⚕️", "\u{FFFF}", "e\u{301}", "1E5", "TRUE", "null",
      "\u{FEFF}", "x", "#N/A", String(repeating: "y", count: 40_000), ";", "1/2", "",
    ]
    var state: UInt64 = 11
    func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    return try (0..<count).map { _ in
      // No patient is born on that day: each of them is refused.
      var record: [String: Any] = ["dateOfBirth": "1980-02-30"]
      for name in ["firstName", "lastName", "mrn", "notes", "city", "zipCode"] where below(4) > 0 {
        record[name] = pieces[below(pieces.count - 4)] + pieces[below(pieces.count)]
      }
      if below(3) == 0 { record["notes"] = [1, NSNull(), 2.5, ["a": "b"], [1, "x"], true][below(6)] }
      return String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self) + "\n"
    }.joined()
  }

  @Test(arguments: ["xlsx", "csv"]) func nothingChangesThatNobodyChanged(kind: String) throws {
    try scratch.write("in.ndjson", try Self.records(count: 3000))
    let result = try run(
      """
      ils-migrate patients in.ndjson --continue-on-error --keep run > /dev/null 2>&1
      ils-migrate rejects run -o table.\(kind) && ils-migrate mended run table.\(kind) --keep again
      jq -c .record run/validate.rejects.ndjson > before; wc -l < before
      jq -c . again/mended.fields.ndjson > after; cmp before after && echo same
      """)
    #expect(result.out.contains("3000 refused records are in table.\(kind); "))
    #expect(
      result.out.contains("3000 mended records = 0 inserted + 3000 refused before\n"), "\(result.out)\(result.err)")
    #expect(result.out.hasSuffix("3000\nsame\n"), "\(result.out)\(result.err)")
    #expect(result.err.contains("0 records were changed [mend.changed]"))
  }

  // MARK: - Mended

  private static let clinic = """
    Last,First,Born,Chart
    Lee,Ann,1980-01-02,001
    ,Bob,1990-03-04,002
    Poe,Cy,1990-02-30,003
    Roe,Di,1991-01-01,004,surplus

    """

  /// Loads the clinic: one row for each stage that refuses, and one that is loaded.
  private func load(_ options: String = "--continue-on-error") throws {
    try scratch.write("in.csv", Self.clinic)
    try scratch.write(
      "map.json",
      """
      {"mappings": [{"sourceField": "Last", "targetField": "lastName", "required": true}, {"sourceField": "First", "targetField": "firstName"},
       {"sourceField": "Born", "targetField": "dateOfBirth"}, {"sourceField": "Chart", "targetField": "mrn"}]}
      """)
    _ = try run("ils-migrate patients in.csv --mappings map.json --source old \(options) --keep run")
  }

  @Test func whatIsMendedIsLoadedFromTheStageThatRefusedIt() throws {
    try load()
    #expect(try run("ils-migrate rejects run -o t.xlsx").out.hasPrefix("3 refused records are in t.xlsx; "))
    try edit("t.xlsx", (">Bob<", ">Bobby<"), ("1990-02-30<", "1990-02-28<"))
    // A cell that was empty is written anew.
    let bobby = "<c r=\"H2\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">Bobby"
    try edit("t.xlsx", (bobby, "<c r=\"G2\" s=\"1\" t=\"inlineStr\"><is><t>Kim</t></is></c>" + bobby))
    let result = try run("ils-migrate mended run t.xlsx --keep again")
    #expect(result.status == 0, "\(result.out)\(result.err)")
    #expect(result.out.contains("2 mended records = 2 inserted\n"))
    #expect(result.err.contains("2 records were changed: 1 in Last, 1 in First, 1 in dateOfBirth"), "\(result.err)")
    #expect(
      try database.rows("SELECT last_name, first_name, date_of_birth, mrn, import_source FROM patients ORDER BY mrn")
        == ["Lee|Ann|1980-01-02|001|old", "Kim|Bobby|1990-03-04|002|old", "Poe|Cy|1990-02-28|003|old"])
    // A job of its own, undone by itself.
    _ = try run("ils-rollback < again/job.json")
    #expect(try database.rows("SELECT mrn FROM patients") == ["001"])
  }

  @Test func whatSomebodyDecidesIsKeptAndRowsKeepTheirNumbers() throws {
    try load()
    // The same name and birth date under another chart number: nobody knows whether that is Ann.
    try scratch.write("in.csv", "Last,First,Born,Chart\nRay,Flo,1950-01-01,9\nLee,Ann,1980-01-02,777\n")
    _ = try run("ils-migrate patients in.csv --mappings map.json --source old --continue-on-error --keep more")
    #expect(try run("jq -r '.errors[0].code' more/load.rejects.ndjson").out == "identity.doubtful\n")
    _ = try run("ils-migrate rejects more -o t.csv")
    let lines = try #require(scratch.read("t.csv")).split(whereSeparator: \.isNewline)
    #expect(lines.count == 2)
    try edit("t.csv", (",,777,", ",new,777,"))
    let result = try run("ils-migrate mended more t.csv --keep again; jq -c . again/mended.fields.ndjson")
    #expect(result.out.contains("\"_row\":3,"), "\(result.out)\(result.err)")
    #expect(result.out.contains("\"_is\":\"new\""))
    #expect(try database.rows("SELECT mrn FROM patients WHERE last_name = 'Lee' ORDER BY mrn") == ["001", "777"])
  }

  @Test func whatIsTakenOutOfTheTableStaysRefusedAndIsTold() throws {
    try load()
    _ = try run("ils-migrate rejects run --stage validate --output t.csv")
    try edit("t.csv", ("1990-02-30", "1990-02-28"))
    let result = try run("ils-migrate mended run t.csv --keep again")
    #expect(result.status == 0)
    #expect(result.err.contains("warning: 2 refused records are not in the table: they stay refused [mend.left_out]"))
    #expect(try database.rows("SELECT mrn FROM patients ORDER BY mrn") == ["001", "003"])
  }

  // MARK: - Refused

  @Test(arguments: [
    // What spreadsheets do to a CSV.
    ("csv", ",003,", ",3,", "mend.damaged"), ("csv", "1990-02-30", "30.02.1990", "mend.damaged"),
    ("csv", "1990-02-30", "2/30/90", "mend.damaged"),
    ("csv", "validate 1 ", "validate 2 ", "mend.table"), ("csv", "validate 1 ", "map 1 ", "mend.table"),
    ("csv", "validate 1 ", "validate 1 0", "mend.table"), ("csv", "ils reject", "reject", "mend.table"),
    ("csv", "zipCode", "zip", ""),
    ("csv", "mrn", "chart", "mend.table"),
    // A row that never became one.
    ("xlsx", "surplus<", "surplus, indeed<", "mend.raw"),
  ])
  func whatIsNotTheTableIsRefused(kind: String, old: String, new: String, code: String) throws {
    try load()
    _ = try run("ils-migrate rejects run \(kind == "csv" ? "--stage validate" : "") -o t.\(kind)")
    try edit("t.\(kind)", (old, new))
    let result = try run("ils-migrate mended run t.\(kind) --keep again")
    if code.isEmpty {
      #expect(result.status <= 1, "\(result.err)")
    } else {
      #expect(result.status == 65)
      #expect(result.err.contains("[\(code)]"), "\(result.err)")
      #expect(try database.rows("SELECT mrn FROM patients") == ["001"])
    }
  }

  @Test func aRecordThatStandsTwiceIsRefused() throws {
    try load()
    let result = try run(
      "ils-migrate rejects run --stage validate -o t.csv; tail -n 1 t.csv >> t.csv; ils-migrate mended run t.csv --keep again"
    )
    #expect(result.status == 65)
    #expect(result.err.contains("t.csv:3: "), "\(result.err)")
    #expect(result.err.contains("the same refused record stands in row 2: keep one of the two [mend.table]"))
  }

  @Test func aTableOfAnotherRunIsRefused() throws {
    try load()
    _ = try run("ils-migrate rejects run --stage validate -o t.csv")
    try scratch.write("in.csv", Self.clinic.replacing("Poe", with: "Pole"))
    _ = try run("ils-migrate patients in.csv --mappings map.json --source new --continue-on-error --keep other")
    let result = try run("ils-migrate mended other t.csv --keep again")
    #expect(result.status == 65)
    #expect(result.err.contains("names no refused record of this folder"), "\(result.err)")
  }

  @Test func aTableThatIsThereIsNotOverwritten() throws {
    try load()
    let result = try run("echo mended > t.xlsx; ils-migrate rejects run -o t.xlsx; cat t.xlsx")
    #expect(result.out == "mended\n")
    #expect(result.err.contains("may hold what somebody mended"))
  }

  @Test func aRunOfAllOrNothingHasNothingToAddTo() throws {
    try load("")
    let result = try run("ils-migrate rejects run --stage validate -o t.csv; ils-migrate mended run t.csv --keep again")
    #expect(result.status == 64)
    #expect(result.err.contains("--continue-on-error"), "\(result.err)")
  }

  @Test(arguments: [
    ("rejects run", "name the folder and the table"), ("rejects run -o t.ods", "a table is an .xlsx or a .csv"),
    ("rejects run -o t.csv", "name one by --stage"), ("rejects run --all -o t.csv", "there is no option --all here"),
    ("mended run", "name the folder and the table"), ("mended run t.csv --keep", "--keep needs a value"),
  ])
  func whatIsAskedWronglyIsTold(arguments: String, told: String) throws {
    try load()
    let result = try run("ils-migrate \(arguments)")
    #expect(result.status == 64)
    #expect(result.err.contains(told), "\(result.err)")
    #expect(scratch.read("t.csv") == nil)
  }
}
