import ILSRecord
import ILSMapping
import Testing

@Suite struct MapStageTests {
  /// The mapping file of the data migration guide.
  let guide = """
    {"mappings":[
      {"sourceField":"patient_first_name","targetField":"firstName","transform":"trim","required":true},
      {"sourceField":"patient_last_name","targetField":"lastName","transform":"trim","required":true},
      {"sourceField":"birth_date","targetField":"dateOfBirth","transform":"date_format","required":true},
      {"sourceField":"patient_email","targetField":"email","transform":"lowercase"},
      {"sourceField":"phone_number","targetField":"phone","transform":"phone_format"}]}
    """

  @Test func theGuidesMappingFileWorksUnchanged() throws {
    let mapped = try map(
      guide,
      [
        #"{"_row":2,"patient_first_name":" John ","patient_last_name":"Doe","birth_date":"01/15/2024","patient_email":"JOHN@X.ORG","phone_number":"5550100"}"#
      ])
    #expect(
      mapped.lines == [
        #"{"_row":2,"firstName":"John","lastName":"Doe","dateOfBirth":"2024-01-15","email":"john@x.org","phone":"(555) 010-0"}"#
      ])
    #expect(mapped.errors.isEmpty)
  }

  @Test func untouchedValuesLeaveByteForByte() throws {
    let values = [
      "12345678901234567890.10", "1E400", "-0", #""\u00e9\/\n""#, #"{"b" : 1, "a":[1,2 ,{}]}"#, "true", "null", "\"\"",
      "\"\u{1F600}\"",
    ]
    for value in values { #expect(try outcome("\"none\"", value) == value) }
    for value in values where !value.hasPrefix("{") && !value.hasSuffix("n\"") {
      #expect(try outcome("\"trim\"", value) == value)
    }
  }

  @Test func ownFieldsComeFirstWhateverTheirPlace() throws {
    let mapped = try map(
      #"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#, [#"{"a":1,"_file":"x","_row":7}"#])
    #expect(mapped.lines == [#"{"_file":"x","_row":7,"b":1}"#])
  }

  @Test func targetsCanSwapNames() throws {
    let mapped = try map(
      #"{"mappings":[{"sourceField":"a","targetField":"b"},{"sourceField":"b","targetField":"a"}]}"#,
      [#"{"a":1,"b":2}"#, #"{"b":3,"a":4}"#])
    #expect(mapped.lines == [#"{"b":1,"a":2}"#, #"{"b":4,"a":3}"#])
  }

  @Test func aRequiredValueThatIsAbsentRefusesTheRecord() throws {
    let mapping = #"{"mappings":[{"sourceField":"a","targetField":"b","transform":"trim","required":true}]}"#
    for record in [#"{"a":""}"#, #"{"a":null}"#, #"{"a":"   "}"#, #"{"x":1}"#, "{}"] {
      let mapped = try map(mapping, [record])
      #expect(mapped.errors == ["b: map.required"], "\(record)")
      #expect(mapped.lines.isEmpty)
    }
  }

  @Test func aDefaultStandsInForAbsentValues() throws {
    let mapping =
      #"{"mappings":[{"sourceField":"a","targetField":"b","transform":"trim","required":true,"defaultValue":7}]}"#
    for record in [#"{"a":""}"#, #"{"a":null}"#, #"{"a":"   "}"#, #"{"x":1}"#] {
      #expect(try map(mapping, [record]).lines == [#"{"b":7}"#], "\(record)")
    }
    #expect(try map(mapping, [#"{"a":"x "}"#]).lines == [#"{"b":"x"}"#])
  }

  @Test func constantsAndJoinedAndFirstPresentFields() throws {
    let mapped = try map(
      #"""
      {"mappings":[{"constant":{"k":[1]},"targetField":"c"},
       {"sourceFields":["a","b","z"],"join":" \"&\" ","targetField":"j","transform":"uppercase"},
       {"sourceFields":["b","a"],"targetField":"f"}]}
      """#, [#"{"a":"x\ty","b":""}"#, #"{"a":1,"b":"é"}"#, #"{"a":"","b":null}"#])
    #expect(
      mapped.lines == [
        #"{"c":{"k":[1]},"j":"X\tY","f":"x\ty"}"#, #"{"c":{"k":[1]},"j":"1 \"&\" É","f":"é"}"#,
        #"{"c":{"k":[1]},"j":null,"f":null}"#,
      ])
  }

  @Test func valuesAreLookedUp() throws {
    let mapping = #"""
      {"mappings":[{"sourceField":"a","targetField":"b","transform":["trim","uppercase"],
       "values":{"CA":"California","1":true,"X":null}}]}
      """#
    let mapped = try map(
      mapping, [#"{"a":" ca "}"#, #"{"a":1}"#, #"{"a":"x"}"#, #"{"a":"zz"}"#, #"{"a":""}"#])
    #expect(mapped.lines == [#"{"b":"California"}"#, #"{"b":true}"#, #"{"b":null}"#, #"{"b":""}"#])
    #expect(mapped.errors == ["b: values.unknown"])
    let otherwise = try map(
      #"{"mappings":[{"sourceField":"a","targetField":"b","values":{"1":"one"},"otherwise":"many"}]}"#,
      [#"{"a":"1"}"#, #"{"a":"2"}"#])
    #expect(otherwise.lines == [#"{"b":"one"}"#, #"{"b":"many"}"#])
  }

  @Test func unmappedFieldsAreDroppedKeptOrGathered() throws {
    let mapping = #"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#
    let records = [#"{"_row":2,"x":1,"a":2,"y":"z"}"#, #"{"_row":3,"x":1,"a":2,"y":"z"}"#]
    let dropped = try map(mapping, records)
    #expect(dropped.lines == [#"{"_row":2,"b":2}"#, #"{"_row":3,"b":2}"#])
    #expect(dropped.diagnostics.filter { $0.code == "map.dropped" }.count == 1)
    #expect(dropped.diagnostics.first { $0.code == "map.dropped" }?.message.hasSuffix("x, y") == true)
    #expect(try map(mapping, records, unmapped: .keep).lines[0] == #"{"_row":2,"b":2,"x":1,"y":"z"}"#)
    #expect(
      try map(mapping, records, unmapped: .gather(into: "rest")).lines[1] == #"{"_row":3,"b":2,"rest":{"x":1,"y":"z"}}"#
    )
  }

  @Test func aKeptFieldMayNotTakeATargetsName() throws {
    let mapping = #"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#
    #expect(try map(mapping, [#"{"a":1,"b":2}"#], unmapped: .keep).errors == ["b: map.collision"])
  }

  @Test func aSourceThatNoRecordHasIsToldOnce() throws {
    let mapped = try map(
      #"{"mappings":[{"sourceField":"a","targetField":"b"},{"sourceField":"typo","targetField":"c"}]}"#,
      [#"{"a":1}"#, #"{"a":2}"#])
    #expect(mapped.lines == [#"{"b":1}"#, #"{"b":2}"#])
    #expect(mapped.diagnostics.map(\.code) == ["map.no_source"])
  }

  @Test func everyErrorOfARecordIsNamed() throws {
    let mapped = try map(
      guide,
      [#"{"patient_first_name":"","patient_last_name":"x","birth_date":"soon","patient_email":"","phone_number":"12"}"#]
    )
    #expect(mapped.errors == ["firstName: map.required", "dateOfBirth: date.unreadable", "phone: phone.unreadable"])
    #expect(mapped.diagnostics.allSatisfy { !$0.message.contains("soon") })
  }

  @Test func recordsOfChangingShapesAreMapped() throws {
    let lines = (0..<50).map { "{\"a\":\($0),\"f\($0 % 5)\":1}" }
    let mapped = try map(#"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#, lines)
    #expect(mapped.lines == (0..<50).map { "{\"b\":\($0)}" })
  }

  @Test func oneFieldMayFeedManyTargets() throws {
    let long = String(repeating: "x", count: 5000)
    let targets = (0..<40).map { #"{"sourceField":"a","targetField":"t\#($0)","transform":"uppercase"}"# }
    let mapped = try map("{\"mappings\":[\(targets.joined(separator: ","))]}", [#"{"a":"\#(long)"}"#])
    #expect(mapped.lines[0].utf8.count > 200_000)
    #expect(mapped.lines[0].hasSuffix("X\"}"))
  }
}
