import ILSRecord
import Testing

@testable import ILSCommand

@Suite struct DiagnosticWriterTests {
  /// What a hostile export may call a field, a sheet or a file.
  private static let names = [
    "a\u{1B}[2J\u{1B}]0;title\u{7}b", "a\npatients.csv:9: forged [csv.ragged]", "a\r\u{8}\u{8}b", "a\u{9B}31mb",
    "a\u{202E}b", "a\u{2028}b\u{85}c\u{7F}",
  ]

  private func writer(_ arguments: String...) throws -> DiagnosticWriter {
    DiagnosticWriter(tool: "ils-x", try CommonOptions.parse(arguments))
  }

  private func diagnostic(_ name: String) -> Diagnostic {
    Diagnostic(
      .error, code: "a.b", "names \(name)", field: name, at: Position(file: name, sheet: name, row: 3), value: name)
  }

  @Test(arguments: names) func namesCannotBreakALineNorReachTheTerminal(_ name: String) throws {
    for line in [
      try writer("--show-values").line(diagnostic(name)),
      try writer("--show-values", "--log-format", "json").line(diagnostic(name)),
    ] {
      #expect(line.unicodeScalars.allSatisfy { !$0.properties.generalCategory.isControl }, "\(line.debugDescription)")
    }
  }

  @Test(arguments: names) func aProgramReadsTheNameAsItWas(_ name: String) throws {
    let line = try writer("--log-format", "json").line(diagnostic(name))
    #expect(try JSONValue(parsing: Array(line.utf8))["field"]?.string == name)
  }

  @Test func whatNamesUsuallyHoldIsShownAsItIs() throws {
    let told = Diagnostic(
      .warning, code: "a.b", "says \"no\"", field: "Prénom – 名前", at: Position(file: "o\\p.csv", row: 1))
    #expect(try writer().line(told) == "o\\p.csv:1: warning: Prénom – 名前: says \"no\" [a.b]")
  }
}

extension Unicode.GeneralCategory {
  /// What a terminal obeys, or an editor takes for the end of a line or a turn of direction.
  fileprivate var isControl: Bool {
    switch self {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
