import ILSRecord

/// Why a source cannot be compared with a table.
public enum VerifyFault: String, FaultCodes {
  case noRecords = "verify.no_records"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .noRecords:
      ("No record came on the standard input.", "Look at the program before it, or give - where the source is empty.")
    }
  }
}
