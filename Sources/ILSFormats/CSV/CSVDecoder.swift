import ILSRecord

/// What is said of a delimited text, rather than found out from it.
public struct CSVOptions: Sendable {
  /// Rows that are no data and are left out of the records.
  public struct LeftOut: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The names of the columns again, between the rows.
    public static let headers = LeftOut(rawValue: 1)
    /// Rows whose first cell says that they sum up others.
    public static let totals = LeftOut(rawValue: 2)
  }

  /// Quote, escape, comment and ragged rows; the delimiter is `delimiter` below.
  public var dialect = CSVDialect()
  /// nil: found out.
  public var delimiter: UInt8?
  /// The number of the row that holds the names; nil: found out. 0: there is none, and `columns` or `column_N` name them.
  public var headerRow: Int?
  /// Names that stand in for those of the header.
  public var columns: [String]?
  /// Puts the name of the group that stands over a column in front of the column's.
  public var joinsGroups = false
  /// Lines that are passed over first; they count as rows.
  public var skip = 0
  /// Finds out whether quotes are escaped by backslashes, stand behind spaces, or are apostrophes.
  public var findsQuoting = true
  public var leftOut: LeftOut = []

  public init() {}
}

/// Delimited text (RFC 4180 and kin) to records of strings.
///
/// The records are the same however the bytes are split. What was not said is found out from the first 64 KiB, or from
/// what there is when the source makes the reader wait; where that tells too little, the run stops and names the option.
public struct CSVDecoder: RecordDecoder, ~Copyable {
  private let options: CSVOptions
  private let file: String?
  private let namesFile: Bool
  /// The start of the text, until header and dialect are known.
  private var head = OutputBuffer()
  /// Bytes of `head` at which it is looked at again: twice as many as before, so that a long header costs no more than its
  /// length.
  private var enough = CSVDecoder.sampleSize
  private var rows: CSVRows?
  private var fold: DelimiterFold?
  private var folded = OutputBuffer()
  /// Whether the last chunk may hold letters that were read in the wrong encoding before; false for nearly all that hold none.
  private(set) var looksMangled = true
  /// What the text was in before it became UTF-8, for messages.
  var encoding = "UTF-8" {
    didSet { rows?.encoding = encoding }
  }

  /// How the table is written, and the names of its columns, once they are known.
  var table: (dialect: CSVDialect, names: [String])? { mutating get { rows?.table } }

  private static var sampleSize: Int { 1 << 16 }

  /// - Parameters:
  ///   - file: the input's name, for messages.
  ///   - namesFile: each record names it, as `_file`.
  public init(_ options: CSVOptions = CSVOptions(), file: String? = nil, namesFile: Bool = false) {
    self.options = options
    self.file = file
    self.namesFile = namesFile
    fold = options.dialect.spelling.map { DelimiterFold($0, file: file) }
  }

  public mutating func decode(_ padded: PaddedBytes, emit: inout Emitter) throws(StopError) {
    guard fold != nil else { return try read(padded.bytes, &emit) }
    folded.removeAll()
    try fold?.fold(padded.bytes, isLast: false, to: &folded)
    try read(folded.padded.bytes, &emit)
  }

  private mutating func read(_ chunk: UnsafeRawBufferPointer, _ emit: inout Emitter) throws(StopError) {
    looksMangled = true
    if rows != nil {
      rows?.looksMangled = false
      rows?.read(chunk, emit: &emit)
      looksMangled = rows?.looksMangled ?? true
    } else {
      head.append(chunk)
      if head.count >= enough { try begin(isWhole: false, &emit) }
    }
  }

  public mutating func sourceWaits(emit: inout Emitter) throws(StopError) {
    // The header and one row: less would tell too little.
    if rows == nil, enough == Self.sampleSize, head.bytes.count(where: { $0 == 0x0A }) >= 2 {
      try begin(isWhole: false, &emit)
    }
  }

  public mutating func finish(emit: inout Emitter) throws(StopError) {
    if fold != nil {
      folded.removeAll()
      try fold?.fold(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, to: &folded)
      try read(folded.padded.bytes, &emit)
    }
    if rows == nil { try begin(isWhole: true, &emit) }
    rows?.finish(emit: &emit)
    rows?.tellAll(&emit)
  }

  /// Finds out what was not said, reads the header, and the rows that have gathered behind it.
  private mutating func begin(isWhole: Bool, _ emit: inout Emitter) throws(StopError) {
    guard !head.isEmpty else { return }
    _ = head.reserve(64)
    let hasMark = head.bytes.starts(with: [0xEF, 0xBB, 0xBF] as [UInt8])
    let text = UnsafeRawBufferPointer(rebasing: head.bytes[(hasMark ? 3 : 0)...])
    let body = UnsafeRawBufferPointer(rebasing: text[skipLines(text)...])
    let judge = CSVJudge(options, file: file)
    try judge.checkLines(body, isWhole: isWhole)
    let isPlain = options.dialect.quote == UInt8(ascii: "\"") && options.dialect.escape == .doubled
    let sniffed = CSVSniffer(
      body, dialect: options.dialect, given: options.delimiter, findsQuoting: options.findsQuoting && isPlain,
      isWhole: isWhole, headerRow: options.headerRow.map { max($0 - options.skip, 0) }, file: file)
    guard let header = try judge.header(body, sniffed, isWhole: isWhole) else {
      enough = max(head.count, enough) * 2
      return
    }
    try judge.tell(sniffed, header, &emit)
    emit.noteHeader(header.names)
    rows = CSVRows(
      header.dialect, names: header.names, firstRow: options.skip + header.row + (header.hasRuler ? 2 : 1), file: file,
      namesFile: namesFile,
      oddRows: CSVOddRows(
        header: header.text, cells: header.cells, names: header.names,
        delimiter: header.dialect.delimiter, leftOut: options.leftOut))
    rows?.encoding = encoding
    rows?.read(UnsafeRawBufferPointer(rebasing: body[header.end...]), emit: &emit)
    head.removeAll()
  }

  /// Where the lines that are to be skipped end.
  private func skipLines(_ text: UnsafeRawBufferPointer) -> Int {
    var at = 0
    for _ in 0..<options.skip {
      guard let feed = text.lineFeed(from: at) else { return text.count }
      at = feed + 1
    }
    return at
  }
}
