import ILSRecord

/// Why the database does not do what it is asked.
public enum DatabaseFault: String, FaultCodes {
  case dbConnect = "db.connect"
  case dbLost = "db.lost"
  case dbPermission = "db.permission"
  case dbNotReady = "db.not_ready"
  case dbNoTable = "db.no_table"
  case dbNoColumn = "db.no_column"
  case dbRequiredColumn = "db.required_column"
  case dbJson = "db.json"
  case dbError = "db.error"
  case schemaXIls = "schema.x_ils"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .dbConnect:
      ("There is no connection to the database.", "Look at --database or DATABASE_URL, and whether the server runs.")
    case .dbLost: ("The database went away.", "Go on once it is back: the message says how.")
    case .dbPermission: ("The database's user may not do it.", "Ask for the rights that scripts/roles.sql gives.")
    case .dbNotReady: ("A table is missing.", "Run ils-load --init, and scripts/schema.sql for the targets.")
    case .dbNoTable: ("There is no target table.", "Make it (scripts/schema.sql), or name yours in a schema file.")
    case .dbNoColumn: ("The target table lacks a column.", "Add it, or take it out of the schema file's x-ils.")
    case .dbRequiredColumn:
      ("A column must have a value, and nothing feeds it.", "Give one with --set, or map a field to it.")
    case .dbJson: ("The database wrote JSON that cannot be read.", "Report it, with the versions of both.")
    case .dbError: ("The database reports an error.", "The message has its own words and its SQLSTATE.")
    case .schemaXIls:
      ("The schema file's x-ils is wrong.", "Correct what the message names; ils-schema(5) has the members.")
    }
  }
}
