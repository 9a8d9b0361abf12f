/// Names of groups in the row above the names of columns: `Right Eye` over `Sph` and `Cyl`, `Left Eye` over both again.
struct GroupNames {
  private struct Group {
    let name: [UInt8]
    var columns: Range<Int>
  }

  private let groups: [Group]
  /// The columns' names, as they are compared.
  private let names: [String]

  /// nil where no such row stands right above the names.
  init?(_ search: HeaderSearch) {
    guard let above = search.passed.last, above == search.header - 1, search.rows[above].filled > 1 else { return nil }
    let row = search.rows[above]
    // Names of groups stand over the first of their columns: the next one's cells are blank.
    guard row.kinds.prefix(row.reach).contains(.empty) else { return nil }
    names = search.rows[search.header].cells.map { GroupNames.folded($0) }
    let starts = names.indices.filter { $0 < row.cells.count && row.kinds[$0] != .empty }
    groups = zip(starts, starts.dropFirst() + [names.count]).map { Group(name: row.cells[$0], columns: $0..<$1) }
  }

  /// What goes in front of each column's name. A group reaches up to the next.
  ///
  /// Unasked, only groups are named that have a column called like one of another group, and all only if that tells the
  /// columns apart: else names that serve as they are would change. The last of them ends with such a column, for nothing
  /// says that what follows belongs to it. A mark of one or two bytes, as `OD`, may be no word: it is told, and not joined.
  func prefixes(isAsked: Bool) -> [[UInt8]]? {
    let chosen = isAsked ? groups : telling
    guard !chosen.isEmpty else { return nil }
    var prefixes = [[UInt8]](repeating: [], count: names.count)
    for group in chosen { for column in group.columns { prefixes[column] = group.name } }
    return isAsked || areApart(prefixes) ? prefixes : nil
  }

  private var telling: [Group] {
    var counts: [String: Int] = [:]
    for group in groups { for name in Set(names[group.columns]) where !name.isEmpty { counts[name, default: 0] += 1 } }
    let isShared: (Int) -> Bool = { (counts[names[$0]] ?? 0) > 1 }
    var chosen = groups.filter { $0.columns.contains(where: isShared) }
    if let last = groups.last?.columns, let end = last.last(where: isShared) {
      chosen[chosen.count - 1].columns = last.lowerBound..<(end + 1)
    }
    return chosen.allSatisfy { $0.name.count > 2 } ? chosen : []
  }

  private func areApart(_ prefixes: [[UInt8]]) -> Bool {
    let named = names.indices.filter { !prefixes[$0].isEmpty && !names[$0].isEmpty }
    return Set(named.map { GroupNames.folded(prefixes[$0]) + " " + names[$0] }).count == named.count
  }

  private static func folded(_ cell: [UInt8]) -> String {
    String(decoding: cell, as: UTF8.self).split { $0 == " " }.joined(separator: " ").lowercased()
  }
}
