import ILSRecord

/// Tables that stand beside each other, an empty column between them: whoever reads rows reads one of each as one record.
enum SideBySide {
  /// The blocks of columns that `rows` have from the names on, cut where all cells are blank.
  static func blocks(_ rows: ArraySlice<SampleRow>) -> [Range<Int>] {
    let width = rows.map(\.width).max() ?? 0
    var blocks: [Range<Int>] = []
    var start: Int?
    for column in 0...width {
      let isFilled = column < width && rows.contains { column < $0.width && $0.kinds[column] != .empty }
      if isFilled, start == nil { start = column }
      if !isFilled, let first = start {
        blocks.append(first..<column)
        start = nil
      }
    }
    return blocks
  }

  /// The first block that seems to be a table of its own: it shares a name with one in front of it, or its rows begin or end
  /// elsewhere; nil where all seem to be one table.
  /// - Parameter rows: from the names on.
  static func second(_ rows: ArraySlice<SampleRow>, _ blocks: [Range<Int>]) -> Range<Int>? {
    guard let first = blocks.first, let names = rows.first, blocks.count > 1 else { return nil }
    let known = Set(texts(names, first))
    let reach = extent(rows, first)
    return blocks.dropFirst().first { block in
      guard block.count > 1 || first.count == 1 else { return false }
      return !known.isDisjoint(with: texts(names, block)) || isDense(rows, block) && extent(rows, block) != reach
    }
  }

  private static func texts(_ row: SampleRow, _ block: Range<Int>) -> [String] {
    block.filter { $0 < row.width && row.kinds[$0] != .empty }
      .map { String(decoding: row.cells[$0], as: UTF8.self).lowercased() }
  }

  private static func isFilled(_ row: SampleRow, _ block: Range<Int>) -> Bool {
    block.contains { $0 < row.width && row.kinds[$0] != .empty }
  }

  private static func extent(_ rows: ArraySlice<SampleRow>, _ block: Range<Int>) -> ClosedRange<Int>? {
    guard let first = rows.firstIndex(where: { isFilled($0, block) }),
      let last = rows.lastIndex(where: { isFilled($0, block) })
    else { return nil }
    return first...last
  }

  /// No row between the block's first and last is empty in it: remarks beside a table leave gaps.
  private static func isDense(_ rows: ArraySlice<SampleRow>, _ block: Range<Int>) -> Bool {
    guard let extent = extent(rows, block), extent.count > 2 else { return false }
    return rows[extent].allSatisfy { isFilled($0, block) || $0.isBlank }
  }

  /// - Parameters:
  ///   - column: the name of the column where the second table starts, as people call it.
  ///   - mending: how one of them is read.
  static func tell(_ column: String, _ mending: String, _ position: Position, _ emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableSideBySide,
        "another table seems to start at column \(column), behind an empty one, and its rows are read as part of the first one's: \(mending)",
        at: position))
  }
}
