import Testing

@testable import ILSStore

@Suite struct JobIDTests {
  @Test func idsAreUUIDsOfVersion7InTheOrderOfTheirMaking() throws {
    var last = ""
    for _ in 0..<50 {
      let id = JobID.make()
      #expect(JobID(id.text) == id)
      let characters = Array(id.text)
      #expect(characters[14] == "7")
      #expect("89ab".contains(characters[19]))
      // Within a millisecond, chance decides; the time stands in front.
      #expect(id.text.prefix(13) >= last)
      last = String(id.text.prefix(13))
    }
  }

  @Test func oneIDHasOneTextAndOneLock() throws {
    let small = try #require(JobID("01890a5d-ac96-774b-bcce-b302099a805f"))
    let capital = try #require(JobID("01890A5D-AC96-774B-BCCE-B302099A805F"))
    #expect(small == capital && small.text == capital.text)
    #expect(small.bytes.count == 16 && small.bytes.last == 0x5F)
    for lock in [AdvisoryLock.rollback, AdvisoryLock.presence, { .loader($0, part: "1") }] {
      #expect(lock(small).key == lock(capital).key)
    }
  }

  @Test(arguments: [
    "", "7", "01890a5d-ac96-774b-bcce-b302099a805", "01890a5d-ac96-774b-bcce-b302099a805g", "{x}",
    "01890a5d-ac96-774b-bcce-b302099a805\u{FF15}", " 01890a5d-ac96-774b-bcce-b302099a805f",
  ])
  func otherTextsAreNoIDs(text: String) { #expect(JobID(text) == nil) }
}

@Suite struct QuotingTests {
  @Test func nothingGetsOutOfItsQuotes() {
    #expect(#"a"b"#.quotedIdentifier == #""a""b""#)
    #expect("it's".quotedLiteral == "'it''s'")
    #expect(#"back\slash'"#.quotedLiteral == #"E'back\\slash'''"#)
  }
}

@Suite struct KeyFilterTests {
  private func key(_ number: Int) -> [UInt8] { Array("key \(number)".utf8) }

  @Test func whatWasAddedIsAlwaysKnownAndOthersHardlyEver() {
    var filter = KeyFilter()
    for number in 0..<100_000 { _ = filter.insert(key(number).withUnsafeBytes { filter.hash($0) }) }
    var forgotten = 0
    for number in 0..<100_000 where !filter.insert(key(number).withUnsafeBytes { filter.hash($0) }) { forgotten += 1 }
    #expect(forgotten == 0)
    var mistaken = 0
    for number in 100_000..<200_000 where filter.insert(key(number).withUnsafeBytes { filter.hash($0) }) {
      mistaken += 1
    }
    #expect(mistaken < 10)
  }

  @Test func loadersOfOneSeedAgree() {
    let one = KeyFilter(seed: 7)
    let other = KeyFilter(seed: 7)
    for number in 0..<100 {
      #expect(key(number).withUnsafeBytes { one.hash($0) } == key(number).withUnsafeBytes { other.hash($0) })
    }
  }
}
