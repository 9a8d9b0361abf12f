import ILSCommand
import ILSFormats
import ILSRecord

extension WorkbookReadOptions {
  /// The options as the decoder of dBase tables takes them.
  /// - Throws: `usage` for what such a table has not.
  func dBase(_ reading: ReadOptions, named name: String) throws(StopError) -> DBFOptions {
    let has =
      sheet != nil || range != nil || reading.headerRow != nil || reading.noHeader || reading.skip > 0
    guard !has else {
      throw StopError(
        .usage, UsageFault.usage,
        "a dBase table has one table, and its names in its header: --sheet, --range, --header-row, --no-header and --skip are for others",
        at: Position(file: name == "-" ? nil : name))
    }
    var options = DBFOptions()
    options.encoding = reading.encoding
    options.replacesErrors = reading.encodingErrors == .replace
    options.columns = reading.columns?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    options.keepsDeleted = keepDeleted
    options.mendsMojibake = reading.mendMojibake
    return options
  }
}
