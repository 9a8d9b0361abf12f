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
  }

  /// The run of output that one call writes into.
  struct Cursor {
    var out: UnsafeMutableRawPointer
    let base: UnsafeMutableRawPointer
    let limit: UnsafeMutableRawPointer
  }

  let dialect: CSVDialect
  let columns: CSVColumns
  /// The quote; the delimiter, which is special anyway, where nothing quotes.
  let quote: UInt8
  var phase = Phase.rowStart
  /// The number of the row that is being read, or comes next.
  var row: RowNumber
  var column = 0
  var faults: Faults = []
  var hasHighBytes = false
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

  /// The longest row, in bytes.
  static var rowLimit: Int { 16 << 20 }
  /// Output that is asked for at a time.
  private static var room: Int { 1 << 16 }

  /// - Parameter firstRow: the number of the row that `read` gets first.
  init(_ dialect: CSVDialect, names: [String], firstRow: Int, file: String?, namesFile: Bool) {
    self.dialect = dialect
    self.file = file
    quote = dialect.quote ?? dialect.delimiter
    row = RowNumber(firstRow)
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
        if end - at >= Self.wholeRowsMinimum {
          emit.output.commit(cursor.out - cursor.base)
          at = readWholeRows(at, end, &emit)
          cursor = open(&emit)
          if at == end { continue }
        }
        rowStart = at
        if isBetweenRows(&at) { continue }
        recordStart = emit.output.count + (cursor.out - cursor.base)
        startRecord(&cursor)
      case .fieldStart:
        phase = .bare
        if at.load(as: UInt8.self) == quote, dialect.quote != nil {
          phase = .quoted
          at += 1
        }
      case .bare, .quoted:
        at = phase == .bare ? readBare(at, end, &cursor, &emit) : readQuoted(at, end, &cursor, &emit)
        if phase == .rowStart {
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
    if phase == .rowStart || phase == .skipping { return }
    carry.append(row)
    partialLength = emit.output.count - recordStart
    if carry.count > Self.rowLimit { giveUp(emit: &emit) }
  }

  /// Steps over what is no row: the line feed of a CRLF, an empty line, the start of a comment.
  @inline(__always)
  private mutating func isBetweenRows(_ at: inout UnsafeRawPointer) -> Bool {
    let byte = at.load(as: UInt8.self)
    if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      if byte == UInt8(ascii: "\r") || !endedInCR { row.advance() }
      endedInCR = byte == UInt8(ascii: "\r")
      at += 1
      return true
    }
    endedInCR = false
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

  private mutating func endLastRow(_ emit: inout Emitter) {
    if phase == .escapedInBare {
      // A backslash that nothing follows stands for itself.
      emit.output.append("\\\\" as StaticString)
      partialLength += 2
    }
    phase = .rowStart
    let length = partialLength
    if carry.bytes.elementsEqual([0x1A]) { return dropPartial(emit: &emit) }  // how DOS ends a text
    partialLength = 0
    endRow(UnsafeRawBufferPointer(start: nil, count: 0), emit.output.count - length, &emit)
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
