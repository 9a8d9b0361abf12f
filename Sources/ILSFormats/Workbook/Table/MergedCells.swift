import ILSRecord

/// The merged ranges of a sheet, whose cells all get the value of the first (`--fill-merged`).
struct MergedCells {
  private struct Merge {
    var range: CellRange
    var value: [UInt8]?
  }

  /// By first row.
  private var waiting: [Merge]
  private var active: [Merge] = []

  /// Whether some ranges are too many or too large to be filled.
  let isCut: Bool

  /// Ranges of whole columns or of millions of cells are decoration: cells that would be filled beyond this are not.
  private static var cellLimit: Int { 1 << 20 }
  private static var rangeLimit: Int { 1 << 16 }

  init(_ ranges: [CellRange]) {
    var left = Self.cellLimit
    let merges: [Merge] = ranges.prefix(Self.rangeLimit).sorted { $0.rows.lowerBound > $1.rows.lowerBound }.compactMap {
      range in
      let cells = range.rows.count * range.columns.count
      guard cells > 1, cells <= left else { return nil }
      left -= cells
      return Merge(range: range, value: nil)
    }
    waiting = merges
    isCut = merges.count < ranges.count
  }

  /// Rows strictly between `last` and `next` that an active range covers.
  mutating func rows(after last: Int, before next: Int) -> Range<Int> {
    let end = active.map { $0.range.rows.upperBound }.max() ?? 0
    return last + 1..<max(min(next, end + 1), last + 1)
  }

  /// Adds the values of ranges that cover `row` to its marks; takes the values of those that start in it.
  mutating func fill(_ row: Int, _ marks: inout RowMarks, _ bytes: inout OutputBuffer) {
    active.removeAll { $0.range.rows.upperBound < row }
    while let next = waiting.last, next.range.rows.lowerBound <= row {
      waiting.removeLast()
      if next.range.rows.contains(row) { active.append(next) }
    }
    guard !active.isEmpty else { return }
    var added = false
    filling: for index in active.indices {
      let range = active[index].range
      if range.rows.lowerBound == row {
        for at in 0..<marks.count where Int(marks.storage[at].column) == range.columns.lowerBound {
          active[index].value = [UInt8](bytes.bytes[marks.storage[at].start..<marks.storage[at].end])
        }
      }
      guard let value = active[index].value else { continue }
      for column in range.columns {
        guard marks.begin(column, at: bytes.count) else { break filling }
        bytes.append(value)
        marks.end(at: bytes.count)
        added = true
      }
    }
    if added { marks.sort() }
  }
}
