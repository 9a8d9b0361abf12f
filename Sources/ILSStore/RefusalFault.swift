import ILSRecord

/// Why ils-load refuses a record.
public enum RefusalFault: String, FaultCodes {
  case duplicate = "duplicate"
  case identityAmbiguous = "identity.ambiguous"
  case identityConflict = "identity.conflict"
  case referenceAmbiguous = "reference.ambiguous"
  case textNul = "text.nul"
  case checkForbids = "db.23514"
  case valueMissing = "db.23502"
  case valueTooLong = "db.22001"
  case triggerRefuses = "db.P0001"
  case recordParked = "record.parked"
  case loadNoColumn = "load.no_column"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .duplicate:
      (
        "The record's row is in the table already.",
        "Load with --skip-duplicates or --update-existing, if that is meant."
      )
    case .identityAmbiguous:
      ("Two keys of the record find two different rows.", "Find out which of the two it is, and correct the other key.")
    case .identityConflict:
      (
        "A later key finds a row that has another value of the first key.",
        "Correct one of the keys: it may be somebody else."
      )
    case .referenceAmbiguous: ("Several rows fit what the record points at.", "Use a key that only one has.")
    case .textNul:
      ("The text holds the character U+0000, which no database text can hold.", "Take it out in the source.")
    case .checkForbids: ("A check of the table forbids the value.", "Look at the table's checks.")
    case .valueMissing: ("The table wants a value.", "Map a field to the column, or use --set.")
    case .valueTooLong: ("The value is too long for its column.", "Shorten it.")
    case .triggerRefuses: ("A trigger of the table refuses it.", "Ask who made the trigger.")
    case .recordParked:
      (
        "The record waits in the job for the row that it points at.",
        "Load the other entity; ils-jobs release takes such records up."
      )
    case .loadNoColumn:
      (
        "No column takes a field, and it is not loaded.",
        "Add the column, name it in the schema file's x-ils, or drop the field with ils-map."
      )
    }
  }
}
