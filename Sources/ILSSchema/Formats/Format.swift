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
    case .regex: (try? PatternParser.parse(String(decoding: text, as: UTF8.self))) != nil
    }
  }
}
