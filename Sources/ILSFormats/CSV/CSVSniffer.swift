import ILSRecord

/// How a text seems to be written, from a sample of it.
///
/// Each delimiter cuts the sample in its own way. The one wins whose row of names is as wide as the rows below it; where
/// several do, what stands between digits (decimal commas) or in front of a space (`Last, First`) is text, and the file's
/// name has a say. Where nothing decides, nothing is decided.
struct CSVSniffer {
  /// The delimiter; nil where nothing in the sample separates cells.
  private(set) var delimiter: UInt8?
  /// The dialect that was given, and what was found out of it.
  private(set) var dialect: CSVDialect
  /// The sample, cut so.
  private(set) var layout: CSVLayout
  /// A first line that says `sep=;`.
  private(set) var declares = false
  /// The delimiter is the one that it names: it separates cells.
  private(set) var isDeclared = false
  /// How well each way of cutting fits, from 0 to 1.
  private(set) var scores: [(delimiter: UInt8, score: Double)] = []
  private let isWhole: Bool
  private let knownRow: Int?
  /// The delimiters among which nothing decides; empty where it is clear.
  private(set) var rivals: [UInt8] = []

  /// The number of the row that holds the column names, from 1.
  var headerRow: Int { layout.headerRow + (declares ? 1 : 0) }

  /// What separates cells in the wild, the likeliest first.
  static let candidates: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C, 0x1F, 0x5E, 0x7E]

  /// - Parameters:
  ///   - given: the delimiter, where it is known.
  ///   - findsQuoting: nothing was said of quotes.
  ///   - isWhole: the sample is the whole text.
  ///   - headerRow: the row that is said to hold the names, from 1; 0: none does.
  ///   - file: its name, if it has one.
  init(
    _ sample: UnsafeRawBufferPointer, dialect: CSVDialect, given: UInt8?, findsQuoting: Bool, isWhole: Bool,
    headerRow: Int? = nil, file: String? = nil
  ) {
    self.dialect = dialect
    self.isWhole = isWhole
    let declared = CSVSniffer.declared(sample)
    let sample = UnsafeRawBufferPointer(rebasing: sample[(declared?.length ?? 0)...])
    declares = declared != nil
    let row = headerRow.map { max($0 - (declared == nil ? 0 : 1), 0) }
    knownRow = row
    var known = given ?? declared?.delimiter
    if given == nil, let declared = known {
      let way = Way(sample, dialect, declared, isWhole: isWhole, headerRow: row)
      isDeclared = way.layout.width > 1 || !Self.candidates.contains { $0 != declared && sample.contains($0) }
      if !isDeclared { known = nil }
    }
    let ways = (known.map { [$0] } ?? Self.candidates.filter { sample.contains($0) }).map {
      Way(sample, dialect, $0, isWhole: isWhole, headerRow: row)
    }
    if known == nil {
      (known, rivals) = Way.best(ways, sample, names: CSVSniffer.extensionDelimiter(file))
    }
    scores = ways.map { ($0.delimiter, $0.score) }.sorted { $0.1 > $1.1 }
    delimiter = known == CSVDialect.noDelimiter ? nil : known
    // A byte that no text holds: nothing separates.
    self.dialect.delimiter = known ?? CSVDialect.noDelimiter
    layout =
      ways.first { $0.delimiter == known }?.layout
      ?? CSVLayout(sample, self.dialect, isWhole: isWhole, headerRow: knownRow)
    if findsQuoting { findQuoting(sample) }
    self.dialect.hasRemarks = dialect.comment == nil && layout.hasRemarks
    if dialect.ragged == .reject, layout.omitsLastCell { self.dialect.padsLastCell = true }
  }

  /// Looks whether quotes make more sense in another way: behind backslashes, behind spaces, or as apostrophes. Rows must
  /// agree as much as before, and no quote may stand where none should.
  private mutating func findQuoting(_ sample: UnsafeRawBufferPointer) {
    let doubled = layout
    func tried(_ change: (inout CSVDialect) -> Void) -> (CSVDialect, CSVLayout)? {
      var other = dialect
      change(&other)
      let found = CSVLayout(sample, other, isWhole: isWhole, headerRow: knownRow)
      return found.oddities == 0 && found.share >= doubled.share && found.quoted > doubled.quoted - doubled.oddities
        ? (other, found) : nil
    }
    let quotes = sample.contains(UInt8(ascii: "\""))
    var better: (CSVDialect, CSVLayout)?
    if doubled.oddities > 0 { better = tried { $0.escape = .backslash } }
    if better == nil, quotes, layout.width > 1 { better = tried { $0.hasSpacedQuotes = true } }
    if better == nil, !quotes {
      better =
        tried { $0.quote = UInt8(ascii: "'") } ?? tried { ($0.quote, $0.escape) = (UInt8(ascii: "'"), .backslash) }
      if let found = better, found.1.quoted < 2 { better = nil }
    }
    if let better { (dialect, layout) = better }
  }

  /// The delimiter that a first line `sep=;` declares, as Excel writes and honours it, and the length of that line.
  private static func declared(_ sample: UnsafeRawBufferPointer) -> (delimiter: UInt8, length: Int)? {
    guard sample.count >= 6, sample.prefix(4).elementsEqual("sep=".utf8) else { return nil }
    // A program that wrote the file again may have filled the line up.
    let end = sample.dropFirst(5).firstIndex { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: ";") && $0 != 0x09 }
    guard let end, sample[end] == 0x0A || sample[end] == 0x0D else { return nil }
    let isPair = sample[end] == 0x0D && sample.count > end + 1 && sample[end + 1] == 0x0A
    return (sample[4], end + (isPair ? 2 : 1))
  }

  /// What the name of a file says of its delimiter: `.tsv`.
  private static func extensionDelimiter(_ file: String?) -> UInt8? {
    guard var name = file?.lowercased() else { return nil }
    for packed in [".gz", ".zst", ".xz"] where name.hasSuffix(packed) { name.removeLast(packed.count) }
    return [".tsv", ".tab"].contains { name.hasSuffix($0) } ? 0x09 : name.hasSuffix(".psv") ? 0x7C : nil
  }
}

extension CSVSniffer {
  /// One way of cutting a sample.
  struct Way {
    let delimiter: UInt8
    let layout: CSVLayout
    let score: Double

    init(_ sample: UnsafeRawBufferPointer, _ dialect: CSVDialect, _ delimiter: UInt8, isWhole: Bool, headerRow: Int?) {
      var dialect = dialect
      dialect.delimiter = delimiter
      self.delimiter = delimiter
      layout = CSVLayout(sample, dialect, isWhole: isWhole, headerRow: headerRow)
      score = layout.score
    }

    /// Ways whose scores differ by less are alike.
    private static var margin: Double { 0.08 }
    /// Below it, rows and names agree so little that the text may as well be one column.
    private static var least: Double { 0.52 }

    /// The delimiter that fits best, nil where none does, and the rivals where nothing decides between them.
    /// - Parameter names: what the file's name says.
    static func best(_ ways: [Way], _ sample: UnsafeRawBufferPointer, names: UInt8?) -> (UInt8?, [UInt8]) {
      if let said = ways.first(where: { $0.delimiter == names }), said.score >= least { return (said.delimiter, []) }
      // A title above text with commas in it: no names.
      let ways = ways.filter { $0.layout.hasNames || !isText($0.delimiter, sample, decimals: false) }
      let likely = ways.filter { $0.score >= least }
      guard let top = likely.map(\.score).max() else { return fallback(ways, sample) }
      var rivals = likely.filter { $0.score > top - margin }
      if rivals.count > 1 {
        let plain = rivals.filter { !isText($0.delimiter, sample) }
        if !plain.isEmpty { rivals = plain }
      }
      guard let widest = rivals.max(by: { $0.layout.width < $1.layout.width }) else { return (nil, []) }
      // Among ways that fit alike, a much wider one is no accident.
      let close = rivals.filter { $0.layout.width * 2 > widest.layout.width && $0.delimiter != widest.delimiter }
      if close.isEmpty { return (widest.delimiter, []) }
      if let clear = (close + [widest]).max(by: { $0.score < $1.score }), clear.score > 0.9,
        (close + [widest]).allSatisfy({ $0.delimiter == clear.delimiter || $0.score < clear.score - margin / 2 })
      {
        return (clear.delimiter, [])
      }
      return (widest.delimiter, (close + [widest]).map(\.delimiter))
    }

    /// No row of names is as wide as the rows: the delimiter that most rows agree on, if the first line has it too; else
    /// the text is one column.
    private static func fallback(_ ways: [Way], _ sample: UnsafeRawBufferPointer) -> (UInt8?, [UInt8]) {
      let named = ways.filter { way in
        guard way.layout.width > 1, way.layout.rows.indices.contains(way.layout.search.header) else { return false }
        return way.layout.rows[way.layout.search.header].width > 1
      }
      return (named.max { $0.score < $1.score }?.delimiter, [])
    }

    /// Whether a delimiter stands where text has it: between digits, as a decimal comma, or in front of a space.
    private static func isText(
      _ delimiter: UInt8, _ sample: UnsafeRawBufferPointer, decimals: Bool = true
    ) -> Bool {
      guard delimiter != 0x09, delimiter != 0x1F else { return false }
      var all = 0
      var asText = 0
      for index in sample.indices where sample[index] == delimiter {
        all += 1
        guard index > 0, index + 1 < sample.count else { continue }
        let (before, behind) = (sample[index - 1], sample[index + 1])
        let isDecimal =
          decimals && delimiter == 0x2C && (0x30...0x39).contains(before) && (0x30...0x39).contains(behind)
        if isDecimal || (behind == 0x20 && before > 0x20) { asText += 1 }
      }
      return asText * 20 >= all * 19
    }
  }
}
