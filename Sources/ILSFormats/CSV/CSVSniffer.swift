import ILSRecord

/// How a text seems to be written, from a sample of it.
struct CSVSniffer {
  /// The delimiter; nil where nothing in the sample separates cells.
  private(set) var delimiter: UInt8?
  /// The number of the row that holds the column names, from 1.
  private(set) var headerRow = 1
  /// The dialect that was given, and what was found out of it.
  private(set) var dialect: CSVDialect

  /// What separates cells in the wild, the likeliest first.
  private static let candidates: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C, 0x1F, 0x5E, 0x7E]

  /// - Parameters:
  ///   - given: the delimiter, where it is known.
  ///   - findsQuoting: nothing was said of quotes.
  ///   - isWhole: the sample is the whole text.
  init(
    _ sample: UnsafeRawBufferPointer, dialect: CSVDialect, given: UInt8?, findsQuoting: Bool, isWhole: Bool
  ) {
    self.dialect = dialect
    if let declared = CSVSniffer.declared(sample), given == nil {
      delimiter = declared
      self.dialect.delimiter = declared
      headerRow = 2
      return
    }
    var best: (delimiter: UInt8, layout: CSVLayout)?
    for candidate in given.map({ [$0] }) ?? Self.candidates {
      var tried = dialect
      tried.delimiter = candidate
      let layout = CSVLayout(sample, tried, isWhole: isWhole)
      guard given != nil || layout.width > 1 else { continue }
      if best.map({ layout.isBetter(than: $0.layout) }) ?? true { best = (candidate, layout) }
    }
    delimiter = best?.delimiter
    var layout = best?.layout ?? CSVLayout(sample, dialect, isWhole: isWhole)
    self.dialect.delimiter = delimiter ?? dialect.delimiter
    if findsQuoting { findQuoting(sample, &layout, isWhole) }
    headerRow = layout.headerRow
    self.dialect.hasRemarks = dialect.comment == nil && layout.hasRemarks
  }

  /// Looks whether quotes make more sense in another way: behind backslashes, behind spaces, or as apostrophes. Rows must
  /// agree as much as before, and no quote may stand where none should.
  private mutating func findQuoting(_ sample: UnsafeRawBufferPointer, _ layout: inout CSVLayout, _ isWhole: Bool) {
    let doubled = layout
    func tried(_ change: (inout CSVDialect) -> Void) -> (CSVDialect, CSVLayout)? {
      var other = dialect
      change(&other)
      let found = CSVLayout(sample, other, isWhole: isWhole)
      return found.oddities == 0 && found.share >= layout.share && found.quoted > layout.quoted - layout.oddities
        ? (other, found) : nil
    }
    let quotes = sample.contains(UInt8(ascii: "\""))
    var better: (CSVDialect, CSVLayout)?
    if doubled.oddities > 0 { better = tried { $0.escape = .backslash } }
    if better == nil, quotes, layout.width > 1 { better = tried { $0.hasSpacedQuotes = true } }
    if better == nil, !quotes {
      better = tried { $0.quote = UInt8(ascii: "'") }
      if let found = better, found.1.quoted < 2 { better = nil }
    }
    if let better { (dialect, layout) = better }
  }

  /// The delimiter that a first line `sep=;` declares, as Excel writes and honours it.
  private static func declared(_ sample: UnsafeRawBufferPointer) -> UInt8? {
    guard sample.count >= 6, sample.prefix(4).elementsEqual("sep=".utf8), sample[5] == 0x0A || sample[5] == 0x0D
    else { return nil }
    return sample[4]
  }
}
