import ILSRecord

/// Decides how a delimited text is read, from what was said and what was found out; stops the run where that is not enough.
struct CSVJudge {
  let options: CSVOptions
  let file: String?

  init(_ options: CSVOptions, file: String?) {
    self.options = options
    self.file = file
  }

  /// The names of the columns, and where they stand.
  struct Header {
    var names: [String]
    /// The number of its row in the sample, from 1; 0 where there is none.
    var row: Int
    /// Its cells as they stand there, and its text without the line end.
    var cells: [[UInt8]] = []
    var text: UnsafeRawBufferPointer
    /// Where the rows below it start.
    var end: Int
    var dialect: CSVDialect
    /// What was changed of the names.
    var notes: [String]
    /// A line of dashes stands below the names, as programs of databases draw it.
    var hasRuler = false
  }

  /// The longest row of names, in bytes.
  private static var headerLimit: Int { 1 << 20 }

  /// Refuses what has no lines: ASCII knows a separator of records, which few files use.
  func checkLines(_ text: UnsafeRawBufferPointer, isWhole: Bool) throws(StopError) {
    guard text.contains(0x1E), !text.contains(0x0A), !text.contains(0x0D) else { return }
    throw StopError(
      .dataError, CSVFault.csvRowSeparator,
      "the rows are separated by the record separator (byte 30) and not by line ends: put line ends in its place, as tr '\\036' '\\n' does",
      at: Position(file: file))
  }

  /// The columns' names; nil while they are not there in full.
  func header(_ text: UnsafeRawBufferPointer, _ sniffed: CSVSniffer, isWhole: Bool) throws(StopError) -> Header? {
    var dialect = sniffed.dialect
    if options.headerRow != nil { dialect.hasRemarks = false }
    let row = options.headerRow.map { max($0 - options.skip, 0) } ?? (isNumbered(sniffed) ? 0 : sniffed.headerRow)
    var splitter = CSVSplitter(text, dialect)
    var header = Header(names: [], row: row, text: text[..<0].bytes, end: 0, dialect: dialect, notes: [])
    var cells: [[UInt8]] = []
    for _ in 0..<row {
      let start = splitter.at
      guard let next = splitter.next(isWhole: isWhole) else {
        if !isWhole, text.count < Self.headerLimit { return nil }
        throw noHeader(row, splitter.row + 1)
      }
      cells = next
      header.text = lineText(text[start..<splitter.at].bytes)
    }
    header.end = splitter.at
    if row > 0, let below = splitter.next(isWhole: isWhole), CSVJudge.isRuler(below, under: cells) {
      (header.hasRuler, header.end) = (true, splitter.at)
    }
    header.cells = cells
    if row == 0 {
      guard let width = width(sniffed, splitter, isWhole: isWhole) else { return nil }
      cells = (1...width).map { Array(ColumnMeaning.nameless($0).utf8) }
    } else {
      cells = joined(cells, prefixes(sniffed.layout.search))
    }
    guard cells.count <= CSVHeader.columnLimit, header.text.count <= Self.headerLimit else { throw tooWide(row) }
    (header.names, header.notes) = try names(cells, row)
    return header
  }

  /// Whether a row of as many cells as there are names holds nothing but dashes.
  private static func isRuler(_ cells: [[UInt8]], under names: [[UInt8]]) -> Bool {
    let lines = cells.map { cell in cell.filter { $0 != 0x20 } }.filter { !$0.isEmpty }
    return cells.count == names.count && !lines.isEmpty
      && lines.allSatisfy { line in
        line.count > 1 && line.contains { "-=_".utf8.contains($0) } && line.allSatisfy { "-=_:".utf8.contains($0) }
      }
  }

  /// Whether the first row is read as the record that it looks like, and columns are numbered: no row goes with it then.
  private func isNumbered(_ sniffed: CSVSniffer) -> Bool {
    let search = sniffed.layout.search
    return options.headerRow == nil && !sniffed.declares && search.header == 0 && search.likeness == .record
  }

  private func noHeader(_ row: Int, _ stopped: Int) -> StopError {
    StopError(
      .dataError, CSVFault.csvNoHeader,
      "no header in row \(row + options.skip): it is longer than \(Self.headerLimit >> 20) MiB, its quote never closes, or the file ends before it",
      at: Position(file: file, row: stopped + options.skip))
  }

  private func tooWide(_ row: Int) -> StopError {
    StopError(
      .dataError, CSVFault.csvTooWide,
      "the row of names has more than \(CSVHeader.columnLimit) cells or is longer than \(Self.headerLimit >> 20) MiB: no table is so wide",
      at: Position(file: file, row: row + options.skip))
  }

  private func lineText(_ row: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var end = row.count
    while end > 0, row[end - 1] == 0x0A || row[end - 1] == 0x0D { end -= 1 }
    return row[..<end].bytes
  }

  /// The number of columns of a table without names: that of most rows, or of the names that were given.
  private func width(_ sniffed: CSVSniffer, _ splitter: CSVSplitter, isWhole: Bool) -> Int? {
    var start = splitter
    // A first row whose quote never closes tells no number of columns.
    if start.next(isWhole: isWhole) == nil, !isWhole { return nil }
    return max(sniffed.layout.width, 1)
  }

  /// What goes in front of the names; nil where an option says where those are.
  func prefixes(_ search: HeaderSearch) -> [[UInt8]]? {
    options.headerRow == nil ? GroupNames(search)?.prefixes(isAsked: options.joinsGroups) : nil
  }

  /// The name of each column behind that of its group.
  private func joined(_ cells: [[UInt8]], _ groups: [[UInt8]]?) -> [[UInt8]] {
    guard let groups else { return cells }
    return cells.enumerated().map { index, cell in
      index < groups.count && !groups[index].isEmpty ? groups[index] + [0x20] + cell : cell
    }
  }

  /// The names in `cells`, made fit; those of `--columns` instead, where given.
  private func names(_ cells: [[UInt8]], _ row: Int) throws(StopError) -> ([String], [String]) {
    if let given = options.columns {
      let header = CSVHeader(given)
      return (
        header.names,
        given.count == cells.count ? [] : ["\(given.count) names were given for \(cells.count) columns"]
      )
    }
    for (index, cell) in cells.enumerated() where cell.withUnsafeBytes({ firstInvalidUTF8($0) }) != nil {
      throw StopError(
        .dataError, CSVFault.csvEncoding,
        "the name of column \(index + 1) is not UTF-8: name the file's encoding with --encoding",
        at: Position(file: file, row: row + options.skip))
    }
    let header = CSVHeader(cells.map { String(decoding: $0, as: UTF8.self) })
    return (header.names, header.notes)
  }
}

extension Slice<UnsafeRawBufferPointer> {
  fileprivate var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self) }
}

// What is told of the decisions, and what cannot be decided.

extension CSVJudge {
  /// Says what was decided and why.
  /// - Throws: `csv.delimiter`, `table.header_row`, `table.header_data` where it is not certain enough to go on.
  func tell(_ sniffed: CSVSniffer, _ header: Header, _ emit: inout Emitter) throws(StopError) {
    let position = Position(file: file, row: header.row > 0 ? header.row + options.skip : nil)
    note(sniffed, header, &emit)
    try check(sniffed)
    for note in header.notes {
      emit.tell(
        Diagnostic(.warning, options.columns == nil ? CSVFault.csvHeader : .csvColumns, note, at: position))
    }
    let columns = header.names.count
    emit.tell(
      Diagnostic(
        .info, CSVFault.csvDialect,
        (sniffed.delimiter.map { "\(spelled(header.dialect) ?? CSVJudge.name($0))-separated" }
          ?? "nothing separates cells")
          + ", \(columns) \(columns == 1 ? "column" : "columns"), "
          + (header.row == 0 ? "no header" : "header in row \(header.row + options.skip)" + reasons(sniffed))
          + quoting(header.dialect) + (header.dialect.hasRemarks ? ", remarks that start with #" : "")
          + (header.dialect.padsLastCell ? ", rows that end one cell early have an empty last one" : ""),
        at: Position(file: file)))
    if isNumbered(sniffed) {
      TableDoubt.tellNumbered(row: options.skip + 1, position, &emit)
    } else if options.headerRow == nil {
      TableDoubt.tellLikeness(sniffed.layout.search, position, &emit)
      tellShape(sniffed, &emit)
    }
    tellSpoiled(sniffed.layout.rows.dropFirst(rowsAbove(sniffed, header)), header.names, &emit)
    tellPassed(sniffed, header, &emit)
    if options.joinsGroups, prefixes(sniffed.layout.search) == nil {
      TableDoubt.tellNoGroups(CSVFault.csvHeader, position, &emit)
    }
    if header.hasRuler {
      emit.passOver(1)
      emit.tell(
        Diagnostic(
          .info, CSVFault.csvRemark, "passed over: a line of dashes below the names",
          at: Position(file: file, row: header.row + options.skip + 1)))
    }
    if !tellWrapped(sniffed, &emit) { tellDelimiter(sniffed, header, &emit) }
    tellBeside(sniffed, header, &emit)
  }

  /// Notes delimiter, quoting and row of names as decisions.
  private func note(_ sniffed: CSVSniffer, _ header: Header, _ emit: inout Emitter) {
    let position = Position(file: file)
    if options.delimiter == nil { emit.note(delimiter(sniffed, position)) }
    let quotes = quoting(header.dialect)
    if !quotes.isEmpty {
      emit.note(
        Decision(
          "quoting", .init(String(quotes.dropFirst(2)), certainty: 0.9),
          evidence: ["rows agree as before, and no quote stands where none should"], option: "--quote", at: position))
    }
    if options.headerRow == nil {
      let base = options.skip + (sniffed.declares ? 2 : 1)
      emit.note(
        TableDoubt.decision(sniffed.layout.search, row: { $0 + base }, isNumbered: isNumbered(sniffed), position))
    }
  }

  private func delimiter(_ sniffed: CSVSniffer, _ position: Position) -> Decision {
    let name = sniffed.delimiter.map(CSVJudge.name) ?? "none"
    let layout = sniffed.layout
    let others = sniffed.scores.filter { $0.delimiter != sniffed.delimiter && $0.score > 0 }
    let share = Int(layout.share * 100)
    return Decision(
      "delimiter",
      .init(
        name,
        certainty: sniffed.isDeclared
          ? 1 : !sniffed.rivals.isEmpty ? 0.5 : sniffed.delimiter == nil ? 0.8 : max(min(layout.score, 0.99), 0.3)),
      evidence: sniffed.isDeclared
        ? ["the first line declares it (sep=)"]
        : sniffed.delimiter == nil
          ? ["no character cuts the rows and the row of names alike"]
          : ["\(share) % of the rows have \(layout.width) cells", "so has the row of names"].dropLast(
            layout.rows.indices.contains(layout.search.header)
              && layout.rows[layout.search.header].width == layout.width ? 0 : 1),
      objections: layout.oddities > 0 ? ["\(layout.oddities) quotes stand where none should"] : [],
      others: others.map { .init(CSVJudge.name($0.delimiter), certainty: $0.score / 2) }, option: "--delimiter",
      at: position)
  }

  private func check(_ sniffed: CSVSniffer) throws(StopError) {
    if !sniffed.rivals.isEmpty {
      let names = sniffed.rivals.map(CSVJudge.name).joined(separator: " or ")
      throw StopError(
        .dataError, CSVFault.csvDelimiter,
        "cells may be separated by \(names), and nothing decides: say which with --delimiter",
        at: Position(file: file))
    }
    guard options.headerRow == nil, !isNumbered(sniffed) else { return }
    let base = options.skip + (sniffed.declares ? 2 : 1)
    if let doubt = TableDoubt.about(sniffed.layout.search, row: { $0 + base }, Position(file: file)) { throw doubt }
  }

  private func reasons(_ sniffed: CSVSniffer) -> String {
    guard options.headerRow == nil, !sniffed.layout.search.evidence.isEmpty else { return "" }
    return " (" + sniffed.layout.search.evidence.joined(separator: "; ") + ")"
  }

  /// Rows of the sample that are no records, up to the names.
  private func rowsAbove(_ sniffed: CSVSniffer, _ header: Header) -> Int {
    max(header.row - (sniffed.declares ? 1 : 0), 0)
  }

  /// Says which rows above the names are no records.
  private func tellPassed(_ sniffed: CSVSniffer, _ header: Header, _ emit: inout Emitter) {
    let base = options.skip + (sniffed.declares ? 2 : 1)
    let search = sniffed.layout.search
    let rows = sniffed.layout.rows.prefix(max(header.row - (sniffed.declares ? 1 : 0) - 1, 0))
    let passed = rows.indices.filter { !rows[$0].isBlank }
    guard !passed.isEmpty else { return }
    emit.passOver(passed.count)
    TableDoubt.tellPassed(
      CSVFault.csvPassedOver, passed.map { ($0 + base, rows[$0].filled == 1 || rows[$0].isMarked) },
      areJoined: options.headerRow == nil && GroupNames(search) != nil ? prefixes(search) != nil : nil,
      Position(file: file), &emit)
  }

  static func name(_ delimiter: UInt8) -> String {
    switch delimiter {
    case 0x2C: "comma"
    case 0x09: "tab"
    case 0x3B: "semicolon"
    case 0x7C: "pipe"
    case let other: other > 0x20 && other < 0x7F ? "'\(Unicode.Scalar(other))'" : "byte \(other)"
    }
  }

  /// What was found out about quotes, where it is not the usual.
  private func quoting(_ dialect: CSVDialect) -> String {
    (dialect.escape != options.dialect.escape ? ", quotes behind backslashes" : "")
      + (dialect.quote != options.dialect.quote ? ", apostrophes as quotes" : "")
      + (dialect.hasSpacedQuotes ? ", spaces in front of quotes" : "")
  }
}
