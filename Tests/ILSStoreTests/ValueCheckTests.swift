import ILSRecord
import Testing

@testable import ILSStore

/// What columns would change in silence.
@Suite struct ValueCheckTests {
  private func isKept(_ value: String, _ kind: String, _ modifier: Int = -1) -> Bool {
    guard let check = ValueCheck(kind: kind, modifier: modifier) else { return true }
    var value = value
    return value.withUTF8 { check.fault(in: UnsafeRawBufferPointer($0)) } == nil
  }

  /// numeric(4,2), as `atttypmod` has it.
  private let twoDigits = (4 << 16 | 2) + 4

  @Test(arguments: ["2.12", "2.1200", "-0.5", "212e-2", "0", "0.000", "99", "1e1", " 7.5 ", "0.00e-9"])
  func numbersOfTwoDigitsAreKept(number: String) { #expect(isKept(number, "numeric", twoDigits)) }

  @Test(arguments: ["2.125", "1e-3", "0.001", "NaN", "Infinity", "1,5", "", "-", ".", "0x10", "1_000", "1e", "--1"])
  func othersAreRefused(number: String) { #expect(!isKept(number, "numeric", twoDigits)) }

  @Test func scalesBelowZeroTakeRoundNumbers() {
    let hundreds = (5 << 16 | (-2 & 0x7FF)) + 4
    #expect(isKept("1200", "numeric", hundreds) && isKept("12e2", "numeric", hundreds))
    #expect(!isKept("1250", "numeric", hundreds))
  }

  @Test func floatsAreKeptWhereTheyReadBackTheSame() {
    #expect(
      isKept("0.1", "float8") && isKept("1e300", "float8") && isKept("-0", "float8") && isKept("123456.7", "float4"))
    #expect(isKept("12345678901234.5", "float8"))
    #expect(!isKept("0.1234567890123456789", "float8") && !isKept("9007199254740993", "float8"))
    #expect(!isKept("16777217", "float4") && !isKept("1e-400", "float8") && !isKept("nan", "float8"))
  }

  @Test func integersAreDigits() {
    #expect(isKept("-12", "int4") && isKept("+7", "int8") && isKept("007", "int2"))
    for text in ["12.0", "1e3", "0b11", "1_0", "x", ""] { #expect(!isKept(text, "int4"), "\(text)") }
  }

  @Test(arguments: ["1980-02-29", "0001-01-01", "9999-12-31", "1980-02-01T00:00:00", "1980-02-01 00:00"])
  func daysOfISO8601AreKept(day: String) { #expect(isKept(day, "date")) }

  @Test(arguments: [
    "03/04/1980", "yesterday", "infinity", "1979-02-29", "1980-2-1", "19800201", "1980-02-01T23:15", "epoch", "1980-02",
    "1980-02-01 BC", "12345-01-01", "", "1980-02-01T00:00:00Z",
  ])
  func otherDaysAreRefused(day: String) { #expect(!isKept(day, "date")) }

  private func assumesUTC(_ text: String, _ type: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { ValueCheck(kind: type, modifier: -1)?.assumesUTC($0) == true }
  }

  @Test func offsetsAreNotLostAndWhatIsTakenAsUTCIsTold() {
    let local = ["1980-02-01T09:30", "1980-02-01 09:30:00.25", "1980-02-01"]
    let zoned = ["1980-02-01T09:30Z", "1980-02-01 09:30:00.25+01", "1980-02-01T09:30:00-0330"]
    for text in local { #expect(isKept(text, "timestamp"), "\(text)") }
    #expect(!isKept("1980-02-01", "timestamptz"), "a day is no moment")
    for text in local.dropLast() { #expect(isKept(text, "timestamptz") && assumesUTC(text, "timestamptz"), "\(text)") }
    for text in zoned { #expect(!assumesUTC(text, "timestamptz"), "\(text)") }
    #expect(assumesUTC("09:30", "timetz") && !assumesUTC("09:30-05", "timetz") && !assumesUTC("09:30", "time"))
    for text in zoned { #expect(isKept(text, "timestamptz") && !isKept(text, "timestamp"), "\(text)") }
    #expect(isKept("09:30", "time") && !isKept("09:30+01", "time") && isKept("09:30+01", "timetz"))
    #expect(
      !isKept("24:00", "time") && !isKept("9:30", "time") && !isKept("09:30 PM", "time"))
  }

  @Test func secondsAreNotRounded() {
    #expect(isKept("09:30:00.123456", "time") && !isKept("09:30:00.1234567", "time"))
    #expect(isKept("1980-02-01T09:30:00.120", "timestamp", 2) && !isKept("1980-02-01T09:30:00.123", "timestamp", 2))
  }

  @Test func textIsNotCut() {
    #expect(isKept("M", "char") && !isKept("MF", "char"))
    #expect(!isKept(String(repeating: "x", count: 64), "name"))
  }

  // MARK: - Values that are made of others

  @Test func partsOfArraysAreKeptOrRefused() {
    #expect(isKept("{1.2,NULL, 3.45 }", "_numeric", twoDigits) && isKept("{}", "_numeric", twoDigits))
    #expect(isKept("[2:3]={1.2,3}", "_numeric", twoDigits) && isKept("{{1,2},{3,4}}", "_numeric", twoDigits))
    #expect(!isKept("{1.2,3.456}", "_numeric", twoDigits) && !isKept(#"{"1.239"}"#, "_numeric", twoDigits))
    #expect(isKept("{1.23456}", "_numeric") && isKept("{x}", "_text") && isKept("{16777216}", "_float4"))
    #expect(!isKept("{16777217}", "_float4"))
    #expect(isKept(#"{2020-02-29,"2020-01-01"}"#, "_date"))
    for days in ["{yesterday}", "{2020-01-01 10:00}", "{2020-01-01,03/04/1980}", #"{"2020-02-30"}"#] {
      #expect(!isKept(days, "_date"), "\(days)")
    }
    #expect(
      !isKept(#"{"2020-01-01 10:00:00.7"}"#, "_timestamp", 0) && isKept(#"{"2020-01-01 10:00"}"#, "_timestamp", 0))
  }

  @Test func boundsOfRangesAreKeptOrRefused() {
    #expect(isKept("[2020-01-01,2020-02-01)", "daterange") && isKept("(,2020-02-01]", "daterange"))
    #expect(isKept("empty", "daterange") && isKept("[1.25,)", "numrange") && isKept("[1,5)", "int4range"))
    #expect(isKept("{[2020-01-01,2020-01-05),[2020-02-01,)}", "datemultirange"))
    for bounds in ["[yesterday,)", "[2020-01-01,infinity)", "[2020-01-01 10:00,)"] {
      #expect(!isKept(bounds, "daterange"), "\(bounds)")
    }
    #expect(!isKept(#"["2020-01-01 10:00+05",)"#, "tsrange") && isKept(#"["2020-01-01 10:00+05",)"#, "tstzrange"))
    #expect(assumesUTC(#"["2020-01-01 10:00+05","2020-01-01 11:00")"#, "tstzrange"))
    #expect(!assumesUTC(#"["2020-01-01 10:00+05",)"#, "tstzrange"))
  }

  @Test func spansOfTimeAreNotRoundedOrCut() {
    let (seconds, months) = (0x7FFF << 16, 6 << 16 | 0xFFFF)
    #expect(isKept("1.5 seconds", "interval") && isKept("P2DT3H", "interval") && isKept("00:00:00.123456", "interval"))
    #expect(!isKept("0.1234567 seconds", "interval"))
    #expect(isKept("90 seconds", "interval", seconds) && isKept("1:30", "interval", seconds))
    #expect(!isKept("1.6 seconds", "interval", seconds) && !isKept("700 milliseconds", "interval", seconds))
    #expect(isKept("2 years 3 months", "interval", months) && isKept("3 mons", "interval", months))
    for span in ["5 days", "2 years 1 day", "10 minutes", "P2Y", "2"] {
      #expect(!isKept(span, "interval", months), "\(span)")
    }
  }

  @Test func jsonThatHasANameTwiceIsRefusedWhereOneWouldBeLost() {
    #expect(!isKept(#"{"a":1,"a":2}"#, "jsonb") && !isKept(#"[{"b":{"a":1,"\u0061":2}}]"#, "jsonb"))
    #expect(isKept(#"{"a":1,"a":2}"#, "json") && isKept(#"{"a":{"a":1},"b":[{"a":2},{"a":3}]}"#, "jsonb"))
    #expect(isKept("{bad", "jsonb"), "that is for the database to refuse")
  }
}

/// What is done about a batch that the database took back.
@Suite struct TriesTests {
  private let lost = DatabaseError(state: "57P01")
  private let refused = DatabaseError(state: "AB123")
  private let locked = DatabaseError(state: "55P03")

  /// Whatever happens, and in whatever order, it comes to an end.
  @Test(arguments: ["57P01", "AB123", "55P03", "40001", "23505", "42501", "XX000"], [1, 2, 10_000])
  func noErrorIsTriedForEver(state: String, count: Int) {
    for isSuspect in [false, true] {
      var tries = Tries(patience: 10, isSuspect: isSuspect)
      var isStraight = true
      var care = Tries.Care.none
      var steps: [Tries.Step] = []
      while steps.count < 100, ![.split, .refuse, .stop].contains(steps.last) {
        let step = tries.next(
          DatabaseError(state: state), count: count, isStraight: isStraight, care: care, lock: 0.8)
        if step == .restage { isStraight = false }
        if case .carefully(let more) = step { (isStraight, care) = (false, more) }
        steps.append(step)
      }
      #expect(steps.count <= Tries.collisionLimit + 8, "\(steps)")
    }
  }

  @Test func statesThatTriggersMakeUpAreTheRecords() {
    for state in ["AB123", "P0001", "54000", "22001", "23514", "42501", "55000"] {
      #expect(DatabaseError(state: state).isAboutRecord, "\(state)")
    }
    for state in ["57014", "55P03", "40001", "08006", "53100", "25006", "XX000", "58030"] {
      #expect(!DatabaseError(state: state).isAboutRecord, "\(state)")
    }
    #expect(!DatabaseError(state: "AB123", isDisconnected: true).isAboutRecord)
  }

  @Test func recordThatIsAloneAndEndsItsServerIsRefused() {
    var tries = Tries(patience: 10, isSuspect: true)
    let steps = (0..<3).map { _ in tries.next(lost, count: 1, isStraight: false, care: .none, lock: 0) }
    #expect(steps == [.again, .again, .refuse])
  }

  /// Rows that went straight into the table are gone with their transaction: the same again would commit without them.
  @Test(arguments: ["57P01", "AB123", "55P03", "40001", "23505"])
  func rowsThatWentStraightAreNeverTriedAgainAsTheyAre(state: String) {
    var tries = Tries(patience: 0, isSuspect: false)
    let step = tries.next(DatabaseError(state: state), count: 9, isStraight: true, care: .none, lock: 0.8)
    #expect(step == .restage || step == .carefully(.suspects))
  }

  @Test func locksAreWaitedForAsLongAsIsAllowed() {
    var tries = Tries(patience: 2, isSuspect: false)
    let steps = (0..<3).map { _ in tries.next(locked, count: 9, isStraight: false, care: .all, lock: 0.8) }
    #expect(steps == [.again, .again, .stop])
    var patient = Tries(patience: 0, isSuspect: false)
    #expect(
      (0..<50).allSatisfy { _ in patient.next(locked, count: 9, isStraight: false, care: .all, lock: 0.8) == .again
      })
  }
}
