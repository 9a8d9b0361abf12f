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

  private var row = 0
  private var recordStart = 0
  private var lastColumn = -1
  private var nextSlot = 0
  private var isDisordered = false
  private var isSkipped = false
  private var scratch = OutputBuffer()
  /// What each column's cells have been, for `ColumnSuspicions`.
  let traits = ColumnTraits()
  /// Whether any cell held anything.
  private(set) var hasData = false
  private(set) var hiddenRows = 0
  private var rowIsHidden = false
  /// Why the sheet cannot be read as it is: nothing decides which row holds the names.
  private(set) var doubt: StopError?

  init(_ options: WorkbookOptions, file: String?, sheet: String, lead: [UInt8]) {
    self.options = options
    self.file = file
    self.sheet = sheet
    self.lead = lead
    marks = RowMarks()
  }

  var position: Position { Position(file: file, sheet: sheet, row: row) }

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
    isSkipped = number < firstRow || (options.range.map { !$0.rows.contains(number) } ?? false)
      || doubt != nil
    if !isSkipped, !collects { startRecord(emit: &emit) }
    return !isSkipped
  }

  /// - Throws: `workbook.row_limit` where the present row has grown beyond what a person's has.
  @inline(__always)
  func checkSize(_ emit: borrowing Emitter) throws(StopError) {
    if emit.output.count &- recordStart > Self.rowLimit { throw rowLimitFault }
  }

  private static var rowLimit: Int { 16 << 20 }

  private var rowLimitFault: StopError {
    StopError(
      .dataError, code: "workbook.row_limit", "the row holds more than \(Self.rowLimit >> 20) MiB of values",
      at: position)
  }

  /// Rows above a header that was named are not read.
  private var firstRow: Int { options.headerRow ?? 0 }

  /// Values are gathered first and placed at the end of the row.
  private var collects: Bool { isSampling || merges != nil }

  private func startRecord(emit: inout Emitter) {
    emit.output.append("{\"_row\":" as StaticString)
    emit.output.append(decimal: row)
    if !lead.isEmpty { emit.output.append(lead) }
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
  func mark(_ emit: borrowing Emitter) -> Rest {
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
    emit.output.truncate(to: marks.lastStart)
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
        .warning, code: "workbook.extra_cell", "column \(CellRange.columnName(column)) has a value and no name",
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
    marks.dropped = 0
    if rowIsHidden { hiddenRows += 1 }
    while nextSlot < columns.count {
      emit.output.append(padded: columns.null(nextSlot))
      nextSlot += 1
    }
    emit.output.append(UInt8(ascii: "}"))
    emit.endRecord()
  }

  /// Sorts the values of a row that came in disorder, adds those of merged cells, and places them.
  private mutating func endCollectedRow(emit: inout Emitter) {
    marks.dropped = 0
    if isDisordered { marks.sort() }
    let from = marks.count > 0 ? marks.storage[0].start : emit.output.count
    let base = min(from, recordStart)
    scratch.removeAll()
    scratch.append(UnsafeRawBufferPointer(rebasing: emit.output.bytes[base...]))
    emit.output.truncate(to: recordStart)
    for index in 0..<marks.count {
      marks.storage[index].start -= base
      marks.storage[index].end -= base
    }
    merges?.fill(row, &marks, &scratch)
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
    if merges != nil { fillRows(upTo: CellRange.lastRow + 1, emit: &emit) }
    if isSampling, hasData { decide(emit: &emit) }
    if merges?.isCut == true {
      emit.tell(
        Diagnostic(
          .warning, code: "workbook.merge_limit",
          "some merged ranges are too large to be filled: they hold their first value alone",
          at: Position(file: file, sheet: sheet)))
    }
    if hiddenRows > 0 {
      emit.tell(
        Diagnostic(
          .info, code: "workbook.hidden_rows", "\(hiddenRows) hidden rows were read like the others",
          at: Position(file: file, sheet: sheet)))
    }
    ColumnSuspicions.tell(columns, traits, asDisplayed: options.asDisplayed, Position(file: file, sheet: sheet), &emit)
  }

  /// Finds the header in the sample, and writes the rows below it.
  private mutating func decide(emit: inout Emitter) {
    isSampling = false
    let search = sample.search()
    let header = options.headerRow.map { sample.header($0) } ?? sample.position(search.header, in: search)
    if options.headerRow == nil {
      doubt = TableDoubt.about(
        search, row: { sample.rows[sample.position($0, in: search)].number }, Position(file: file, sheet: sheet))
      if doubt != nil { return }
    }
    let groups = options.joinsGroups && options.headerRow == nil ? search.groups : nil
    columns = TableColumns(sample, header: header, groups: groups, options)
    emit.noteHeader(columns.names)
    tell(header, search, emit: &emit)
    for index in (header.map { $0 + 1 } ?? 0)..<sample.rows.count {
      let kept = sample.rows[index]
      row = kept.number
      rowIsHidden = kept.isHidden
      sample.restore(kept, &marks, &scratch)
      write(emit: &emit)
    }
    sample = TableSample()
  }

  private func tell(_ header: Int?, _ search: HeaderSearch, emit: inout Emitter) {
    let number = header.map { sample.rows[$0].number }
    let isFound = options.headerRow == nil
    let why = isFound && !search.evidence.isEmpty ? " (\(search.evidence.joined(separator: "; ")))" : ""
    let place = Position(file: file, sheet: sheet, row: number)
    emit.tell(
      Diagnostic(
        .info, code: "workbook.table",
        "\(columns.count) columns" + (number.map { ", their names in row \($0)" + why } ?? ", without names"),
        at: place))
    for note in columns.notes {
      emit.tell(Diagnostic(.warning, code: "workbook.header", note, at: place))
    }
    if isFound { TableDoubt.tellLikeness(search, place, &emit) }
    let above = sample.rows[..<(header ?? 0)]
    guard !above.isEmpty else { return }
    emit.passOver(above.count)
    TableDoubt.tellPassed(
      "workbook", above.map { ($0.number, $0.cells.count == 1) }, hasGroups: isFound && search.groups != nil,
      joins: options.joinsGroups, Position(file: file, sheet: sheet), &emit)
  }
}

/// Where the values of one row stand.
struct RowMarks: ~Copyable {
  let storage: UnsafeMutablePointer<TableWriter.Mark>
  var count = 0
  /// Values that were taken back.
  var dropped = 0
  /// More cells than a row has columns: a hostile file's repetitions.
  private static var capacity: Int { 16_384 * 2 }

  init() { storage = .allocate(capacity: Self.capacity) }
  deinit { storage.deallocate() }

  var lastStart: Int { storage[count - 1].start }

  @inline(__always)
  mutating func begin(_ column: Int, at offset: Int) -> Bool {
    guard count < Self.capacity else { return false }
    storage[count] = TableWriter.Mark(column: Int32(truncatingIfNeeded: column), start: offset, end: offset)
    count += 1
    return true
  }

  @inline(__always)
  mutating func end(at offset: Int) { storage[count - 1].end = offset }

  /// By column; of two values for one column the later stays.
  mutating func sort() {
    let marks = UnsafeMutableBufferPointer(start: storage, count: count)
    let sorted = marks.enumerated().sorted { ($0.element.column, $0.offset) < ($1.element.column, $1.offset) }
    var kept = 0
    for (_, mark) in sorted {
      if kept > 0, storage[kept - 1].column == mark.column { kept -= 1 }
      storage[kept] = mark
      kept += 1
    }
    count = kept
  }
}
