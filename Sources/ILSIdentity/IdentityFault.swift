import ILSRecord

/// What is wrong with who a record is, or what it points at.
public enum IdentityFault: String, FaultCodes {
  case schemaXIls = "schema.x_ils"
  case referenceNotFound = "reference.not_found"
  case referenceAmbiguous = "reference.ambiguous"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .schemaXIls:
      ("The schema file's x-ils is wrong.", "Correct what the message names; ils-schema(5) has the members.")
    case .referenceNotFound:
      (
        "The record points at another that is not there.",
        "Load the other first, or correct the field; ils-load --park-orphans keeps such records until then."
      )
    case .referenceAmbiguous: ("Several rows fit what the record points at.", "Use a key that only one has.")
    }
  }
}
