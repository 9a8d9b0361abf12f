import ILSRecord
import ILSMapping
import Testing

/// Every transform is total: any JSON value in, a JSON value or an error with a code out.
@Suite struct TransformPropertyTests {
  /// Every transform that takes no function, bare and with the options of its examples.
  static var transforms: [String] {
    NamedTransform.all.filter { $0.name != "custom" }.flatMap { transform in
      (transform.isUsableAlone ? ["\"\(transform.name)\""] : []) + withOptions(transform)
    }
  }

  /// Those that promise that a second run changes nothing.
  static var idempotent: [String] {
    NamedTransform.all.filter(\.isIdempotent).flatMap { transform in
      (transform.isUsableAlone ? ["\"\(transform.name)\""] : []) + withOptions(transform)
    }
  }

  private static func withOptions(_ transform: NamedTransform) -> [String] {
    Set(transform.examples.map(\.options)).filter { !$0.isEmpty }.sorted()
      .map { #"{"transform":"\#(transform.name)",\#($0)}"# }
  }

  static var values: [String] {
    var values = [
      "null", "true", "false", "0", "-0", "1e999", "1.5", "12345678901234567890", "[]", "{}", #"[1,"a"]"#, #"{"a":{}}"#,
      #""\u0000""#, #""\ud83d\ude00""#, #""\n""#, #"" \t ""#, #""\u00a0""#, #""\u200b""#, #""İ""#, #""ǆ""#, #""ﬀ""#,
    ]
    // Anything that a date, a number, a name or a phone could be made of, put together by a seeded generator.
    let pieces = [
      "0", "1", "9", "12", "31", "99", "2024", "/", "-", ".", ",", " ", ":", "T", "Z", "+", "am", "Jan", "of", "(", ")",
      "e",
      "'", "É", "\u{2212}", "x", "Jr", "van", "Mc", "O'", "plano", "D", "\u{FEFF}", "\u{301}", "ß", "\\u0041", "\\n",
    ]
    var seed: UInt64 = 42
    func next(_ below: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % below
    }
    for _ in 0..<400 { values.append("\"\((0...next(9)).map { _ in pieces[next(pieces.count)] }.joined())\"") }
    return values
  }

  private func isJSON(_ text: String) -> Bool { (try? JSONValue(parsing: Array(text.utf8))) != nil }
  private func isCode(_ text: String) -> Bool { text.wholeMatch(of: /[a-z]+\.[a-z_0-9]+/) != nil }

  @Test(arguments: transforms) func isTotal(_ transform: String) throws {
    for value in Self.values {
      let result = try outcome(transform, value)
      #expect(isJSON(result) || isCode(result), "\(transform) of \(value): \(result)")
    }
  }

  @Test(arguments: idempotent) func isIdempotent(_ transform: String) throws {
    for value in Self.values {
      let once = try outcome(transform, value)
      guard isJSON(once), !isCode(once) else { continue }
      let twice = try outcome(transform, once)
      let same = try JSONValue(parsing: Array(once.utf8)) == JSONValue(parsing: Array(twice.utf8))
      #expect(same, "\(transform) of \(value): \(once), then \(twice)")
    }
  }

  @Test(.enabled(if: Corpus.exists), arguments: transforms) func naughtyStringsGoThrough(_ transform: String) throws {
    for line in try Corpus.lines("values/naughty.ndjson") {
      guard let value = line["value"] else { continue }
      let result = try outcome(transform, value.text)
      #expect(isJSON(result) || isCode(result), "\(transform): \(result)")
    }
  }

  /// Numbers in international form are what they are, and their national form with the region comes to the same.
  @Test(.enabled(if: Corpus.exists)) func phoneNumbersOfTheWorldAreUnderstood() throws {
    var national = 0
    var right = 0
    for line in try Corpus.lines("values/phone.ndjson") where line["valid"]?.boolean == true {
      guard let value = line["value"]?.string, let note = line["note"]?.string else { continue }
      #expect(try text(#""phone_e164""#, value) == value, "\(value)")
      let words = note.split(separator: " ")
      guard words.count == 3, let digits = words[2].split(separator: "=").last else { continue }
      let transform = #"{"transform":"phone_e164","region":"\#(words[0])"}"#
      guard try faults(#"{"mappings":[{"sourceField":"a","targetField":"b","transform":\#(transform)}]}"#).isEmpty
      else { continue }
      national += 1
      if try text(transform, String(digits)) == value { right += 1 }
    }
    print("national numbers of known regions: \(right) of \(national) become their E.164 form")
    #expect(Double(right) >= 0.95 * Double(national))
  }
}
