import Glibc
import ILSRecord

/// Finds one row of a text again, in the bytes as they are stored, and the places of its cells.
///
/// Counts rows as the decoder counts them: an empty line is one, a line end in quotes is none. Whoever asks holds what is
/// found against the record: where quotes were so odd that the decoder had to make up its mind, the two may part.
public struct RowFinder {
  /// Where the row starts, from the start of the text, its byte order mark included; its line, from 1.
  public private(set) var offset = 0
  public private(set) var line = 1
  /// The row, without its line end.
  public private(set) var bytes: [UInt8] = []
  /// Where its cells stand in `bytes`, quotes included.
  public private(set) var cells: [Range<Int>] = []
  /// The line that each cell starts in: one in quotes in front of it may have had line ends.
  public private(set) var lines: [Int] = []

  private let layout: TextLayout
  private let sought: Int
  private let dialect: CSVDialect?
  private let skip: Int
  private let delimiter: UInt8?
  /// The delimiter as it is stored, where that is no single byte; else empty.
  private let sign: [UInt8]
  private let width: Int
  private let significant: Int
  /// Bytes of the text in front of the next unit.
  private var at = 0
  private var row = 1
  private var lineEnds = 0
  private var phase = Phase.rowStart
  private var cellStart = 0
  private var cellLine = 1
  private var endedInCR = false
  /// What an earlier chunk had of a unit, or of a delimiter.
  private var carry: [UInt8] = []
  public private(set) var isFound = false

  private enum Phase { case rowStart, cellStart, bare, quoted, quoteInQuoted, escaped, escapedInQuoted, comment }

  /// - Parameter row: as records name it: `_row`.
  /// - Returns: nil for a text whose rows cannot be found so.
  public init?(row: Int, in layout: TextLayout) {
    guard let unit = layout.unit else { return nil }
    switch layout.kind {
    case .csv(let dialect, _, let skip): (self.dialect, self.skip) = (dialect, skip)
    case .lines: (dialect, skip) = (nil, 0)
    case .values: return nil
    }
    sign = dialect?.spelling.map { layout.bytes(of: $0) } ?? []
    if dialect?.spelling != nil, sign.isEmpty { return nil }
    delimiter = dialect.flatMap { $0.delimiter == CSVDialect.noDelimiter ? nil : $0.delimiter }
    self.layout = layout
    sought = row
    width = unit.width
    significant = unit.isBigEndian ? unit.width - 1 : 0
  }

  /// Feeds the next bytes. - Returns: true once the row is found.
  public mutating func read(_ chunk: UnsafeRawBufferPointer) -> Bool {
    let from = carry.isEmpty ? min(max(layout.mark - at, 0), chunk.count) : 0
    at += from
    let rest = UnsafeRawBufferPointer(rebasing: chunk[from...])
    if width == 1, sign.isEmpty {
      _ = take(units: rest)
      return isFound
    }
    let whole = carry + rest
    whole.withUnsafeBytes { carry = Array($0[take(units: $0)...]) }
    return isFound
  }

  /// - Returns: how many bytes of `units` are done with: what is left may be the start of a unit or of a delimiter.
  private mutating func take(units: UnsafeRawBufferPointer, isLast: Bool = false) -> Int {
    var from = 0
    while from + width <= units.count, !isFound {
      if width == 1, phase == .rowStart, row < sought, let end = plainRow(units, from) {
        at += end - from
        from = end
        continue
      }
      let signed = sign.isEmpty ? 0 : zip(sign, units[from...]).prefix { $0 == $1 }.count
      if signed > 0, signed < sign.count, from + signed == units.count, !isLast { return from }
      let isSign = signed > 0 && signed == sign.count
      let length = isSign ? signed : width
      take(isSign ? delimiter ?? 0 : character(units, from), units, from..<(from + length))
      from += length
    }
    return from
  }

  /// The character of ASCII that a unit is; a letter for any other.
  @inline(__always)
  private func character(_ units: UnsafeRawBufferPointer, _ from: Int) -> UInt8 {
    if width == 1 { return units[from] }
    let isOther = (0..<width).contains { $0 != significant && units[from + $0] != 0 }
    return isOther ? 0x80 : units[from + significant]
  }

  /// Steps over a row that needs no look at its cells: nothing quotes or escapes in it, and a line feed ends it.
  /// - Returns: where the next one starts; nil for any other row.
  @inline(__always)
  private mutating func plainRow(_ chunk: UnsafeRawBufferPointer, _ from: Int) -> Int? {
    guard !endedInCR, dialect?.escape != .backslash, let start = chunk.baseAddress.map({ $0 + from }),
      let feed = memchr(start, 0x0A, chunk.count - from)
    else { return nil }
    let length = UnsafeRawPointer(feed) - start
    if let quote = dialect?.quote, memchr(start, Int32(quote), length) != nil { return nil }
    if let turn = memchr(start, 0x0D, length), UnsafeRawPointer(turn) - start != length - 1 { return nil }
    row += 1
    lineEnds += 1
    return from + length + 1
  }

  /// Ends the text: the last row needs no line end.
  public mutating func finish() -> Bool {
    let rest = carry
    carry = []
    _ = rest.withUnsafeBytes { take(units: $0, isLast: true) }
    if !isFound, row == sought, phase != .rowStart { end() }
    return isFound
  }

  private mutating func take(_ byte: UInt8, _ chunk: UnsafeRawBufferPointer, _ stored: Range<Int>) {
    let isEnd = byte == 0x0A || byte == 0x0D
    let isLineFeedOfCRLF = byte == 0x0A && endedInCR
    endedInCR = false
    if isLineFeedOfCRLF {
      if phase != .rowStart { keep(chunk, stored) }
      at += stored.count
      return
    }
    if phase == .rowStart, row == sought, !isEnd { (offset, line, cellLine) = (at, lineEnds + 1, lineEnds + 1) }
    step(byte, isEnd, length: stored.count)
    if phase != .rowStart, !isFound { keep(chunk, stored) }
    at += stored.count
  }

  private mutating func keep(_ chunk: UnsafeRawBufferPointer, _ stored: Range<Int>) {
    if row == sought { bytes += UnsafeRawBufferPointer(rebasing: chunk[stored]) }
  }

  private mutating func step(_ byte: UInt8, _ isEnd: Bool, length: Int) {
    if isEnd {
      lineEnds += 1
      endedInCR = byte == 0x0D && phase != .escaped
      if phase != .quoted, phase != .escaped, phase != .escapedInQuoted { return endRow() }
    }
    guard let dialect, row > skip else {
      phase = .bare
      return
    }
    if phase == .rowStart {
      if byte == dialect.comment {
        phase = .comment
        return
      }
      (phase, cellStart) = (.cellStart, 0)
    }
    switch phase {
    case .cellStart where byte == dialect.quote: phase = .quoted
    case .cellStart where dialect.hasSpacedQuotes && byte == 0x20: break
    case .quoted where byte == dialect.quote: phase = .quoteInQuoted
    case .quoted where byte == 0x5C && dialect.escape == .backslash: phase = .escapedInQuoted
    case .escapedInQuoted: phase = .quoted
    case .escaped: phase = .bare
    case .quoteInQuoted where byte == dialect.quote && dialect.escape == .doubled: phase = .quoted
    case .cellStart, .bare, .quoteInQuoted:
      if byte == delimiter {
        endCell(next: bytes.count + length)
        phase = .cellStart
      } else if byte == 0x5C, dialect.escape == .backslash {
        phase = .escaped
      } else if phase == .cellStart {
        phase = .bare
      }
    case .quoted, .comment, .rowStart: break
    }
  }

  private mutating func endCell(next: Int) {
    guard row == sought else { return }
    cells.append(cellStart..<bytes.count)
    lines.append(cellLine)
    (cellStart, cellLine) = (next, lineEnds + 1)
  }

  private mutating func endRow() {
    if row == sought { return end() }
    row += 1
    phase = .rowStart
  }

  private mutating func end() {
    endCell(next: 0)
    isFound = true
  }

  /// The text of cell number `index`, quotes and escapes undone.
  public func text(ofCell index: Int) throws(StopError) -> String? {
    guard cells.indices.contains(index) else { return nil }
    let text = try layout.text(Array(bytes[cells[index]]))
    guard let dialect, let quote = dialect.quote.map({ Unicode.Scalar($0) }) else { return text }
    var scalars = Array(text.unicodeScalars)[...]
    if dialect.hasSpacedQuotes, scalars.first(where: { $0 != " " }) == quote { scalars = scalars.drop { $0 == " " } }
    let isQuoted = scalars.first == quote
    if isQuoted { scalars.removeFirst() }
    let delimiter =
      dialect.spelling.map { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) }
      ?? [Unicode.Scalar(dialect.delimiter)]
    var plain = String.UnicodeScalarView()
    while let scalar = scalars.popFirst() {
      if scalar == "\\", dialect.escape == .backslash, let next = scalars.first {
        let isSpecial = [quote, "\\", "\n", "\r"].contains(next) || scalars.starts(with: delimiter)
        if !isSpecial { plain.append(scalar) }
        plain.append(scalars.removeFirst())
      } else if isQuoted, scalar == quote {
        if dialect.escape == .doubled, scalars.first == quote { plain.append(scalars.removeFirst()) }
      } else {
        plain.append(scalar)
      }
    }
    if dialect.readsFormulas, quote == "\"", let formula = TextFormula.text(of: Array(String(plain).utf8)) {
      return String(decoding: formula, as: UTF8.self)
    }
    return String(plain)
  }

  /// The text of the whole row.
  public func text() throws(StopError) -> String { try layout.text(bytes) }
}
