import Foundation
import FuzzSupport
import Testing

/// What the fuzzers once found, and what keeps it from coming back.
@Suite struct FuzzCaseTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../Fuzz/found")

  private static let checks: [(name: String, check: @Sendable ([UInt8]) -> String?)] = [
    ("csv", checkCSV), ("json", checkJSON), ("encoding", checkEncoding), ("workbook", checkWorkbook),
    ("xls", checkXLS), ("xlsx", checkXLSX), ("dbf", checkDBF),
  ]

  @Test func everyCaseHolds() throws {
    for (name, check) in Self.checks {
      let folder = Self.folder.appendingPathComponent(name)
      let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
      for file in files {
        let fault = check([UInt8](try Data(contentsOf: file)))
        #expect(fault == nil, "\(name)/\(file.lastPathComponent)")
      }
    }
  }

  @Test func drawnWorkbooksHold() {
    for input in Choices.cases(250) {
      for (name, check) in Self.checks where name.hasPrefix("xls") { #expect(check(input) == nil, "\(name): \(input)") }
    }
  }

  /// Texts that start the fuzzers off hold in every choice of options, too.
  @Test func theChecksHoldOfPlainTexts() {
    let texts = [
      "a,b\n1,\"2\n3\"\n4\n", "[{\"a\":1},{\"a\":[2]}]", "{\"a\":1}\n{\"a\":\n", "\u{FEFF}é;\u{1F600}\n1;2\n", "",
    ]
    for text in texts {
      for choice in UInt8.min...UInt8.max {
        #expect(checkCSV([choice, choice, 2] + Array(text.utf8)) == nil, "\(choice): \(text)")
        #expect(checkJSON([choice, 2] + Array(text.utf8)) == nil, "\(choice): \(text)")
        #expect(checkEncoding([choice, 2] + Array(text.utf8)) == nil, "\(choice): \(text)")
      }
    }
  }
}
