import ILSRecord

/// What ils-report does not take.
public enum ReportFault: String, FaultCodes {
  case planAlone = "report.plan"
  case profileFields = "profile.fields"
  case profileValues = "profile.values"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .planAlone: ("A plan stands among other things.", "Name the plan's file, and no other.")
    case .profileFields: ("More fields than are profiled.", "Name the columns that matter: ils-parse --columns.")
    case .profileValues: ("The profile holds values.", "Nothing to mend: keep it as you keep the data.")
    }
  }
}
