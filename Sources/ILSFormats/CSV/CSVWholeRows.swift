import CScan
import ILSRecord

// The way that most rows go: whole in one chunk, with the cells that the header has, and nothing wrong with them.

extension CSVRows {
  /// Fewer bytes than this are not worth the start.
  static var wholeRowsMinimum: Int { 256 }
  /// Output that is asked for at a time.
  private static var wholeRowsRoom: Int { 1 << 18 }
  /// Bytes behind a window that copies may read.
  private static var windowSlack: Int { 32 }

  /// Reads rows up to the first that needs judgement, that the chunk does not hold in full, or that is no row: that one is
  /// left as if it had never been looked at, for the careful way.
  ///
  /// 64 bytes at a time become a mask of those that mean something; the runs between them are copied without a look at
  /// their length, since what costs here is branches that go one way as often as the other.
  /// - Returns: the start of the row that was left, or the end.
  mutating func readWholeRows(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ emit: inout Emitter)
    -> UnsafeRawPointer
  {
    guard !isRecovering, dialect.escape == .doubled, dialect.spelling == nil else { return start }
    // What the bytes of one window may become, if each of them ends a cell or a row.
    let most = 64 * (columns.longest + 48)
    let room = Self.wholeRowsRoom + 2 * most
    let base = emit.output.reserve(room)
    let signs = CSVScan.Signs(delimiter: dialect.delimiter, quote: quote)
    var scan = CSVScan(start, end, base, base + (room - most), signs)
    var left = (at: start, out: base)
    var count = 0
    while scan.at < end {
      let lead = scan.at.load(as: UInt8.self)
      guard startsRow(lead), readWholeRow(&scan, signs) else { break }
      if scan.isSparse || lead == signs.delimiter || lead == signs.quote { noteSparse(left.at, scan.at) }
      row.advance()
      count += 1
      left = (scan.at, scan.out)
    }
    if count > 0 { endedInCR = left.at == end && (left.at - 1).load(as: UInt8.self) == UInt8(ascii: "\r") }
    looksMangled = looksMangled || scan.looksMangled
    emit.output.commit(left.out - base)
    emit.countRecords(count)
    return left.at
  }

  @inline(__always)
  private func startsRow(_ byte: UInt8) -> Bool {
    byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r") && byte != dialect.comment && byte != 0xEF
  }

  /// Writes the record of one row; false where the row is not one that can be read without care.
  @inline(__always)
  private mutating func readWholeRow(_ scan: inout CSVScan, _ signs: CSVScan.Signs) -> Bool {
    let start = scan.at
    var cell = start
    if oddRows.mayBeOdd(start, scan.end - start, signs.delimiter) { return false }
    scan.startRecord(row)
    scan.out = columns.writePrefix(0, scan.out)
    var column = 0
    while true {
      guard let at = scan.next(signs) else { return false }
      let byte = at.load(as: UInt8.self)
      if byte == signs.delimiter {
        scan.copy(to: at)
        column += 1
        guard column < columns.count else { return false }
        scan.out = columns.writePrefix(column, scan.out)
        scan.at = at + 1
        cell = scan.at
      } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        scan.copy(to: at)
        guard column + 1 == columns.count, !oddRows.isHeader(start, at - start) else { return false }
        if scan.isDoubtful, firstInvalidUTF8(UnsafeRawBufferPointer(start: start, count: at - start)) != nil {
          return false
        }
        scan.isSparse = cell == at && column > 1 && (at - 2).load(as: UInt8.self) == signs.delimiter
        scan.endRecord(at, byte)
        return true
      } else if byte == signs.quote, at == cell || isSpaces(cell, at) {
        scan.at = at + 1
        guard readWholeQuoted(&scan, signs) else { return false }
      } else {
        // A formula may be more than its text.
        if byte == signs.quote, at - 1 == cell, cell.load(as: UInt8.self) == UInt8(ascii: "=") { return false }
        guard scan.escape(at, byte) else { return false }
      }
    }
  }

  /// Whether only spaces stand in front of a quote, where the dialect has that.
  @inline(__always)
  private func isSpaces(_ from: UnsafeRawPointer, _ to: UnsafeRawPointer) -> Bool {
    dialect.hasSpacedQuotes && UnsafeRawBufferPointer(start: from, count: to - from).allSatisfy { $0 == 0x20 }
  }

  /// Copies a quoted cell up to behind the quote that closes it; false where text follows that quote.
  @inline(__always)
  private mutating func readWholeQuoted(_ scan: inout CSVScan, _ signs: CSVScan.Signs) -> Bool {
    while true {
      guard let at = scan.next(signs), at + 1 < scan.end else { return false }
      let byte = at.load(as: UInt8.self)
      if byte == signs.quote {
        let behind = (at + 1).load(as: UInt8.self)
        if behind == signs.quote {
          if (at - 1).load(as: UInt8.self) == UInt8(ascii: "="), (at - 2).load(as: UInt8.self) == signs.quote {
            return false
          }
          guard scan.escape(at, byte) else { return false }
          scan.skip(to: at + 2)
        } else {
          scan.copy(to: at)
          scan.at = at + 1
          return behind == signs.delimiter || behind == UInt8(ascii: "\n") || behind == UInt8(ascii: "\r")
        }
      } else if byte != signs.delimiter || byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        guard scan.escape(at, byte) else { return false }
      }
    }
  }
}

/// A place in a chunk and in the output, and what is known of the 64 bytes around it.
struct CSVScan {
  /// Not among the places, which change: what lies beside them goes through memory with them.
  struct Signs {
    let delimiter: UInt8
    let quote: UInt8
  }

  /// What is copied next starts here.
  var at: UnsafeRawPointer
  var out: UnsafeMutableRawPointer
  let end: UnsafeRawPointer
  /// Behind it there is room for what one window may become.
  let limit: UnsafeMutableRawPointer
  /// The 64 bytes that `mask` speaks of.
  private(set) var window: UnsafeRawPointer
  /// Bytes of the window that mean something and have not been met.
  private var mask: UInt64
  /// Bytes in front of it have been found to be UTF-8.
  private var validEnd: UnsafeRawPointer
  /// Bytes that are no UTF-8 were met, in the present row or one that follows soon.
  private(set) var isDoubtful = false
  /// The last row may hold nothing but its first cell.
  var isSparse = false
  /// Letters may have been read in the wrong encoding before: `Mojibake` tells.
  private(set) var looksMangled = false

  /// - Precondition: `end` is 96 bytes behind `start` at least.
  @inline(__always)
  init(
    _ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ out: UnsafeMutableRawPointer,
    _ limit: UnsafeMutableRawPointer, _ signs: Signs
  ) {
    at = start
    window = start
    self.end = end
    self.out = out
    self.limit = limit
    let masks = ils_csv_mask64(start, signs.delimiter, signs.quote)
    mask = masks.special
    validEnd = start
    if masks.high != 0 { check(masks.high) }
  }

  /// The next byte that means something; nil where the chunk or the room for output ends before it.
  @inline(__always)
  mutating func next(_ signs: Signs) -> UnsafeRawPointer? {
    while mask == 0 {
      window += 64
      // Copies read up to 32 bytes from a byte of the window on.
      guard end - window >= 96, limit - out > window - at else { return nil }
      let masks = ils_csv_mask64(window, signs.delimiter, signs.quote)
      mask = masks.special
      if masks.high != 0 { check(masks.high) }
      if at > window { skip(to: at) }
    }
    let found = window + mask.trailingZeroBitCount
    mask &= mask &- 1
    return found
  }

  /// Looks whether `high`, the window's bytes of 0x80 and above, make UTF-8. The last sequence may end behind the window.
  @inline(__always)
  private mutating func check(_ high: UInt64) {
    // Letters that were mangled or lost take three such bytes in a row at the least; what follows the window may be such.
    let threes = high & (high >> 1 | 1 << 63) & (high >> 2 | 3 << 62)
    if threes != 0, !looksMangled { looksMangled = ils_mangled64(window) != 0 }
    var left = high
    if validEnd > window { left &= ~0 &<< UInt64(truncatingIfNeeded: validEnd - window) }
    while left != 0 {
      let at = left.trailingZeroBitCount
      let length = Int(ils_utf8_length(window + at))
      if length == 0 {
        isDoubtful = true
        return
      }
      validEnd = window + at + length
      left = at + length >= 64 ? 0 : left & (~0 &<< UInt64(truncatingIfNeeded: at + length))
    }
  }

  /// Forgets what was known of the bytes in front of `next`, and goes on there.
  @inline(__always)
  mutating func skip(to next: UnsafeRawPointer) {
    at = next
    let passed = next - window
    mask = passed >= 64 ? 0 : mask & (~0 &<< UInt64(truncatingIfNeeded: passed))
  }

  /// Copies what lies between the place and `next`.
  @inline(__always)
  mutating func copy(to next: UnsafeRawPointer) { out = copyShort(at, next - at, to: out) }

  /// Copies up to `next`, and behind it the byte that stands there as JSON writes it; false for NUL, which is refused.
  @inline(never)
  mutating func escape(_ next: UnsafeRawPointer, _ byte: UInt8) -> Bool {
    if byte == 0 { return false }
    copy(to: next)
    var cursor = CSVRows.Cursor(out: out, base: out, limit: limit)
    cursor.putEscaped(byte)
    out = cursor.out
    at = next + 1
    return true
  }

  @inline(__always)
  mutating func startRecord(_ row: borrowing RowNumber) {
    // {"_row":
    out.storeBytes(of: UInt64(littleEndian: 0x3A22_776F_725F_227B), as: UInt64.self)
    out = row.write(out + 8)
  }

  /// Ends the record of a row that ends with `byte`; the line feed of a CRLF belongs to it.
  @inline(__always)
  mutating func endRecord(_ lineEnd: UnsafeRawPointer, _ byte: UInt8) {
    // "}, line feed
    out.storeBytes(of: UInt32(littleEndian: 0x000A_7D22), as: UInt32.self)
    out += 3
    at = lineEnd + 1
    if byte == UInt8(ascii: "\r"), at < end, at.load(as: UInt8.self) == UInt8(ascii: "\n") { skip(to: at + 1) }
  }
}
