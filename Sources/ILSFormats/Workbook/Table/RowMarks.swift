/// Where the values of one row stand.
struct RowMarks: ~Copyable {
  let storage: UnsafeMutablePointer<TableWriter.Mark>
  var count = 0
  /// Values that were taken back.
  var dropped = 0
  /// More cells than a row has columns: a hostile file's repetitions.
  private static var capacity: Int { 16_384 * 2 }

  init() { storage = .allocate(capacity: Self.capacity) }
  deinit { storage.deallocate() }

  /// - Precondition: there is one.
  var last: TableWriter.Mark { storage[count - 1] }

  @inline(__always)
  mutating func begin(_ column: Int, at offset: Int) -> Bool {
    guard count < Self.capacity else { return false }
    storage[count] = TableWriter.Mark(column: Int32(truncatingIfNeeded: column), start: offset, end: offset)
    count += 1
    return true
  }

  @inline(__always)
  mutating func end(at offset: Int) { storage[count - 1].end = offset }

  /// By column; of two values for one column the later stays.
  /// - Returns: a column that had two.
  @discardableResult
  mutating func sort() -> Int? {
    var twice: Int?
    let marks = UnsafeMutableBufferPointer(start: storage, count: count)
    let sorted = marks.enumerated().sorted { ($0.element.column, $0.offset) < ($1.element.column, $1.offset) }
    var kept = 0
    for (_, mark) in sorted {
      if kept > 0, storage[kept - 1].column == mark.column {
        kept -= 1
        twice = Int(mark.column)
      }
      storage[kept] = mark
      kept += 1
    }
    count = kept
    return twice
  }
}
