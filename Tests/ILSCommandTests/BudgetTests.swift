import ILSRecord
import Testing

@testable import ILSCommand

@Suite struct BudgetTests {
  @Test func budgetsAreNumbersOrShares() {
    #expect(RejectBudget(argument: "12") == .count(12))
    #expect(RejectBudget(argument: "0") == .count(0))
    #expect(RejectBudget(argument: "2.5%") == .percent(2.5))
    for wrong in ["", "-1", "x", "101%", "-1%", "%", "1.5"] {
      #expect(RejectBudget(argument: wrong) == nil, "\(wrong)")
    }
  }

  @Test func aShareIsJudgedOnceItMeansSomething() {
    let share = RejectBudget.percent(10)
    #expect(!share.isExceeded(rejected: 5, total: 10, atEnd: false))
    #expect(share.isExceeded(rejected: 5, total: 10, atEnd: true))
    #expect(share.isExceeded(rejected: 11, total: 100, atEnd: false))
    #expect(!share.isExceeded(rejected: 10, total: 100, atEnd: true))
  }

  @Test func aCountIsExceededByOneMore() {
    #expect(!RejectBudget.count(2).isExceeded(rejected: 2, total: 2, atEnd: true))
    #expect(RejectBudget.count(2).isExceeded(rejected: 3, total: 900, atEnd: false))
  }

  @Test func logLevelsAreTheGuides() {
    #expect(DiagnosticWriter.threshold("error") == .error)
    #expect(DiagnosticWriter.threshold("warning") == .warning)
    #expect(DiagnosticWriter.threshold("DEBUG") == .debug)
    #expect(DiagnosticWriter.threshold(nil) == .info)
  }
}
