import ILSRecord

/// What ils-validate tells beside the schema.
public enum ValidationFault: String, FaultCodes {
  case qualityPlaceholder = "quality.placeholder"
  case qualityEmailDomain = "quality.email_domain"
  case qualityBirthdays = "quality.birthdays"
  case qualityNamesSwapped = "quality.names_swapped"
  case qualityShared = "quality.shared"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .qualityPlaceholder: ("The value looks like one that fills a gap.", "A warning: make it empty if it is.")
    case .qualityEmailDomain: ("The e-mail's domain looks mistyped.", "A warning: ask the patient.")
    case .qualityBirthdays:
      ("Far too many births on 1 January.", "A warning: the source may have known the year alone.")
    case .qualityNamesSwapped:
      ("Many first names look like last names, and the other way.", "A warning: look at the mapping of the two.")
    case .qualityShared: ("Many records share one phone or e-mail.", "A warning: it may be the clinic's own.")
    }
  }
}
