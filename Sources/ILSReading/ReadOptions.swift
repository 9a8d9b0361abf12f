import ArgumentParser
import ILSCommand
import ILSFormats
import ILSRecord

/// How the inputs are written, where that should not be found out.
public struct ReadOptions: ParsableArguments {
  public init() {}

  @Option(help: "What the inputs are: csv (any delimiter), json (values, or an array of them) or ndjson (one a line).")
  public var format: TextOptions.Format?

  @Option(help: .init("The encoding, by the name that iconv knows it by.", valueName: "name"))
  var encoding: String?

  @Option(help: "A byte that means nothing in the encoding: reject its row, or replace it with U+FFFD.")
  var encodingErrors = EncodingErrors.reject

  @Flag(help: "Put right what was read in the wrong encoding before it was exported, such as \u{C3}\u{A9} for \u{E9}.")
  var mendMojibake = false

  @Option(
    help: .init("JSON: the records are the array at PATH, such as data.patients or /data/patients.", valueName: "path"),
    completion: .file())
  var path: String?

  @Option(help: .init("JSON: nested objects become fields whose names are joined by SEP.", valueName: "sep"))
  var flatten: String?

  @Option(
    name: .shortAndLong,
    help: .init(
      "Cells are separated by CHARS, or by tab, comma, semicolon, pipe; none: nothing separates.", valueName: "chars"))
  var delimiter: String?

  @Option(help: .init("Cells may stand in CHARs; none: nothing quotes.", valueName: "char"))
  var quote: String?

  @Option(help: "How a quote stands inside quotes: doubled or behind a backslash.")
  var escape: EscapeStyle?

  @Option(help: .init("Pass over lines that start with CHAR.", valueName: "char"))
  var comment: String?

  @Option(help: .init("The names stand in row N, counted from 1.", valueName: "n"))
  var headerRow: Int?

  @Flag(help: "There is no header: columns are called column_1, column_2 ...")
  var noHeader = false

  @Option(help: .init("Names for the columns, in place of the header's.", valueName: "a,b,c"))
  var columns: String?

  @Flag(help: "Put names of groups above the columns' names in front of all of these: Right Eye Sph.")
  var joinGroups = false

  @Option(
    help: .init(
      "Leave rows out that are no data: headers (the names again) or totals; may be given twice.", valueName: "rows"))
  var leaveOut: [LeftOutRows] = []

  @Option(help: .init("Pass over the first N lines.", valueName: "n"))
  var skip = 0

  @Option(help: "A row with more or fewer cells than the header: reject it, pad it, or keep it.")
  var ragged = CSVDialect.Ragged.reject

  @Flag(help: "Keep cells like =\"00123\" as they are written, and not as the text 00123.")
  var keepFormulas = false

  public enum EncodingErrors: String, ExpressibleByArgument, CaseIterable { case reject, replace }

  public enum LeftOutRows: String, ExpressibleByArgument, CaseIterable { case headers, totals }

  public enum EscapeStyle: String, ExpressibleByArgument, CaseIterable { case doubled, backslash }

  /// The options as the decoder takes them.
  public func decoding() throws(StopError) -> TextOptions {
    var options = TextOptions()
    options.format = format
    options.csv = try delimited()
    options.path = path
    options.flatten = flatten
    options.encoding = encoding
    options.replacesErrors = encodingErrors == .replace
    options.mendsMojibake = mendMojibake
    return options
  }

  /// Rows that are no data and are left out.
  var leftOut: CSVOptions.LeftOut {
    var rows: CSVOptions.LeftOut = []
    if leaveOut.contains(.headers) { rows.insert(.headers) }
    if leaveOut.contains(.totals) { rows.insert(.totals) }
    return rows
  }

  private func delimited() throws(StopError) -> CSVOptions {
    var options = CSVOptions()
    if let delimiter { try separate(by: delimiter, &options) }
    options.joinsGroups = joinGroups
    options.leftOut = leftOut
    if let quote { options.dialect.quote = quote == "none" || quote.isEmpty ? nil : try byte(quote, "--quote") }
    options.dialect.escape = escape == .backslash ? .backslash : .doubled
    options.findsQuoting = quote == nil && escape == nil
    options.dialect.comment = try comment.map { (text) throws(StopError) in try byte(text, "--comment") }
    options.dialect.ragged = ragged
    options.dialect.readsFormulas = !keepFormulas
    options.headerRow = noHeader ? 0 : headerRow
    options.columns = columns.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    options.skip = skip
    guard skip >= 0, headerRow.map({ $0 > skip }) ?? true else {
      throw StopError(.usage, UsageFault.usage, "--header-row counts from 1 and must lie behind --skip")
    }
    return options
  }

  private func separate(by text: String, _ options: inout CSVOptions) throws(StopError) {
    if text == "none" {
      options.delimiter = CSVDialect.noDelimiter
    } else if let byte = byte(text) {
      options.delimiter = byte
    } else if !options.separate(by: text) {
      throw StopError(
        .usage, UsageFault.usage,
        "--delimiter takes a character, or several that are not all letters and digits; or tab, comma, semicolon, pipe, space, none"
      )
    }
  }

  private func byte(_ text: String, _ option: String) throws(StopError) -> UInt8 {
    if let byte = byte(text) { return byte }
    throw StopError(
      .usage, UsageFault.usage, "\(option) takes one ASCII character, or tab, comma, semicolon, pipe, space")
  }

  /// The byte that an option names; nil where it names none.
  private func byte(_ text: String) -> UInt8? {
    let names: [String: UInt8] = [
      "tab": 0x09, "\\t": 0x09, "comma": 0x2C, "semicolon": 0x3B, "pipe": 0x7C, "space": 0x20,
    ]
    if let byte = names[text] { return byte }
    guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x0A, byte != 0x0D else { return nil }
    return byte
  }
}

extension ReadOptions {
  /// What was said, as options that say it again.
  var arguments: [String] {
    let values: [(String, String?)] = [
      ("--format", format?.rawValue), ("--encoding", encoding),
      ("--encoding-errors", encodingErrors == .reject ? nil : encodingErrors.rawValue), ("--path", path),
      ("--flatten", flatten), ("--delimiter", delimiter), ("--quote", quote), ("--escape", escape?.rawValue),
      ("--comment", comment), ("--header-row", headerRow.map { "\($0)" }), ("--columns", columns),
      ("--skip", skip == 0 ? nil : "\(skip)"), ("--ragged", ragged == .reject ? nil : ragged.rawValue),
    ]
    let flags = [
      ("--mend-mojibake", mendMojibake), ("--no-header", noHeader), ("--join-groups", joinGroups),
      ("--keep-formulas", keepFormulas),
    ]
    return values.compactMap { name, value in value.map { "\(name)=\($0)" } } + flags.filter(\.1).map(\.0)
      + leaveOut.map { "--leave-out=\($0.rawValue)" }
  }
}

extension CSVDialect.Ragged: ExpressibleByArgument {}
extension TextOptions.Format: ExpressibleByArgument {}
