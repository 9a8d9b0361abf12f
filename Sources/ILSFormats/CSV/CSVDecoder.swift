import ILSRecord

/// What is said of a delimited text, rather than found out from it.
public struct CSVOptions: Sendable {
  /// Quote, escape, comment and ragged rows; the delimiter is `delimiter` below.
  public var dialect = CSVDialect()
  /// nil: found out.
  public var delimiter: UInt8?
  /// The number of the row that holds the names; nil: found out. 0: there is none, and `columns` or `column_N` name them.
  public var headerRow: Int?
  /// Names that stand in for those of the header.
  public var columns: [String]?
  /// Lines that are passed over first; they count as rows.
  public var skip = 0
  /// Finds out whether quotes are escaped by backslashes, stand behind spaces, or are apostrophes.
  public var findsQuoting = true

  public init() {}
}

/// Delimited text (RFC 4180 and kin) to records of strings.
///
/// The records are the same however the bytes are split. What was not said is found out from the first 64 KiB, or from
/// what there is when the source makes the reader wait.
public struct CSVDecoder: RecordDecoder, ~Copyable {
  private let options: CSVOptions
  private let file: String?
  private let namesFile: Bool
  /// The start of the text, until header and dialect are known.
  private var head = OutputBuffer()
  private var rows: CSVRows?

  private static var sampleSize: Int { 1 << 16 }

  /// - Parameters:
  ///   - file: the input's name, for messages.
  ///   - namesFile: each record names it, as `_file`.
  public init(_ options: CSVOptions = CSVOptions(), file: String? = nil, namesFile: Bool = false) {
    self.options = options
    self.file = file
    self.namesFile = namesFile
  }

  public mutating func decode(_ padded: PaddedBytes, emit: inout Emitter) throws(StopError) {
    let chunk = padded.bytes
    if rows != nil {
      rows?.read(chunk, emit: &emit)
    } else {
      head.append(chunk)
      if head.count >= Self.sampleSize { try begin(isWhole: false, &emit) }
    }
  }

  public mutating func sourceWaits(emit: inout Emitter) throws(StopError) {
    // The header and one row: less would tell too little.
    if rows == nil, head.bytes.count(where: { $0 == 0x0A }) >= 2 { try begin(isWhole: false, &emit) }
  }

  public mutating func finish(emit: inout Emitter) throws(StopError) {
    if rows == nil { try begin(isWhole: true, &emit) }
    rows?.finish(emit: &emit)
  }

  /// Finds out what was not said, reads the header, and the rows that have gathered behind it.
  private mutating func begin(isWhole: Bool, _ emit: inout Emitter) throws(StopError) {
    guard !head.isEmpty else { return }
    _ = head.reserve(64)
    let hasMark = head.bytes.starts(with: [0xEF, 0xBB, 0xBF] as [UInt8])
    let text = UnsafeRawBufferPointer(rebasing: head.bytes[(hasMark ? 3 : 0)...])
    let skipped = skipLines(text)
    let body = UnsafeRawBufferPointer(rebasing: text[skipped...])
    let isPlain = options.dialect.quote == UInt8(ascii: "\"") && options.dialect.escape == .doubled
    let sniffed = CSVSniffer(
      body, dialect: options.dialect, given: options.delimiter, findsQuoting: options.findsQuoting && isPlain,
      isWhole: isWhole)
    var dialect = sniffed.dialect
    if options.headerRow != nil { dialect.hasRemarks = false }
    var splitter = CSVSplitter(body, dialect)
    guard let names = try header(&splitter, sniffed.headerRow, isWhole, emit: &emit) else { return }
    tell(dialect, names, splitter.row, &emit)
    emit.noteHeader(names)
    rows = CSVRows(
      dialect, names: names, firstRow: options.skip + splitter.row + 1, file: file, namesFile: namesFile)
    rows?.read(UnsafeRawBufferPointer(rebasing: body[splitter.at...]), emit: &emit)
    head.removeAll()
  }

  /// Where the lines that are to be skipped end.
  private func skipLines(_ text: UnsafeRawBufferPointer) -> Int {
    var at = 0
    for _ in 0..<options.skip {
      guard let feed = text[at...].firstIndex(of: 0x0A) else { return text.count }
      at = feed + 1
    }
    return at
  }

  /// The columns' names; nil while the header is not there in full. The splitter stands behind it then.
  private func header(
    _ splitter: inout CSVSplitter, _ sniffedRow: Int, _ isWhole: Bool, emit: inout Emitter
  ) throws(StopError) -> [String]? {
    let row = options.headerRow.map { max($0 - options.skip, 0) } ?? sniffedRow
    var cells: [[UInt8]] = []
    var start = splitter
    if row == 0 {
      // A first row whose quote never closes tells no number of columns.
      guard let first = start.next(isWhole: isWhole) else { return isWhole ? [CSVHeader.nameless(1)] : nil }
      cells = first.indices.map { Array(CSVHeader.nameless($0 + 1).utf8) }
    }
    for _ in 0..<row {
      guard let next = splitter.next(isWhole: isWhole) else {
        if !isWhole, head.count < CSVRows.rowLimit { return nil }
        throw StopError(
          .dataError, code: "csv.no_header",
          "no header in row \(row + options.skip): its quote never closes, or the file ends before it",
          at: Position(file: file, row: splitter.row + options.skip + 1))
      }
      cells = next
    }
    return try name(cells, row: row + options.skip, &emit)
  }

  /// The names in `cells`, made fit; those of `--columns` instead, where given.
  private func name(_ cells: [[UInt8]], row: Int, _ emit: inout Emitter) throws(StopError) -> [String] {
    let position = Position(file: file, row: row)
    if let given = options.columns {
      if given.count != cells.count {
        emit.tell(
          Diagnostic(
            .warning, code: "csv.columns", "\(given.count) names were given for \(cells.count) columns", at: position))
      }
      return CSVHeader(given).names
    }
    for (index, cell) in cells.enumerated() where cell.withUnsafeBytes({ firstInvalidUTF8($0) }) != nil {
      throw StopError(
        .dataError, code: "csv.encoding",
        "the name of column \(index + 1) is not UTF-8: name the file's encoding with --encoding", at: position)
    }
    let header = CSVHeader(cells.map { String(decoding: $0, as: UTF8.self) })
    for note in header.notes { emit.tell(Diagnostic(.warning, code: "csv.header", note, at: position)) }
    if row > 0, CSVHeader.looksLikeData(cells) {
      emit.tell(
        Diagnostic(
          .warning, code: "csv.header_data",
          "the header looks like data: if there is none, use --no-header or --columns",
          at: position))
    }
    return header.names
  }

  private func tell(_ dialect: CSVDialect, _ names: [String], _ headerRow: Int, _ emit: inout Emitter) {
    let delimiter =
      switch dialect.delimiter {
      case 0x2C: "comma"
      case 0x09: "tab"
      case 0x3B: "semicolon"
      case 0x7C: "pipe"
      case let other: other > 0x20 && other < 0x7F ? "'\(Unicode.Scalar(other))'" : "byte \(other)"
      }
    emit.tell(
      Diagnostic(
        .info, code: "csv.dialect",
        "\(delimiter)-separated, \(names.count) \(names.count == 1 ? "column" : "columns"), "
          + (headerRow == 0 ? "no header" : "header in row \(headerRow + options.skip)")
          + quoting(dialect) + (dialect.hasRemarks ? ", remarks that start with #" : ""), at: Position(file: file)))
  }

  /// What was found out about quotes, where it is not the usual.
  private func quoting(_ dialect: CSVDialect) -> String {
    (dialect.escape != options.dialect.escape ? ", quotes behind backslashes" : "")
      + (dialect.quote != options.dialect.quote ? ", apostrophes as quotes" : "")
      + (dialect.hasSpacedQuotes ? ", spaces in front of quotes" : "")
  }
}
