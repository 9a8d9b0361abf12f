import ILSRecord

/// How a text seems to be written, from a sample of it.
struct CSVSniffer {
  /// The delimiter; nil where nothing in the sample separates cells.
  private(set) var delimiter: UInt8?
  /// The number of the row that holds the column names, from 1.
  private(set) var headerRow = 1
  /// Lines that start with `#` stand above the header.
  private(set) var hasRemarks = false

  /// What separates cells in the wild, the likeliest first.
  private static let candidates: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C, 0x1F, 0x5E, 0x7E]

  /// - Parameters:
  ///   - given: the delimiter, where it is known.
  ///   - isWhole: the sample is the whole text.
  init(_ sample: UnsafeRawBufferPointer, dialect: CSVDialect, given: UInt8?, isWhole: Bool) {
    if let declared = CSVSniffer.declared(sample), given == nil {
      delimiter = declared
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
    let layout = best?.layout ?? CSVLayout(sample, dialect, isWhole: isWhole)
    headerRow = layout.headerRow
    hasRemarks = dialect.comment == nil && layout.hasRemarks
  }

  /// The delimiter that a first line `sep=;` declares, as Excel writes and honours it.
  private static func declared(_ sample: UnsafeRawBufferPointer) -> UInt8? {
    guard sample.count >= 6, sample.prefix(4).elementsEqual("sep=".utf8), sample[5] == 0x0A || sample[5] == 0x0D
    else { return nil }
    return sample[4]
  }
}
