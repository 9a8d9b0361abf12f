import ILSRecord
import Testing

@testable import ILSStages

@Suite struct IdentityIndexTests {
  private func insert(_ text: String, _ row: Int, _ index: inout IdentityIndex) -> Int? {
    Array(text.utf8).withUnsafeBytes { index.insert($0, row: row) }
  }

  @Test func theFirstRowOfAValueIsNamed() {
    var index = IdentityIndex()
    for row in 1...100_000 {
      guard insert("MRN\(row)", row, &index) == nil else {
        Issue.record("row \(row) is new")
        return
      }
    }
    for row in stride(from: 1, through: 100_000, by: 997) {
      let found = insert("MRN\(row)", 7, &index)
      #expect(found == row)
    }
  }

  @Test func valuesOfEveryLengthAreToldApart() {
    var index = IdentityIndex()
    var text = ""
    for row in 1...200 {
      text += row % 2 == 0 ? "\u{1}" : "a"
      let found = insert(text, row, &index)
      #expect(found == nil, "length \(row)")
    }
  }
}
