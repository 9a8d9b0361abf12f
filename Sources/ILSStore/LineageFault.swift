import ILSRecord

/// Why a row cannot be looked up.
public enum LineageFault: String, FaultCodes {
  case tableUnknown = "why.no_table"
  case tableAmbiguous = "why.tables"
  case columnUnknown = "why.no_column"
  case rowUnknown = "why.no_row"
  case keyAmbiguous = "why.rows"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .tableUnknown: ("There is no such table, or no job has loaded it.", "Take a name that ils-jobs list shows.")
    case .tableAmbiguous: ("Several tables were loaded under that name.", "Name one with its schema.")
    case .columnUnknown: ("The table has no such column.", "Take one of those that the message lists.")
    case .rowUnknown: ("There is no such row.", "Look at the key, and at whether its job was undone.")
    case .keyAmbiguous: ("Several rows have the key.", "Name the row by its id.")
    }
  }
}
