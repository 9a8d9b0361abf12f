import ILSRecord

/// Why a value cannot be told where it comes from.
public enum TraceFault: String, FaultCodes {
  case otherSource = "why.other_source"
  case otherMapping = "why.other_mapping"
  case otherOptions = "why.other_options"
  case values = "why.values"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .otherSource:
      ("A source is none of those that the job has loaded.", "Give the very file; its SHA-256 is told.")
    case .otherMapping: ("A mapping is not the one that the job was loaded by.", "Nothing: the job's own is used.")
    case .otherOptions: ("The job's sources were read in another way.", "Nothing: the job's own options are used.")
    case .values: ("Values are in the output.", "Nothing; keep it as you keep the data.")
    }
  }
}
