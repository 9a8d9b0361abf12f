import ILSRecord

/// A postcode of the United Kingdom in capital letters, with the one space that it has: before its last three characters.
struct UKPostcode: Transform {
  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    guard let text = try run.loadTrimmed(value) else { return }
    let code = Array(text.utf8).filter { $0 != UInt8(ascii: " ") }.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 }
    guard (5...7).contains(code.count), code[0] &- 0x41 < 26, code[code.count - 3] &- 0x30 < 10,
      code.suffix(2).allSatisfy({ $0 &- 0x41 < 26 }), code.allSatisfy({ $0 &- 0x41 < 26 || $0 &- 0x30 < 10 })
    else { throw RecordError(.postcodeUnreadable, "not a postcode of the United Kingdom, such as SW1A 1AA") }
    run.become(
      String(decoding: code.dropLast(3), as: UTF8.self) + " " + String(decoding: code.suffix(3), as: UTF8.self))
  }
}

extension NamedTransform {
  static let ukPostcode = NamedTransform(
    "uk_postcode",
    examples: [
      ("", "sw1a1aa", "SW1A 1AA"), ("", "PO10  7ag", "PO10 7AG"), ("", "M1 1AE", "M1 1AE"), ("", "fiqq1zz", "FIQQ 1ZZ"),
      ("", "S W1A1AA", "SW1A 1AA"), ("", " ", "null"),
      // A letter for a digit is not mended.
      ("", "PO10 OAB", "postcode.unreadable"), ("", "90210", "postcode.unreadable"),
      ("", "SW1A", "postcode.unreadable"),
      ("", "SW1A-1AA", "postcode.unreadable"), ("", "none", "postcode.unreadable"),
    ]
  ) { _ in [UKPostcode()] }
}
