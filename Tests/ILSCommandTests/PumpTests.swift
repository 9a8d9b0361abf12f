import ILSRecord
import ILSStream
import Testing

@testable import ILSCommand

@Suite struct PumpTests {
  private let course = Course()

  /// Runs `lines` through a false stage. - Returns: the exit status; nil where the run stopped.
  private func run(
    _ portions: [String], _ budget: RejectBudget = .unlimited, batch: Bool = false, breaks: Bool = false,
    failing: String? = nil
  ) -> (status: ILSRecord.ExitStatus?, stop: StopError?) {
    var pump = course.pump(budget, failing: failing)
    var stage = FalseStage(course, batch: batch)
    do throws(StopError) {
      try pump.pump(FalseStream(portions, course, breaks: breaks), through: &stage)
      return (try pump.close(), nil)
    } catch {
      return (nil, error)
    }
  }

  private func place(_ event: String) -> Int { course.events.firstIndex(of: event) ?? -1 }

  // MARK: - Waiting

  /// It is told how long, and may have less patience from then on.
  @Test func aStageThatHasPatienceIsSparedTheNewsOfAMoment() throws {
    var pump = course.pump()
    var stage = FalseStage(course)
    stage.patience = 70
    try pump.pump(FalseStream(["{\"a\":1}\n", "{\"a\":2}\n"], course, isLate: true), through: &stage)
    let waits = course.events.filter { ["within 70", "waited", "waits", "read"].contains($0) }
    #expect(waits.starts(with: ["within 70", "waited", "read", "waits", "read"]), "\(waits)")
  }

  @Test func aStageWhosePatienceEndsIsTold() throws {
    var pump = course.pump()
    var stage = FalseStage(course)
    stage.patience = 70
    try pump.pump(FalseStream(["{\"a\":1}\n"], course), through: &stage)
    #expect(course.events.starts(with: ["within 70", "waits"]), "\(course.events)")
    #expect(!course.events.contains("waited"))
  }

  // MARK: - The end

  @Test func aStageCommitsOnceAllRecordsAndRejectsAreWritten() {
    let run = run(["{\"a\":1}\n{\"bad\":1}\n", "{\"a\":2}"])
    #expect(run.status == .rejected)
    #expect(course.output == "{\"a\":1}\n{\"a\":2}\n{\"job\":1}\n")
    #expect(place("finish") < place("commit"))
    #expect(course.events.lastIndex(of: "write rejects").map { $0 < place("commit") } == true)
    #expect(place("commit") < place("close output"))
    #expect(!course.events.contains("abandon"))
  }

  @Test func aStageThatStopsIsAbandonedAndSaysSo() {
    let run = run(["{\"a\":1}\n{\"stop\":1}\n{\"a\":2}\n"])
    #expect(run.stop?.code == "x.stop")
    #expect(course.output == "{\"a\":1}\n", "what came before is written, since it may say why")
    #expect(course.events.contains("abandon") && !course.events.contains("commit"))
    #expect(course.news.map(\.code) == ["x.abandoned"])
  }

  @Test func aSourceThatBreaksOffIsNeverCommitted() {
    #expect(run(["{\"a\":1}\n"], breaks: true).stop?.code == "io.read")
    #expect(course.events.contains("abandon") && !course.events.contains("commit"))
  }

  @Test func aRecordThatIsCutOffIsNeverCommitted() {
    #expect(run(["{\"a\":1}\n{\"a\":"]).stop?.code == "json.truncated")
    #expect(course.events.contains("abandon") && !course.events.contains("commit"))
  }

  @Test func rejectsThatCannotBeWrittenKeepTheStageFromCommitting() {
    #expect(run(["{\"bad\":1}\n"], failing: "rejects").stop?.code == "io.write")
    #expect(course.events.contains("abandon") && !course.events.contains("commit"))
  }

  @Test func outputThatCannotBeWrittenKeepsTheStageFromCommitting() {
    #expect(run(["{\"a\":1}\n"], failing: "output").stop?.code == "io.write")
    #expect(course.events.contains("abandon") && !course.events.contains("commit"))
  }

  // MARK: - Counts

  @Test func theShareIsOfRecordsReadHoweverFewComeOut() {
    let run = run([String(repeating: "{\"a\":1}\n", count: 100), "{\"bad\":1}\n"])
    #expect(run.status == .rejected)
    #expect(course.news.last?.message == "1 of 101 records refused; they are in bad")
  }

  @Test func whatIsNoRecordCountsAsReadAndRefused() {
    #expect(run(["{\"a\":1}\nnonsense\n\n  \n{\"a\":2}\n"]).status == .rejected)
    #expect(course.news.last?.message == "1 of 3 records refused; they are in bad")
    #expect(course.rejects.contains(#""raw":"nonsense""#))
  }

  @Test func whatAStageWroteForARecordThatItRefusesIsTakenBack() {
    _ = run(["{\"a\":1}\n{\"bad\":1}\n"])
    #expect(!course.output.contains("bad"))
    #expect(course.rejects.contains(#""record":{"bad":1}"#))
  }

  // MARK: - Budgets

  @Test func aSpentBudgetStopsAtOnceAndIsNotCommitted() {
    let run = run(["{\"bad\":1}\n{\"bad\":2}\n{\"bad\":3}\n{\"a\":1}\n"], .count(1))
    #expect(run.stop?.code == "run.too_many_rejects")
    #expect(run.stop?.message.hasPrefix("stopped: 2 of 2 records were refused") == true)
    #expect(course.rejects.split(separator: "\n").count == 2)
    #expect(course.events.contains("abandon") && !course.events.contains("commit"))
  }

  @Test func aStageThatHoldsABatchStopsWithinIt() {
    let run = run([String(repeating: "{\"a\":1}\n", count: 300)], .count(0), batch: true)
    #expect(run.stop?.message.hasPrefix("stopped: 1 of 300 records were refused") == true)
    #expect(!course.events.contains("commit"))
  }

  @Test func aShareOfABatchIsOfAllThatWasRead() {
    let run = run([String(repeating: "{\"a\":1}\n", count: 300)], .percent(10), batch: true)
    #expect(run.stop?.message.hasPrefix("stopped: 31 of 300 records were refused") == true)
  }

  @Test func aShareOfFewRecordsIsJudgedBeforeTheStageCommits() {
    #expect(run(["{\"a\":1}\n{\"bad\":1}\n"], .percent(20)).stop?.code == "run.too_many_rejects")
    #expect(!course.events.contains("commit"))
  }

  @Test func aShareThatIsKeptCommits() {
    #expect(run([String(repeating: "{\"a\":1}\n", count: 9), "{\"bad\":1}\n"], .percent(20)).status == .rejected)
    #expect(course.events.contains("commit"))
  }

  // MARK: - Waiting

  @Test func whatIsThereIsWrittenBeforeTheSourceLetsWait() {
    _ = run(["{\"a\":1}\n", "{\"a\":2}\n"])
    #expect(course.events.prefix(5) == ["waits", "read", "waits", "write output", "read"])
  }
}

@Suite struct DecoderPumpTests {
  /// Ends a record at each line feed; a line with `!` is refused.
  private struct Lines: RecordDecoder {
    private var line: [UInt8] = []

    mutating func decode(_ chunk: PaddedBytes, emit: inout Emitter) throws(StopError) {
      for byte in chunk.bytes {
        guard byte == 0x0A else {
          line.append(byte)
          continue
        }
        if emit.isFull { return }
        if line.first == UInt8(ascii: "!") {
          emit.reject(Rejection(RecordError(code: "x.bad", message: "is bad")))
        } else {
          emit.output.append(line)
          emit.endRecord()
        }
        line = []
      }
    }

    mutating func finish(emit: inout Emitter) throws(StopError) {}
  }

  private let course = Course()

  private func run(_ portions: [String], _ budget: RejectBudget = .unlimited) throws(StopError) -> ILSRecord.ExitStatus
  {
    var pump = course.pump(budget)
    var source = FalseStream(portions, course)
    var lines = Lines()
    try pump.decode(&source, with: &lines)
    return try pump.close()
  }

  @Test func everyRowIsReadWrittenOrRefused() throws {
    #expect(try run(["1\n2", "\n!\n3\n"]) == .rejected)
    #expect(course.output == "1\n2\n3\n")
    #expect(course.news.last?.message == "1 of 4 records refused; they are in bad")
  }

  @Test func aShareIsOfTheRowsReadSoFarAlsoWithinAChunk() throws {
    // A hundredth of the first block, and far less of all.
    let block = String(repeating: "1\n", count: 990) + String(repeating: "!\n", count: 10)
    #expect(try run([block, block, block], .percent(1)) == .rejected)
    #expect(throws: StopError.self) { try run([block, block + "!\n"], .percent(1)) }
  }
}
