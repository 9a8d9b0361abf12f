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

  @Test func theRejectLimitFillsTheEmitter() {
    var emitter = Emitter(stage: "ils-x")
    emitter.rejectLimit = 2
    let error = Rejection(RecordError(code: "a", message: "m"))
    emitter.reject(error, at: Position(), input: .raw(UnsafeRawBufferPointer(start: nil, count: 0)))
    let early = emitter.isFull
    emitter.reject(error, at: Position(), input: .raw(UnsafeRawBufferPointer(start: nil, count: 0)))
    let late = emitter.isFull
    #expect((early, late) == (false, true))
  }
}
