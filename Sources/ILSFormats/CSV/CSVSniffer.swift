import ILSRecord

/// How a text seems to be written, from a sample of it.
struct CSVSniffer {
  /// The delimiter; nil where nothing in the sample separates cells.
  private(set) var delimiter: UInt8?
  /// The number of the row that holds the column names, from 1.
  private(set) var headerRow = 1

  /// What separates cells in the wild, the likeliest first.
  private static let candidates: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C, 0x1F, 0x5E, 0x7E]
  private static let rowLimit = 200

  private struct Layout {
    var widths: [Int] = []
    /// Cells that hold something, for each row.
    var filled: [Int] = []
    /// The width that most rows have, and the share of rows that have it.
    var width = 1
    var share = 0.0
  }

  /// - Parameters:
  ///   - given: the delimiter, where it is known.
  ///   - isWhole: the sample is the whole text.
  init(_ sample: UnsafeRawBufferPointer, dialect: CSVDialect, given: UInt8?, isWhole: Bool) {
    if let declared = CSVSniffer.declared(sample), given == nil {
      delimiter = declared
      headerRow = 2
      return
    }
    var best: (delimiter: UInt8, layout: Layout)?
    for candidate in given.map({ [$0] }) ?? Self.candidates {
      var tried = dialect
      tried.delimiter = candidate
      let layout = CSVSniffer.layout(sample, tried, isWhole)
      guard given != nil || layout.width > 1 else { continue }
      if best.map({ CSVSniffer.isBetter(layout, than: $0.layout) }) ?? true { best = (candidate, layout) }
    }
    guard let best else {
      headerRow = CSVSniffer.headerRow(CSVSniffer.layout(sample, dialect, isWhole))
      return
    }
    delimiter = best.delimiter
    headerRow = CSVSniffer.headerRow(best.layout)
  }

  /// The delimiter that a first line `sep=;` declares, as Excel writes and honours it.
  private static func declared(_ sample: UnsafeRawBufferPointer) -> UInt8? {
    guard sample.count >= 6, sample.prefix(4).elementsEqual("sep=".utf8), sample[5] == 0x0A || sample[5] == 0x0D
    else { return nil }
    return sample[4]
  }

  private static func layout(_ sample: UnsafeRawBufferPointer, _ dialect: CSVDialect, _ isWhole: Bool) -> Layout {
    var splitter = CSVSplitter(sample, dialect)
    var layout = Layout()
    while layout.widths.count < rowLimit, let cells = splitter.next(isWhole: isWhole) {
      layout.widths.append(cells.count)
      layout.filled.append(cells.count { !$0.isEmpty })
    }
    let rows = zip(layout.widths, layout.filled).filter { $0 > 1 || $1 > 0 }
    var counts: [Int: Int] = [:]
    for (width, _) in rows { counts[width, default: 0] += 1 }
    guard let usual = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else { return layout }
    layout.width = usual.key
    layout.share = Double(usual.value) / Double(rows.count)
    return layout
  }

  /// Rows that agree outweigh rows that are wide; among layouts that agree alike, the wider one is no accident.
  private static func isBetter(_ a: Layout, than b: Layout) -> Bool {
    let (agreesA, agreesB) = (a.share > 0.9, b.share > 0.9)
    if agreesA != agreesB { return agreesA }
    return agreesA ? a.width > b.width : a.share * Double(a.width) > b.share * Double(b.width)
  }

  /// Titles and notes above a table fill one cell; the header is the first row that fills more.
  private static func headerRow(_ layout: Layout) -> Int {
    guard layout.width > 1 else { return (layout.filled.firstIndex { $0 > 0 } ?? 0) + 1 }
    return (layout.filled.firstIndex { $0 > 1 } ?? 0) + 1
  }
}
