import ILSRecord
import ILSMapping
import Testing

@Suite struct TransformTests {
  /// transform, value, outcome; the guide's table first.
  static let cases: [(String, String, String)] = [
    (#""trim""#, " John ", "John"), (#""uppercase""#, "john", "JOHN"), (#""lowercase""#, "JOHN", "john"),
    (#""date_format""#, "01/15/2024", "2024-01-15"), (#""phone_format""#, "5550100", "(555) 010-0"),
    (#""gender_normalize""#, "M", "male"), (#""boolean_convert""#, "yes", "true"), (#""empty_to_null""#, "", "null"),
    (#""none""#, " x ", " x "),

    (#""trim""#, "\u{A0}\u{2003}É \t\n", "É"), (#""trim""#, "a", "a"), (#""lowercase""#, "ÄÖÜ", "äöü"),
    (#""uppercase""#, "straße", "STRASSE"), (#""uppercase""#, "àþ÷ÿµ", "ÀÞ÷ŸΜ"), (#""uppercase""#, "àþ÷", "ÀÞ÷"),
    (#""lowercase""#, "ÀÞ×ßÿ\u{A0}", "àþ×ßÿ\u{A0}"), (#""lowercase""#, "ŁÓDŹ", "łódź"),
    (#""uppercase""#, "0123456789abcdefghijk", "0123456789ABCDEFGHIJK"),
    (#"["trim","lowercase"]"#, "  A@B.C  ", "a@b.c"), (#"["trim","empty_to_null"]"#, "   ", "null"),
    (#"["empty_to_null","trim"]"#, "   ", ""),
    (#"{"transform":"empty_to_null","also":["N/A","-"]}"#, " N/A ", "null"),
    (#"{"transform":"empty_to_null","also":["N/A","-"]}"#, " x ", " x "),

    (#""phone_format""#, "(555) 555-0100", "(555) 555-0100"), (#""phone_format""#, "555.555.0100", "(555) 555-0100"),
    (#""phone_format""#, "15555550100", "+1 (555) 555-0100"),
    (#""phone_format""#, "+1 555 555 0100", "+1 (555) 555-0100"),
    (#""phone_format""#, "+44 20 7946 0018", "+44 20 7946 0018"), (#""phone_format""#, "555-0100 x12", "555-0100 x12"),
    (#""phone_format""#, "12345", "phone.unreadable"), (#""phone_format""#, "unknown", "phone.unreadable"),
    (#""phone_format""#, "1234567890123456", "phone.unreadable"),

    (#""phone_e164""#, "(555) 555-0100", "+15555550100"), (#""phone_e164""#, "+44 (0)20 7946 0018", "+442079460018"),
    (#"{"transform":"phone_e164","region":"GB"}"#, "020 7946 0018", "+442079460018"),
    (#"{"transform":"phone_e164","region":"GB"}"#, "00353 1 234 5678", "+35312345678"),
    (#"{"transform":"phone_e164","region":"IE"}"#, "(01) 234-5678", "+35312345678"),
    (#"{"transform":"phone_e164","region":"IT"}"#, "06 1234567", "+39061234567"),
    (#""phone_e164""#, "5550100", "phone.unreadable"), (#""phone_e164""#, "055 555 0100", "phone.unreadable"),
    (#""phone_e164""#, "+0123456789", "phone.unreadable"), (#""phone_e164""#, "555-555-0100 x5", "phone.unreadable"),

    (#""gender_normalize""#, " FEMALE ", "female"), (#""gender_normalize""#, "Non-Binary", "other"),
    (#""gender_normalize""#, "1", "gender.unreadable"), (#""gender_normalize""#, "\u{A0}f", "female"),
    (#""boolean_convert""#, "N", "false"), (#""boolean_convert""#, "maybe", "boolean.unreadable"),

    (#""to_integer""#, " 1,234,567 ", "1234567"), (#""to_integer""#, "007", "7"), (#""to_integer""#, "-42.00", "-42"),
    (#""to_integer""#, "12345678901234567890123", "12345678901234567890123"), (#""to_integer""#, "-0", "0"),
    (#""to_integer""#, "1.5", "number.not_whole"), (#""to_integer""#, "1,23", "number.unreadable"),
    (#""to_integer""#, "", ""), (#""to_integer""#, "  ", "null"), (#""to_integer""#, "٣", "number.unreadable"),
    (#""to_float""#, "1,234.50", "1234.50"), (#""to_float""#, ".5", "0.5"), (#""to_float""#, "5.", "5"),
    (#""to_float""#, "1e-5", "1e-5"), (#""to_float""#, "NaN", "number.unreadable"),
    (#""to_float""#, ".", "number.unreadable"),
    (#"{"transform":"to_float","decimal":","}"#, "1.234,50", "1234.50"),
    (#"{"transform":"to_float","decimal":","}"#, "1 234,5", "1234.5"),

    (#""diopter""#, "plano", "0"), (#""diopter""#, "PL", "0"), (#""diopter""#, "DS", "0"), (#""diopter""#, "SPH", "0"),
    (#""diopter""#, "-2.50 DS", "-2.50"), (#""diopter""#, "+1,25", "1.25"), (#""diopter""#, "\u{2212}0.75D", "-0.75"),
    (#""diopter""#, "- 1.00", "-1.00"), (#""diopter""#, "Plano DS", "0"), (#""diopter""#, "125", "diopter.unreadable"),
    (#""diopter""#, "bal", "diopter.unreadable"),

    (#""extract_first_name""#, "Dr. John Q. Smith Jr.", "John"),
    (#""extract_last_name""#, "Dr. John Q. Smith Jr.", "Smith"),
    (#""extract_last_name""#, "Vincent van Gogh", "van Gogh"), (#""extract_first_name""#, "Smith, John Q", "John"),
    (#""extract_last_name""#, "Smith, Jr., John", "Smith"), (#""extract_last_name""#, "Mrs Jones", "Jones"),
    (#"{"transform":"split_name","part":"middle"}"#, "John Quincy Adams", "Quincy"),
    (#"{"transform":"split_name","part":"suffix"}"#, "John Smith, MD", "MD"),
    (#"{"transform":"split_name","part":"title"}"#, "Prof Ada Lovelace", "Prof"),

    (#""title_case""#, "JOHN MCDONALD", "John McDonald"), (#""title_case""#, "o'brien", "O'Brien"),
    (#""title_case""#, "McDonald", "McDonald"), (#""title_case""#, "anne-marie SMITH iii", "Anne-Marie Smith III"),
    (#""title_case""#, "vincent van gogh", "Vincent van Gogh"), (#""title_case""#, "van gogh", "Van Gogh"),
    (#""title_case""#, "ÉLODIE", "Élodie"), (#""title_case""#, "john e smith", "John E Smith"),

    (#"{"transform":"append","prefix":"MRN-","suffix":"/1"}"#, "7", "MRN-7/1"),
    (#"{"transform":"pad","width":5}"#, "2134", "02134"), (#"{"transform":"pad","width":5}"#, "123456", "123456"),
    (#"{"transform":"pad","width":3,"with":" ","side":"right"}"#, "é", "é  "),
    (#""normalize_unicode""#, "e\u{301}", "\u{E9}"), (#""strip_control""#, "a\u{0}b\u{200B}c\td\u{202E}", "abc d"),
  ]

  @Test(arguments: cases) func valuesBecome(_ transform: String, _ value: String, _ expected: String) throws {
    let result = try text(transform, value)
    #expect(Array(result.utf8) == Array(expected.utf8), "\(transform) of \(value.debugDescription): \(result)")
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
      "555-555-0100", "1-555-555-0100", "+15555550100", "25555550100", "M", " f ", "yes", "NO", "x", "{|}~", "@[`",
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
