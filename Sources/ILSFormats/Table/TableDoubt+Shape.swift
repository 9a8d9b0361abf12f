import ILSRecord

// What a table looks like besides being one of names above records.

extension TableDoubt {
  /// Says where the row below the names seems to be no record: units, types, or a second line of names.
  static func tellSecondNames(_ search: HeaderSearch, row: (Int) -> Int, _ position: Position, _ emit: inout Emitter) {
    guard search.likeness != .record else { return }
    let below = rows(search)
    var position = position
    if let found = otherNames(search, below) {
      position.row = row(found)
      emit.tell(
        Diagnostic(
          .warning, TextFault.tableSecondNames,
          "looks like the names of another table; it and what follows are read under the first one's names",
          at: position))
    }
    guard let found = secondNames(search, below) else { return }
    position.row = row(found)
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableSecondNames,
        "the row below the names holds words where those below it hold values, and is read as a record: if it belongs to "
          + "the names (units, types, a second line of them), say --header-row \(row(found)), or take it out first",
        at: position))
  }

  private static func secondNames(_ search: HeaderSearch, _ below: [Int]) -> Int? {
    guard let first = below.first, below.count > 2 else { return nil }
    return isNames(first, below.dropFirst().prefix(HeaderSearch.scope), search) ? first : nil
  }

  /// A row further down, right below another, all of whose words are names of columns.
  private static func otherNames(_ search: HeaderSearch, _ below: [Int]) -> Int? {
    below.dropFirst().first { index in
      let row = search.rows[index]
      guard row.filled > 1, row.knownShare >= 0.5, !search.rows[index - 1].isBlank else { return false }
      return isNames(index, below.prefix(while: { $0 < index }).prefix(HeaderSearch.scope), search)
    }
  }

  /// The filled rows below the names, but for those that are the names again.
  private static func rows(_ search: HeaderSearch) -> [Int] {
    guard search.rows.indices.contains(search.header) else { return [] }
    let names = search.rows[search.header].cells.map(folded).sorted()
    let known = Set(names)
    let areNames = { (cells: [[UInt8]]) in
      cells.count == names.count && cells.first.map { known.contains(folded($0)) } ?? true
        && cells.map(folded).sorted() == names
    }
    return search.rows.indices.dropFirst(search.header + 1).filter {
      !search.rows[$0].isBlank && !areNames(search.rows[$0].cells)
    }
  }

  private static func folded(_ cell: [UInt8]) -> String {
    String(decoding: cell, as: UTF8.self).split { $0 == " " }.joined(separator: " ").lowercased()
  }

  /// Whether a row holds words where most others hold values, and no value.
  private static func isNames(_ index: Int, _ others: ArraySlice<Int>, _ search: HeaderSearch) -> Bool {
    let row = search.rows[index]
    let body = others.map { search.rows[$0] }
    guard !row.kinds.contains(where: \.isValue) else { return false }
    let typed = row.kinds.indices.filter { column in
      let kinds = body.compactMap { column < $0.width && $0.kinds[column] != .empty ? $0.kinds[column] : nil }
      return !kinds.isEmpty && kinds.count(where: \.isValue) * 5 >= kinds.count * 4
    }
    let words = typed.filter { row.kinds[$0] == .word && row.cells[$0].contains { $0 | 0x20 >= 0x61 && $0 < 0x7F } }
    let isClear = words.count > 1 || row.knownShare >= 0.5
    return !words.isEmpty && isClear && typed.allSatisfy { row.kinds[$0] == .empty || words.contains($0) }
  }

  /// Says where the names seem to stand in the first column, and a record in each of the others.
  static func tellOnItsSide(_ search: HeaderSearch, _ position: Position, _ emit: inout Emitter) {
    let rows = search.rows.dropFirst(search.header).filter { !$0.isBlank }.prefix(HeaderSearch.scope)
    guard search.passed.isEmpty, rows.count > 1, let names = rows.first, names.width > 1,
      !names.cells.dropFirst().contains(where: ColumnWords.isKnown)
    else { return }
    let first = rows.compactMap { $0.kinds.first == .empty ? nil : $0.cells.first }
    let known = first.count(where: ColumnWords.isKnown)
    guard known > 1, known * 5 >= first.count * 3, Set(first).count == first.count else { return }
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableOnItsSide,
        "the first column holds what names of columns are made of, and the first row does not: if the table lies on its "
          + "side, with a record in each column, turn it first", at: position))
  }
}
