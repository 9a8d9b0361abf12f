import ILSRecord
import Testing

@testable import ILSMigration

@Suite struct MigrationPlanTests {
  private func plan(_ arguments: String...) throws -> MigrationPlan {
    MigrationPlan(try MigrationRequest(arguments), folder: "run", job: "J", source: "s")
  }

  private func usage(_ arguments: String...) -> String? {
    do throws(StopError) {
      _ = try MigrationRequest(arguments)
      return nil
    } catch {
      return error.status == .usage ? error.message : "\(error)"
    }
  }

  // MARK: - The verdict

  @Test(
    arguments: [
      ([0, 0, 0], 0, nil), ([0, 1, 0], 1, nil), ([1, 0, 0], 1, nil),
      // The loader fails, and its writers die of SIGPIPE.
      ([141, 141, 69], 69, 2), ([141, 78, 65], 78, 1), ([137, 0, 65], 137, 0),
      // A writer that died of SIGPIPE although its reader was content: something was lost.
      ([141, 0, 0], 70, 0),
    ] as [([Int32], Int32, Int?)]) func theFirstRealFailureCounts(statuses: [Int32], status: Int32, failed: Int?)
  {
    let verdict = MigrationPlan.verdict(statuses)
    #expect(verdict.status == status && verdict.failed == failed)
  }

  // MARK: - The pipe

  @Test func aNameThatLooksLikeAnOptionIsAPath() throws {
    let request = try MigrationRequest(["patients", "a.csv", "--keep=-rf", "--mappings", "-m.json"])
    #expect(request.folder == "./-rf" && request.mapping == "./-m.json")
    #expect(try MigrationRequest(["--resume=--help"]).resumes == "./--help")
  }

  @Test func withoutContinueOnErrorAllOrNothingIsLoaded() throws {
    let load = try #require(try plan("patients", "a.csv").stages.last)
    #expect(load.name == .load && load.arguments.contains("--atomic"))
    #expect(try plan("patients", "a.csv", "--continue-on-error").stages.last?.arguments.contains("--atomic") == false)
  }

  @Test func aStageIsThereWhereItHasSomethingToDo() throws {
    #expect(try plan("patients", "a.csv").stages.map(\.name) == [.parse, .validate, .load])
    #expect(try plan("patients", "a.csv", "--mappings=m").stages.map(\.name) == [.parse, .map, .validate, .load])
    #expect(try plan("patients", "a.csv", "--validate-only").stages.map(\.name) == [.parse, .validate])
  }

  @Test func everyRejectsFileIsCountedByTheLoader() throws {
    let stages = try plan("patients", "a.csv", "--mappings", "m").stages
    let load = try #require(stages.last).arguments
    for stage in stages.dropLast() {
      let place = try #require(stage.arguments.firstIndex(of: "--rejects"))
      let counted = load.indices.contains { load[$0] == "--rejects-in" && load[$0 + 1] == stage.arguments[place + 1] }
      #expect(counted)
    }
  }

  @Test func passedOptionsReachTheirStagesAsTheyCame() throws {
    let stages = try plan(
      "patients", "a.csv", "--delimiter", "-", "--header-row=3", "--set", "a=b=c", "--set=d=", "--max-errors", "1%"
    ).stages
    #expect(stages[0].arguments.contains("--delimiter=-") && stages[0].arguments.contains("--header-row=3"))
    #expect(stages[2].arguments.filter { $0.hasPrefix("--set") } == ["--set=a=b=c", "--set=d="])
    #expect(stages.allSatisfy { $0.arguments.contains("--max-errors=1%") })
  }

  @Test func aFileThatLooksLikeAnOptionIsAFile() throws {
    let parse = try plan("patients", "--", "--evil.csv").stages[0].arguments
    #expect(parse.suffix(2) == ["--", "--evil.csv"])
  }

  @Test func theDatabaseIsNoArgument() throws {
    let plan = try plan("patients", "a.csv", "--database", "postgresql://u:secret@h/d")
    #expect(!plan.shellText.contains("secret") && !plan.json.text.contains("secret"))
  }

  @Test func aShellReadsWhatWasMeant() {
    #expect("a b".shellQuoted == "'a b'")
    #expect("it's".shellQuoted == #"'it'\''s'"#)
    #expect("".shellQuoted == "''" && "$(x)".shellQuoted == "'$(x)'" && "é".shellQuoted == "'é'")
    #expect("run/a-b_c.csv".shellQuoted == "run/a-b_c.csv")
  }

  // MARK: - Going on

  @Test func aPlanComesBackFromItsFile() throws {
    let plan = try plan("patients", "a b.csv", "--mappings", "m.json", "--expect-rows", "5", "--continue-on-error")
    let read = try MigrationPlan(JSONValue(parsing: Array(plan.json.text.utf8)))
    #expect(read.json == plan.json && read.leastRows == 5 && !read.isAtomic && read.stages == plan.stages)
  }

  @Test func whatGoesOnIsTheSameButForItsJob() throws {
    let plan = try plan("patients", "a.csv")
    let again = plan.resumed()
    #expect(again.stages.dropLast() == plan.stages.dropLast())
    #expect(again.stages.last?.arguments == plan.stages.last?.arguments.map { $0 == "--id" ? "--resume" : $0 })
  }

  @Test func anotherFileIsNoPlan() throws {
    for text in [
      "{}", #"{"migration":2}"#, #"{"migration":1,"entity":"p","file":"f","mode":"sing","folder":"x","stages":[]}"#,
    ] {
      #expect(throws: RecordError.self) { _ = try MigrationPlan(JSONValue(parsing: Array(text.utf8))) }
    }
  }

  // MARK: - Mistakes

  @Test func whatIsMistypedIsNamed() {
    #expect(usage("patients", "a.csv", "--mapings", "m")?.contains("did you mean --mappings?") == true)
    #expect(usage("patients", "a.csv", "--headerrow", "2")?.contains("did you mean --header-row?") == true)
    #expect(usage("patients", "a.csv", "--zzzzzzzz")?.contains("--help") == true)
    #expect(usage("patients", "a.csv", "--init=yes")?.contains("takes no value") == true)
    #expect(usage("patients", "a.csv", "b.csv")?.contains("b.csv") == true)
    #expect(usage("patients", "a.csv", "--skip-duplicates", "--update-existing")?.contains("exclude") == true)
    #expect(usage("patients", "a.csv", "--dry-run", "--validate-only")?.contains("exclude") == true)
    #expect(usage("patients", "a.csv", "--keep-unmapped")?.contains("--mappings") == true)
    #expect(usage("--resume", "run", "a.csv")?.contains("--resume") == true)
    #expect(usage("patients") != nil && usage() != nil)
  }
}
