import ILSRecord

/// What ils-parse tells of text and JSON as a whole.
public enum TextFault: String, FaultCodes {
  case textEncoding = "text.encoding"
  case textNoTable = "text.no_table"
  case textEmpty = "text.empty"
  case textFixedWidth = "text.fixed_width"
  case textMojibake = "text.mojibake"
  case textLost = "text.lost"
  case textSpelled = "text.spelled"
  case textUnseen = "text.unseen"
  case textDecomposed = "text.decomposed"
  case tableHeaderData = "table.header_data"
  case tableHeaderRow = "table.header_row"
  case tableSecondNames = "table.second_names"
  case tableOnItsSide = "table.on_its_side"
  case tableSideBySide = "table.side_by_side"
  case tableBlankStart = "table.blank_start"
  case tableErrorWord = "table.error_word"
  case tableNullWord = "table.null_word"
  case tableNoDay = "table.no_day"
  case tableMinutes = "table.minutes"
  case tableCut = "table.cut"
  case tableFull = "table.full"
  case jsonNoPath = "json.no_path"
  case jsonLayout = "json.layout"
  case jsonEnvelope = "json.envelope"
  case jsonRows = "json.rows"
  case jsonHeader = "json.header"
  case jsonRagged = "json.ragged"
  case jsonNameTwice = "json.name_twice"
  case jsonRespelled = "json.respelled"
  case jsonKeyNumber = "json.key_number"
  case jsonPages = "json.pages"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .textEncoding:
      (
        "In which encoding the file is read, or between which nothing decides.",
        "If letters are wrong, or it was asked, name it with --encoding."
      )
    case .textNoTable:
      (
        "The file is of a kind that holds no table.",
        "Export it again as CSV, or read it all the same with --format csv."
      )
    case .textEmpty: ("The input is empty.", "Look whether its export has failed.")
    case .textFixedWidth:
      (
        "Nothing separates the cells: they start at fixed places.",
        "Open it in a spreadsheet as text of fixed width, and save it as CSV."
      )
    case .textMojibake:
      (
        "Letters were read in the wrong encoding before the export.",
        "Export again in UTF-8, or let --mend-mojibake put them right."
      )
    case .textLost:
      ("U+FFFD stands in place of letters that were lost before the export.", "Export again, as UTF-8.")
    case .textSpelled:
      ("Letters are spelled with signs of ASCII, as web pages or UTF-7 do.", "Export again as plain text in UTF-8.")
    case .textDecomposed:
      (
        "Letters are written as a letter and a mark behind it.",
        "Let normalize_unicode in the mapping make one character of both."
      )
    case .textUnseen:
      (
        "Signs that nobody sees stand among the text, such as U+FEFF or U+200B.",
        "Take them out with strip_control in the mapping."
      )
    case .tableHeaderData: ("The row of names looks like data.", "Say --no-header, or --header-row if it is one.")
    case .tableHeaderRow: ("The names may stand in either of two rows.", "Say which with --header-row.")
    case .tableSecondNames:
      (
        "The row below the names holds words where the rows below it hold values.",
        "If it is no record, say --header-row with its number, or take it out."
      )
    case .tableOnItsSide:
      ("Names seem to stand in the first column, and a record in each of the others.", "Turn the table first.")
    case .tableSideBySide:
      (
        "Two tables seem to stand beside each other, and rows are read across both.",
        "Read one at a time: --range in a workbook, or cut the columns apart."
      )
    case .tableBlankStart:
      (
        "Rows begin with empty cells where others have what they are known by.",
        "If they go on with the rows above, fill those cells in first."
      )
    case .tableErrorWord:
      (
        "Values are what a spreadsheet shows in place of one, such as ######## or #N/A.",
        "Widen the column or mend the formula, and export again."
      )
    case .tableNullWord:
      (
        "Values are words for none, such as NULL.",
        "Let empty_to_null in the mapping make them null."
      )
    case .tableNoDay:
      (
        "Days are such as programs write for none, like 1899-12-30.",
        "Make them null with values in the mapping."
      )
    case .tableMinutes:
      (
        "Minutes and seconds stand where a day and time did.",
        "Export again with a format that shows all."
      )
    case .tableCut:
      (
        "The longest texts all have as many characters as an old field takes.",
        "Export them from the source itself if what was cut off matters."
      )
    case .tableFull:
      (
        "The table has as many rows as a spreadsheet takes.",
        "Ask for an export that holds the rows behind them."
      )
    case .jsonNoPath:
      ("There is no array or object at --path.", "Look at the path: it leads from the top to the records.")
    case .jsonLayout: ("How the records lie in the JSON.", "Nothing to mend; --path says it otherwise.")
    case .jsonEnvelope:
      ("The text is one record that holds an array.", "If the array holds the records, name it with --path.")
    case .jsonRows:
      (
        "Records are arrays, whose first one holds the names, or values that are no objects.",
        "Nothing to mend where that is meant."
      )
    case .jsonHeader:
      ("A name was changed, since it was empty or occurs again.", "Map the name that the message gives.")
    case .jsonRagged: ("An array has more or fewer values than there are names.", "Mend it in the source.")
    case .jsonNameTwice:
      ("Joined names of nested fields make one name twice.", "Choose another separator for --flatten.")
    case .jsonPages:
      (
        "An answer of an API says that there are more records, or pages, than came.",
        "Get all pages, and give them one behind the other."
      )
    case .jsonRespelled:
      (
        "A field has names that differ in case, or in signs between words, from record to record.",
        "Map both names to the one field."
      )
    case .jsonKeyNumber:
      (
        "Numbers by which things are known are written as 1.0 or 1e3, or stand beside texts with zeros in front.",
        "Make whole numbers of them with to_integer, or put zeros back with pad."
      )
    }
  }
}
