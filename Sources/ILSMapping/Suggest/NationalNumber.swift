/// Numbers by which a state knows its people: no key of a clinic, and proposed for no field.
enum NationalNumber {
  /// Whether a field of this name holds them.
  static func isNamed(_ name: FieldName) -> Bool {
    if name.words.contains(where: { words.contains($0) }) { return true }
    return names.contains(name.canonical)
  }

  private static let words: Set<String> = [
    "ssn", "nhs", "nino", "bsn", "nir", "dni", "nif", "kvnr", "pesel", "personnummer", "aadhaar", "curp", "passport",
    "ssin",
    "burgerservicenummer", "sozialversicherungsnummer", "versichertennummer", "krankenversichertennummer",
    "steuernummer",
    "steueridentifikationsnummer", "ahv", "insee",
  ]
  private static let names: Set<String> = Set(
    [
      "social security", "social security number", "social security id", "soc sec", "soc sec id", "soc sec number",
      "social insurance number", "social number", "sin", "sin number", "national insurance number", "ni number",
      "national id", "national identifier", "national id number", "national identity number", "national number",
      "id card",
      "chi number", "medicare number", "medicare id", "tax id", "tax number", "taxpayer id", "steuer id", "sv number",
      "numero de securite sociale", "numero securite sociale", "numero secu", "securite sociale",
      "numero de seguridad social", "seguridad social", "numero afiliacion", "nss", "nie", "codice fiscale",
      "cpr number",
      "government id", "drivers license", "driver license", "drivers license number", "driver license number",
    ].map { FieldName($0).canonical })

  /// Whether a value is one by its form or its check digits. A few others are too: what counts is how many of a column are.
  static func isOne(_ text: UnsafeRawBufferPointer) -> Bool {
    guard text.count >= 9, text.count <= 21 else { return false }
    var digits: [Int] = []
    var letters = 0
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(Int(byte & 15))
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): letters += 1
      case UInt8(ascii: " "), UInt8(ascii: "-"): break
      default: return false
      }
    }
    return isSocialSecurity(text) || (letters == 0 && (isNHS(digits) || isNIR(digits))) || isDNI(text, digits)
      || isCodiceFiscale(text)
  }

  /// Of the United States, with its hyphens: 3, 2 and 4 digits.
  private static func isSocialSecurity(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count == 11
      && text.enumerated().allSatisfy { at, byte in
        at == 3 || at == 6 ? byte == UInt8(ascii: "-") : byte &- UInt8(ascii: "0") < 10
      }
  }

  /// Of England: ten digits, the last by modulus 11.
  private static func isNHS(_ digits: [Int]) -> Bool {
    guard digits.count == 10 else { return false }
    let sum = (0..<9).reduce(0) { $0 + digits[$1] * (10 - $1) }
    return (11 - sum % 11) % 11 == digits[9]
  }

  /// Of France: thirteen digits, the first 1 or 2, and a key by modulus 97.
  private static func isNIR(_ digits: [Int]) -> Bool {
    guard digits.count == 15, digits[0] == 1 || digits[0] == 2 else { return false }
    let number = digits[..<13].reduce(0) { $0 * 10 + $1 }
    return 97 - number % 97 == digits[13] * 10 + digits[14]
  }

  /// Of Spain: eight digits and a letter by modulus 23.
  private static func isDNI(_ text: UnsafeRawBufferPointer, _ digits: [Int]) -> Bool {
    guard text.count == 9, digits.count == 8 else { return false }
    let letters = Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)
    return text[8] == letters[digits.reduce(0) { $0 * 10 + $1 } % 23]
  }

  /// Of Italy: sixteen characters, letters and digits each in their places.
  private static func isCodiceFiscale(_ text: UnsafeRawBufferPointer) -> Bool {
    text.count == 16
      && zip("AAAAAA00A00A000A".utf8, text).allSatisfy { form, byte in
        form == UInt8(ascii: "0") ? byte &- UInt8(ascii: "0") < 10 : byte &- UInt8(ascii: "A") < 26
      }
  }
}
