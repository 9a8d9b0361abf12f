import ILSRecord

// Rows that hold nothing but their first cell, and rows that begin with an empty one.

extension CSVRows {
  /// Whether the row that ends with `tail` holds nothing but its first cell.
  @inline(__always)
  func isLone(_ tail: UnsafeRawBufferPointer) -> Bool {
    guard columns.count > 2, tail.last.map({ $0 == dialect.delimiter }) ?? !carry.isEmpty else { return false }
    return endsEmpty(tail)
  }

  @inline(never)
  private func endsEmpty(_ tail: UnsafeRawBufferPointer) -> Bool {
    var run = tail.reversed().prefix { $0 == dialect.delimiter }.count
    if run == tail.count { run += carry.bytes.reversed().prefix { $0 == dialect.delimiter }.count }
    return run == columns.count - 1 && run < tail.count + carry.count
  }

  /// Counts a whole row if it holds nothing but its first cell, or begins with an empty one.
  /// - Parameter end: where the next row starts.
  @inline(never)
  mutating func noteSparse(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer) {
    let line = UnsafeRawBufferPointer(start: start, count: end - start)
    let isEnded = { (byte: UInt8) in byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
    let row = UnsafeRawBufferPointer(rebasing: line[..<(line.count - line.reversed().prefix(while: isEnded).count)])
    if endsEmpty(row) { loneRows.add(self.row.value) }
    if row.first == dialect.delimiter || row.count > 1 && row[1] == quote { noteBlankStart(row) }
  }

  /// Counts the row that ends with `tail` if it begins with an empty cell.
  @inline(__always)
  mutating func noteStart(_ tail: UnsafeRawBufferPointer) {
    guard let lead = carry.isEmpty ? tail.first : carry.bytes.first, lead == dialect.delimiter || lead == quote else {
      return
    }
    noteBlankStart(behindCarry: tail)
  }

  @inline(never)
  private mutating func noteBlankStart(behindCarry tail: UnsafeRawBufferPointer) {
    if carry.isEmpty { return noteBlankStart(tail) }
    carry.append(tail)
    noteBlankStart(carry.bytes)
  }

  /// Counts a row that begins with empty cells, and holds something behind them.
  @inline(never)
  mutating func noteBlankStart(_ row: UnsafeRawBufferPointer) {
    var rest = row[...]
    var blanks = 0
    while blanks < columns.count {
      let isQuoted = rest.count > 2 && rest.first == quote && rest.dropFirst().first == quote
      let behind = rest.dropFirst(isQuoted ? 2 : 0)
      guard behind.first == dialect.delimiter else { break }
      rest = behind.dropFirst()
      blanks += 1
    }
    guard blanks > 0, rest.contains(where: { $0 > 0x20 && $0 != dialect.delimiter && $0 != quote }),
      !TotalsRow.isNamed(Array(rest.prefix { $0 != dialect.delimiter && $0 > 0x1F }.drop { $0 == quote }))
    else { return }
    blankStarts.add(self.row.value, isDeep: blanks > 1)
  }
}
