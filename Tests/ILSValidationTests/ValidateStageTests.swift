import Foundation
import ILSRecord
import Testing

@testable import ILSValidation

/// What came of validating some records.
private struct Verdict {
  var lines: [String] = []
  /// `line: field: code` of each error and warning.
  var errors: [String] = []
  var warnings: [String] = []
  var messages: [String] = []
  /// All that records were refused for, told or not.
  var refusals: [RecordError] = []
}

@Suite struct ValidateStageTests {
  private static let entities =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path
    + "/Sources/ILSData/entities/"

  private func entity(_ name: String) throws -> JSONValue {
    try JSONValue(parsing: Array(FileManager.default.contents(atPath: Self.entities + name + ".json") ?? Data()))
  }

  private func validate(
    _ schema: JSONValue, _ records: [String], _ options: ValidateStage.Options = .init(),
    references: [ReferenceKeys] = []
  ) throws -> Verdict {
    var stage = ValidateStage(try RecordSchema(schema, today: someDay), options, references: references)
    var emitter = Emitter(stage: "ils-validate")
    var verdict = Verdict()
    func take() {
      for told in emitter.takeDiagnostics() {
        let text = "\(told.position.row ?? 0): \(told.field ?? ""): \(told.code)"
        if told.severity == .error { verdict.errors.append(text) } else { verdict.warnings.append(text) }
        verdict.messages.append(told.message)
      }
    }
    try scan(records) { record in
      let mark = emitter.output.count
      do throws(StageError) {
        try stage.process(record, emit: &emitter)
      } catch .reject(let rejection) {
        emitter.output.truncate(to: mark)
        verdict.refusals += rejection.errors
        emitter.reject(rejection, at: record.position, input: .record(record.bytes))
      }
      take()
    }
    try stage.finish(emit: &emitter)
    take()
    verdict.lines = emitter.output.string().split(separator: "\n").map(String.init)
    return verdict
  }

  private func scan(_ records: [String], _ body: (Record) throws -> Void) throws {
    var scanner = RecordScanner()
    for (index, line) in records.enumerated() {
      let padded = Array(line.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 16)
      try padded.withUnsafeBytes { bytes in
        try body(try scanner.scan(PaddedBytes(0..<bytes.count - 16, of: bytes), number: index + 1))
      }
    }
  }

  private func patient(_ more: String = "", first: String = "Ann", last: String = "Lee", born: String = "1980-01-02")
    -> String
  {
    #"{"firstName":"\#(first)","lastName":"\#(last)","dateOfBirth":"\#(born)"\#(more.isEmpty ? "" : ",")\#(more)}"#
  }

  private func order(_ more: String = "", number: String = "1", patient: String = "7") -> String {
    #"{"patientIdentifier":"\#(patient)","orderNumber":"\#(number)","orderDate":"2024-05-06","testType":"CBC"\#(more.isEmpty ? "" : ",")\#(more)}"#
  }

  // MARK: - Entities

  @Test func aValidRecordIsPassedOnByteForByte() throws {
    let line =
      #"{ "_row": 9, "firstName" : "\u0041nn", "lastName":"Lee","dateOfBirth":"1980-01-02","mrn":null,"email":"" }"#
    let verdict = try validate(entity("patients"), [line])
    #expect(verdict.lines == [line])
    #expect(verdict.errors == [])
  }

  @Test func manyFieldsThatAreNoneOfTheSchemaAreOneFault() throws {
    let more = (1...500).map { ",\"column_\($0)\":\"x\"" }.joined()
    let verdict = try validate(
      entity("patients"), [#"{"firstName":"A","lastName":"B","dateOfBirth":"1980-01-02"\#(more)}"#])
    #expect(verdict.errors == ["1: column_1: schema.additionalProperties"])
    #expect(verdict.lines == [])
  }

  @Test func everyFaultOfARecordIsTold() throws {
    let verdict = try validate(
      entity("patients"),
      [
        #"{"firstName":null,"dateOfBirth":"1980-02-30","gender":"f","email":"nobody","mrn":\#("\"" + String(repeating: "9", count: 51) + "\""),"shoe":"9","_note":1}"#
      ])
    #expect(
      verdict.errors.sorted() == [
        "1: dateOfBirth: format.date", "1: email: format.email", "1: firstName: schema.required",
        "1: gender: schema.enum",
        "1: lastName: schema.required", "1: mrn: schema.maxLength", "1: shoe: schema.additionalProperties",
      ])
    #expect(verdict.lines == [])
  }

  @Test func datesLieBetweenTheirLimits() throws {
    let verdict = try validate(
      entity("patients"),
      [
        patient(born: "1899-12-31"), patient(born: "1900-01-02"), patient(born: "2026-11-23"),
        patient(born: "2026-11-24"),
      ])
    #expect(verdict.errors == ["1: dateOfBirth: date.too_early", "4: dateOfBirth: date.too_late"])
  }

  @Test func addressesOfAnyScriptAreTaken() throws {
    let verdict = try validate(
      entity("patients"), [patient(#""email":"юзер@екзампл.ком""#), patient(#""email":"a@b--c.d-.x""#, first: "Bo")])
    #expect(verdict.errors == ["2: email: format.email"])
  }

  @Test func aResultIsNotOlderThanItsOrder() throws {
    let verdict = try validate(
      entity("orders"),
      [
        order(#""resultDate":"2024-05-05""#), order(#""resultDate":"2024-05-06""#, number: "2"),
        order(#""resultDate":"""#, number: "3"),
      ])
    #expect(verdict.errors == ["1: resultDate: order.result_before_order"])
  }

  @Test func aCompletedValueWithoutAUnitIsToldAndPasses() throws {
    let verdict = try validate(
      entity("orders"),
      [
        order(#""status":"completed","resultValue":"5.1""#),
        order(#""status":"completed","resultValue":"5.1","resultUnit":"mmol/l""#, number: "2"),
        order(#""status":"pending","resultValue":"5.1""#, number: "3"),
        order(#""status":"completed","resultValue":"neg","interpretation":"negative""#, number: "4"),
      ])
    #expect(verdict.warnings == ["1: resultValue: order.unit_missing"])
    #expect(verdict.lines.count == 4)
  }

  // MARK: - Identity

  @Test func theSecondOfTwoRecordsThatShareAKeyIsRefused() throws {
    let verdict = try validate(
      entity("patients"),
      [
        patient(#""mrn":"A1","_row":12"#), patient(#""mrn":"a1""#, first: "Bo"),
        patient(#""mrn":"\u00411""#, first: "Cy"),
        patient(first: "ANN", last: "lee"), patient(#""email":"É@x.org""#, first: "Di"),
        patient(#""email":"é@X.org""#, first: "Ed"), patient(#""mrn":"""#, first: "Flo"),
        patient(#""mrn":"""#, first: "Gus"),
      ])
    // Letter case counts in an mrn, and not in names and addresses.
    #expect(
      verdict.errors == [
        "3: mrn: unique.mrn", "4: firstName: unique.firstName_lastName_dateOfBirth", "6: email: unique.email",
      ])
    #expect(verdict.messages.first?.contains("row 12") == true)
  }

  @Test func aRefusedRecordDoesNotMakeALaterOneADuplicate() throws {
    let verdict = try validate(
      entity("patients"), [patient(#""mrn":"1","gender":"?""#), patient(#""mrn":"1","gender":"female""#)])
    #expect(verdict.errors == ["1: gender: schema.enum"])
    #expect(verdict.lines.count == 1)
  }

  @Test func familiesShareAnAddressAndTwinsAreToldApartByTheirNumbers() throws {
    let shared = #""email":"lee@x.org""#
    let verdict = try validate(
      entity("patients"),
      [
        patient(#""mrn":"1",\#(shared)"#), patient(#""mrn":"2",\#(shared)"#, first: "Nils", born: "2012-09-01"),
        patient(shared, first: "Mo", born: "1950-01-01"), patient(#""mrn":"3",\#(shared)"#, first: "Twin"),
        patient(shared, first: "Bare"), patient(#""_is":"new",\#(shared)"#, first: "Said"),
      ])
    #expect(verdict.errors == ["5: email: unique.email"])
  }

  /// However many sources there are: one who is told apart by a number hides nobody of the same source who is not.
  @Test(arguments: [2, 70, 300]) func whoSharesAnAddressIsFoundAmongManySources(sources: Int) throws {
    func person(_ number: Int, _ more: String, born: String) -> String {
      patient(#""email":"noemail@clinic.de""# + more, first: "F\(number)", last: "L\(number)", born: born)
    }
    func of(_ source: Int) -> String { #","externalId":"E","importSource":"s\#(source)""# }
    let others = (0..<sources).map { person($0, of($0), born: "\(1900 + $0 % 100)-0\($0 / 100 + 1)-02") }
    let told = #","mrn":"7","externalId":"X","importSource":"s\#(sources - 1)""#
    let untold = #","externalId":"Y","importSource":"s\#(sources - 1)""#
    let records = [
      person(1001, told, born: "1960-05-05"), person(1002, untold, born: "1960-05-05"),
      person(1003, #","mrn":"8""#, born: "1960-05-05"),
    ]
    let verdict = try validate(try entity("patients"), others + records)
    #expect(verdict.errors == ["\(sources + 3): email: unique.email"])
  }

  @Test(arguments: ["   ", "\\t", "\\u2003", "\u{3000}"]) func whiteSpaceAloneIsNoValue(blank: String) throws {
    let verdict = try validate(
      entity("patients"),
      [
        #"{"firstName":"\#(blank)","lastName":"Lee","dateOfBirth":"1980-01-02"}"#,
        #"{"firstName":"Ann","lastName":"Lee","dateOfBirth":"\#(blank)"}"#,
        patient(#""email":"\#(blank)","gender":"\#(blank)""#),
      ])
    #expect(verdict.errors == ["1: firstName: schema.required", "2: dateOfBirth: schema.required"])
  }

  @Test func partsOfAKeyDoNotRunTogether() throws {
    let verdict = try validate(
      entity("patients"), [patient(first: "Ann", last: "Alee"), patient(first: "AnnA", last: "lee")])
    #expect(verdict.errors == [])
  }

  /// With 16 bits kept of each value, some two of these would agree in a field in which they do not.
  @Test func whatAgreesIsToldOfNoneThatDiffers() throws {
    let records = (1...60_000).map { row in
      #"{"mrn":"1","firstName":"F\#(row)","lastName":"L\#(row)","dateOfBirth":"1980-01-02","email":"m\#(row)@example.org"}"#
    }
    let verdict = try validate(try entity("patients"), records)
    let evidence = verdict.refusals.map { ($0.candidates?.agreed ?? []) + ["|"] + ($0.candidates?.differed ?? []) }
    #expect(evidence.count == records.count - 1)
    #expect(Set(evidence) == [["mrn", "dateOfBirth", "|", "email", "firstName", "lastName"]])
  }

  @Test func uniquenessCanBeLeftOut() throws {
    var options = ValidateStage.Options()
    options.checksUniqueness = false
    #expect(try validate(entity("patients"), [patient(), patient()], options).lines.count == 2)
  }

  // MARK: - Leniency

  @Test func badOptionalFieldsBecomeNullAndAreKept() throws {
    var options = ValidateStage.Options()
    options.isLenient = true
    let verdict = try validate(
      entity("patients"),
      [
        patient(#""gender":"f\u0021","phone":7"#), patient(#""gender":"f""#, first: ""),
        patient(#""shoe":"9""#, first: "Bo"),
      ], options)
    #expect(
      verdict.lines == [
        #"{"firstName":"Ann","lastName":"Lee","dateOfBirth":"1980-01-02","gender":null,"phone":null,"_nulled":{"gender":"f\u0021","phone":7}}"#
      ])
    #expect(verdict.warnings == ["1: gender: schema.enum", "1: phone: schema.type"])
    // A required field, and one that has no place, are still faults.
    #expect(
      Set(verdict.errors) == [
        "2: gender: schema.enum", "2: firstName: schema.required", "3: shoe: schema.additionalProperties",
      ])
  }

  @Test(
    arguments: [
      (#"{"x-ils":{"checks":[{"code":"a.b"}]}}"#, "/x-ils/checks/0"),
      (#"{"x-ils":{"quality":{"a":"odd"}}}"#, "/x-ils/quality/a"),
    ])
  func aFaultOfAnAnnotationIsNamedWithItsPlace(schema: String, place: String) throws {
    #expect(try schemaFaults(schema) == [place])
  }

  // MARK: - References

  @Test func ordersNeedTheirPatients() throws {
    let patients = try entity("patients")
    let references = try Reference.read(entity("orders")) { _ in patients }
    let reference = try #require(references.first)
    let keys = ReferenceKeys(reference)
    try scan([patient(#""mrn":"7""#), patient(#""email":"Bo@x.org""#), patient(#""externalId":"e-1""#)]) {
      keys.add($0)
    }
    let verdict = try validate(
      entity("orders"),
      [
        order(patient: "7"), order(number: "2", patient: "bo@X.org"), order(number: "3", patient: "e-1"),
        order(number: "4", patient: "E-1"), order(number: "5", patient: "Lee"),
      ],
      references: [keys])
    #expect(verdict.errors == ["4: patientIdentifier: patient.not_found", "5: patientIdentifier: patient.not_found"])
  }

  @Test func whatTwoPatientsHaveNamesNeither() throws {
    let patients = try entity("patients")
    let references = try Reference.read(entity("orders")) { _ in patients }
    let keys = ReferenceKeys(try #require(references.first), source: "north")
    let lines = [
      patient(#""mrn":"1","email":"lee@x.org""#),
      patient(#""mrn":"2","email":"lee@x.org""#, first: "Bob", born: "2010-01-01"),
      patient(#""externalId":"7""#, first: "Cy"),
      patient(#""externalId":"7","importSource":"south""#, first: "Di", born: "2011-01-01"),
      // The same person once more, and one of whom nobody can say who he is.
      patient(#""mrn":"1","email":"LEE@x.org""#),
      patient(#""mrn":"1","email":"eve@x.org""#, first: "Eve", last: "Poe", born: "1999-01-01"),
    ]
    try scan(lines) { keys.add($0) }
    let verdict = try validate(
      entity("orders"),
      ["1", "lee@x.org", "7", "eve@x.org"].enumerated().map { order(number: "\($0)", patient: $1) },
      references: [keys])
    #expect(verdict.errors == ["2: patientIdentifier: reference.ambiguous", "4: patientIdentifier: patient.not_found"])
  }

  // MARK: - Quality

  @Test(arguments: [
    (#""firstName":"Test""#, "firstName: quality.placeholder"), (#""lastName":"N/A""#, "lastName: quality.placeholder"),
    (#""phone":"555-555-5555""#, "phone: quality.placeholder"),
    (#""email":"a@gmial.com""#, "email: quality.email_domain"),
    (#""email":"a@HOTMAIL.CON""#, "email: quality.email_domain"),
    (#""dateOfBirth":"1900-01-01""#, "dateOfBirth: quality.placeholder"),
  ])
  func whatLooksWrongIsToldAndPasses(field: String, warning: String) throws {
    var members = ["firstName": #""Ann""#, "lastName": #""Lee""#, "dateOfBirth": #""1980-01-02""#]
    let parts = field.split(separator: ":", maxSplits: 1).map { String($0) }
    members[parts[0].filter { $0 != "\"" }] = parts[1]
    let line = "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    let verdict = try validate(entity("patients"), [line])
    #expect(verdict.warnings.map { String($0.drop { $0 != " " }.dropFirst()) } == [warning])
    #expect(verdict.lines == [line])
  }

  @Test func whatIsOddInExcessIsToldAtTheEnd() throws {
    let givens = ["Jennifer", "Robert", "Linda", "Susan"]
    let lines = (0..<200).map { number in
      patient(
        #""phone":"(412) 555-\#(number % 3 == 0 ? "0100" : "\(2000 + number)")""#, first: "Smith\(number)",
        last: givens[number % 4], born: number % 10 == 0 ? "19\(20 + number % 60)-01-01" : "1980-02-\(10 + number % 19)"
      )
    }
    let codes = Set(try validate(entity("patients"), lines).warnings)
    #expect(
      codes == ["0: dateOfBirth: quality.birthdays", "0: phone: quality.shared", "0: lastName: quality.names_swapped"])
  }

  @Test func whatIsUsualIsNotTold() throws {
    let givens = ["Jennifer", "Robert", "Linda", "Susan"]
    let lines = (0..<200).map { number in
      patient(
        #""phone":"(412) 555-\#(2000 + number)","email":"p\#(number)@gmail.com""#, first: givens[number % 4],
        last: "Smith\(number)",
        born: "1980-0\(1 + number % 9)-0\(1 + number % 7)")
    }
    #expect(try validate(entity("patients"), lines).warnings == [])
  }

  // MARK: - Any schema

  @Test func anyJSONSchemaValidatesRecords() throws {
    let schema = try parse(
      #"{"type":"object","properties":{"a":{"type":"array","items":{"maximum":3}},"b":{"pattern":"^x"}},"patternProperties":{"^n_":{"type":"number"}},"required":["a"],"minProperties":2,"dependentRequired":{"b":["n_1"]}}"#
    )
    let verdict = try validate(
      schema,
      [
        #"{"a":[1,2],"n_1":5}"#, #"{"a":[1,9],"n_1":"x"}"#, #"{"a":[]}"#, #"{"a":[],"b":"y"}"#, #"{"a":null,"x":""}"#,
        #"{"_row":9,"a":[]}"#,
      ])
    #expect(
      verdict.errors == [
        "2: a[1]: schema.maximum", "2: n_1: schema.type", "3: : schema.minProperties", "4: b: schema.pattern",
        "4: n_1: schema.dependentRequired", "5: a: schema.type", "9: : schema.minProperties",
      ])
  }
}
