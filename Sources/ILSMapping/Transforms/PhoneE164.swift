import ILSRecord

/// ITU-T E.164: `+15555550100`.
struct PhoneE164: Transform {
  /// Where numbers without a country code are at home.
  let region: PhoneRegion
  /// Nobody said which.
  var isRegionAssumed = false
  var readsMeaning: Bool { true }

  func change(_ value: FieldValue, in run: inout TransformRun) throws(RecordError) {
    try run.load(value)
    let trimmed = Trim.trimmed(run.text.bytes)
    if trimmed.isEmpty {
      run.form = .null
      return
    }
    let whole = PhoneDigits.withoutFraction(trimmed)
    guard let (number, isNational) = region.e164(String(decoding: whole, as: UTF8.self)),
      // Groups of others lengths are a local number and an extension.
      !isNational || region.callingCode != "1" || PhoneDigits(whole).isFormatted
    else {
      throw RecordError(
        .phoneUnreadable,
        "no phone number of \(region.name), nor one with + and a country code; E.164 has no extensions")
    }
    if isNational, isRegionAssumed { run.notes.insert(MappingNotes(.phoneRegion)) }
    run.become(number)
  }
}

extension NamedTransform {
  static let phoneE164 = NamedTransform(
    "phone_e164", [.init("region", .text, limits: [("pattern", .string("^[A-Za-z]{2}$"))])],
    examples: [
      ("", "(555) 555-0100", "+15555550100"), ("", "+44 (0)20 7946 0018", "+442079460018"),
      (#""region":"GB""#, "020 7946 0018", "+442079460018"), (#""region":"GB""#, "00353 1 234 5678", "+35312345678"),
      (#""region":"IE""#, "(01) 234-5678", "+35312345678"), (#""region":"IT""#, "06 1234567", "+39061234567"),
      ("", "5550100", "phone.unreadable"), ("", "055 555 0100", "phone.unreadable"),
      ("", "+0123456789", "phone.unreadable"), ("", "555-555-0100 x5", "phone.unreadable"),
      ("", "555-0142 777", "phone.unreadable"), (#""region":"DE""#, "302555014.0", "+49302555014"),
    ]
  ) { options in
    guard let name = options.text("region") else { return [PhoneE164(region: .unitedStates, isRegionAssumed: true)] }
    if let region = PhoneRegion(name) { return [PhoneE164(region: region)] }
    options.fault(
      "region", "\"\(name)\" is no region that is known; there are: \(PhoneRegion.names.joined(separator: ", "))")
    return []
  }
}
