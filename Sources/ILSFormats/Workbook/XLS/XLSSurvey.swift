import ILSRecord

/// What is found out about a sheet before its rows are read: one pass over its records' headers.
struct XLSSurvey {
  /// Where the sheet's records end.
  private(set) var end: Int
  /// The cells that hold something.
  private(set) var extent: CellRange?
  private(set) var merges: [CellRange] = []
  /// From 0.
  private(set) var hiddenRows: Set<Int> = []
  private(set) var hiddenColumns: [ClosedRange<Int>] = []
  private(set) var comments = 0
  /// Cells by row, where the file does not have them so.
  private(set) var order: [(row: Int, offset: Int)]?

  /// - Throws: `xls.truncated`, `xls.corrupt`
  init(_ bytes: UnsafeRawBufferPointer, from offset: Int) throws(StopError) {
    var at = offset
    end = offset
    var depth = 0
    var last = -1
    var isOrdered = true
    var (top, bottom, left, right) = (Int.max, -1, Int.max, -1)
    var cells: [(row: Int, offset: Int)] = []
    while let type = bytes.u16(at), let length = bytes.u16(at + 2), at + 4 + length <= bytes.count {
      if type == BIFF.begin {
        depth += 1
      } else if type == BIFF.endOfFile {
        depth -= 1
        if depth <= 0 { break }
      } else if depth == 1 {
        if let cell = XLSCell(bytes, at) {
          guard cell.isWhole(bytes) else {
            throw StopError(
              .dataError, WorkbookFileFault.xlsCorrupt,
              "a cell is shorter than its kind is, or in no column of a sheet: the file is damaged",
              at: Position(row: cell.row + 1))
          }
          (top, bottom) = (min(top, cell.row), max(bottom, cell.row))
          let lastColumn = type == BIFF.multipleRK ? cell.column + max((length - 6) / 6 - 1, 0) : cell.column
          (left, right) = (min(left, cell.column), max(right, lastColumn))
          if cell.row < last { isOrdered = false }
          last = cell.row
        } else {
          note(type, bytes, at + 4)
        }
      }
      at += 4 + length
    }
    guard depth <= 0 else {
      throw StopError(
        .dataError, WorkbookFileFault.xlsTruncated, "the sheet ends too early: the file was cut off; get it again")
    }
    end = at
    if bottom >= 0 {
      extent = CellRange(rows: top + 1...bottom + 1, columns: left...min(right, CellRange.lastColumn))
    }
    guard !isOrdered else { return }
    at = offset
    depth = 0
    while at < end, let type = bytes.u16(at), let length = bytes.u16(at + 2) {
      if type == BIFF.begin { depth += 1 } else if type == BIFF.endOfFile { depth -= 1 }
      if depth == 1, let cell = XLSCell(bytes, at) { cells.append((cell.row, at)) }
      at += 4 + length
    }
    order = cells.sorted { ($0.row, $0.offset) < ($1.row, $1.offset) }
  }

  private mutating func note(_ type: Int, _ bytes: UnsafeRawBufferPointer, _ body: Int) {
    if type == BIFF.row, let row = bytes.u16(body), let flags = bytes.u16(body + 12), flags & 0x20 != 0 {
      hiddenRows.insert(row)
    } else if type == BIFF.columns, let first = bytes.u16(body), let last = bytes.u16(body + 2),
      let width = bytes.u16(body + 4), let flags = bytes.u16(body + 8)
    {
      if flags & 1 != 0 || width == 0, first <= last, hiddenColumns.count < 1 << 14 {
        hiddenColumns.append(first...last)
      }
    } else if type == BIFF.note {
      comments += 1
    } else if type == BIFF.mergedCells, let count = bytes.u16(body) {
      for index in 0..<count {
        let at = body + 2 + index * 8
        guard let top = bytes.u16(at), let bottom = bytes.u16(at + 2), let left = bytes.u16(at + 4),
          let right = bytes.u16(at + 6), top <= bottom, left <= right, left <= CellRange.lastColumn,
          merges.count < 1 << 20
        else { return }
        merges.append(CellRange(rows: top + 1...bottom + 1, columns: left...min(right, CellRange.lastColumn)))
      }
    }
  }
}
