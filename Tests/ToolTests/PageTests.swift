import Foundation
import Testing

/// The manual pages say what `--help` says.
@Suite struct PageTests {
  static let commands = MannersTests.tools.map { ($0, $0) } + [("ils-migrate", "'\(Place.root)/scripts/ils-migrate'")]

  @Test(arguments: commands) func optionsOfPageAndHelpAgree(tool: String, command: String) throws {
    // And the verbs of a tool that has some.
    let help = try Scratch().run(
      """
      \(command) --help
      for verb in $(\(command) --help | sed -n '/^SUBCOMMANDS/,$ s/^  \\([a-z]*\\) .*/\\1/p'); do \(command) $verb --help; done
      """
    ).out
    let page = try String(contentsOfFile: "\(Place.root)/man/\(tool).1", encoding: .utf8)
    // What a page says elsewhere of other tools' options does not count.
    let options = page.components(separatedBy: ".Sh EXIT STATUS")[0]
    let inPage = Set(options.matches(of: /Fl Fl ([a-z][a-z-]*)/).map { String($0.1) })
    let inHelp = Set(help.matches(of: /--([a-z][a-z-]*)/).map { String($0.1) })
    #expect(inHelp.subtracting(inPage) == [], "missing in man/\(tool).1")
    #expect(inPage.subtracting(inHelp) == [], "unknown to \(tool)")
  }
}
