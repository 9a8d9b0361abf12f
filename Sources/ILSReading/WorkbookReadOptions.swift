import ArgumentParser
import ILSCommand
import ILSFormats
import ILSRecord
import ILSStream

/// What is read of a workbook, where that is not its first visible sheet with data.
public struct WorkbookReadOptions: ParsableArguments {
  public init() {}

  @Option(
    parsing: .unconditional,
    help: .init("Workbooks: read the sheet called NAME, or the one of that number.", valueName: "name"))
  var sheet: String?

  @Flag(help: "Workbooks: read all sheets; each record names its own, as _sheet.")
  var allSheets = false

  @Flag(help: "Workbooks: write what sheets there are (number, name, state, dimensions) instead of records.")
  public var listSheets = false

  @Option(help: .init("Workbooks: read these cells, such as B3:H200, B:H or 3:200.", valueName: "range"))
  var range: String?

  @Flag(help: "Workbooks: every cell of a merged range has the value of its first.")
  var fillMerged = false

  @Flag(help: "Workbooks: a number that is shown with zeros in front (00123) is the string that is shown.")
  var asDisplayed = false

  @Flag(help: "dBase: read records that are marked as deleted, too; each record says whether it is, as _deleted.")
  var keepDeleted = false

  /// The options as the decoder takes them.
  public func decoding(_ reading: ReadOptions) throws(StopError) -> WorkbookOptions {
    var options = WorkbookOptions()
    guard sheet == nil || !allSheets else {
      throw StopError(.usage, UsageFault.usage, "--sheet and --all-sheets exclude each other")
    }
    options.sheets = allSheets ? .all : sheet.map { .named($0) } ?? .firstWithData
    if let range {
      guard let cells = CellRange(range) else {
        throw StopError(.usage, UsageFault.usage, "--range takes cells such as B3:H200, B:H or 3:200")
      }
      options.range = cells
    }
    if reading.skip > 0 {
      let known = options.range ?? CellRange(rows: 1...CellRange.lastRow, columns: 0...CellRange.lastColumn)
      let first = min(max(known.rows.lowerBound, reading.skip + 1), known.rows.upperBound)
      options.range = CellRange(rows: first...known.rows.upperBound, columns: known.columns)
    }
    options.headerRow = reading.noHeader ? 0 : reading.headerRow
    options.columns = reading.columns?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    options.joinsGroups = reading.joinGroups
    options.fillsMerged = fillMerged
    options.asDisplayed = asDisplayed
    options.leftOut = reading.leftOut
    options.readsFormulas = !reading.keepFormulas
    options.mendsMojibake = reading.mendMojibake
    return options
  }

  /// Refuses an input that is no workbook where the options ask for a part of one, or its name promises one.
  public func check(text head: [UInt8], named name: String) throws(StopError) {
    let lower = name.lowercased()
    let position = Position(file: name == "-" ? nil : name)
    if [".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"].contains(where: { lower.hasSuffix($0) }) {
      if head.first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "<") {
        throw StopError(
          .dataError, WorkbookFault.workbookMarkup,
          "this is a web page or XML under the name of a workbook: open it with Excel and save it as .xlsx",
          at: position)
      }
      if head.contains(0) || head.isEmpty {
        throw StopError(
          .dataError, WorkbookFault.workbookUnknown, "this is no workbook: the file is damaged or of another kind",
          at: position)
      }
    }
    guard !keepDeleted else {
      throw StopError(.usage, UsageFault.usage, "--keep-deleted is for dBase tables, and this is none", at: position)
    }
    guard sheet == nil, !allSheets, !listSheets, range == nil else {
      throw StopError(
        .usage, UsageFault.usage,
        "--sheet, --all-sheets, --list-sheets and --range are for workbooks, and this is none",
        at: position)
    }
  }
}

extension WorkbookReadOptions {
  /// What was said, as options that say it again.
  var arguments: [String] {
    let values = [("--sheet", sheet), ("--range", range)]
    let flags = [
      ("--all-sheets", allSheets), ("--fill-merged", fillMerged), ("--as-displayed", asDisplayed),
      ("--keep-deleted", keepDeleted),
    ]
    return values.compactMap { name, value in value.map { "\(name)=\($0)" } } + flags.filter(\.1).map(\.0)
  }
}
