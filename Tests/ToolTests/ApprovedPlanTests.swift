import Foundation
import Testing

/// ils-migrate plan and apply: what was approved is done, and nothing else.
@Suite struct ApprovedPlanTests {
  let database: Database
  let scratch: Scratch

  init() throws {
    database = try Database()
    scratch = database.scratch
    try scratch.write(
      "in.csv", "given,lastName,dateOfBirth,mrn\nAnn,Lee,1980-01-02,M1\nBob,Kim,1990-03-04,M2\nCid,May,1990-02-30,M3\n")
    try scratch.write(
      "map.json",
      #"{"mappings":[{"sourceField":"given","targetField":"firstName","transform":"trim"},{"sourceField":"lastName","targetField":"lastName"},{"sourceField":"dateOfBirth","targetField":"dateOfBirth"},{"sourceField":"mrn","targetField":"mrn"}]}"#
    )
  }

  private func run(_ script: String) throws -> Outcome {
    try scratch.run("export DATABASE_URL='\(database.url)'\n\(script)")
  }

  private func plan() throws {
    let made = try run(
      "ils-migrate plan patients in.csv --mappings map.json --continue-on-error --source s -o plan.json --keep try")
    #expect(made.status == 1 && made.out.contains("ils-migrate apply plan.json"), "\(made.err)")
    #expect(try database.rows("select count(*) from patients") == ["0"], "a plan loads nothing")
  }

  @Test func aPlanHasAPageThatIsSigned() throws {
    try plan()
    let page = try run("ils-report plan.json").out
    for told in [
      "<h1>Plan to migrate patients</h1>", "One record is refused.", "3 rows = 2 inserted + 1 rejected.",
      "comma-separated, 4 columns", "dateOfBirth: is not a date", "<dt>mapping map.json</dt>", "Approved by",
    ] { #expect(page.contains(told), "\(told): \(page)") }
    let digest = try run("jq -r .sha256 plan.json; sha256sum < in.csv | cut -c 1-64").out.split(separator: "\n")
    for sum in digest { #expect(page.contains(sum)) }
    // One that somebody changed has none, and none stands among other things.
    let changed = try run("sed -i s/2/3/ plan.json; ils-report plan.json")
    #expect(changed.status == 65 && changed.out == "", "\(changed.err)")
    let beside = try run("ils-report plan.json try -o page.html")
    #expect(beside.status == 1 && beside.err.contains("[report.plan]"), "\(beside.err)")
  }

  @Test func whatWasApprovedIsDone() throws {
    try plan()
    let done = try run("ils-migrate apply plan.json --keep run")
    #expect(done.status == 1, "\(done.err)")
    #expect(done.out.contains("3 rows = 2 inserted + 1 rejected"))
    #expect(try database.rows("select mrn from patients order by 1") == ["M1", "M2"])
    // A second time, all of them would be refused.
    #expect(try run("ils-migrate apply plan.json --keep again").status == 65)
    #expect(try database.rows("select count(*) from ils.jobs where kind = 'load'") == ["1"])
  }

  /// Each changes one thing in the world, or one byte of a file.
  static let changes: [String] =
    [
      // The source, and what else is read.
      "printf '\\n' >> in.csv", "sed -i 's/Ann/Ana/' in.csv", "sed -i '$d' in.csv", "sed -i 's/1980/1981/' in.csv",
      "sed -i 's/trim/none/' map.json", "printf ' ' >> map.json", "rm in.csv", "rm map.json",
      "mkdir -p d/entities && cp \"$DATA\"/entities/*.json d/entities/ && sed -i 's/\"maxLength\": 100/\"maxLength\": 99/' d/entities/patients.json && export ILS_DATA=$PWD/d",
      // The plan itself.
      "sed -i 's/--continue-on-error/--update-existing/' plan.json", "sed -i 's/inserted 2/inserted 3/' plan.json",
      "sed -i 's/in.csv/in2.csv/' plan.json && cp in.csv in2.csv", "sed -i 's/\"source\"/\"sources\"/' plan.json",
      "sed -i 's/approvedPlan\":1/approvedPlan\":2/' plan.json",
      "sed -i 's/\"notes\":\\[/\"notes\":[\"x\",/' plan.json",
      "truncate -s -3 plan.json", "printf '{}' > plan.json",
    ]
    + [
      // The table's shape.
      "alter table patients add x text", "alter table patients drop notes", "alter table patients rename city to town",
      "alter table patients alter first_name type varchar(99)", "alter table patients alter last_name drop not null",
      "alter table patients alter city set not null", "alter table patients alter city set default 'x'",
      "create index x on patients (city)", "alter table patients add check (city <> 'x')",
      "alter table patients enable row level security", "create policy p on patients using (true)",
      "create rule r as on delete to patients do instead nothing",
      "create function f() returns trigger language plpgsql as $$ begin return new; end $$; create trigger t before insert on patients for each row execute function f()",
      // What stands in it.
      "insert into patients (first_name, last_name, date_of_birth, mrn) values ('Ann', 'Lee', '1980-01-02', 'M1')",
      "insert into patients (first_name, last_name, date_of_birth, mrn) values ('Eve', 'Roe', '1970-01-02', 'M2')",
    ].map { "psql -XAtqc \"\($0.replacingOccurrences(of: "$$", with: "\\$\\$"))\" \"$DATABASE_URL\"" }

  @Test(arguments: changes) func aChangeStopsWhatWasApproved(change: String) throws {
    try plan()
    let before = try run("DATA='\(Place.root)/Sources/ILSData'\n\(change) || echo BROKEN")
    #expect(!before.out.contains("BROKEN"), "\(before.err)")
    let rows = try database.rows("select count(*) from patients")
    let applied = try run(
      "DATA='\(Place.root)/Sources/ILSData'\n\(change.contains("ILS_DATA") ? change : ":")\nils-migrate apply plan.json --keep run"
    )
    #expect(applied.status > 1, "\(applied.out)")
    #expect(!applied.err.isEmpty)
    #expect(try database.rows("select count(*) from patients") == rows, "nothing was loaded")
  }
}
