import Foundation
import Testing

/// A run writes nothing over what it reads, under whatever name.
@Suite struct SameFileTests {
  private func run(_ command: String) throws -> (outcome: Outcome, input: String?, files: Scratch) {
    let scratch = try Scratch()
    try scratch.write("in.csv", "a,b\n1,2\n")
    _ = try scratch.run("ln in.csv hard; ln -s in.csv soft")
    return (try scratch.run(command), scratch.read("in.csv"), scratch)
  }

  @Test(arguments: [
    "ils-parse in.csv -o in.csv", "ils-parse in.csv -o hard", "ils-parse in.csv -o soft",
    "ils-parse in.csv -o ./in.csv",
    "ils-parse in.csv --rejects hard", "ils-parse in.csv --manifest soft", "ils-parse < in.csv --rejects in.csv",
    "ils-parse - < in.csv --manifest hard", "ils-parse in.csv >> in.csv", "ils-parse in.csv -o new --rejects ./new",
    "ils-parse in.csv -o new --manifest new", "ils-parse in.csv --rejects new --manifest new",
    "ils-parse in.csv --rejects new > new", "ils-map -m acuity --rejects in.csv in.csv",
    "ils-parse in.csv --rejects r 2> r", "ils-parse /dev/stdin < in.csv -o in.csv",
    "ils-parse - < in.csv 2>&1 --rejects hard", "ils-report in.csv -o soft", "ils-verify patients in.csv --html hard",
    "ils-migrate plan patients in.csv -o in.csv", "ils-migrate plan patients in.csv -o soft",
  ]) func isRefusedBeforeAnythingIsOpened(command: String) throws {
    let (outcome, input, _) = try run(command)
    #expect(outcome.status == 64, "\(outcome.err)")
    #expect(input == "a,b\n1,2\n")
  }

  /// What is read beside the records stays as it was.
  @Test(arguments: [
    "ils-map -m map -o map in.ndjson", "ils-map -m map --rejects soft in.ndjson",
    "ils-map --suggest schema.json -o schema in.ndjson", "ils-validate --schema schema -o schema in.ndjson",
    "ils-validate --schema schema --rejects schema.json in.ndjson",
    "ils-validate orders --orders-against in.ndjson --rejects in.ndjson map",
    "ils-load --schema schema -o schema in.ndjson",
    "ils-load patients --manifest map -o soft in.ndjson", "ils-load patients --rejects-in map --rejects map in.ndjson",
    "ils-load patients --manifest later -o later in.ndjson",
    "ils-jobs close last --manifest map -o map", "ils-jobs close last --rejects-in soft -o map",
    "ils-migrate plan patients in.csv --mappings map -o map", "ils-report map -o map", "ils-report plan -o plan",
  ]) func whatIsReadBesideIsNotWritten(command: String) throws {
    let scratch = try Scratch()
    let files = [
      "map": #"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#, "in.csv": "a\n1\n",
      "in.ndjson": "{\"a\":\"1\"}\n",
      "plan": "{\"approvedPlan\":1}\n",
    ]
    for (name, text) in files { try scratch.write(name, text) }
    let outcome = try scratch.run(
      """
      cp '\(Place.root)/Sources/ILSData/entities/patients.json' schema; ln schema schema.json; ln -s map soft
      sum=$(cksum < schema); export DATABASE_URL=host=/nowhere
      \(command)
      [ "$(cksum < schema)" = "$sum" ] && echo kept
      """)
    #expect(outcome.err.contains("[io.same_file]"), "\(command): \(outcome.err)")
    #expect(outcome.out == "kept\n")
    for (name, text) in files { #expect(scratch.read(name) == text, "\(command): \(name)") }
  }

  /// The shell has opened it: to put another file in its place would lose what others write.
  @Test func whatIsAppendedToIsKept() throws {
    let (outcome, _, files) = try run("echo first > log; ils-parse in.csv -o /dev/stdout >> log; echo last >> log")
    #expect(outcome.status == 0)
    #expect(
      files.read("log")?.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("{") } == ["first", "last"])
  }

  @Test func rejectsAreMadeBehindNoLink() throws {
    let (outcome, _, files) = try run("ln -s new lost; ils-parse in.csv -o new --rejects lost")
    #expect(outcome.status == 73, "\(outcome.err)")
    #expect(files.read("new") == nil)
  }

  @Test func twoRunsAtOnceHaveTwoFoldersOrOneIsRefused() throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "firstName,lastName,dateOfBirth\nA,B,1980-01-02\n")
    let run = "ils-migrate patients in.csv --validate-only --keep"
    let outcome = try scratch.run(
      """
      mkdir one; for n in 1 2 3 4; do \(run)=one > log$n 2>&1; echo $? > status$n & done; wait; cat status? | sort | uniq -c
      for n in 1 2 3 4; do ils-migrate patients in.csv --validate-only > log$n 2>&1 & done; wait
      ls -d migration-* | wc -l; cat migration-*/manifest.json | grep -c '"rows":1'
      """)
    let lines = outcome.out.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(lines == ["1 0", "3 73", "4", "4"], "\(outcome.out)\(outcome.err)")
  }

  @Test func whatIsWrittenIsTheOwnersAloneAndKeepsAnEarlierMode() throws {
    let (outcome, _, files) = try run(
      "umask 0; ils-parse in.csv -o new --rejects r --manifest m; echo x > old; chmod 640 old; ils-parse in.csv -o old;"
        + "stat -c %a new r m old")
    #expect(outcome.out == "600\n600\n600\n640\n", "\(outcome.err)")
    #expect(files.read("old") == files.read("new"))
  }

  @Test func aLinkThatWaitsInTheFileSPlaceIsNotFollowed() throws {
    let (outcome, input, files) = try run("ln -s in.csv new.part; ils-parse in.csv -o new")
    #expect(outcome.status == 0)
    #expect(input == "a,b\n1,2\n")
    #expect(files.read("new")?.contains("\"a\":\"1\"") == true)
  }

  /// Names that look like options, commands and patterns.
  static let evil = [
    "-delete", "--help", "-", "-rf", "a b", "$(touch pwned)", "`touch pwned`", ";touch pwned", "'", "\"", "*",
    "\u{E9}\n", "|x",
  ]

  @Test(arguments: evil) func aNameIsOnlyAName(name: String) throws {
    let scratch = try Scratch()
    try scratch.write("in.csv", "firstName,lastName,dateOfBirth\nA,B,1980-01-02\n")
    try scratch.write("kept", "kept")
    try scratch.write("name", name)
    let outcome = try scratch.run(
      """
      name=$(cat name; printf .); name=${name%.}
      mkdir w && cp in.csv "./w/$name"; cd w
      ils-parse -o "out$name" --rejects="r$name" --manifest="m$name" -- "./$name" && ils-parse -- "./$name" |
        ils-validate patients --rejects="./$name.r" > /dev/null; cd ..
      ils-migrate patients in.csv --validate-only --keep="$name" > log 2>&1
      cat kept; ls
      """)
    #expect(outcome.out.hasPrefix("kept"), "\(outcome.err)")
    #expect(scratch.read("pwned") == nil && scratch.read("w/pwned") == nil)
    #expect(scratch.read("in.csv") != nil)
  }
}
