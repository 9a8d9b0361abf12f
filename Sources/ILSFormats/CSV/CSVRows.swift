import ILSRecord

/// Rows of delimited text, once header and dialect are known, as records.
///
/// One pass copies sixteen bytes at a time from the row into the record and looks only at the bytes that need care. It
/// may stop behind any byte: the record so far is in the output, and the row so far in `carry`, where a reject finds it.
struct CSVRows: ~Copyable {
  enum Phase {
    case rowStart, fieldStart, bare, quoted
    /// A quote inside a quoted field: it closes the field, or the next one doubles it.
    case quoteInQuoted
    /// Spaces behind the quote that closed a field.
    case behindQuote
    /// The first byte, or the first two, of what may be a byte order mark at the start of a row.
    case firstOfMark, secondOfMark
    /// A backslash of the backslash dialect; the field goes on as it was.
    case escapedInBare, escapedInQuoted
    /// A comment, or the rest of a row beyond the limit.
    case skipping
  }

  /// What was met in the present row and is judged at its end.
  struct Faults: OptionSet {
    let rawValue: UInt8
    static let nul = Faults(rawValue: 1)
    /// Text follows a closing quote: the quotes of this row are not to be trusted.
    static let textBehindQuote = Faults(rawValue: 2)
    static let lineEndInQuotes = Faults(rawValue: 4)
    static let unclosedQuote = Faults(rawValue: 8)
    /// More cells than columns, and some of those too many hold something.
    static let surplus = Faults(rawValue: 16)
    /// More cells than any table has columns.
    static let tooWide = Faults(rawValue: 32)
  }

  /// The run of output that one call writes into.
  struct Cursor {
    var out: UnsafeMutableRawPointer
    let base: UnsafeMutableRawPointer
    let limit: UnsafeMutableRawPointer
  }

  let dialect: CSVDialect
  let columns: CSVColumns
  var table: (dialect: CSVDialect, names: [String]) { mutating get { (dialect, columns.names) } }
  /// The quote; the delimiter, which is special anyway, where nothing quotes.
  let quote: UInt8
  var phase = Phase.rowStart
  /// The number of the row that is being read, or comes next.
  var row: RowNumber
  var column = 0
  /// A quote stands in the present cell.
  var hasQuote = false
  /// Cells that were formulas of a text.
  var formulas = 0
  var faults: Faults = []
  var hasHighBytes = false
  /// Since it was last asked for, letters were met that may have been read in the wrong encoding before.
  var looksMangled = false
  /// The last row ended in CR: a line feed that follows belongs to it.
  var endedInCR = false
  /// The row's bytes that earlier chunks brought.
  var carry = OutputBuffer()
  /// The record's bytes that earlier chunks brought: they stand at the end of the output.
  var partialLength = 0
  /// Reading again what an unclosed quote had swallowed: a quoted field ends with its line here, so that one pass is enough.
  var isRecovering = false
  /// For messages.
  let file: String?
  /// What the text was in before it became UTF-8.
  var encoding = "UTF-8"
  /// What marks rows that are no data: the names again, totals, a second table.
  var oddRows: CSVOddRows
  /// Behind an empty line.
  var isAfterBlank = false
  /// Where the cells that the header has none for start, from the record's start on.
  var surplusStart: Int?
  /// The cell, from 0, in which text stands behind a closing quote.
  var oddCell = 0
  var loneRows = LoneRows()
  var blankStarts = BlankStarts()
  private let firstRow: Int
  /// A byte order mark was met between rows.
  private var hasToldMark = false

  /// The longest row, in bytes.
  static var rowLimit: Int { 16 << 20 }
  /// Output that is asked for at a time.
  private static var room: Int { 1 << 16 }

  /// - Parameter firstRow: the number of the row that `read` gets first.
  init(
    _ dialect: CSVDialect, names: [String], firstRow: Int, file: String?, namesFile: Bool,
    oddRows: consuming CSVOddRows
  ) {
    self.dialect = dialect
    self.oddRows = oddRows
    self.file = file
    quote = dialect.quote ?? dialect.delimiter
    row = RowNumber(firstRow)
    self.firstRow = firstRow
    var lead = OutputBuffer()
    if namesFile, let file {
      lead.append(",\"_file\":" as StaticString)
      lead.appendJSONString(file)
    }
    columns = CSVColumns(names, lead: lead.string())
  }

  @inline(__always)
  private func open(_ emit: inout Emitter) -> Cursor {
    let base = emit.output.reserve(Self.room + columns.longest + 128)
    return Cursor(out: base, base: base, limit: base + Self.room)
  }

  @inline(__always)
  func makeRoom(_ cursor: inout Cursor, _ emit: inout Emitter) {
    if cursor.out >= cursor.limit {
      emit.output.commit(cursor.out - cursor.base)
      cursor = open(&emit)
    }
  }

  /// Reads `chunk`; the row that it leaves unfinished goes on with the next.
  /// - Complexity: O(*n*) in bytes; holds one row.
  mutating func read(_ chunk: UnsafeRawBufferPointer, emit: inout Emitter) {
    guard var at = chunk.baseAddress, !chunk.isEmpty else { return }
    let end = at + chunk.count
    var rowStart = at
    var recordStart = emit.output.count - partialLength
    var cursor = open(&emit)
    while at < end {
      switch phase {
      case .rowStart:
        if end - at >= Self.wholeRowsMinimum, !isAfterBlank {
          emit.output.commit(cursor.out - cursor.base)
          at = readWholeRows(at, end, &emit)
          cursor = open(&emit)
          if at == end { continue }
        }
        rowStart = at
        recordStart = emit.output.count + (cursor.out - cursor.base)
        if isBetweenRows(&at) { continue }
        startRecord(&cursor)
      case .fieldStart:
        phase = .bare
        if at.load(as: UInt8.self) == quote, dialect.quote != nil {
          phase = .quoted
          at += 1
        }
      case .bare, .quoted:
        at =
          phase == .bare
          ? readBare(at, end, recordStart, &cursor, &emit) : readQuoted(at, end, &cursor, &emit)
        if phase == .rowStart {
          if hasQuote { readFormula(&cursor) }
          emit.output.commit(cursor.out - cursor.base)
          endRow(UnsafeRawBufferPointer(start: rowStart, count: at - rowStart), recordStart, &emit)
          if emit.isFull { return }
          at += 1
          // Where a row was given up, what it had swallowed may end in a row that goes on here.
          rowStart = at
          recordStart = emit.output.count - partialLength
          cursor = open(&emit)
        }
      case .quoteInQuoted: closeOrDouble(&at, &cursor)
      case .behindQuote: stepBehindQuote(&at, &cursor)
      case .firstOfMark, .secondOfMark:
        let met = phase == .firstOfMark ? 1 : 2
        if meetsMark(met, &at, &emit) { continue }
        recordStart = emit.output.count + (cursor.out - cursor.base)
        startRecord(&cursor)
        for byte in Self.mark.prefix(met) { cursor.putEscaped(byte) }
        hasHighBytes = true
        phase = .bare
      case .escapedInBare, .escapedInQuoted: unescape(&at, &cursor)
      case .skipping: skip(&at, end)
      }
      makeRoom(&cursor, &emit)
    }
    emit.output.commit(cursor.out - cursor.base)
    leave(UnsafeRawBufferPointer(start: rowStart, count: end - rowStart), recordStart, &emit)
  }

  /// Keeps what the next call goes on with.
  private mutating func leave(_ row: UnsafeRawBufferPointer, _ recordStart: Int, _ emit: inout Emitter) {
    partialLength = 0
    looksMangled = looksMangled || (hasHighBytes && Mojibake.isLikely(in: row))
    if phase == .rowStart || phase == .skipping { return }
    carry.append(row)
    partialLength = emit.output.count - recordStart
    if carry.count > Self.rowLimit { giveUp(emit: &emit) }
  }

  /// U+FEFF: between rows it is no data, but where files were joined (Unicode, 23.8).
  private static var mark: [UInt8] { [0xEF, 0xBB, 0xBF] }

  /// The byte behind the first `met` of a byte order mark; false where it is none, and the row starts with those.
  private mutating func meetsMark(_ met: Int, _ at: inout UnsafeRawPointer, _ emit: inout Emitter) -> Bool {
    guard at.load(as: UInt8.self) == Self.mark[met] else { return false }
    at += 1
    phase = met == 2 ? .rowStart : .secondOfMark
    guard met == 2 else { return true }
    carry.removeAll()
    if !hasToldMark {
      emit.tell(
        Diagnostic(
          .info, CSVFault.csvMark,
          "a byte order mark between rows is no data: files seem to have been joined here", at: position))
    }
    hasToldMark = true
    return true
  }

  /// Steps over what is no row: the line feed of a CRLF, an empty line, the start of a comment or a byte order mark.
  @inline(__always)
  private mutating func isBetweenRows(_ at: inout UnsafeRawPointer) -> Bool {
    let byte = at.load(as: UInt8.self)
    if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      if byte == UInt8(ascii: "\r") || !endedInCR {
        row.advance()
        isAfterBlank = oddRows.looksBehindBlanks
      }
      endedInCR = byte == UInt8(ascii: "\r")
      at += 1
      return true
    }
    endedInCR = false
    if byte == 0xEF {
      at += 1
      phase = .firstOfMark
      return true
    }
    if byte == dialect.comment {
      phase = .skipping
      return true
    }
    return false
  }

  /// Steps to the line end that closes a comment, or what is left of a row that was given up.
  private mutating func skip(_ at: inout UnsafeRawPointer, _ end: UnsafeRawPointer) {
    while at < end {
      let byte = at.load(as: UInt8.self)
      at += 1
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        endedInCR = byte == UInt8(ascii: "\r")
        row.advance()
        phase = .rowStart
        return
      }
    }
  }

  /// Ends the table: the last row needs no line end.
  mutating func finish(emit: inout Emitter) {
    // What an unclosed quote had swallowed is read again, and its own last row may have no line end, or be at fault.
    for _ in 0..<4 where phase != .rowStart && phase != .skipping && !emit.isFull {
      if phase == .quoted || phase == .escapedInQuoted { giveUp(emit: &emit) } else { endLastRow(&emit) }
    }
  }

  /// Says what was met in several rows.
  func tellAll(_ emit: inout Emitter) {
    tellFormulas(&emit)
    loneRows.tell(CSVFault.csvLoneCell, of: row.value - firstRow, Position(file: file), &emit)
    FullTable.tell(lastRow: row.value - 1, Position(file: file), &emit)
    blankStarts.tell(of: row.value - firstRow, columns.names, Position(file: file), &emit)
  }

  private mutating func endLastRow(_ emit: inout Emitter) {
    if phase == .firstOfMark || phase == .secondOfMark { return endMark(&emit) }
    if phase == .escapedInBare {
      // A backslash that nothing follows stands for itself.
      emit.output.append("\\\\" as StaticString)
      partialLength += 2
    }
    phase = .rowStart
    if hasQuote {
      var cursor = open(&emit)
      readFormula(&cursor)
      emit.output.commit(cursor.out - cursor.base)
      partialLength += cursor.out - cursor.base
    }
    let length = partialLength
    if carry.bytes.elementsEqual([0x1A]) { return dropPartial(emit: &emit) }  // how DOS ends a text
    partialLength = 0
    endRow(UnsafeRawBufferPointer(start: nil, count: 0), emit.output.count - length, &emit)
  }

  /// A text that ends inside a byte order mark between its rows.
  private mutating func endMark(_ emit: inout Emitter) {
    phase = .rowStart
    emit.reject(
      Rejection(encodingFault(in: carry.bytes, at: 0)), at: position, input: .raw(carry.bytes))
    carry.removeAll()
  }

  /// The position of the row that is being read.
  var position: Position { Position(file: file, row: row.value) }

  /// Forgets the row that is being read, in the output too.
  mutating func dropPartial(emit: inout Emitter) {
    emit.output.truncate(to: emit.output.count - partialLength)
    partialLength = 0
    carry.removeAll()
  }
}
