import ILSRecord

/// Cuts rows into cells with no care for speed: for headers and for finding out how a text is written.
struct CSVSplitter {
  let dialect: CSVDialect
  let text: UnsafeRawBufferPointer
  /// Where the next row starts.
  private(set) var at = 0
  /// The number of the row that `next` returned last.
  private(set) var row = 0
  /// Cells in quotes, so far.
  private(set) var quoted = 0
  /// Quotes that close in front of more text, or never: signs that the text is quoted in another way.
  private(set) var oddities = 0

  init(_ text: UnsafeRawBufferPointer, _ dialect: CSVDialect) {
    self.text = text
    self.dialect = dialect
  }

  /// Cells of a row that are kept.
  private static var cellLimit: Int { CSVHeader.columnLimit + 1 }

  /// The cells of the next row, an empty row or a comment as one empty cell; nil where the text ends before the row does.
  /// - Parameter isWhole: the text is all there is, so that its end ends a row.
  mutating func next(isWhole: Bool) -> [[UInt8]]? {
    guard at < text.count else { return nil }
    var cells: [[UInt8]] = []
    var position = at
    let isComment = text[at] == dialect.comment
    while true {
      guard let cell = isComment ? skipComment(&position) : cell(&position, isWhole) else { return nil }
      if cells.count < Self.cellLimit { cells.append(cell) }
      if position == text.count {
        guard isWhole else { return nil }
        break
      }
      let byte = text[position]
      position += 1
      if byte == dialect.delimiter { continue }
      if byte == 0x0D {
        if position < text.count, text[position] == 0x0A { position += 1 }
        if position == text.count, !isWhole { return nil }
      }
      break
    }
    at = position
    row += 1
    return cells
  }

  private func skipComment(_ position: inout Int) -> [UInt8] {
    position = text[position...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? text.count
    return []
  }

  /// One cell, up to what ends it; nil where its quote does not close.
  private mutating func cell(_ position: inout Int, _ isWhole: Bool) -> [UInt8]? {
    var cell: [UInt8] = []
    var isQuoted = opens(&position)
    if isQuoted { quoted += 1 }
    while position < text.count {
      let byte = text[position]
      position += 1
      if byte == UInt8(ascii: "\\"), dialect.escape == .backslash, position < text.count {
        if text[position] != dialect.quote { cell.append(byte) }
        put(text[position], &cell)
        position += 1
      } else if isQuoted, byte == dialect.quote {
        if dialect.escape == .doubled, position < text.count, text[position] == byte {
          cell.append(byte)
          position += 1
        } else {
          isQuoted = false
          if position < text.count, !endsCell(text[position]) { oddities += 1 }
        }
      } else if !isQuoted, endsCell(byte) {
        position -= 1
        return plain(cell)
      } else {
        put(byte, &cell)
      }
    }
    if isQuoted, isWhole { oddities += 1 }
    return isQuoted ? nil : plain(cell)
  }

  private func plain(_ cell: [UInt8]) -> [UInt8] {
    guard cell.first == UInt8(ascii: "="), dialect.readsFormulas, dialect.quote == UInt8(ascii: "\"") else {
      return cell
    }
    return TextFormula.text(of: cell) ?? cell
  }

  private func put(_ byte: UInt8, _ cell: inout [UInt8]) {
    if byte == dialect.delimiter, let spelling = dialect.spelling { cell += spelling } else { cell.append(byte) }
  }

  private func endsCell(_ byte: UInt8) -> Bool { byte == dialect.delimiter || byte == 0x0A || byte == 0x0D }

  /// Steps over the quote that opens a cell, if one does.
  private func opens(_ position: inout Int) -> Bool {
    guard let quote = dialect.quote else { return false }
    var at = position
    if dialect.hasSpacedQuotes { while at < text.count, text[at] == 0x20 { at += 1 } }
    guard at < text.count, text[at] == quote else { return false }
    position = at + 1
    return true
  }
}
