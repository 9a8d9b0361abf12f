import ILSRecord

/// What is wrong with a table of refused records, or with what came back of it.
public enum MendFault: String, FaultCodes {
  case mendNothing = "mend.nothing"
  case mendTable = "mend.table"
  case mendDamaged = "mend.damaged"
  case mendRaw = "mend.raw"
  case mendLeftOut = "mend.left_out"
  case mendChanged = "mend.changed"
  case mendRun = "mend.run"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .mendNothing: ("There are no refused records to mend.", "Nothing to mend.")
    case .mendTable:
      (
        "The table is not what ils-migrate rejects wrote for this folder.",
        "Write it anew, and change no column's name and nothing in the column ils reject."
      )
    case .mendDamaged:
      (
        "A program changed cells that nobody meant to change: zeros, dates, or letters.",
        "Write an .xlsx in place of CSV, which keeps them, and mend that."
      )
    case .mendRaw:
      ("A row that never became a record was changed in the table.", "Mend it in the source, and send that in again.")
    case .mendLeftOut:
      ("Refused records are not in the table any more, and stay refused.", "Nothing, if that is meant.")
    case .mendChanged: ("How many cells of the table were changed.", "Nothing to mend.")
    case .mendRun:
      (
        "The run's refused records cannot come back by a table.",
        "Run it with --continue-on-error, which loads the good records, and mend the others then."
      )
    }
  }
}
