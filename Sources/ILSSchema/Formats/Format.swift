import ILSRecord

/// What `format` asserts of a string (JSON Schema Validation 2020-12, 7.3).
package enum Format: String, Sendable, CaseIterable {
  case date
  case dateTime = "date-time"
  case time
  case email
  case idnEmail = "idn-email"
  case hostname
  case ipv4
  case ipv6
  case uri
  case uriReference = "uri-reference"
  case uuid
  case regex
  case nhsNumber = "nhs-number"
  case ukPostcode = "uk-postcode"
  case gocNumber = "goc-number"
  case nino

  /// What a value is to be, for messages.
  package var noun: String {
    switch self {
    case .date: "a date as YYYY-MM-DD: map it with date_format"
    case .dateTime: "a date and time with its offset, such as 2024-05-06T07:08:09Z (RFC 3339)"
    case .time: "a time with its offset, such as 07:08:09Z (RFC 3339)"
    case .email, .idnEmail: "an e-mail address"
    case .hostname: "a host name"
    case .ipv4: "an IPv4 address"
    case .ipv6: "an IPv6 address"
    case .uri: "a URI with its scheme"
    case .uriReference: "a URI reference"
    case .uuid: "a UUID"
    case .regex: "a regular expression of ECMA-262"
    case .nhsNumber: "an NHS number: ten digits, the last of which checks the others"
    case .ukPostcode: "a postcode of the United Kingdom, such as SW1A 1AA"
    case .gocNumber: "a number of the General Optical Council's register, such as 01-12345 or D-1234"
    case .nino: "a National Insurance number, such as QQ 12 34 56 C with a prefix that is in use"
    }
  }

  /// What errors are called; e-mail addresses are so in whatever script.
  package var fault: SchemaFault {
    switch self {
    case .date: .formatDate
    case .dateTime: .formatDateTime
    case .time: .formatTime
    case .email, .idnEmail: .formatEmail
    case .hostname: .formatHostname
    case .ipv4: .formatIpv4
    case .ipv6: .formatIpv6
    case .uri: .formatUri
    case .uriReference: .formatUriReference
    case .uuid: .formatUuid
    case .regex: .formatRegex
    case .nhsNumber: .formatNHSNumber
    case .ukPostcode: .formatUKPostcode
    case .gocNumber: .formatGOCNumber
    case .nino: .formatNino
    }
  }

  func isMet(by text: UnsafeRawBufferPointer) -> Bool {
    switch self {
    case .date: DateTime.isDate(text)
    case .dateTime: DateTime.isDateTime(text)
    case .time: DateTime.isTime(text)
    case .email: EmailAddress.isValid(text)
    case .idnEmail: EmailAddress.isInternationalised(text)
    case .hostname: HostName.isValid(text)
    case .ipv4: InternetAddress.isIPv4(text)
    case .ipv6: InternetAddress.isIPv6(text)
    case .uri: UniformIdentifier.isURI(text)
    case .uriReference: UniformIdentifier.isReference(text)
    case .uuid: InternetAddress.isUUID(text)
    case .nhsNumber: BritishNumber.isNHSNumber(text)
    case .ukPostcode: BritishNumber.isPostcode(text)
    case .gocNumber: BritishNumber.isGOCNumber(text)
    case .nino: BritishNumber.isNationalInsurance(text)
    case .regex: (try? PatternParser.parse(String(decoding: text, as: UTF8.self))) != nil
    }
  }
}
