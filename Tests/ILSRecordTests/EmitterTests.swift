import Testing

@testable import ILSRecord

@Suite struct EmitterTests {
  private func reject(_ input: [UInt8], isRecord: Bool, value: String? = nil) -> (rejects: String, told: [Diagnostic]) {
    var emitter = Emitter(stage: "ils-x")
    let errors = [
      RecordError(code: "a.b", field: "mrn", message: "says \"no\"", value: value),
      RecordError(code: "c.d", message: "m"),
    ]
    input.withUnsafeBytes {
      emitter.reject(
        Rejection(errors), at: Position(file: "p.csv", sheet: "S", row: 3), input: isRecord ? .record($0) : .raw($0))
    }
    return (emitter.rejects.string(), emitter.takeDiagnostics())
  }

  @Test func aRejectHoldsPositionErrorsAndTheRecordAsItCame() {
    let (rejects, told) = reject(Array(#"{"mrn": 1.0}"#.utf8), isRecord: true, value: "secret")
    #expect(
      rejects
        == #"{"_row":3,"_file":"p.csv","_sheet":"S","stage":"ils-x","errors":[{"code":"a.b","field":"mrn","message":"says \"no\""},{"code":"c.d","message":"m"}],"record":{"mrn": 1.0}}"#
        + "\n")
    #expect(told.map(\.code) == ["a.b", "c.d"])
    #expect(!rejects.contains("secret"))
  }

  @Test func aRowThatNeverBecameARecordIsKeptAsText() {
    #expect(reject(Array("x,\"y".utf8), isRecord: false).rejects.hasSuffix(#""raw":"x,\"y"}"# + "\n"))
    #expect(reject([0x41, 0xFF], isRecord: false).rejects.hasSuffix(#""raw_base64":"Qf8="}"# + "\n"))
  }

  @Test func repeatedDiagnosticsAreCountedNotTold() {
    var emitter = Emitter(stage: "ils-x")
    for row in 1...50 { emitter.tell(Diagnostic(.warning, code: "a.b", "m", field: "f", at: Position(row: row))) }
    #expect(emitter.takeDiagnostics().count == Emitter.toldInFull)
    #expect(emitter.tally.values.map(\.count) == [50])
  }

  @Test func theEmitterIsFullOnceTheBudgetIsSpent() {
    for (budget, taken, full) in [(RejectBudget.count(1), 2, 2), (.count(0), 9, 1), (.percent(50), 100, 51)] {
      var emitter = Emitter(stage: "ils-x")
      emitter.budget = budget
      emitter.countTaken(taken)
      var fullAt = 0
      for count in 1...60 where fullAt == 0 {
        emitter.reject(Rejection(RecordError(code: "a", message: "m")))
        if emitter.isFull { fullAt = count }
      }
      #expect(fullAt == full, "\(budget)")
    }
  }

  @Test func aShareOfFewRecordsIsJudgedAtTheEndAlone() {
    var emitter = Emitter(stage: "ils-x")
    emitter.budget = .percent(20)
    emitter.countTaken(10)
    for _ in 0..<3 { emitter.reject(Rejection(RecordError(code: "a", message: "m"))) }
    let (onTheWay, atEnd) = (emitter.isFull, emitter.isOverBudget(atEnd: true))
    #expect((onTheWay, atEnd) == (false, true))
  }

  @Test func aDecoderHasReadWhatItMade() {
    var emitter = Emitter(stage: "ils-x")
    emitter.makesRecords = true
    emitter.countRecords(3)
    emitter.reject(Rejection(RecordError(code: "a", message: "m")))
    let read = emitter.read
    #expect(read == 4)
  }

  @Test func aStageHasReadWhatItTookHoweverMuchItWrites() {
    var emitter = Emitter(stage: "ils-x")
    emitter.countTaken()
    emitter.countRecords(3)
    let read = emitter.read
    #expect(read == 1)
  }
}
