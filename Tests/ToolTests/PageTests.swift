import Foundation
import Testing

/// The manual pages say what `--help` says.
@Suite struct PageTests {
  static let commands = MannersTests.tools.map { ($0, $0) }

  /// The help of a tool, and that of its verbs if it has some.
  private func help(_ command: String) throws -> String {
    try Scratch().run(
      """
      \(command) --help
      for verb in $(\(command) --help | sed -n '/^SUBCOMMANDS/,$ s/^  \\([a-z]*\\) .*/\\1/p'); do \(command) $verb --help; done
      """
    ).out
  }

  private func page(_ tool: String) throws -> String {
    try String(contentsOfFile: "\(Place.root)/man/\(tool).1", encoding: .utf8)
  }

  @Test(arguments: commands) func optionsOfPageAndHelpAgree(tool: String, command: String) throws {
    let help = try help(command)
    let page = try page(tool)
    // What a page says elsewhere of other tools' options does not count.
    let options = page.components(separatedBy: ".Sh EXIT STATUS")[0]
    let inPage = Set(options.matches(of: /Fl Fl ([a-z][a-z-]*)/).map { String($0.1) })
    let inHelp = Set(help.matches(of: /--([a-z][a-z-]*)/).map { String($0.1) })
    #expect(inHelp.subtracting(inPage) == [], "missing in man/\(tool).1")
    #expect(inPage.subtracting(inHelp) == [], "unknown to \(tool)")
  }

  /// Which options take a value: in the page's list and synopsis as in the help.
  @Test(arguments: commands) func optionsTakeTheSameValues(tool: String, command: String) throws {
    var inHelp: [String: Set<Bool>] = [:]
    for line in try help(command).split(separator: "\n") where line.hasPrefix("  -") {
      for option in line.matches(of: /--([a-z][a-z-]*)( <|=<| [A-Z]+\b)?/) {
        inHelp[String(option.1), default: []].insert(option.2 != nil)
      }
    }
    var wrong: [String] = []
    let page = try page(tool).components(separatedBy: ".Sh EXIT STATUS")[0]
    // Prose names options without their values.
    for line in page.split(separator: "\n") where line.hasPrefix(".It Fl") || line.hasPrefix(".Op Fl") {
      for option in line.matches(of: /Fl Fl ([a-z][a-z-]*)( Ns = Ns| Ns)?( Op)?( Ar| Cm)?/) {
        if !inHelp[String(option.1), default: [true, false]].contains(option.4 != nil) { wrong.append(String(line)) }
      }
    }
    #expect(wrong == [], "the help of \(tool) says otherwise")
  }

  /// The operands and verbs of SYNOPSIS are those of the usage line.
  @Test(arguments: MannersTests.tools) func theSynopsisIsTheUsage(tool: String) throws {
    let help = try help(tool)
    let page = try page(tool)
    let synopsis = page.components(separatedBy: ".Sh SYNOPSIS")[1].components(separatedBy: ".Sh DESCRIPTION")[0]
    func operands(_ text: Substring) -> Set<String> {
      // What stands behind an option is its value.
      let bare = text.replacing(/--?[a-z-]+ <[^>]*>/, with: "")
      return Set(bare.matches(of: /<([a-z-]+)>/).map { String($0.1) }).subtracting(["options", "subcommand"])
    }
    let usages = help.split(separator: "\n").filter { $0.hasPrefix("USAGE:") }
    for operand in Set(usages.flatMap(operands)) {
      #expect(synopsis.contains("Ar \(operand)"), "\(operand) is missing in the synopsis of man/\(tool).1")
    }
    let verbs = Set(usages.compactMap { $0.firstMatch(of: /USAGE: ils-[a-z]+ ([a-z]+)/).map { String($0.1) } })
    #expect(Set(synopsis.matches(of: /Cm ([a-z]+)/).map { String($0.1) }) == verbs)
  }
}
