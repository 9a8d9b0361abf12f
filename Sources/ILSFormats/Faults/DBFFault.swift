import ILSRecord

/// What ils-parse tells of dBase tables.
public enum DBFFault: String, FaultCodes {
  case dbfTable = "dbf.table"
  case dbfHeader = "dbf.header"
  case dbfDeleted = "dbf.deleted"
  case dbfBlank = "dbf.blank"
  case dbfCount = "dbf.count"
  case dbfIdle = "dbf.idle"
  case dbfEncoding = "dbf.encoding"
  case dbfDamaged = "dbf.damaged"
  case dbfOverflow = "dbf.overflow"
  case dbfZeros = "dbf.zeros"
  case dbfNoMemo = "dbf.no_memo"
  case dbfMemo = "dbf.memo"
  case dbfUnread = "dbf.unread"
  case dbfTruncated = "dbf.truncated"
  case dbfCorrupt = "dbf.corrupt"
  case dbfUnsupported = "dbf.unsupported"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .dbfTable: ("Which table was read.", "Nothing to mend.")
    case .dbfHeader:
      ("A name of a field was changed.", "Map the name that the message gives, or name all by --columns.")
    case .dbfDeleted:
      ("Records are marked as deleted, and were left out.", "Nothing to mend; --keep-deleted reads them too.")
    case .dbfBlank: ("Records hold nothing, and were passed over.", "Nothing to mend.")
    case .dbfCount:
      (
        "Records stand behind the last one that the header counts, and were left out.",
        "Open the table with the program that made it, and pack it; then export it again."
      )
    case .dbfIdle:
      ("A part of each record belongs to no field.", "Compare some records with the program that made the table.")
    case .dbfEncoding:
      (
        "Bytes that mean nothing in the table's encoding, or the encoding that it names is in doubt.",
        "Name the right one with --encoding, or allow --encoding-errors replace."
      )
    case .dbfDamaged: ("The record does not start as records do.", "Get the file again; it may be damaged.")
    case .dbfOverflow: ("The number was too long for its field, and is lost.", "Look it up in the program.")
    case .dbfZeros:
      ("Numbers are stored with zeros in front.", "If they are codes, put the zeros back with the transform pad.")
    case .dbfNoMemo:
      (
        "The memo file is not there, and its texts are null.",
        "Put the .dbt or .fpt of the same name beside the table, and read it again."
      )
    case .dbfMemo: ("The memo file does not hold the text.", "Get both files again, from the same day.")
    case .dbfUnread:
      ("The field holds pictures or objects, which no record holds.", "Export them apart if they matter.")
    case .dbfTruncated: ("The table ends before its last record.", "Get it again: it was cut off.")
    case .dbfCorrupt: ("The table is damaged.", "Get it again.")
    case .dbfUnsupported: ("A kind of table that is not read.", "Save it as dBase IV or CSV.")
    }
  }
}
