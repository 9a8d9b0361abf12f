import ILSRecord

/// What is found out about a sheet before its rows are read.
struct XLSXSurvey {
  /// What the sheet says of its size.
  private(set) var dimension: CellRange?
  /// The cells that it has: found out where it is read wholly.
  private(set) var extent: CellRange?
  private(set) var merges: [CellRange] = []
  private var row = 0
  private var column = -1

  private static var mergeLimit: Int { 1 << 20 }

  /// - Parameter wholly: reads the whole part; else only up to its rows.
  init(_ stream: PartStream, wholly: Bool) throws(StopError) {
    var tokens = XMLTokens(stream)
    let (dimensionKey, mergeKey, dataKey) = (
      XMLName.key("dimension"), XMLName.key("mergeCell"), XMLName.key("sheetData")
    )
    while true {
      let kind = try tokens.next()
      if kind == .end { return }
      guard kind == .open || kind == .empty else { continue }
      switch tokens.name {
      case XMLName.c: try note(tokens)
      case XMLName.row:
        row = tokens.attribute("r").flatMap { Int($0) } ?? row &+ 1
        column = -1
      case dimensionKey: dimension = tokens.attribute("ref").flatMap { CellRange($0) }
      case mergeKey:
        if merges.count < Self.mergeLimit, let range = tokens.attribute("ref").flatMap({ CellRange($0) }) {
          merges.append(range)
        }
      case dataKey: if !wholly { return }
      default: break
      }
    }
  }

  /// Stretches the extent to the cell that was met.
  private mutating func note(_ tokens: borrowing XMLTokens) throws(StopError) {
    var attributes = tokens.attributes
    column += 1
    while let (key, value) = attributes.next() { if key == XMLName.r { column = try XLSXSheet.column(value) } }
    guard row >= 1, row <= CellRange.lastRow, column <= CellRange.lastColumn else { return }
    guard let known = extent else {
      extent = CellRange(rows: row...row, columns: column...column)
      return
    }
    extent = CellRange(
      rows: min(known.rows.lowerBound, row)...max(known.rows.upperBound, row),
      columns: min(known.columns.lowerBound, column)...max(known.columns.upperBound, column))
  }
}
