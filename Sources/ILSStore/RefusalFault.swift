import ILSRecord

/// Why ils-load refuses a record.
public enum RefusalFault: String, FaultCodes {
  case duplicate = "duplicate"
  case identityConflict = "identity.conflict"
  case identityDoubtful = "identity.doubtful"
  case identityUnknown = "identity.unknown"
  case identityOutside = "identity.outside"
  case updateJoined = "update.joined"
  case referenceDisagrees = "reference.disagrees"
  case timeUnclear = "time.unclear"
  case valueGainsaid = "value.gainsaid"
  case textNul = "text.nul"
  case valueType = "value.type"
  case valueNotISO = "value.not_iso"
  case valueInexact = "value.inexact"
  case valueNoOffset = "value.no_offset"
  case rowLeftOut = "row.left_out"
  case rowRekeyed = "row.rekeyed"
  case endsServer = "db.ends_server"
  case checkForbids = "db.23514"
  case valueMissing = "db.23502"
  case valueTooLong = "db.22001"
  case numberOutOfRange = "db.22003"
  case valueUnreadable = "db.22P02"
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
    case .identityConflict:
      (
        "An identifier is a row's that is another person by all else, or there are two rows.",
        "Mend the identifier, or say who it is: the row's id, or \"new\", as \"_is\" in the record."
      )
    case .identityDoubtful:
      (
        "The record looks like a row, and nothing proves that it is.",
        "Say who it is: the row's id, or \"new\", as \"_is\" in the record."
      )
    case .identityUnknown:
      ("The record's \"_is\" names no row within its scope.", "Name one of errors[].rows, or \"new\".")
    case .identityOutside:
      (
        "The record is new, and none of the rows that the schema looks at (\"where\"): it would not be found again.",
        "Load such records by a schema without \"where\", or leave them out."
      )
    case .updateJoined:
      ("The record has a part of a column whose other parts cannot be told.", "Give all of the parts.")
    case .referenceDisagrees:
      (
        "What the record points at is another's: the order of a dispense is not its patient's.",
        "Find out which of the two is right, and mend the other."
      )
    case .timeUnclear:
      (
        "Clocks of the zone never showed this time, or twice: they were put forward, or back.",
        "Ask what is meant, and give the time as it then was."
      )
    case .valueGainsaid:
      (
        "The record says something else than what --set, or the schema, puts into the column of every row.",
        "Load it with its own --set: it may be another company's. Or drop the field with ils-map."
      )
    case .textNul:
      ("The text holds the character U+0000, which no database text can hold.", "Take it out in the source.")
    case .valueType: ("The value is none of its column's type.", "Correct it, or map it with a transform.")
    case .valueNotISO:
      ("A date or time is not written as ISO 8601 has it.", "Let ils-map read it: it knows the order of day and month.")
    case .valueInexact:
      ("The column would cut or round the value.", "Correct it, or give the column room; ils-map rounds if told to.")
    case .valueNoOffset:
      (
        "A warning: the value names no offset from UTC, its column keeps a moment, and it is taken as UTC.",
        "Write the offset behind the time: 09:30:00+01:00."
      )
    case .rowLeftOut:
      (
        "A trigger or rule of the table leaves the row out.",
        "Ask who made it; --disable-triggers keeps triggers quiet."
      )
    case .rowRekeyed:
      (
        "A trigger or rule changes what the record is known by, or takes its row away: it would not be found again.",
        "Map the field to what the table keeps, as by uppercase; --disable-triggers keeps triggers quiet."
      )
    case .endsServer:
      (
        "The server's process ends each time the record is loaded.",
        "Look at the server's log; report it to its makers."
      )
    case .checkForbids: ("A check of the table forbids the value.", "Look at the table's checks.")
    case .valueMissing: ("The table wants a value.", "Map a field to the column, or use --set.")
    case .valueTooLong: ("The value is too long for its column.", "Shorten it.")
    case .numberOutOfRange:
      ("The number is out of range for its column's type.", "Correct it, or give the column a wider type.")
    case .valueUnreadable:
      ("The value is none of its column's type, as the database reads it.", "Correct it, or map it with a transform.")
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
