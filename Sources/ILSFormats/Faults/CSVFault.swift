import ILSRecord

/// What ils-parse tells of delimited text.
public enum CSVFault: String, FaultCodes {
  case csvRagged = "csv.ragged"
  case csvUnclosedQuote = "csv.unclosed_quote"
  case csvEncoding = "csv.encoding"
  case csvNul = "csv.nul"
  case csvTooLong = "csv.too_long"
  case csvNoHeader = "csv.no_header"
  case csvDialect = "csv.dialect"
  case csvHeader = "csv.header"
  case csvColumns = "csv.columns"
  case csvRemark = "csv.remark"
  case csvDelimiter = "csv.delimiter"
  case csvRowSeparator = "csv.row_separator"
  case csvQuote = "csv.quote"
  case csvTooWide = "csv.too_wide"
  case csvPassedOver = "csv.passed_over"
  case csvHeaderAgain = "csv.header_again"
  case csvMark = "csv.mark"
  case csvSecondTable = "csv.second_table"
  case csvTotals = "csv.totals"
  case csvRounded = "csv.rounded"
  case csvLeadingZeros = "csv.leading_zeros"
  case csvDateSerial = "csv.date_serial"
  case csvMonthDay = "csv.month_day"
  case csvPointZero = "csv.point_zero"
  case csvWrapped = "csv.wrapped"
  case csvFormula = "csv.formula"
  case csvLoneCell = "csv.lone_cell"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .csvRagged:
      (
        "The row has more or fewer cells than the header.",
        "Look for a delimiter inside a cell without quotes; --ragged pad or keep takes such rows."
      )
    case .csvUnclosedQuote: ("A quote opens here and does not close.", "Close it, or say --quote none.")
    case .csvEncoding:
      (
        "Bytes that mean nothing in the encoding.",
        "Name the right one with --encoding, or allow --encoding-errors replace."
      )
    case .csvNul: ("The row holds a NUL byte.", "Look whether the file was damaged on its way.")
    case .csvTooLong: ("The row is longer than the limit.", "Look for a quote that does not close.")
    case .csvNoHeader:
      ("There is no header where one was looked for.", "Look at --skip and --header-row, or say --no-header.")
    case .csvDialect:
      (
        "How the file was read: delimiter, columns, header.",
        "Nothing to mend; --delimiter, --header-row or --no-header say it otherwise."
      )
    case .csvHeader:
      (
        "A name of the header was changed, since it was empty or occurs again.",
        "Map the name that the message gives, or name all by --columns."
      )
    case .csvColumns: ("More or fewer names were given than there are columns.", "Correct --columns.")
    case .csvRemark:
      (
        "A line was passed over, as lines above the header were that start with #.",
        "Nothing to mend, unless it is a row."
      )
    case .csvDelimiter: ("Nothing decides what separates the cells.", "Say it with --delimiter.")
    case .csvRowSeparator:
      (
        "The rows are separated by a character that is no line end.",
        "Put line ends in its place, as the message shows."
      )
    case .csvQuote:
      (
        "Text stands behind a closing quote.",
        "Double the quotes inside quotes, or name the way with --quote or --escape."
      )
    case .csvTooWide: ("The row has far more cells than any table.", "Look for a line end that is missing.")
    case .csvPassedOver:
      (
        "Rows above the names are no records.",
        "Nothing to mend where they are titles; --header-row says it otherwise, --join-groups joins names of groups."
      )
    case .csvHeaderAgain:
      ("The row repeats the header, and was passed over.", "Nothing to mend: files were joined here.")
    case .csvMark: ("A byte order mark stood between rows.", "Nothing to mend: files were joined here.")
    case .csvSecondTable:
      ("A row looks like the names of another table.", "Split the file, or take the other table out.")
    case .csvTotals: ("The row sums up others, and was passed over.", "Nothing to mend, unless it is a record.")
    case .csvLoneCell:
      ("Rows hold nothing but their first cell.", "Take them out first if they are remarks or ends of pages.")
    case .csvFormula:
      ("Cells were formulas that say a text, and were read as that.", "Nothing to mend; --keep-formulas keeps them.")
    case .csvRounded:
      ("A spreadsheet has rounded long numbers (1.23457E+11).", "Export again, with the column as text.")
    case .csvLeadingZeros:
      (
        "Some values look as if a spreadsheet had taken leading zeros away.",
        "Export again from the program itself, or put the zeros back with the transform pad."
      )
    case .csvDateSerial:
      (
        "Numbers stand in place of dates.",
        "Export them as dates, or map the field with date_format and the input excel."
      )
    case .csvMonthDay:
      ("A spreadsheet has made dates of values that are none.", "Export again from the program itself.")
    case .csvPointZero:
      ("Numbers by which things are known end in .0.", "Export them as text or whole numbers: keys would have the .0.")
    case .csvWrapped: ("Each line is one quoted cell that holds a whole row.", "Take the outer quotes away first.")
    }
  }
}
