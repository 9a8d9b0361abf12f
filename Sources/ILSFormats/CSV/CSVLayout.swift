import ILSRecord

/// What the rows of a sample look like when they are cut in one way.
struct CSVLayout {
  private(set) var rows: [SampleRow] = []
  /// The width that most rows have, and the share of rows that have it.
  private(set) var width = 1
  private(set) var share = 0.0
  /// Where the names are.
  private(set) var search: HeaderSearch
  /// Cells in quotes, and quotes that stand where none should.
  private(set) var quoted = 0
  private(set) var oddities = 0

  private static let rowLimit = 200

  /// The row that is said to hold the names, from 1 (0: none does); nil where that is found out.
  private let knownRow: Int?

  /// - Parameters:
  ///   - isWhole: the sample is the whole text.
  ///   - headerRow: the row that is said to hold the names, from 1; 0: none does.
  init(_ sample: UnsafeRawBufferPointer, _ dialect: CSVDialect, isWhole: Bool, headerRow: Int? = nil) {
    knownRow = headerRow
    var splitter = CSVSplitter(sample, dialect)
    while rows.count < Self.rowLimit, let cells = splitter.next(isWhole: isWhole) { rows.append(SampleRow(cells)) }
    quoted = splitter.quoted
    oddities = splitter.oddities
    search = HeaderSearch([], width: 1)
    // Remarks above a table say nothing of how it is cut.
    let table = rows.drop { $0.isMarked }
    let counted = (table.isEmpty ? rows[...] : table).filter { $0.width > 1 || !$0.isBlank }
    var counts: [Int: Int] = [:]
    for row in counted { counts[row.width, default: 0] += 1 }
    guard let usual = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return }
    width = usual.key
    share = Double(usual.value) / Double(counted.count)
    let first = rows.firstIndex { !$0.isMarked || $0.width == width } ?? 0
    let filled = min(width, max(rows.map(\.filled).max() ?? 0, 1))
    search =
      headerRow.map { HeaderSearch(rows, width: filled, known: $0 > 0 ? $0 - 1 : nil) }
      ?? HeaderSearch(rows, width: filled, from: first)
  }

  /// The number of the row that holds the names, from 1.
  var headerRow: Int { search.header + 1 }

  /// Whether lines that start with a number sign stand above the names, so that others like them may be remarks too.
  var hasRemarks: Bool { rows.prefix(search.header).contains { $0.isMarked } }

  /// How well this way of cutting fits, from 0 to 1: half of it is whether the row of names is as wide as the others, half
  /// the share of rows that are of one width.
  var score: Double {
    guard width > 1, rows.indices.contains(search.header) else { return 0 }
    if knownRow == 0 { return (1 + share) / 2 - (oddities > 0 ? 0.05 : 0) }
    let names = rows[search.header].width
    let fits = names == width || names == width - 1 && surplusIsEmpty
    let header = fits ? 1 : names > 1 ? 0.6 : 0
    return (header + share) / 2 - (search.isUnsure ? 0.2 : search.passed.isEmpty ? 0 : 0.05) - (oddities > 0 ? 0.05 : 0)
  }

  /// The first row holds the names.
  var hasNames: Bool { search.passed.isEmpty && knownRow != 0 }

  /// Every row ends with a delimiter that the names do not have.
  private var surplusIsEmpty: Bool {
    rows.dropFirst(search.header + 1).allSatisfy { $0.width < width || $0.reach < width }
  }

  /// Rows end one cell early where the last one is empty: no row that is whole ends with an empty cell, and those that are
  /// short are many and else like the others.
  var omitsLastCell: Bool {
    guard width > 2, rows.indices.contains(search.header), rows[search.header].width == width else { return false }
    let body = rows.dropFirst(search.header + 1).filter { !$0.isBlank }
    let short = body.filter { $0.width == width - 1 }
    guard short.count >= 2, short.count * 20 >= body.count,
      body.allSatisfy({ $0.width == width || $0.width == width - 1 })
    else { return false }
    let whole = body.filter { $0.width == width }
    // A cell that is missing further left would show: the last column's cells are unlike those in front of them.
    guard !whole.isEmpty, whole.allSatisfy({ $0.kinds.last != .empty }),
      Set(whole.map { $0.kinds[width - 1] }).isDisjoint(with: whole.map { $0.kinds[width - 2] })
    else { return false }
    return (0..<(width - 1)).allSatisfy { column in
      let usual = Set(whole.map { $0.kinds[column] })
      return short.allSatisfy { $0.kinds[column] == .empty || usual.contains($0.kinds[column]) }
    }
  }
}
