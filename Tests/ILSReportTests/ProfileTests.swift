import ILSRecord
import Testing

@testable import ILSReport

/// What a profile counts, and what it says of what it does not count.
@Suite struct ProfileTests {
  private func add(_ texts: [String], to counts: inout ValueCounts) {
    for text in texts { Array(text.utf8).withUnsafeBytes { counts.add($0) } }
  }

  private func profile(_ values: [String]) -> FieldProfile {
    var field = FieldProfile("f", bytes: 1 << 20)
    var spare = OutputBuffer()
    for value in values { Array(value.utf8).withUnsafeBytes { field.add($0, &spare) } }
    return field
  }

  private func pattern(_ text: String) -> String {
    var buffer = OutputBuffer()
    Array(text.utf8).withUnsafeBytes { ValuePattern.write($0, to: &buffer) }
    return buffer.string()
  }

  @Test func countsAreExactUpToTheBound() {
    var counts = ValueCounts(limit: 100, bytes: 1 << 20)
    for round in 0..<100 { add((round..<100).map(String.init), to: &counts) }
    #expect(counts.isExact && counts.distinct == 100)
    #expect(counts.top(2).map(\.count) == [100, 99])
  }

  @Test func beyondTheBoundAFrequentValueIsFoundHoweverLate() {
    var counts = ValueCounts(limit: 100, bytes: 1 << 20)
    add((0..<10_000).map { "once \($0)" }, to: &counts)
    add(Array(repeating: "late", count: 2000), to: &counts)
    add((0..<10_000).map { "again \($0)" }, to: &counts)
    #expect(!counts.isExact && counts.distinct == 100)
    let top = counts.top(5)
    #expect(top.map { String(decoding: $0.text, as: UTF8.self) } == ["late"])
    #expect(top[0].count <= 2000 && top[0].count + counts.slack >= 2000)
  }

  @Test func memoryIsBoundedByBytesToo() {
    var counts = ValueCounts(limit: 1000, bytes: 10_000)
    add((0..<500).map { String(repeating: "x", count: 300) + "\($0)" }, to: &counts)
    #expect(!counts.isExact && counts.distinct < 50)
  }

  @Test func twoWaysToWriteALetterAreTwoValues() {
    #expect(profile(["\u{E9}", "e\u{301}"]).distinct == 2)
  }

  @Test func zerosInFrontMakeNoNumber() {
    #expect(profile(["1", "20"]).type == "integer")
    #expect(profile(["1", "0.5", "-3"]).type == "number")
    #expect(profile(["0", "00120"]).type == "text")
    #expect(profile(["1980-02-03"]).type == "date")
    #expect(profile(["1980-02-03", "1980-02-30"]).type == "text")
    #expect(profile(["true", "false"]).type == "boolean")
    #expect(profile([]).type == "empty")
  }

  @Test func leastAndGreatestGoByTheType() {
    let numbers = profile(["9", "10", "-2"])
    #expect(numbers.least == "-2" && numbers.greatest == "10")
    let texts = profile(["9", "10", "x"])
    #expect(texts.least == "10" && texts.greatest == "x")
  }

  @Test func lengthsAreInCharacters() {
    let field = profile(["Zürich", "Ö"])
    #expect(field.shortest == 1 && field.longest == 6)
  }

  @Test func longValuesAreToldApart() {
    let long = String(repeating: "x", count: 500)
    let field = profile([long + "a", long + "b", long + "a"])
    #expect(field.distinct == 2 && field.top.first?.count == 2)
  }

  @Test func patternsSayWhatAValueIsMadeOf() {
    for (text, said) in [
      ("1980-02-03", "9999-99-99"), ("O'Brien", "A'Aa+"), ("MRN 007", "A+ 999"), ("Éva", "Aa+"),
      ("a\u{A0}b", "a\u{A0}a"),
      ("", ""), (String(repeating: "1", count: 100), String(repeating: "9", count: 64) + "…"),
    ] { #expect(pattern(text) == said) }
  }
}
