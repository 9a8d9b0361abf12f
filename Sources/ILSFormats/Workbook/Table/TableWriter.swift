import ILSRecord

/// Cells of one sheet, row by row, as records: finds the header, names the columns, and writes what follows.
///
/// A reader calls `beginRow`, then for each cell that holds something `open`, writes one JSON value into `emit.output`,
/// and then `endRow`. The first rows are kept back until the header is known; after that a value is written
/// once, where it stays.
struct TableWriter: ~Copyable {
  /// One value of the present row: its column and where it stands in the output.
  struct Mark {
    var column: Int32
    var start: Int
    var end: Int
  }

  let options: WorkbookOptions
  /// For positions in messages.
  let file: String?
  let sheet: String
  /// Members between `_row` and the first column, each behind a comma.
  private let lead: [UInt8]

  var sample = TableSample()
  private(set) var columns = TableColumns()
  /// True until the header is known.
  private(set) var isSampling = true
  var marks: RowMarks
  var merges: MergedCells?

  private(set) var row = 0
  private(set) var recordStart = 0
  private var lastColumn = -1
  private var nextSlot = 0
  private var isDisordered = false
  private var isSkipped = false
  private var scratch = OutputBuffer()
  /// What each column's cells have been, for `ColumnSuspicions`.
  let traits = ColumnTraits()
  let totalsStarts = OddStarts(TotalsRow.starts, delimiter: UInt8(ascii: "\""))
  var seen = SheetMarks()
  var asksToCalculate = false
  /// Texts that were formulas of a text.
  var formulas = 0
  /// Formulas, those of them that have a result, and those whose result is 0.
  var results = (all: 0, real: 0, zero: 0)
  /// Whether any cell held anything.
  private(set) var hasData = false
  private(set) var hiddenRows = 0
  private var rowIsHidden = false
  private var records = 0
  private var loneRows = LoneRows()
  var blankStarts = BlankStarts()
  /// Why the sheet cannot be read as it is: nothing decides which row holds the names.
  private(set) var doubt: StopError?
  /// The row of names; 0 where there is none.
  private var headerNumber = 0
  /// What a record behind its `_row` would be if it held the names again.
  private(set) var namesAgain = OutputBuffer()
  /// Where the present record's first field starts.
  private(set) var bodyStart = 0

  init(_ options: WorkbookOptions, file: String?, sheet: String, lead: [UInt8]) {
    self.options = options
    self.file = file
    self.sheet = sheet
    self.lead = lead
    marks = RowMarks()
  }

  var position: Position { Position(file: file, sheet: sheet, row: row) }

  /// The names of the columns, as records have them in the end.
  var names: [String] { options.mendsMojibake ? columns.names.map(MojibakeMender.mended) : columns.names }

  /// Starts row `number` (from 1). - Returns: false where nothing of it is read.
  @inline(__always)
  mutating func beginRow(_ number: Int, isHidden: Bool, emit: inout Emitter) -> Bool {
    if merges != nil { fillRows(upTo: number, emit: &emit) }
    row = number
    rowIsHidden = isHidden
    recordStart = emit.output.count
    lastColumn = -1
    nextSlot = 0
    isDisordered = false
    marks.count = 0
    isSkipped =
      number < firstRow || (options.range.map { !$0.rows.contains(number) } ?? false)
      || doubt != nil
    if !isSkipped, !collects { startRecord(emit: &emit) }
    return !isSkipped
  }

  /// Changes nothing: what takes `self` without `inout`, a cell at a time, copies all of it each time (Swift 6.3.1).
  /// - Throws: `workbook.row_limit` where the present row has grown beyond what a person's has.
  @inline(__always)
  mutating func checkSize(_ emit: borrowing Emitter) throws(StopError) {
    if emit.output.count &- recordStart > Self.rowLimit { throw rowLimitFault }
  }

  private static var rowLimit: Int { 16 << 20 }

  private var rowLimitFault: StopError {
    StopError(
      .dataError, WorkbookFault.workbookRowLimit, "the row holds more than \(Self.rowLimit >> 20) MiB of values",
      at: position)
  }

  /// Rows above a header that was named are not read.
  private var firstRow: Int { options.headerRow ?? 0 }

  /// Values are gathered first and placed at the end of the row.
  private var collects: Bool { isSampling || merges != nil }

  private mutating func startRecord(emit: inout Emitter) {
    recordStart = emit.output.count
    emit.output.append("{\"_row\":" as StaticString)
    emit.output.append(decimal: row)
    if !lead.isEmpty { emit.output.append(lead) }
    bodyStart = emit.output.count
  }

  /// Makes ready for the value of `column` (from 0), which the caller writes into `emit.output` next.
  /// - Returns: false where the cell is not read; the caller writes nothing then.
  @inline(__always)
  mutating func open(_ column: Int, emit: inout Emitter) -> Bool {
    if let range = options.range, !range.columns.contains(column) { return false }
    if column <= lastColumn { isDisordered = true }
    lastColumn = column
    if !collects, !isDisordered { writePrefix(column, emit: &emit) }
    return marks.begin(column, at: emit.output.count)
  }

  /// Ends the value that `open` made ready for.
  @inline(__always)
  mutating func close(emit: inout Emitter) { marks.end(at: emit.output.count) }

  /// The state in front of `open`, so that all that it did can be taken back.
  struct Rest {
    fileprivate var count: Int
    fileprivate var lastColumn: Int
    fileprivate var nextSlot: Int
    fileprivate var isDisordered: Bool
    fileprivate var length: Int
  }

  @inline(__always)
  mutating func mark(_ emit: borrowing Emitter) -> Rest {
    Rest(
      count: marks.count, lastColumn: lastColumn, nextSlot: nextSlot, isDisordered: isDisordered,
      length: emit.output.count)
  }

  @inline(__always)
  mutating func restore(_ rest: Rest, emit: inout Emitter) {
    (marks.count, lastColumn, nextSlot, isDisordered) = (rest.count, rest.lastColumn, rest.nextSlot, rest.isDisordered)
    emit.output.truncate(to: rest.length)
  }

  /// Takes back the value that `open` made ready for: the cell holds nothing.
  mutating func drop(emit: inout Emitter) {
    emit.output.truncate(to: marks.last.start)
    if collects || isDisordered {
      marks.count -= 1
      return
    }
    emit.output.append("null" as StaticString)
    marks.end(at: emit.output.count)
    marks.dropped += 1
  }

  @inline(__always)
  private mutating func writePrefix(_ column: Int, emit: inout Emitter) {
    while nextSlot < columns.count, columns.column(nextSlot) < column {
      emit.output.append(padded: columns.null(nextSlot))
      nextSlot += 1
    }
    if nextSlot < columns.count, columns.column(nextSlot) == column {
      emit.output.append(padded: columns.prefix(nextSlot))
      nextSlot += 1
    } else {
      writeExtra(column, emit: &emit)
    }
  }

  /// A cell in a column that neither the header nor the rows below it had.
  @inline(never)
  private func writeExtra(_ column: Int, emit: inout Emitter) {
    let name = columns.extraName(column)
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookExtraCell, "column \(CellRange.columnName(column)) has a value and no name",
        field: name,
        at: position))
    emit.output.append("," as StaticString)
    emit.output.appendJSONString(name)
    emit.output.append(":" as StaticString)
  }

  @inline(__always)
  mutating func endRow(emit: inout Emitter) {
    if isSkipped { return }
    if collects || isDisordered {
      endCollectedRow(emit: &emit)
      return
    }
    if marks.count == marks.dropped {
      emit.output.truncate(to: recordStart)
      marks.dropped = 0
      return
    }
    finishRecord(emit: &emit)
  }

  @inline(__always)
  private mutating func finishRecord(emit: inout Emitter) {
    records &+= 1
    if marks.count &- marks.dropped == 1, columns.count > 2 {
      loneRows.add(row)
    } else if Int(marks.storage.pointee.column) != columns.firstColumn || marks.dropped > 0 {
      noteBlankStart(emit)
    }
    marks.dropped = 0
    if rowIsHidden { hiddenRows += 1 }
    while nextSlot < columns.count {
      emit.output.append(padded: columns.null(nextSlot))
      nextSlot += 1
    }
    emit.output.append(UInt8(ascii: "}"))
    if isOdd(emit), tellOdd(emit: &emit) { return }
    emit.endRecord()
  }

  /// Counts a row whose first cell is empty.
  @inline(never)
  private mutating func noteBlankStart(_ emit: borrowing Emitter) {
    guard columns.count > 1 else { return }
    var at = 0
    // What was taken back stands as null.
    while marks.dropped > 0, at < marks.count, isNull(marks.storage[at], emit) { at += 1 }
    guard at < marks.count, Int(marks.storage[at].column) != columns.firstColumn else { return }
    blankStarts.add(row, isDeep: Int(marks.storage[at].column) != columns.column(1))
  }

  private func isNull(_ mark: Mark, _ emit: borrowing Emitter) -> Bool {
    emit.output.bytes[mark.start..<mark.end].elementsEqual("null".utf8)
  }

  /// Sorts the values of a row that came in disorder, adds those of merged cells, and places them.
  private mutating func endCollectedRow(emit: inout Emitter) {
    marks.dropped = 0
    if isDisordered, let twice = marks.sort() { tellTwice(twice, emit: &emit) }
    let from = marks.count > 0 ? marks.storage[0].start : emit.output.count
    let base = min(from, recordStart)
    scratch.removeAll()
    scratch.append(UnsafeRawBufferPointer(rebasing: emit.output.bytes[base...]))
    emit.output.truncate(to: recordStart)
    for index in 0..<marks.count {
      marks.storage[index].start -= base
      marks.storage[index].end -= base
    }
    // The names are looked for in what the sheet holds: a title that is merged over the table would fill its row.
    if !isSampling { merges?.fill(row, &marks, &scratch) }
    guard marks.count > 0 else { return }
    hasData = true
    if isSampling {
      sample.append(row, isHidden: rowIsHidden, marks, scratch.bytes)
      if sample.isFull { decide(emit: &emit) }
    } else {
      write(emit: &emit)
    }
  }

  /// Writes the row whose values are in `scratch`.
  private mutating func write(emit: inout Emitter) {
    nextSlot = 0
    startRecord(emit: &emit)
    for index in 0..<marks.count {
      let mark = marks.storage[index]
      writePrefix(Int(mark.column), emit: &emit)
      emit.output.append(UnsafeRawBufferPointer(rebasing: scratch.bytes[mark.start..<mark.end]))
    }
    finishRecord(emit: &emit)
  }

  private func tellTwice(_ column: Int, emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookCellTwice,
        "column \(CellRange.columnName(column)) has two cells in this row: the later one is taken",
        at: position))
  }

  /// Says that row `number` stands behind larger ones.
  func tellOrder(_ number: Int, emit: inout Emitter) {
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookRowOrder,
        "the row stands behind rows of larger numbers: a row may be in the sheet twice",
        at: Position(file: file, sheet: sheet, row: number)))
  }

  /// Rows that the sheet leaves out and that a merged range covers.
  private mutating func fillRows(upTo number: Int, emit: inout Emitter) {
    guard let wanted = merges?.rows(after: row, before: number) else { return }
    for missing in wanted where missing >= firstRow && (options.range?.rows.contains(missing) ?? true) {
      row = missing
      rowIsHidden = false
      recordStart = emit.output.count
      marks.count = 0
      endCollectedRow(emit: &emit)
    }
  }

  /// Ends the sheet.
  mutating func finish(emit: inout Emitter) {
    if isSampling, hasData { decide(emit: &emit) }
    if merges != nil { fillRows(upTo: CellRange.lastRow + 1, emit: &emit) }
    if merges?.isCut == true {
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookMergeLimit,
          "some merged ranges are too large to be filled: they hold their first value alone",
          at: Position(file: file, sheet: sheet)))
    }
    if hiddenRows > 0 {
      emit.tell(
        Diagnostic(
          .info, WorkbookFault.workbookHiddenRows,
          "\(hiddenRows) hidden \(hiddenRows == 1 ? "row was" : "rows were") read like the others",
          at: Position(file: file, sheet: sheet)))
    }
    tellFormulas(emit: &emit)
    FullTable.tell(lastRow: row, Position(file: file, sheet: sheet), &emit)
    seen.tell(columns, below: headerNumber, Position(file: file, sheet: sheet), &emit)
    loneRows.tell(WorkbookFault.workbookLoneCell, of: records, Position(file: file, sheet: sheet), &emit)
    blankStarts.tell(of: records, columns.names, Position(file: file, sheet: sheet), &emit)
    ColumnSuspicions.tell(columns, traits, asDisplayed: options.asDisplayed, Position(file: file, sheet: sheet), &emit)
  }

  /// Finds the header in the sample, and writes the rows below it.
  private mutating func decide(emit: inout Emitter) {
    isSampling = false
    let search = sample.search()
    var header = options.headerRow.map { sample.header($0) } ?? sample.position(search.header, in: search)
    if options.headerRow == nil {
      let place = Position(file: file, sheet: sheet)
      let numbers = search.rows.indices.map { sample.rows[sample.position($0, in: search)].number }
      let number: (Int) -> Int = { numbers[$0] }
      let isNumbered = search.likeness == .record && !search.isUnsure
      emit.note(TableDoubt.decision(search, row: number, isNumbered: isNumbered, place))
      if isNumbered {
        // A sheet of many need not stop the others: no row of it is lost when columns are numbered.
        header = nil
        TableDoubt.tellNumbered(row: number(search.header), place, &emit)
      } else {
        doubt = TableDoubt.about(search, row: number, place)
        if doubt != nil { return }
      }
    }
    if let header { fillNames(upTo: header) }
    headerNumber = header.map { sample.rows[$0].number } ?? 0
    columns = TableColumns(sample, header: header, groups: prefixes(search), options)
    emit.noteHeader(names)
    tell(header, search, emit: &emit)
    if let header { columns.write(sample, sample.rows[header], to: &namesAgain) }
    tellSecondTable(below: header, emit: &emit)
    tellMixedDates(below: header, emit: &emit)
    tellStandIns(below: header, emit: &emit)
    if options.headerRow == nil, header != nil { tellBeside(search, emit: &emit) }
    var last = 0
    for (index, kept) in sample.rows.enumerated() {
      let isData = index > header ?? -1
      if isData { writeCovered(after: last, before: kept.number, emit: &emit) }
      row = kept.number
      rowIsHidden = kept.isHidden
      sample.restore(kept, &marks, &scratch)
      merges?.fill(row, &marks, &scratch)
      if isData { write(emit: &emit) }
      last = row
    }
    row = max(row, last)
    sample = TableSample()
  }

  /// Fills merged cells in the row of names, with a copy of the ranges: the rows themselves are filled as they are written.
  private mutating func fillNames(upTo header: Int) {
    guard var merges else { return }
    for index in 0...header {
      sample.restore(sample.rows[index], &marks, &scratch)
      merges.fill(sample.rows[index].number, &marks, &scratch)
    }
    sample.replace(header, marks, scratch.bytes)
  }

  /// Writes rows that the sheet leaves out and that a merged range covers.
  private mutating func writeCovered(after last: Int, before number: Int, emit: inout Emitter) {
    guard last > 0, let covered = merges?.rows(after: last, before: number) else { return }
    for missing in covered where missing >= firstRow && (options.range?.rows.contains(missing) ?? true) {
      row = missing
      rowIsHidden = false
      marks.count = 0
      scratch.removeAll()
      merges?.fill(missing, &marks, &scratch)
      if marks.count > 0 { write(emit: &emit) }
    }
  }

  /// Says where names of another table seem to stand below an empty row.
  private func tellSecondTable(below header: Int?, emit: inout Emitter) {
    guard let header else { return }
    let names = Set(columns.names.map { $0.lowercased() })
    for index in sample.rows.indices.dropFirst(header + 2) {
      let kept = sample.rows[index]
      guard kept.number > sample.rows[index - 1].number + 1 else { continue }
      let behind = kept.cells.count == 1 && index + 1 < sample.rows.count ? [index, index + 1] : [index]
      guard let found = behind.first(where: { startsTable($0, below: names) }) else { continue }
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookSecondTable,
          "stands below an empty row and looks like the names of another table; it and what follows are read under the first one's names (--range reads a part of a sheet)",
          at: Position(file: file, sheet: sheet, row: sample.rows[found].number)))
    }
  }

  private func startsTable(_ index: Int, below names: Set<String>) -> Bool {
    SampleRow(sample.cells[sample.rows[index].cells].map { Array(sample.name($0).utf8) }).startsTable(below: names)
  }

  /// Says where another table seems to stand beside the first.
  private func tellBeside(_ search: HeaderSearch, emit: inout Emitter) {
    let columns = sample.columns
    // Columns without a cell are no slots of a search.
    let starts = columns.indices.filter { $0 == 0 || columns[$0] > columns[$0 - 1] + 1 }
    let blocks = zip(starts, starts.dropFirst() + [columns.count]).map { $0..<$1 }
    guard let second = SideBySide.second(search.rows[search.header...], blocks) else { return }
    let name = CellRange.columnName(columns[second.lowerBound])
    SideBySide.tell(
      name, "--range reads one of them, such as \(name):\(CellRange.columnName(columns[second.upperBound - 1]))",
      Position(file: file, sheet: sheet), &emit)
  }

  /// Says how many cells below the names are empty because others are merged over them.
  func tellMerges(_ ranges: [CellRange], emit: inout Emitter) {
    guard merges == nil, hasData else { return }
    let below = ranges.filter {
      $0.rows.upperBound > max(headerNumber, firstRow) && $0.rows.count * $0.columns.count > 1
    }
    guard let first = below.min(by: { $0.rows.lowerBound < $1.rows.lowerBound }) else { return }
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookMerged,
        "\(below.count) merged \(below.count == 1 ? "range" : "ranges") below the names, the first \(first.name): a value stands in the first cell of each, and the others are null; --fill-merged fills them",
        at: Position(file: file, sheet: sheet, row: first.rows.lowerBound)))
  }

  /// What goes in front of the names; nil where an option says where those are.
  private func prefixes(_ search: HeaderSearch) -> [[UInt8]]? {
    options.headerRow == nil ? GroupNames(search)?.prefixes(isAsked: options.joinsGroups) : nil
  }

  private func tell(_ header: Int?, _ search: HeaderSearch, emit: inout Emitter) {
    let number = header.map { sample.rows[$0].number }
    let isFound = options.headerRow == nil
    let why = isFound && !search.evidence.isEmpty ? " (\(search.evidence.joined(separator: "; ")))" : ""
    let place = Position(file: file, sheet: sheet, row: number)
    emit.tell(
      Diagnostic(
        .info, WorkbookFault.workbookTable,
        "\(columns.count) columns" + (number.map { ", their names in row \($0)" + why } ?? ", without names"),
        at: place))
    for note in columns.notes {
      emit.tell(Diagnostic(.warning, WorkbookFault.workbookHeader, note, at: place))
    }
    if isFound { tellDoubts(search, place, emit: &emit) }
    if options.joinsGroups, prefixes(search) == nil {
      TableDoubt.tellNoGroups(WorkbookFault.workbookHeader, place, &emit)
    }
    let above = sample.rows[..<(header ?? 0)]
    guard !above.isEmpty else { return }
    emit.passOver(above.count)
    TableDoubt.tellPassed(
      WorkbookFault.workbookPassedOver, above.map { ($0.number, $0.cells.count == 1) },
      areJoined: isFound && GroupNames(search) != nil ? prefixes(search) != nil : nil,
      Position(file: file, sheet: sheet), &emit)
  }
}
