// What speaks against the row of names being one: it looks like the rows below.

extension HeaderSearch {
  /// What the row of names may be instead.
  enum Likeness {
    case names
    /// Values alone, such as numbers: they may be names all the same.
    case values
    /// Values beside words or addresses, or words that stand below again: a record, perhaps a person's.
    case record
    /// Words like those below, none of which names of columns are made of: either.
    case words
  }

  /// Whether the row of names looks like one of data: a third of its cells hold values as the columns below do, or a cell
  /// stands below again, and none of its words is the name of a column.
  var likeness: Likeness {
    if let known = judged.likeness { return known }
    let found = judge()
    judged.likeness = found
    return found
  }

  private func judge() -> Likeness {
    if recurs { return .record }
    guard looksLikeData else { return isPlainText ? .words : .names }
    if isTextAboveNumbers { return .values }
    let kinds = rows[header].kinds
    return kinds.contains(.word) && kinds.contains(where: \.isValue) || kinds.contains(.address) ? .record : .values
  }

  /// Whether two values of the row or more are text in a workbook, as `0.00` may be, and each stands above numbers alone.
  private var isTextAboveNumbers: Bool {
    let row = rows[header]
    let values = row.kinds.indices.filter { row.kinds[$0].isValue }
    let body = rows[(header + 1)...].filter { !$0.isBlank }.prefix(Self.scope)
    return values.count > 1 && row.numbers.isEmpty
      && values.allSatisfy { column in
        let below = body.filter { column < $0.kinds.count && $0.kinds[column] != .empty }
        return !below.isEmpty && below.allSatisfy { $0.numbers.contains(column) }
      }
  }

  private var looksLikeData: Bool {
    guard rows.indices.contains(header) else { return false }
    let row = rows[header]
    guard row.filled > 0, row.knownShare < 0.2 else { return false }
    let values = row.kinds.indices.filter { row.kinds[$0].isValue }
    guard values.count * 3 >= row.filled, !areYears(values.map { row.cells[$0] }) else { return false }
    let body = rows[(header + 1)...].filter { !$0.isBlank }.prefix(Self.scope)
    guard !body.isEmpty else { return true }
    let alike = values.count { column in
      let kinds = body.compactMap { column < $0.kinds.count && $0.kinds[column] != .empty ? $0.kinds[column] : nil }
      return kinds.count { $0 == row.kinds[column] } * 5 >= kinds.count * 4
    }
    return alike * 2 >= values.count
  }

  /// Years in a row, as names of a table by years.
  private func areYears(_ cells: [[UInt8]]) -> Bool {
    let years = cells.compactMap { Int(String(decoding: $0, as: UTF8.self)) }.filter { (1900...2100).contains($0) }
    return years.count == cells.count && years.count > 1
      && Set(zip(years, years.dropFirst()).map { $1 - $0 }).count == 1
  }

  /// Filled rows below the names, but for the names again.
  private var body: ArraySlice<SampleRow> {
    guard rows.indices.contains(header) else { return [] }
    return rows[(header + 1)...].filter { !$0.isBlank && $0.cells != rows[header].cells }.prefix(Self.scope)
  }

  /// More cells stand in their own columns below again than are names of columns: a town, a first name. Rows that are the
  /// names once more, as joined files have them, do not count.
  private var recurs: Bool {
    guard rows.indices.contains(header) else { return false }
    let row = rows[header]
    let words = row.kinds.indices.filter { row.kinds[$0] == .word && row.cells[$0].count > 1 }
    // Of two rows, one may say the same as its name by chance.
    guard !words.isEmpty, body.count > 2 else { return false }
    var met: Set<Int> = []
    for below in body {
      met.formUnion(words.filter { $0 < below.width && below.cells[$0] == row.cells[$0] })
    }
    return met.count > row.cells.count { ColumnWords.isKnown($0) }
  }

  /// Nothing but its place tells the row from those below: all are words, written alike.
  private var isPlainText: Bool {
    guard passed.isEmpty, !body.isEmpty, rows[header].filled > 0, rows[header].knownShare == 0, isTyped(header) == 0
    else { return false }
    let filled = rows[header].kinds.indices.filter { rows[header].kinds[$0] != .empty }
    return filled.count { isApart($0) } * 2 < filled.count
  }

  /// Whether most cells below differ from the name of column `column` in kind, in the way of capitals, or by far in length.
  private func isApart(_ column: Int) -> Bool {
    let cells = body.compactMap {
      column < $0.width && $0.kinds[column] != .empty ? ($0.cells[column], $0.kinds[column]) : nil
    }
    guard !cells.isEmpty else { return true }
    let (name, kind) = (rows[header].cells[column], rows[header].kinds[column])
    let manner = WordManner(name)
    let others = cells.count { cell, other in
      other != kind || WordManner(cell) != manner || (cell.count > 20 && cell.count > name.count * 3)
    }
    return others * 5 >= cells.count * 4
  }
}

/// What was found of a row of names, which is asked for often and takes a while.
final class JudgedNames {
  fileprivate(set) var likeness: HeaderSearch.Likeness?
}

/// How a word is written: names of columns are often in another way than what stands below.
enum WordManner {
  case small, capitals, joined, other

  init(_ cell: [UInt8]) {
    let capitals = cell.count { (0x41...0x5A).contains($0) }
    let small = cell.count { (0x61...0x7A).contains($0) }
    if cell.contains(UInt8(ascii: "_")) {
      self = .joined
    } else {
      self = capitals == 0 && small > 0 ? .small : small == 0 && capitals > 1 ? .capitals : .other
    }
  }
}
