import ILSRecord

/// What ils-report does not take.
public enum ReportFault: String, FaultCodes {
  case planAlone = "report.plan"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .planAlone: ("A plan stands among other things.", "Name the plan's file, and no other.")
    }
  }
}
