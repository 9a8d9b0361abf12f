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

  /// mapping members beside source and target, and what comes of values.
  static let tables: [(String, [(String, String)])] = [
    // What the table holds is settled, the others go to the transform.
    (
      #""transform":"gender_normalize","values":{"Kvinna":"female","H":"male"}"#,
      [
        (#""F""#, #""female""#), (#""Kvinna""#, #""female""#), (#"" Kvinna ""#, #""female""#), (#""H""#, #""male""#),
        (#""?""#, "w: gender.unreadable"), (#""""#, #""""#),
      ]
    ),
    (
      #""transform":["trim","gender_normalize"],"values":{"?":null},"defaultValue":"unknown""#,
      [(#"" ? ""#, #""unknown""#), (#""m""#, #""male""#)]
    ),
    (
      #""transform":"date_format","values":{"unbekannt":null}"#,
      [(#""unbekannt""#, "null"), (#""2024-01-02""#, #""2024-01-02""#)]
    ),
    // A table of what the transform makes must hold all of that.
    (
      #""transform":"gender_normalize","values":{"male":"M","female":"F"}"#,
      [(#""w""#, #""F""#), (#""male""#, #""M""#), (#""x""#, "w: values.unknown")]
    ),
    (
      #""transform":"to_integer","values":{"1":"male","2":"female","m":"male"}"#,
      [(#""01""#, #""male""#), (#""m""#, #""male""#), ("2", #""female""#), (#""3""#, "w: values.unknown")]
    ),
    // An entry that changes nothing says nothing of the others.
    (#""transform":"gender_normalize","values":{"Mann":"male","male":"male"}"#, [(#""f""#, #""female""#)]),
    // "otherwise" is for what neither can read.
    (
      #""transform":"gender_normalize","values":{"Kvinna":"female"},"otherwise":"unknown""#,
      [(#""F""#, #""female""#), (#""?""#, #""unknown""#)]
    ),
    // Transforms that clean text stand in front of the table.
    (
      #""transform":"uppercase","values":{"CA":"California"}"#,
      [(#""ca""#, #""California""#), (#""tx""#, "w: values.unknown")]
    ),
  ]

  @Test(arguments: tables) func tablesAndTransformsGoTogether(_ members: String, _ values: [(String, String)]) throws {
    for (value, expected) in values {
      let mapped = try map(
        #"{"mappings":[{"sourceField":"v","targetField":"w",\#(members)}]}"#, [#"{"v":\#(value)}"#])
      #expect(
        (mapped.errors.first ?? mapped.lines.first) == (expected.hasPrefix("w:") ? expected : #"{"w":\#(expected)}"#))
    }
  }

  @Test(arguments: [
    (#""onError":"null""#, "null", "map.nulled"), (#""onError":"keep""#, #"" ? ""#, "map.kept"),
    (#""onError":"null","defaultValue":"1900-01-01""#, #""1900-01-01""#, "map.nulled"),
  ]) func anUnreadableValueNeedNotCostItsRecord(_ members: String, _ expected: String, _ code: String) throws {
    let mapped = try map(
      #"{"mappings":[{"sourceField":"n","targetField":"n"},{"sourceField":"d","targetField":"w","transform":"date_format",\#(members)}]}"#,
      [#"{"_row":7,"n":1,"d":"2024-01-02"}"#, #"{"_row":8,"n":2,"d":" ? "}"#, #"{"_row":9,"n":3,"d":" ? "}"#])
    #expect(mapped.errors.isEmpty)
    #expect(mapped.lines[1] == #"{"_row":8,"n":2,"w":\#(expected)}"#)
    #expect(mapped.diagnostics.map(\.code) == [code])
    #expect(mapped.diagnostics[0].message.hasPrefix("2 values"))
    #expect(mapped.diagnostics[0].message.hasSuffix("row 8 (date.unreadable)"))
  }

  @Test func aRequiredValueIsRequiredWhateverOnErrorSays() throws {
    let mapped = try map(
      #"{"mappings":[{"sourceField":"d","targetField":"w","transform":"date_format","onError":"null","required":true}]}"#,
      [#"{"d":"soon"}"#])
    #expect(mapped.errors == ["w: map.required"])
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

  @Test func aFieldThatComesLateIsNamedWhenItIsDropped() throws {
    let mapping = #"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#
    let mapped = try map(
      mapping, [#"{"a":1,"x":1}"#, #"{"a":2,"x":1,"allergies":"latex"}"#, #"{"a":3,"allergies":"x","recall":"y"}"#])
    let told = mapped.diagnostics.filter { $0.code == "map.dropped" }.map { $0.field ?? $0.message }
    #expect(told == ["no mapping names these fields, they are dropped: x", "allergies", "recall"])
  }

  @Test func aFieldIsNamedOnceHoweverManyShapesThereAre() throws {
    let lines = (0..<9000).map { "{\"a\":1,\"f\($0 % 5000)\":1}" }
    let mapped = try map(#"{"mappings":[{"sourceField":"a","targetField":"b"}]}"#, lines)
    let told = mapped.diagnostics.filter { $0.code == "map.dropped" }
    #expect(Set(told.compactMap(\.field)).count == 999)
    #expect(told.count == 1001)
    #expect(told.last?.severity == .warning)
  }

  @Test func valuesOfLaterSourceFieldsAreCounted() throws {
    let mapped = try map(
      #"{"mappings":[{"sourceFields":["mobile","home"],"targetField":"phone"}]}"#,
      [#"{"mobile":"1","home":"2"}"#, #"{"mobile":"","home":"2"}"#, #"{"mobile":"3","home":"3"}"#])
    #expect(mapped.lines == [#"{"phone":"1"}"#, #"{"phone":"2"}"#, #"{"phone":"3"}"#])
    #expect(mapped.diagnostics.map(\.code) == ["map.passed_over"])
    #expect(mapped.diagnostics[0].message.hasPrefix("1 record has another value"))
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
