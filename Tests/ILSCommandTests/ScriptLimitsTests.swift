import ILSRecord
import Testing

@testable import ILSCommand
@testable import ILSMapping

/// Calls that are ended cost a quarter of a second each, and more: how many there may be.
@Suite struct ScriptLimitsTests {
  /// After how many of the calls the run ends; nil where it does not. A call is of function 0, or 1 where it is odd and there are two.
  private func end(_ calls: Int, functions: Int = 1, isEnded: (Int) -> Bool) -> (calls: Int, message: String)? {
    let scripts = (0..<functions).map { MappingScript(source: "value", target: "w\($0)", place: "mappings[\($0)]") }
    var limits = ScriptLimits(scripts)
    for call in 0..<calls {
      let asked = Array("[\(call % functions),\"a\"]\n".utf8)
      let answer = Array((isEnded(call) ? call % 2 == 0 ? "!time\n" : "!memory\n" : "=1\n").utf8)
      asked.withUnsafeBytes { asked in answer.withUnsafeBytes { limits.count(asked, $0) } }
      if let verdict = limits.verdict { return (call + 1, verdict.message) }
    }
    return nil
  }

  @Test func threeInARowAreEnough() {
    #expect(end(10_000) { _ in true }?.calls == 3)
    #expect(end(10_000) { $0 > 500 }?.calls == 504)
  }

  @Test func twoAndOneThatGoesWellAreEnoughOnceThereAreTwenty() {
    #expect(end(10_000) { $0 % 3 != 2 }?.calls == 31)
  }

  /// Of ten thousand that are ended no more than a hundred are waited for, however rare they are.
  @Test func rareOnesAreEnoughOnceThereAreAHundred() {
    let rare = end(2_000_000) { $0 % 150 == 149 }
    #expect(rare?.calls == 15_000 && rare?.message.contains("100 times") == true, "\(rare?.message ?? "-")")
    #expect(end(2_000_000, functions: 2) { $0 % 301 == 300 }?.calls == 30_100)
  }

  @Test func someOfMillionsAreRefusedAndNoMore() {
    #expect(end(1_000_000) { $0 % 20_000 == 1 } == nil)
  }
}
