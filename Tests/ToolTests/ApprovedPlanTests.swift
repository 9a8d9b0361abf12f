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

  // MARK: - What else must not be in silence

  @Test func aPlanIsForOneDatabase() throws {
    try plan()
    let other = try Database()
    let applied = try run("ils-migrate apply plan.json --keep run --database '\(other.url)'")
    #expect(applied.status == 65 && applied.err.contains("it is for the database"), "\(applied.err)")
    #expect(try other.rows("select count(*) from patients") == ["0"])
  }

  /// The tools in a folder of one's own, where some of them are other programs.
  private static let ownTools = """
    export ILS_DATA='\(Place.root)/Sources/ILSData'
    mkdir bin && for t in parse map validate load jobs script; do ln -s "$(command -v ils-$t)" bin/; done
    cp "$(command -v ils-migrate)" bin/
    stand_in() { rm "bin/$1" && { echo '#!/bin/bash'; cat; } > "bin/$1" && chmod +x "bin/$1"; }

    """

  private func planOfOne() throws {
    try scratch.write("one.csv", "firstName,lastName,dateOfBirth,mrn\nAnn,Lee,1980-01-02,M1\n")
    let made = try run("ils-migrate plan patients one.csv -o plan.json --keep try")
    #expect(made.status == 0, "\(made.err)")
  }

  @Test func aSourceThatChangesBehindTheRehearsalIsNotLoaded() throws {
    try planOfOne()
    let applied = try run(
      Self.ownTools + """
        stand_in ils-parse <<'END'
        echo x >> calls; [ "$(wc -l < calls)" -lt 2 ] || sed -i s/Ann/Ana/ one.csv
        exec ils-parse "$@"
        END
        bin/ils-migrate apply plan.json --keep run
        """)
    #expect(applied.status == 65 && applied.err.contains("not those that were planned"), "\(applied.err)")
    #expect(try database.rows("select first_name from patients") == [])
  }

  @Test func aToolThatMakesOtherValuesIsNoticed() throws {
    try planOfOne()
    let applied = try run(
      Self.ownTools + """
        stand_in ils-validate <<'END'
        ils-validate "$@" | sed s/Lee/Leo/
        END
        bin/ils-migrate apply plan.json --keep run
        """)
    #expect(applied.status > 1 && applied.err.contains("not those that were planned"), "\(applied.err)")
    #expect(try database.rows("select last_name from patients") == [])
  }

  @Test func anUpdateOfOtherColumnsIsAnotherOutcome() throws {
    try scratch.write("up.csv", "firstName,lastName,dateOfBirth,mrn,city,state\nAnn,Lee,1980-01-02,M1,Ulm,BW\n")
    let row =
      "insert into patients (first_name, last_name, date_of_birth, mrn, city, state) values ('Ann', 'Lee', '1980-01-02', 'M1', 'Bonn', 'BW')"
    _ = try database.rows(row)
    #expect(try run("ils-migrate plan patients up.csv --update-existing -o plan.json --keep try").status == 0)
    _ = try database.rows("update patients set city = 'Ulm', state = 'BY'")
    let applied = try run("ils-migrate apply plan.json --keep run")
    #expect(applied.status == 65 && applied.err.contains("other columns"), "\(applied.err)")
    #expect(try database.rows("select state from patients") == ["BY"])
  }

  @Test func whoMakesTheDigestAnewIsCaughtByTheSignedOne() throws {
    try plan()
    let forged = try run(
      """
      approved=$(jq -r .sha256 plan.json)
      jq -c 'del(.sha256) | .notes = []' plan.json > body
      jq -c --arg s "$(head -c -1 body | sha256sum | cut -c 1-64)" '. + {sha256: $s}' body > forged.json
      ils-report forged.json > /dev/null && ils-migrate apply forged.json --approved $approved --keep run
      """)
    #expect(forged.status == 65 && forged.err.contains("[plan.other]"), "\(forged.err)")
    let done = try run("ils-migrate apply plan.json --approved=$(jq -r .sha256 plan.json) --keep done")
    #expect(done.status == 1 && done.err.contains("[plan.applied]"), "\(done.err)")
  }

  @Test func theTrailNamesThePlan() throws {
    try plan()
    _ = try run("ils-migrate apply plan.json --keep run")
    let sum = try run("jq -r .sha256 plan.json").out
    #expect(
      try run("ils-jobs audit $(jq -r .job run/job.json) | jq -r 'select(.event == \"load started\").detail.plan'").out
        == sum)
    #expect(try run("ils-jobs audit --verify").status == 0)
    // What is mended later was approved by nobody.
    let mended = try run(
      "ils-migrate rejects run -o m.csv; sed -i s/1990-02-30/1990-02-28/ m.csv; ils-migrate mended run m.csv --keep mended"
    )
    #expect(mended.status == 0, "\(mended.err)")
    #expect(
      try run("ils-jobs audit $(jq -r .job mended/job.json) | jq -r 'select(.event == \"load started\").detail.plan'")
        .out
        == "null\n")
  }

  @Test func theImportSourceIsApprovedToo() throws {
    try planOfOne()
    #expect(try run("ils-migrate apply plan.json --keep run").status == 0)
    let said = try run("jq -r '.arguments[] | select(startswith(\"--source=\"))[9:]' plan.json").out
    #expect(try database.rows("select import_source from patients").map { $0 + "\n" } == [said])
  }
}

/// What was cut off before its loader had begun.
@Suite struct ResumeBeforeTheJobTests {
  @Test func itBeginsUnderTheIdThatWasTold() throws {
    let database = try Database()
    try database.scratch.write("one.csv", "firstName,lastName,dateOfBirth,mrn\nAnn,Lee,1980-01-02,M1\n")
    let cut = try database.run(
      "ils-migrate patients one.csv --keep run --database 'postgresql:///none?host=/nowhere'; jq -r .job run/migration.json"
    )
    let job = cut.out.split(separator: "\n").last.map(String.init) ?? ""
    let resumed = try database.run("ils-migrate --resume run")
    #expect(resumed.status == 0, "\(resumed.err)")
    #expect(try database.rows("select import_job_id from patients") == [job])
    #expect(try database.run("ils-rollback \(job)").status == 0)
  }
}

/// `ils-migrate plan --delta`: what has changed since a plan was applied.
@Suite struct PlanDeltaTests {
  let database: Database
  let scratch: Scratch

  init() throws {
    database = try Database()
    scratch = database.scratch
    try scratch.write(
      "in.csv",
      "firstName,lastName,dateOfBirth,mrn,city\nAnn,Lee,1980-01-02,M1,Ulm\nBob,Kim,1990-03-04,M2,Ulm\nCid,May,1990-02-03,M3,Ulm\n"
    )
  }

  private func run(_ script: String) throws -> Outcome {
    try scratch.run("export DATABASE_URL='\(database.url)'\n\(script)")
  }

  private func change() throws {
    let made = try run(
      """
      ils-migrate plan patients in.csv -o first.json --keep try && ils-migrate apply first.json --keep run
      sed -i '/^Cid/d; s/^\\(Bob.*\\)Ulm/\\1Bonn/' in.csv; echo 'Dan,Roe,1970-01-01,M4,Ulm' >> in.csv
      ils-migrate plan --delta first.json patients in.csv -o second.json --keep again
      """)
    #expect(made.status == 0 && made.out.contains(": 1 new, 1 changed, 1 unchanged, 1 gone, 0 refused"), "\(made)")
  }

  @Test func whatIsNewChangedAndGoneIsToldAndNothingIsDeleted() throws {
    try change()
    let cid = try database.rows("select id from patients where mrn = 'M3'")
    #expect(try run("jq -c '.delta | [.fields, .goneRows[]]' second.json").out == "[{\"city\":1},\"\(cid[0])\"]\n")
    #expect(try run("ils-report second.json").out.contains("1 new, 1 changed, 1 unchanged, 1 gone"))
    let done = try run("ils-migrate apply second.json --keep done")
    #expect(done.status == 0, "\(done.err)")
    #expect(
      try database.rows("select mrn, city from patients order by 1") == ["M1|Ulm", "M2|Bonn", "M3|Ulm", "M4|Ulm"])
    #expect(try database.rows("select count(distinct import_source) from patients") == ["1"])
  }

  @Test func rowsThatPeopleHaveEditedAreNamedBeforeTheyChange() throws {
    let made = try run(
      """
      ils-migrate plan patients in.csv -o first.json --keep try && ils-migrate apply first.json --keep run
      psql -qc "update patients set city = 'Rom' where mrn in ('M1', 'M2')" "$DATABASE_URL"
      sed -i 's/^\\(Bob.*\\)Ulm/\\1Bonn/; s/^\\(Cid.*\\)Ulm/\\1Bonn/; s/^\\(Ann.*\\)Ulm/\\1Rom/' in.csv
      ils-migrate plan --delta first.json patients in.csv -o second.json --keep again
      """)
    let bob = try database.rows("select id from patients where mrn = 'M2'")[0]
    #expect(
      made.out.contains(": 0 new, 2 changed, 1 unchanged, 0 gone") && made.out.contains("all the same: \(bob)\n"),
      "\(made)")
    #expect(try run("ils-report second.json").out.contains(bob))
    // Another edit makes another delta.
    _ = try database.rows("update patients set notes = 'called' where mrn = 'M3'")
    let applied = try run("ils-migrate apply second.json --keep done")
    #expect(applied.status == 65 && applied.err.contains("have been edited, have changed"), "\(applied.err)")
    #expect(try database.rows("select city from patients order by mrn") == ["Rom", "Rom", "Ulm"])
  }

  @Test func aRowThatIsGoneMeanwhileMakesAnotherDelta() throws {
    try change()
    _ = try database.rows("delete from patients where mrn = 'M3'")
    let applied = try run("ils-migrate apply second.json --keep done")
    #expect(applied.status == 65 && applied.err.contains("are gone, since"), "\(applied.err)")
    #expect(try database.rows("select count(*) from patients") == ["2"])
  }

  @Test func aPlanThatWasNotAppliedHasNoDelta() throws {
    let said = try run(
      "ils-migrate plan patients in.csv -o first.json --keep try; ils-migrate plan --delta first.json patients in.csv -o x.json --keep y"
    )
    #expect(said.status == 65 && said.err.contains("[plan.not_applied]"), "\(said.err)")
    let skips = try run("ils-migrate plan --delta first.json patients in.csv --skip-duplicates -o x.json")
    #expect(skips.status == 64, "\(skips.err)")
  }

  @Test func anUndonePlanHasNoDelta() throws {
    try change()
    _ = try run("ils-rollback $(jq -r .job run/job.json)")
    let said = try run("ils-migrate plan --delta first.json patients in.csv -o x.json --keep y")
    #expect(said.status == 65 && said.err.contains("[plan.not_applied]"), "\(said.err)")
  }
}
