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
  case dbUrl = "db.url"
  case dbSession = "db.session"
  case dbLocked = "db.locked"
  case dbCollision = "db.collision"
  case dbResources = "db.resources"
  case dbCancelled = "db.cancelled"
  case dbReadOnly = "db.read_only"
  case dbEveryRecord = "db.every_record"
  case dbGenerated = "db.generated_column"
  case dbKeyColumn = "db.key_column"

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
    case .dbUrl: ("The database's URL cannot be read.", "Write it as postgresql://USER@HOST:PORT/DATABASE.")
    case .dbSession:
      ("A session cannot have the settings that loads need.", "Do as the message says: a pooler, or a role's settings.")
    case .dbLocked:
      ("Another session holds a lock for too long.", "End it (pg_stat_activity names it), or give --lock-timeout.")
    case .dbCollision:
      ("Others change the same rows at the same time.", "Go on once they are done: the message says how.")
    case .dbResources: ("The server has no disk, memory or connections left.", "Make room, and go on with --resume.")
    case .dbCancelled: ("A statement was cancelled from outside.", "Ask who did, and go on with --resume.")
    case .dbReadOnly: ("The database is read-only.", "Name the primary server, or ask for the right to write.")
    case .dbEveryRecord:
      (
        "The table takes none of the first records, for one reason.",
        "Mend the table or the schema file, then --resume."
      )
    case .dbKeyColumn:
      (
        "Records are known by a column whose equal values are written in several ways.",
        "Give it another type or a deterministic collation, or take the key out of x-ils.identity."
      )
    case .dbGenerated:
      ("The database fills the column itself.", "Take the column out of the schema file's x-ils, or out of --set.")
    }
  }
}
