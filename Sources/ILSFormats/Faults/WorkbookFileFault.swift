import ILSRecord

/// Why the file of a workbook cannot be read.
public enum WorkbookFileFault: String, FaultCodes {
  case workbookEncrypted = "workbook.encrypted"
  case workbookSheetLimit = "workbook.sheet_limit"
  case zipTruncated = "zip.truncated"
  case zipCorrupt = "zip.corrupt"
  case zipChecksum = "zip.checksum"
  case zipMethod = "zip.method"
  case zipBomb = "zip.bomb"
  case zipInit = "zip.init"
  case xmlTruncated = "xml.truncated"
  case xmlDoctype = "xml.doctype"
  case xmlEncoding = "xml.encoding"
  case xmlTokenLimit = "xml.token_limit"
  case xlsxCellReference = "xlsx.cell_reference"
  case xlsxNoSheet = "xlsx.no_sheet"
  case xlsxNoSheets = "xlsx.no_sheets"
  case xlsxNoString = "xlsx.no_string"
  case xlsxNoWorkbook = "xlsx.no_workbook"
  case xlsbTruncated = "xlsb.truncated"
  case xlsCorrupt = "xls.corrupt"
  case xlsTruncated = "xls.truncated"
  case xlsTooOld = "xls.too_old"
  case xlsNoSheet = "xls.no_sheet"
  case xlsNoSheets = "xls.no_sheets"
  case xlsNoString = "xls.no_string"
  case xlsNoWorkbook = "xls.no_workbook"
  case ole2Corrupt = "ole2.corrupt"
  case ole2Cycle = "ole2.cycle"
  case ole2TooLarge = "ole2.too_large"
  case odsUnsupported = "ods.unsupported"
  case odsNoSheets = "ods.no_sheets"
  case odsCellReference = "ods.cell_reference"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .workbookEncrypted: ("The workbook is encrypted.", "Save it without a password.")
    case .workbookSheetLimit:
      ("The workbook has more sheets than are read.", "Save the ones that matter as a workbook of their own.")
    case .zipTruncated: ("The file ends too early.", "Get it again: it was cut off.")
    case .zipCorrupt: ("The zip archive is damaged.", "Get the file again, or save it again with Excel.")
    case .zipChecksum: ("A part of the workbook does not match its checksum.", "Get the file again.")
    case .zipMethod: ("A part is packed in a way that workbooks do not use.", "Save it again with Excel.")
    case .zipBomb:
      ("A part unpacks to many times its size.", "Do not open it elsewhere either; ask where it comes from.")
    case .zipInit: ("zlib cannot start.", "Give the process more memory.")
    case .xmlTruncated: ("A part of the workbook ends too early.", "Get the file again.")
    case .xmlDoctype:
      ("A part declares a document type or entities.", "Save it again with Excel; ask where it comes from.")
    case .xmlEncoding: ("A part of the workbook is in UTF-16.", "Save it again with Excel.")
    case .xmlTokenLimit: ("A text is longer than any cell may be.", "Look whether the file is damaged.")
    case .xlsxCellReference: ("The sheet has a cell beyond its last row or column.", "Save it again with Excel.")
    case .xlsxNoSheet: ("The workbook names a sheet and does not hold it.", "Get the file again.")
    case .xlsxNoSheets: ("The workbook names no sheet.", "Get the file again.")
    case .xlsxNoString: ("A cell names a text that is not there.", "Get the file again.")
    case .xlsxNoWorkbook: ("The file holds no workbook.", "Look of what kind it is; save it as .xlsx.")
    case .xlsbTruncated: ("A part of the binary workbook ends too early.", "Get the file again.")
    case .xlsCorrupt: ("The workbook is damaged.", "Get the file again, or save it as .xlsx.")
    case .xlsTruncated: ("The workbook ends too early.", "Get it again: it was cut off.")
    case .xlsTooOld: ("A kind of sheet of Excel 4 or before.", "Save its sheets as .xlsx.")
    case .xlsNoSheet: ("The workbook names a sheet and does not hold it.", "Get the file again.")
    case .xlsNoSheets: ("The workbook names no sheet.", "Get the file again.")
    case .xlsNoString: ("A cell names a text that is not there.", "Get the file again.")
    case .xlsNoWorkbook: ("The file holds no workbook.", "Look of what kind it is; save it as .xlsx.")
    case .ole2Corrupt: ("The file is damaged.", "Get it again, or save it as .xlsx.")
    case .ole2Cycle: ("The file's sectors go round in a circle.", "Get it again.")
    case .ole2TooLarge: ("The workbook is scattered over a file that is too large.", "Save it again with Excel.")
    case .odsUnsupported:
      ("An OpenDocument file that is no spreadsheet, or one of OpenOffice 1.", "Save it as .ods or .xlsx.")
    case .odsNoSheets: ("The spreadsheet has no sheet.", "Get the file again.")
    case .odsCellReference:
      ("The sheet has a cell beyond the last row or column.", "Save it again with LibreOffice.")
    }
  }
}
