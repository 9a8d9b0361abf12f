import CScan
import ILSRecord

// Cells: from the delimiter in front of one to the delimiter behind it.

extension CSVRows {
  @inline(__always)
  mutating func startRecord(_ cursor: inout Cursor) {
    cursor.put("{\"_row\":")
    cursor.out = row.write(cursor.out)
    cursor.out = columns.writePrefix(0, cursor.out)
    column = 0
    hasQuote = false
    hasHighBytes = false
    faults = []
    surplusStart = nil
    phase = .fieldStart
  }

  /// Reads on in a bare field. Stops behind a delimiter, at a line end (`phase` is `rowStart` then), or at the end.
  @inline(__always)
  mutating func readBare(
    _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ recordStart: Int, _ cursor: inout Cursor,
    _ emit: inout Emitter
  ) -> UnsafeRawPointer {
    var at = start
    while at < end {
      let mask = ils_csv_copy16(cursor.out, at, dialect.delimiter, quote)
      hasHighBytes = hasHighBytes || mask >> 16 != 0
      let special = mask & 0xFFFF
      let clean = min(special == 0 ? 16 : special.trailingZeroBitCount, end - at)
      at += clean
      cursor.out += clean
      if special == 0 || at == end {
        makeRoom(&cursor, &emit)
        continue
      }
      let byte = at.load(as: UInt8.self)
      if byte == dialect.delimiter {
        at += 1
        startField(&cursor, emit.output.count - recordStart)
        makeRoom(&cursor, &emit)
        if at < end, at.load(as: UInt8.self) == quote, dialect.quote != nil {
          phase = .quoted
          return at + 1
        }
        // Behind the last byte of the chunk it is not yet known whether a quote follows.
        phase = at < end ? .bare : .fieldStart
      } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        endedInCR = byte == UInt8(ascii: "\r")
        phase = .rowStart
        return at
      } else {
        at += 1
        if byte == UInt8(ascii: "\\"), dialect.escape == .backslash {
          phase = .escapedInBare
          return at
        }
        if byte == quote, dialect.hasSpacedQuotes, takeBackSpaces(&cursor) {
          phase = .quoted
          return at
        }
        hasQuote = hasQuote || byte == quote
        putSpecial(byte, &cursor)
        makeRoom(&cursor, &emit)
      }
    }
    return at
  }

  /// Reads on in a quoted field. Stops behind a quote, behind a backslash that escapes, or at the end.
  @inline(__always)
  mutating func readQuoted(
    _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ cursor: inout Cursor, _ emit: inout Emitter
  ) -> UnsafeRawPointer {
    var at = start
    while at < end {
      let mask = ils_csv_copy16(cursor.out, at, quote, quote)
      hasHighBytes = hasHighBytes || mask >> 16 != 0
      let special = mask & 0xFFFF
      let clean = min(special == 0 ? 16 : special.trailingZeroBitCount, end - at)
      at += clean
      cursor.out += clean
      makeRoom(&cursor, &emit)
      if special == 0 || at == end { continue }
      let byte = at.load(as: UInt8.self)
      at += 1
      if byte == quote {
        phase = .quoteInQuoted
        return at
      }
      if byte == UInt8(ascii: "\\"), dialect.escape == .backslash {
        phase = .escapedInQuoted
        return at
      }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        if isRecovering {
          faults.insert(.unclosedQuote)
          endedInCR = byte == UInt8(ascii: "\r")
          phase = .rowStart
          return at - 1
        }
        faults.insert(.lineEndInQuotes)
      }
      putSpecial(byte, &cursor)
    }
    return at
  }

  /// Takes back the spaces that the cell begins with; false where it holds more than spaces.
  @inline(never)
  private func takeBackSpaces(_ cursor: inout Cursor) -> Bool {
    // In front of the cell stands its name, a colon and a quote. A quote inside the cell stands behind a backslash.
    var at = cursor.out - 1
    while at.load(as: UInt8.self) == 0x20 { at -= 1 }
    guard at.load(as: UInt8.self) == UInt8(ascii: "\""), (at - 1).load(as: UInt8.self) == UInt8(ascii: ":") else {
      return false
    }
    cursor.out = at + 1
    return true
  }

  @inline(__always)
  private mutating func startField(_ cursor: inout Cursor, _ written: @autoclosure () -> Int) {
    if hasQuote { readFormula(&cursor) }
    column += 1
    if column < columns.count {
      cursor.out = columns.writePrefix(column, cursor.out)
    } else {
      startExtraField(&cursor, written())
    }
  }

  /// A cell that the header has no name for. Where such rows are refused, what is in it is gathered only to see
  /// whether it is empty.
  @inline(never)
  private mutating func startExtraField(_ cursor: inout Cursor, _ written: Int) {
    if dialect.ragged == .reject || column >= columns.count + CSVHeader.columnLimit {
      if dialect.ragged != .reject { faults.insert(.tooWide) }
      if surplusStart == nil { surplusStart = written + (cursor.out - cursor.base) }
      return
    }
    var name = ColumnMeaning.nameless(column + 1)
    while columns.taken.contains(name) { name += "_2" }
    cursor.put("\",\"")
    cursor.put(name)
    cursor.put("\":\"")
  }

  /// A byte that cannot go into JSON as it is, or a quote that is no quote.
  @inline(never)
  private mutating func putSpecial(_ byte: UInt8, _ cursor: inout Cursor) {
    if byte == 0 { faults.insert(.nul) }
    if byte == dialect.delimiter, let spelling = dialect.spelling {
      hasHighBytes = hasHighBytes || spelling.contains { $0 >= 0x80 }
      for byte in spelling { cursor.putEscaped(byte) }
      return
    }
    cursor.putEscaped(byte)
  }

  /// The byte behind a quote in a quoted field: a second quote is one of the text, anything else is behind the field.
  @inline(__always)
  mutating func closeOrDouble(_ at: inout UnsafeRawPointer, _ cursor: inout Cursor) {
    let byte = at.load(as: UInt8.self)
    if byte == quote, dialect.escape == .doubled {
      hasQuote = true
      cursor.putEscaped(byte)
      at += 1
      phase = .quoted
      return
    }
    phase = .behindQuote
  }

  /// What stands behind a closing quote: spaces and the end of the cell, or text, and then the quotes are not to be trusted.
  mutating func stepBehindQuote(_ at: inout UnsafeRawPointer, _ cursor: inout Cursor) {
    let byte = at.load(as: UInt8.self)
    if byte == 0x20 {
      cursor.putEscaped(byte)
      at += 1
      return
    }
    if byte != dialect.delimiter, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
      faults.insert(.textBehindQuote)
      oddCell = column
    }
    phase = .bare
  }

  /// The byte behind a backslash: it stands for itself where it would mean something else, and else keeps its backslash.
  mutating func unescape(_ at: inout UnsafeRawPointer, _ cursor: inout Cursor) {
    let byte = at.load(as: UInt8.self)
    if isRecovering, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
      // Rows end with their lines here, whatever stands in front of the line end.
      cursor.putEscaped(UInt8(ascii: "\\"))
      phase = phase == .escapedInQuoted ? .quoted : .bare
      return
    }
    if byte != quote, byte != dialect.delimiter, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\n"),
      byte != UInt8(ascii: "\r")
    {
      cursor.putEscaped(UInt8(ascii: "\\"))
    }
    hasQuote = hasQuote || byte == quote
    putSpecial(byte, &cursor)
    if byte >= 0x80 { hasHighBytes = true }
    at += 1
    phase = phase == .escapedInQuoted ? .quoted : .bare
  }
}

extension CSVRows.Cursor {
  @inline(__always)
  mutating func put(_ text: StaticString) {
    out.copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount)
    out += text.utf8CodeUnitCount
  }

  mutating func put(_ text: String) {
    for byte in text.utf8 {
      out.storeBytes(of: byte, as: UInt8.self)
      out += 1
    }
  }

  /// Puts one byte of text: as it is, or as its JSON escape (RFC 8259, 7).
  @inline(never)
  mutating func putEscaped(_ byte: UInt8) {
    let letter: UInt8
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
    case 0x08: letter = UInt8(ascii: "b")
    case 0x09: letter = UInt8(ascii: "t")
    case 0x0A: letter = UInt8(ascii: "n")
    case 0x0C: letter = UInt8(ascii: "f")
    case 0x0D: letter = UInt8(ascii: "r")
    case 0x20...:
      out.storeBytes(of: byte, as: UInt8.self)
      out += 1
      return
    default:
      put("\\u00")
      out.storeBytes(of: hexDigit(byte >> 4), as: UInt8.self)
      (out + 1).storeBytes(of: hexDigit(byte & 15), as: UInt8.self)
      out += 2
      return
    }
    out.storeBytes(of: UInt8(ascii: "\\"), as: UInt8.self)
    (out + 1).storeBytes(of: letter, as: UInt8.self)
    out += 2
  }
}

/// The number of a row, kept as its digits, since counting on is cheaper than writing a number anew.
struct RowNumber: ~Copyable {
  private(set) var value: Int
  /// Right-aligned digits.
  private let digits: UnsafeMutablePointer<UInt8>
  private var first: Int

  private static var width: Int { 20 }

  init(_ value: Int) {
    self.value = value
    digits = .allocate(capacity: Self.width + 16)
    digits.initialize(repeating: UInt8(ascii: "0"), count: Self.width + 16)
    first = Self.width
    var rest = value
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
  }

  deinit { digits.deallocate() }

  @inline(__always)
  mutating func advance() {
    value += 1
    var at = Self.width - 1
    while digits[at] == UInt8(ascii: "9") {
      digits[at] = UInt8(ascii: "0")
      at -= 1
    }
    digits[at] += 1
    if at < first { first = at }
  }

  /// Writes the digits and returns where they end.
  @inline(__always)
  func write(_ out: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    // Sixteen digits are enough for any row, and the buffer is long enough to copy them all.
    let source = UnsafeRawPointer(digits + first)
    out.storeBytes(of: source.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
    return out + (Self.width - first)
  }
}
