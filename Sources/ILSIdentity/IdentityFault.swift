import ILSRecord

/// What is wrong with `x-ils` of a schema file.
public enum IdentityFault: String, FaultCodes {
  case schemaXIls = "schema.x_ils"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .schemaXIls:
      ("The schema file's x-ils is wrong.", "Correct what the message names; ils-schema(5) has the members.")
    }
  }
}
