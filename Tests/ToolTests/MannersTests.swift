import Foundation
import Testing

/// A tool that passes records on, and what it takes to make it work.
struct Filter: CustomTestStringConvertible, Sendable {
  let name: String
  var arguments = ""
  /// What stands in front of the first record.
  var head = ""
  let record: @Sendable (Int) -> String

  var testDescription: String { name }
  var command: String { "\(name) \(arguments)" }

  func input(_ count: Int) -> String { head + (0..<count).map { record($0) + "\n" }.joined() }

  static let all: [Filter] = [
    Filter(name: "ils-parse", head: "firstName,lastName,dateOfBirth\n") { "Ann\($0),Lee,1980-01-02" },
    Filter(name: "ils-map", arguments: "-m map.json") {
      #"{"_row":\#($0 + 2),"first":"Ann\#($0)","born":"01/02/1980"}"#
    },
    Filter(name: "ils-validate", arguments: "patients") {
      #"{"_row":\#($0 + 2),"firstName":"Ann\#($0)","lastName":"Lee","dateOfBirth":"1980-01-02"}"#
    },
  ]

  static let mapping = """
    {"mappings":[{"sourceField":"first","targetField":"firstName"},
                 {"sourceField":"born","targetField":"dateOfBirth","transform":"date_format"}]}
    """

  func scratch(records: Int) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write("map.json", Self.mapping)
    try scratch.write("input", input(records))
    return scratch
  }
}

/// What every tool does alike (toolkit.md), so that a person who knows one knows them all.
@Suite struct MannersTests {
  /// All but workers, which only other tools start and which are not written in Swift, and packages of their own.
  static let tools = folders("").filter { tool in
    let files = folders(tool)
    return tool.hasPrefix("ils-") && files.contains { $0.hasSuffix(".swift") } && !files.contains("Package.swift")
  }

  private static func folders(_ name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(Place.root)/Sources/\(name)")) ?? []).sorted()
  }

  @Test func thereAreTools() { #expect(Self.tools.contains("ils-parse")) }

  // MARK: - Every executable

  @Test(arguments: tools) func helpIsOnStdout(tool: String) throws {
    let result = try Scratch().run("\(tool) --help")
    #expect(result.status == 0)
    #expect(result.out.contains("USAGE: \(tool)"))
    #expect(result.err == "")
  }

  @Test(arguments: tools) func versionIsOnStdout(tool: String) throws {
    let result = try Scratch().run("\(tool) --version")
    #expect(result.status == 0)
    #expect(result.out.contains(/[0-9]+\.[0-9]+\.[0-9]+/))
    #expect(result.err == "")
  }

  @Test(arguments: tools) func aWrongOptionIsAUsageError(tool: String) throws {
    let result = try Scratch().run("\(tool) --no-such-option")
    #expect(result.status == 64)
    #expect(result.out == "")
    #expect(result.err.contains("--no-such-option"))
  }

  // MARK: - Every filter

  @Test(arguments: Filter.all) func noRecordsAreNoError(filter: Filter) throws {
    let result = try filter.scratch(records: 0).run("\(filter.command) < input")
    #expect(result.status == 0)
    #expect(result.out == "")
  }

  /// No records are no error; but what holds not even a row of names is no export.
  @Test(arguments: Filter.all) func nothingAtAllIsAnErrorToTheParserAlone(filter: Filter) throws {
    let result = try filter.scratch(records: 0).run("\(filter.command) < /dev/null")
    #expect(result.status == (filter.command.hasPrefix("ils-parse") ? 65 : 0))
    #expect(result.out == "")
  }

  @Test(arguments: Filter.all) func theLastLineNeedsNoLineFeed(filter: Filter) throws {
    let scratch = try filter.scratch(records: 3)
    let whole = try scratch.run("\(filter.command) < input")
    let cut = try scratch.run("head -c -1 input | \(filter.command)")
    #expect(whole.status == 0)
    #expect(whole.out.split(separator: "\n").count == 3)
    #expect(cut.out == whole.out)
  }

  @Test(arguments: Filter.all) func filesStdinAndOutputFilesAreAlike(filter: Filter) throws {
    let scratch = try filter.scratch(records: 3)
    let piped = try scratch.run("\(filter.command) < input")
    #expect(try scratch.run("\(filter.command) input").out == piped.out)
    #expect(try scratch.run("\(filter.command) - < input").out == piped.out)
    #expect(try scratch.run("cp input ./-odd; \(filter.command) -- -odd").out == piped.out)
    let named = try scratch.run("\(filter.command) -o result input")
    #expect(named.out == "")
    #expect(scratch.read("result") == piped.out)
  }

  @Test(arguments: Filter.all, [1, 100_000]) func aFullDiskIsAnIOError(filter: Filter, records: Int) throws {
    let scratch = try filter.scratch(records: records)
    for command in ["\(filter.command) input > /dev/full", "\(filter.command) -o /dev/full input"] {
      let result = try scratch.run(command)
      #expect(result.status == 74, "\(command)")
      #expect(result.err.contains("No space left on device"))
    }
  }

  @Test(arguments: Filter.all) func aReaderThatGoesAwayEndsItQuietly(filter: Filter) throws {
    let scratch = try filter.scratch(records: 100_000)
    try scratch.write("bad", "of an earlier run")
    let result = try scratch.run("\(filter.command) --rejects bad input | head -n 1 > first")
    #expect(result.statuses == [141, 0])
    #expect(!result.err.contains("write"))
    #expect(scratch.read("bad") == "")
  }

  @Test(arguments: Filter.all) func theSameHoldsWhereTheParentIgnoresSIGPIPE(filter: Filter) throws {
    let result = try filter.scratch(records: 100_000).run("trap '' PIPE; \(filter.command) input | head -n 1 > first")
    #expect(result.statuses == [141, 0])
  }

  @Test(arguments: Filter.all) func outputComesBeforeTheInputEnds(filter: Filter) throws {
    let scratch = try filter.scratch(records: 1)
    let result = try scratch.run(
      """
      mkfifo through; \(filter.command) < through > out & exec 3> through; cat input >&3
      await test -s out
      wc -l < out; exec 3>&-; wait
      """)
    #expect(result.out.trimmingCharacters(in: .whitespacesAndNewlines) == "1")
  }

  @Test(arguments: Filter.all) func aMissingFileIsNamed(filter: Filter) throws {
    let result = try filter.scratch(records: 1).run("\(filter.command) nowhere.csv")
    #expect(result.status == 66)
    #expect(result.err.contains("nowhere.csv"))
    #expect(result.out == "")
    #expect(try filter.scratch(records: 1).run("\(filter.command) /tmp").status == 66)
  }

  @Test(arguments: Filter.all) func aMissingFileIsFoundBeforeAnythingIsWritten(filter: Filter) throws {
    let scratch = try filter.scratch(records: 3)
    try scratch.write("bad", "of an earlier run")
    let result = try scratch.run("\(filter.command) --rejects bad input nowhere.csv")
    #expect(result.status == 66)
    #expect(result.out == "")
    #expect(scratch.read("bad") == "of an earlier run")
  }

  @Test(arguments: Filter.all.dropFirst()) func rejectsOnAFullDiskAreAnIOError(filter: Filter) throws {
    let result = try filter.scratch(records: 1).run("{ echo x; cat input; } | \(filter.command) --rejects /dev/full")
    #expect(result.statuses.last == 74)
    #expect(result.err.contains("No space left on device"))
  }

  @Test(arguments: Filter.all) func rejectsNeverOverwriteTheInput(filter: Filter) throws {
    let scratch = try filter.scratch(records: 3)
    let result = try scratch.run("\(filter.command) --rejects input input")
    #expect(result.status == 64)
    #expect(scratch.read("input") == filter.input(3))
  }

  @Test(arguments: Filter.all) func memoryDoesNotGrowWithTheInput(filter: Filter) throws {
    // Half a million records under a limit that holds the program and its buffers, and nothing more.
    let result = try filter.scratch(records: 500_000).run("ulimit -v 400000; \(filter.command) input | wc -l")
    #expect(result.statuses == [0, 0])
    #expect(result.out == "500000\n")
  }

  @Test(arguments: Filter.all.dropFirst()) func aLineThatIsNoRecordIsRejected(filter: Filter) throws {
    let scratch = try filter.scratch(records: 2)
    let result = try scratch.run(
      "{ head -n 1 input; echo '{\"a\":'; tail -n 1 input; } | \(filter.command) --rejects bad")
    #expect(result.status == 1)
    #expect(result.out.split(separator: "\n").count == 2)
    #expect(result.err.contains("stdin:2: "))
    #expect(scratch.read("bad")?.contains(#""raw":"{\"a\":""#) == true)
  }

  @Test(arguments: Filter.all.dropFirst()) func failFastStopsAtTheFirstReject(filter: Filter) throws {
    let result = try filter.scratch(records: 2).run("{ echo x; cat input; } | \(filter.command) --fail-fast")
    #expect(result.status == 65)
    #expect(result.out == "")
  }

  @Test(arguments: Filter.all.dropFirst()) func diagnosticsForProgramsAreJSON(filter: Filter) throws {
    let result = try filter.scratch(records: 1).run("echo x | \(filter.command) --log-format json")
    #expect(result.err.hasPrefix(#"{"level":"error","tool":"\#(filter.name)","row":1,"code":"json.not_object""#))
  }
}
