import ILSRecord

/// How a value breaks the schema.
public enum SchemaFault: String, FaultCodes {
  case schemaRequired = "schema.required"
  case schemaAdditionalProperties = "schema.additionalProperties"
  case schemaType = "schema.type"
  case schemaEnum = "schema.enum"
  case schemaConst = "schema.const"
  case schemaMinLength = "schema.minLength"
  case schemaMaxLength = "schema.maxLength"
  case schemaPattern = "schema.pattern"
  case schemaMinimum = "schema.minimum"
  case schemaMaximum = "schema.maximum"
  case schemaMultipleOf = "schema.multipleOf"
  case schemaFalse = "schema.false"
  case schemaNot = "schema.not"
  case schemaAnyOf = "schema.anyOf"
  case schemaOneOf = "schema.oneOf"
  case schemaRef = "schema.ref"
  case schemaDependentRequired = "schema.dependentRequired"
  case schemaPropertyNames = "schema.propertyNames"
  case schemaMinProperties = "schema.minProperties"
  case schemaMaxProperties = "schema.maxProperties"
  case schemaMinItems = "schema.minItems"
  case schemaMaxItems = "schema.maxItems"
  case schemaUniqueItems = "schema.uniqueItems"
  case schemaContains = "schema.contains"
  case schemaMaxContains = "schema.maxContains"
  case dateTooEarly = "date.too_early"
  case dateTooLate = "date.too_late"
  case formatDate = "format.date"
  case formatDateTime = "format.date-time"
  case formatTime = "format.time"
  case formatEmail = "format.email"
  case formatHostname = "format.hostname"
  case formatIpv4 = "format.ipv4"
  case formatIpv6 = "format.ipv6"
  case formatUri = "format.uri"
  case formatUriReference = "format.uri-reference"
  case formatUuid = "format.uuid"
  case formatRegex = "format.regex"
  case formatNHSNumber = "format.nhs-number"
  case formatUKPostcode = "format.uk-postcode"
  case formatGOCNumber = "format.goc-number"
  case formatNino = "format.nino"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .schemaRequired: ("A required field is missing or empty.", "Map a source field to it, or give it a constant.")
    case .schemaAdditionalProperties: ("The field is none of the schema's.", "Map it to one that is, or drop it.")
    case .schemaType: ("The value is of another type.", "Map it with a transform such as to_string or to_integer.")
    case .schemaEnum: ("The value is none of those that the schema lists.", "Map it with a values table.")
    case .schemaConst:
      ("The value is not the one that the schema asks for.", "Map it with a values table or a constant.")
    case .schemaMinLength: ("The text has fewer characters than it must.", "Correct it in the source.")
    case .schemaMaxLength:
      ("The text has more characters than it may.", "Shorten it in the source, or with a custom function.")
    case .schemaPattern:
      (
        "The text does not have the form that the pattern asks for.",
        "Correct it in the source, or with a custom function."
      )
    case .schemaMinimum: ("The number is less than it may be.", "Correct it in the source.")
    case .schemaMaximum: ("The number is more than it may be.", "Correct it in the source.")
    case .schemaMultipleOf: ("The number is no multiple of the step.", "Round it, or correct the step.")
    case .schemaFalse: ("The schema rules every value out here.", "Drop the field.")
    case .schemaNot: ("The schema rules this value out (not).", "Correct it in the source.")
    case .schemaAnyOf: ("The value fits none of the alternatives (anyOf).", "Make it fit one of them.")
    case .schemaOneOf: ("The value fits none, or several, of the alternatives (oneOf).", "Make it fit just one.")
    case .schemaRef: ("The value is no JSON Schema, and must be one.", "Correct the schema that it holds.")
    case .schemaDependentRequired: ("A field is missing that another asks for.", "Fill it, or drop the other.")
    case .schemaPropertyNames: ("The field's name is none that the schema allows.", "Rename it with ils-map.")
    case .schemaMinProperties: ("The object has too few fields.", "Fill more of them.")
    case .schemaMaxProperties: ("The object has too many fields.", "Drop some of them.")
    case .schemaMinItems: ("The array has too few items.", "Correct it in the source.")
    case .schemaMaxItems: ("The array has too many items.", "Correct it in the source.")
    case .schemaUniqueItems: ("Two items of the array are the same.", "Remove one.")
    case .schemaContains: ("Too few items of the array are as they must be (contains).", "Correct it in the source.")
    case .schemaMaxContains: ("Too many items of the array are as the schema says.", "Remove some of them.")
    case .dateTooEarly:
      ("The date lies before the earliest that the schema allows.", "Look for a mistyped year or a placeholder.")
    case .dateTooLate:
      (
        "The date lies after the latest that the schema allows.",
        "Look for a century that was guessed wrong: date_format has a pivot."
      )
    case .formatDate: ("The text is not a date as YYYY-MM-DD.", "Map it with date_format, or correct it in the source.")
    case .formatDateTime:
      ("The text is not a date and time with its offset (RFC 3339).", "Map it, or correct it in the source.")
    case .formatTime: ("The text is not a time with its offset (RFC 3339).", "Map it, or correct it in the source.")
    case .formatEmail: ("The text is not an e-mail address.", "Map it, or correct it in the source.")
    case .formatHostname: ("The text is not a host name.", "Map it, or correct it in the source.")
    case .formatIpv4: ("The text is not an IPv4 address.", "Map it, or correct it in the source.")
    case .formatIpv6: ("The text is not an IPv6 address.", "Map it, or correct it in the source.")
    case .formatUri: ("The text is not a URI with its scheme.", "Map it, or correct it in the source.")
    case .formatUriReference: ("The text is not a URI reference.", "Map it, or correct it in the source.")
    case .formatUuid: ("The text is not a UUID.", "Map it, or correct it in the source.")
    case .formatNHSNumber:
      (
        "The text is no NHS number, or its last digit does not fit the others.",
        "Look for a mistyped digit in the source."
      )
    case .formatUKPostcode:
      ("The text is no postcode of the United Kingdom.", "Correct it in the source: O for 0, I for 1.")
    case .formatGOCNumber:
      (
        "The text is no number of the General Optical Council's register.",
        "Correct it in the source: 01-, D-, SO- or SD-."
      )
    case .formatNino: ("The text is no National Insurance number.", "Correct it in the source.")
    case .formatRegex: ("The text is not a regular expression of ECMA-262.", "Map it, or correct it in the source.")
    }
  }
}
