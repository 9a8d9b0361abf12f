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
  ]) func isRefusedBeforeAnythingIsOpened(command: String) throws {
    let (outcome, input, _) = try run(command)
    #expect(outcome.status == 64, "\(outcome.err)")
    #expect(input == "a,b\n1,2\n")
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
