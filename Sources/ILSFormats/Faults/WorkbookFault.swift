import ILSRecord

/// What ils-parse tells of the sheets of a workbook and their cells.
public enum WorkbookFault: String, FaultCodes {
  case cellError = "cell.error"
  case cellNoDate = "cell.no_date"
  case cellNoResult = "cell.no_result"
  case cellNumber = "cell.number"
  case workbookTable = "workbook.table"
  case workbookSheet = "workbook.sheet"
  case workbookHiddenSheet = "workbook.hidden_sheet"
  case workbookHiddenRows = "workbook.hidden_rows"
  case workbookHiddenColumns = "workbook.hidden_columns"
  case workbookStruck = "workbook.struck"
  case workbookUnseen = "workbook.unseen"
  case workbookComments = "workbook.comments"
  case workbookFormula = "workbook.formula"
  case workbookShown = "workbook.shown"
  case workbookMixedDates = "workbook.mixed_dates"
  case workbookHeader = "workbook.header"
  case workbookExtraCell = "workbook.extra_cell"
  case workbookCellTwice = "workbook.cell_twice"
  case workbookMerged = "workbook.merged"
  case workbookRowOrder = "workbook.row_order"
  case workbookPassedOver = "workbook.passed_over"
  case workbookHeaderAgain = "workbook.header_again"
  case workbookTotals = "workbook.totals"
  case workbookLoneCell = "workbook.lone_cell"
  case workbookSecondTable = "workbook.second_table"
  case workbookLeadingZeros = "workbook.leading_zeros"
  case workbookLongNumber = "workbook.long_number"
  case workbookDateSerial = "workbook.date_serial"
  case workbookPadded = "workbook.padded"
  case workbookEmpty = "workbook.empty"
  case workbookNoSheet = "workbook.no_sheet"
  case workbookNoTable = "workbook.no_table"
  case workbookUnknown = "workbook.unknown"
  case workbookMarkup = "workbook.markup"
  case workbookRowLimit = "workbook.row_limit"
  case workbookStringsLimit = "workbook.strings_limit"
  case workbookMergeLimit = "workbook.merge_limit"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .cellError:
      ("The cell shows an error; it is null here.", "Mend the formula in the workbook, or fill the field in.")
    case .cellNoDate: ("The cell is styled as a date and holds no day.", "Correct it in the workbook.")
    case .cellNoResult: ("The cell holds a formula without its result.", "Open the workbook and save it again.")
    case .cellNumber: ("A number cell holds no number; it is text here.", "Correct it in the workbook.")
    case .workbookTable: ("Which table was read.", "Nothing to mend; --header-row or --range say it otherwise.")
    case .workbookSheet:
      ("One sheet was read, and there are others.", "Nothing to mend; --sheet names one, --all-sheets reads all.")
    case .workbookHiddenSheet: ("The sheet that was read is hidden.", "Look whether it is meant.")
    case .workbookHiddenRows: ("Hidden rows were read like the others.", "Look whether they are meant.")
    case .workbookHiddenColumns: ("Hidden columns were read like the others.", "Look whether they are meant.")
    case .workbookStruck:
      ("Cells are crossed out, and were read like the others.", "Take those rows out first if they no longer hold.")
    case .workbookUnseen:
      (
        "Cells whose text nobody sees, by its colour or its format, were read like the others.",
        "Look whether they are meant, and take out what is not."
      )
    case .workbookComments:
      ("Cells have comments, which no record holds.", "Copy them into a column of their own if they matter.")
    case .workbookFormula:
      (
        "Cells were formulas that say a text and were read as that, or none of the formulas has a result.",
        "Nothing to mend, or open the workbook and save it again, as the message says."
      )
    case .workbookShown:
      (
        "The format shows numbers otherwise than they are: as per cent, in thousands, with a minus or letters in front, as words, or not at all.",
        "Map the field by what the numbers are."
      )
    case .workbookMixedDates:
      (
        "A column holds dates, and text that looks like dates: Excel may have taken days for months.",
        "Compare some with the source, and export again with one way of writing dates."
      )
    case .workbookHeader:
      (
        "A name of the header was changed, since it was empty or occurs again.",
        "Map the name that the message gives, or name all by --columns."
      )
    case .workbookExtraCell: ("A column has a value and no name.", "Name it in the workbook, or with --columns.")
    case .workbookCellTwice:
      ("A row has two cells in one column; the later one is taken.", "Save the workbook again with Excel.")
    case .workbookMerged:
      (
        "A range below the names is merged: only its first cell has the value.",
        "Say --fill-merged if the value is that of all its rows."
      )
    case .workbookRowOrder: ("A row stands behind rows of larger numbers.", "Look whether it is in the sheet twice.")
    case .workbookPassedOver:
      (
        "Rows above the names are no records.",
        "Nothing to mend where they are titles; --header-row says it otherwise, --join-groups joins names of groups."
      )
    case .workbookHeaderAgain:
      ("A row repeats the names of the columns.", "Leave such rows out with --leave-out headers.")
    case .workbookTotals: ("A row sums up others.", "Leave such rows out with --leave-out totals.")
    case .workbookLoneCell:
      ("Rows hold nothing but one cell.", "Take them out first if they are remarks or ends of pages.")
    case .workbookSecondTable: ("A row looks like the names of another table.", "Read one of the two with --range.")
    case .workbookLeadingZeros:
      (
        "Some values look as if Excel had taken leading zeros away.",
        "Ask for an export as CSV, or put the zeros back with the transform pad."
      )
    case .workbookLongNumber:
      ("Excel has made the digits behind the fifteenth zeros.", "Ask for an export as CSV: the workbook has lost them.")
    case .workbookDateSerial:
      ("Numbers look like dates without a date format.", "Map the field with date_format and the input excel.")
    case .workbookPadded: ("Numbers are shown with zeros in front.", "Say --as-displayed to keep the zeros.")
    case .workbookEmpty: ("No visible sheet holds anything.", "Say --all-sheets if the data is on a hidden one.")
    case .workbookNoSheet: ("There is no sheet of that name or number.", "Name one of those that the message lists.")
    case .workbookNoTable: ("The sheet holds no cells.", "Name another: ils-parse --list-sheets shows them.")
    case .workbookUnknown: ("The file is no workbook.", "Get it again, or look of what kind it is.")
    case .workbookMarkup:
      ("A web page or XML under the name of a workbook.", "Open it with Excel and save it as .xlsx.")
    case .workbookRowLimit: ("A row holds more than any row may.", "Look whether the file is damaged.")
    case .workbookStringsLimit: ("The shared strings need more memory than they may.", "Export the sheet as CSV.")
    case .workbookMergeLimit:
      ("A merged range is too large to be filled.", "Undo the merging in the workbook, if its cells matter.")
    }
  }
}
