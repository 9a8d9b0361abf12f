/// Which row of a sample holds the names of the columns, and what speaks for it.
///
/// Titles, notes and the names of groups (`Right eye` over `Sph`, `Cyl`) stand above the names and fill fewer columns. They are
/// passed over where a row that looks like names follows and the rows below differ from it; never where data would go with them.
struct HeaderSearch {
  let rows: [SampleRow]
  /// The columns that most rows have.
  let width: Int
  /// The position of the names in `rows`.
  private(set) var header = 0
  /// Filled rows above the names.
  private(set) var passed: [Int] = []
  /// Other rows could hold the names: nothing but their shape speaks for `header`.
  private(set) var isUnsure = false
  /// What spoke for it, in words.
  private(set) var evidence: [String] = []
  let judged = JudgedNames()

  /// Rows that are looked at for names.
  static var scope: Int { 60 }

  /// - Parameter first: rows in front of it hold no names: remarks.
  init(_ rows: [SampleRow], width: Int, from first: Int = 0) {
    self.rows = rows
    self.width = width
    guard let start = rows.indices.first(where: { $0 >= first && !rows[$0].isBlank }) else {
      header = min(first, max(rows.count - 1, 0))
      return
    }
    header = start
    if width > 1, let found = names(below: start) { take(found, above: start) }
  }

  /// A search that an option has ended: the names stand in row `known`, or, if that is nil, nowhere.
  init(_ rows: [SampleRow], width: Int, known: Int?) {
    self.rows = rows
    self.width = width
    header = known ?? 0
  }

  /// The row below `start` that holds the names, where those from `start` on do not.
  private func names(below start: Int) -> Int? {
    var above = [start]
    for index in rows.indices.dropFirst(start + 1).prefix(Self.scope) where !rows[index].isBlank {
      let row = rows[index]
      let isNameLike = row.isNameLike(width)
      // What takes longest is asked last.
      if isNameLike || (row.reach == width && row.filled * 10 >= width * 9),
        above.allSatisfy({ isAbove($0, index) }), isNameLike || isTyped(index) > width / 2, hasBody(index, above)
      {
        return index
      }
      above.append(index)
    }
    return nil
  }

  /// Whether row `above` could be a title, a note or the names of groups over the names in `names`.
  private func isAbove(_ above: Int, _ names: Int) -> Bool {
    let (row, below) = (rows[above], rows[names])
    guard row.filled < below.filled, !row.kinds.contains(.address) else { return isRemarkAble(above, names) }
    if row.filled == 1 || row.filled * 2 < below.filled + (row.reach < below.reach ? 1 : 0) { return true }
    // A fuller one leaves out the last columns, or leaves gaps as names of groups do; then the names have to be plain.
    let gaps = row.kinds.prefix(row.reach).contains(.empty)
    return (row.reach < below.reach || gaps) && (isTyped(names) > 0 || below.knownShare >= 0.5)
      && row.knownShare < 0.5
  }

  /// A full row above words that are all names of columns: `Praxis Nord, Ulm` above `Nr,Name`.
  private func isRemarkAble(_ above: Int, _ names: Int) -> Bool {
    rows[names].knownShare == 1 && rows[above].knownShare == 0 && isTyped(names) > 0 && isTyped(above) == 0
      && !rows[above].kinds.contains { $0.isValue }
  }

  /// Rows follow, and most of them are fuller than those above.
  private func hasBody(_ names: Int, _ above: [Int]) -> Bool {
    let body = rows[(names + 1)...].filter { !$0.isBlank }
    let most = above.map { rows[$0].filled }.max() ?? 0
    return !body.isEmpty && body.count { $0.filled <= most } * 2 <= body.count
  }

  private mutating func take(_ found: Int, above start: Int) {
    passed = (start..<found).filter { !rows[$0].isBlank }
    header = found
    let typed = isTyped(found)
    let known = rows[found].knownShare
    let blank = (start..<found).contains { rows[$0].isBlank }
    let sparse = passed.allSatisfy { rows[$0].filled == 1 }
    if typed > 0 { evidence.append("\(typed) of its columns hold values below") }
    if known >= 0.3 { evidence.append("its words are names of columns") }
    if blank { evidence.append("an empty line stands above it") }
    if sparse { evidence.append("what stands above fills one cell") }
    let isPlain = typed > 0 || known >= 0.3 || (sparse && (blank || (passed.count == 1 && width > 2) || width > 4))
    if !isPlain {
      isUnsure = true
      evidence.append("nothing but their shape tells the rows above from it")
    }
  }

  /// Columns in which `names` holds no value and most rows below hold one.
  func isTyped(_ names: Int) -> Int {
    let body = Array(rows[(names + 1)...].lazy.filter { !$0.isBlank }.prefix(Self.scope))
    guard !body.isEmpty else { return 0 }
    return rows[names].kinds.indices.count { column in
      guard rows[names].kinds[column] != .empty, !rows[names].kinds[column].isValue else { return false }
      let kinds = body.compactMap { column < $0.kinds.count && $0.kinds[column] != .empty ? $0.kinds[column] : nil }
      return !kinds.isEmpty && kinds.count(where: \.isValue) * 5 >= kinds.count * 4
    }
  }
}
