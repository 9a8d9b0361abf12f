import ILSCommand
import ILSRecord
import ILSValidation
import Testing

@testable import ILSCodes

@Suite struct EveryRoomTests {
  @Test func everyCodeStandsOnce() {
    var met: Set<String> = []
    for code in FaultCode.everyRoom { #expect(met.insert(code.code).inserted, "\(code.code)") }
    #expect(met.count > 150)
  }

  @Test(arguments: FaultCode.everyRoom.map(\.code)) func everyCodeIsExplainedInSentences(_ code: String) throws {
    let fault = try #require(FaultCode.everyRoom.first { $0.code == code })
    for sentence in [fault.meaning, fault.mending] {
      #expect(sentence.last.map { ".)".contains($0) || $0.isLetter } == true && sentence.first?.isLetter == true)
      #expect(sentence.count > 8)
    }
    #expect(
      fault.code.utf8.allSatisfy {
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-".utf8.contains($0)
      })
  }
}
