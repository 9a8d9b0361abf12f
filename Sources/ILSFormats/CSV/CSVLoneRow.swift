import ILSRecord

// Rows that hold nothing but their first cell.

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

  /// Counts a row if it holds nothing but its first cell.
  @inline(never)
  mutating func noteLone(_ start: UnsafeRawPointer, _ count: Int) {
    if endsEmpty(UnsafeRawBufferPointer(start: start, count: count)) { loneRows.add(row.value) }
  }
}
