import ILSRecord
import ILSMapping
import Testing

@Suite struct TransformTests {
  /// The examples that stand beside every transform, and some of several transforms: transform, value, outcome.
  static let cases: [(String, String, String)] =
    NamedTransform.all.flatMap { transform in
      transform.examples.map { example in
        let options = example.options.isEmpty ? "" : "," + example.options
        return (#"{"transform":"\#(transform.name)"\#(options)}"#, example.value, example.outcome)
      }
    } + [
      (#"["trim","lowercase"]"#, "  A@B.C  ", "a@b.c"), (#"["trim","empty_to_null"]"#, "   ", "null"),
      (#"["empty_to_null","trim"]"#, "   ", ""),
    ]

  @Test(arguments: cases) func valuesBecome(_ transform: String, _ value: String, _ expected: String) throws {
    let result = try text(transform, value)
    #expect(Array(result.utf8) == Array(expected.utf8), "\(transform) of \(value.debugDescription): \(result)")
  }

  /// A custom function has no examples: its outcome is its author's.
  @Test(arguments: NamedTransform.all.map(\.name)) func everyTransformHasExamples(_ name: String) throws {
    let transform = try #require(NamedTransform.all.first { $0.name == name })
    #expect(!transform.examples.isEmpty || name == "custom")
  }

  @Test func numbersAndBooleansAreTakenToo() throws {
    #expect(try outcome(#""phone_format""#, "5555550100") == #""(555) 555-0100""#)
    #expect(try outcome(#""to_string""#, "12.50") == #""12.50""#)
    #expect(try outcome(#"{"transform":"pad","width":5}"#, "2134") == #""02134""#)
    #expect(try outcome(#""boolean_convert""#, "true") == "true")
    #expect(try outcome(#""boolean_convert""#, "0") == "false")
    #expect(try outcome(#""uppercase""#, "1e5") == "1e5")
    #expect(try outcome(#""to_integer""#, "42.0") == "42")
    #expect(try outcome(#""date_format""#, "45306") == #""2024-01-15""#)
    #expect(try outcome(#""date_format""#, "20240115") == #""2024-01-15""#)
    #expect(try outcome(#""trim""#, #"{"a":1}"#) == "transform.nested")
    #expect(try outcome(#""lowercase""#, #""\u00C9\n""#) == #""é\n""#)
  }

  @Test(arguments: [
    (#""to_float""#, ["1,250", "1,234.50", "1,234,567", "2.5"], "number.ambiguous"),
    (#""to_integer""#, ["1,250", "1250"], "number.ambiguous"),
    (#""phone_e164""#, ["555-555-0100", "+1 555 555 0100", "+44 20 7946 0018"], "phone.region"),
  ]) func whatWasAssumedIsCounted(_ transform: String, _ values: [String], _ code: String) throws {
    let mapped = try map(
      #"{"mappings":[{"sourceField":"v","targetField":"w","transform":\#(transform)}]}"#,
      values.map { #"{"v":"\#($0)"}"# })
    #expect(mapped.diagnostics.map(\.code) == [code])
    #expect(mapped.diagnostics[0].message.hasPrefix("1 number has"))
  }

  /// The quick way and the general way must agree: an escape that changes nothing forces the second.
  @Test func theQuickWayAgreesWithTheGeneralWay() throws {
    let transforms = [
      #""trim""#, #""lowercase""#, #"["trim","uppercase"]"#, #"["trim","lowercase","empty_to_null"]"#,
      #""date_format""#,
      #"{"transform":"date_format","input":"DD/MM/YYYY"}"#, #"{"transform":"date_format","input":"YYYY-MM-DD"}"#,
      #""phone_format""#, #"["trim","phone_format","empty_to_null"]"#, #""gender_normalize""#, #""boolean_convert""#,
    ]
    let values = [
      "a", " a", "a ", " ", "   ", "ABC def", "01/02/2024", "13/02/2024", "02/13/2024", "02-13-2024", "02.03.2024",
      "02/03-2024", "2024-02-30", "2024-02-29", "00/00/0000", "0a/02/2024", "1/02/20244", "12/31/9999", "5550100",
      "555-555-0100", "1-555-555-0100", "+15555550100", "25555550100", "555 0142 777", "555-0142 777", "02 55 01 01 71",
      "(555)555-0100", "1 555 5550100", "0255010171",
      "5 5 5 5 5 5 0 1 00", "555-5550.100", "M", " f ", "yes", "NO", "x", "{|}~", "@[`",
      "0123456789012345678901234567890123456789012345678901234567890123456789",
    ]
    for transform in transforms {
      for value in values {
        let plain = try outcome(transform, "\"\(value)\"")
        let first = value.unicodeScalars.first!
        let escaped = try outcome(
          transform,
          "\"\\u00\(String(first.value, radix: 16))\(value.unicodeScalars.dropFirst().map { String($0) }.joined())\"")
        let same =
          try plain.hasPrefix("\"") && escaped.hasPrefix("\"")
          ? JSONValue(parsing: Array(plain.utf8)) == JSONValue(parsing: Array(escaped.utf8)) : plain == escaped
        #expect(same, "\(transform) of \(value): \(plain), \(escaped)")
      }
    }
  }
}
