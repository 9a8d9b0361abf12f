import ILSRecord

/// One sheet of an OpenDocument spreadsheet, written into a table.
final class ODSSheet {
  private(set) var rows: ODSRows
  private let styles: ODSStyles
  private var row = ODSRow()
  private var isPending = false
  /// Cells that are written because others repeat them.
  private var repeated = 0

  /// More than these are no table that a person made.
  private static var repeatLimit: Int { 1 << 24 }

  init(_ rows: ODSRows, _ styles: ODSStyles) { (self.rows, self.styles) = (rows, styles) }

  var position: Int { rows.position }
  var merges: [CellRange] { rows.merges }

  /// Reads rows into `table` until its output holds `limit` bytes.
  /// - Returns: false at the end of the sheet.
  func read(into table: inout TableWriter, until limit: Int, emit: inout Emitter) throws(StopError) -> Bool {
    var hasWritten = false
    while true {
      if !isPending {
        guard try rows.read(into: &row) else {
          noteMarks(&table, &emit)
          return false
        }
        try checkRepeats()
        isPending = true
      }
      while row.written < row.count {
        if hasWritten, emit.output.count >= limit || emit.hasNews { return true }
        hasWritten = true
        try write(&table, &emit)
      }
      isPending = false
    }
  }

  /// Refuses a row before any of it is written.
  private func checkRepeats() throws(StopError) {
    repeated += row.cells.reduce(0) { $0 + $1.count } * row.count - row.cells.count
    guard repeated > Self.repeatLimit else { return }
    throw StopError(
      .dataError, WorkbookFileFault.zipBomb,
      "the sheet repeats more than \(Self.repeatLimit >> 20) million cells that hold something: refused as a bomb",
      at: Position(row: row.number))
  }

  private func write(_ table: inout TableWriter, _ emit: inout Emitter) throws(StopError) {
    let number = row.number + row.written
    row.written += 1
    guard table.beginRow(number, isHidden: row.isHidden, emit: &emit) else { return }
    for cell in row.cells {
      for column in cell.column..<cell.column + cell.count {
        put(cell, column, &table, &emit)
        try table.checkSize(emit)
      }
    }
    table.endRow(emit: &emit)
  }

  private func put(_ cell: ODSRow.Cell, _ column: Int, _ table: inout TableWriter, _ emit: inout Emitter) {
    let value = row.value(cell)
    switch cell.kind {
    case .none: return table.tellNoResult(column, emit: &emit)
    case .number:
      table.put(number: value, column, cell.style, styles.table, emit: &emit)
      if cell.isWorded { table.traits.add(ColumnTraits.worded, column) }
    case .percentage: table.put(number: value, column, styles.percent, styles.table, emit: &emit)
    case .text: table.put(json: value, column, emit: &emit)
    case .boolean: putFlag(value, column, &table, &emit)
    case .error: table.put(error: CellError.name(ODSSheet.inside(value)), column, emit: &emit)
    case .day: putDay(value, cell, column, &table, &emit)
    }
    if cell.isFormula { table.noteFormula(column, isError: cell.kind == .error, emit) }
    let mark = styles.table.mark(cell.style)
    if !mark.isEmpty { table.seen.note(mark, row.number + row.written - 1) }
  }

  private static func inside(_ json: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    json.count < 2 ? json : UnsafeRawBufferPointer(rebasing: json[1..<(json.count - 1)])
  }

  private func putFlag(
    _ value: UnsafeRawBufferPointer, _ column: Int, _ table: inout TableWriter, _ emit: inout Emitter
  ) {
    if value.elementsEqual("true".utf8) || value.elementsEqual("false".utf8) {
      table.put(value.count == 4, column, emit: &emit)
    } else {
      table.putUnreadable(value, column, emit: &emit)
    }
  }

  /// A day, a day and time, or a time; what is none stays as it is written, and is told.
  private func putDay(
    _ value: UnsafeRawBufferPointer, _ cell: ODSRow.Cell, _ column: Int, _ table: inout TableWriter,
    _ emit: inout Emitter
  ) {
    guard table.open(column, emit: &emit) else { return }
    emit.output.append(UInt8(ascii: "\""))
    let showsTime = styles.table.effect(cell.style) == .dateTime
    let isRead = ODSMoment.append(value, withTime: showsTime, to: &emit.output)
    if !isRead { XMLText.append(value, to: &emit.output, undoesEscapes: false) }
    emit.output.append(UInt8(ascii: "\""))
    table.close(emit: &emit)
    if value.first != UInt8(ascii: "P") { table.traits.add(ColumnTraits.date, column) }
    if !isRead { table.tellNoDay(column, emit: &emit) }
  }

  /// What people see of the sheet and records do not have.
  private func noteMarks(_ table: inout TableWriter, _ emit: inout Emitter) {
    for columns in rows.hiddenColumns { table.seen.hide(columns) }
    table.seen.comments = rows.comments
    for (row, count) in rows.buried { table.seen.note(.unseen, row, count: count) }
    for (column, names) in rows.currencies.sorted(by: { $0.key < $1.key }) where names.count > 1 {
      table.tellCurrencies(names.sorted(), column, emit: &emit)
    }
  }
}

/// What is found out about a sheet before its rows are written.
struct ODSSurvey {
  private(set) var merges: [CellRange] = []
  /// The cells that hold something.
  private(set) var extent: CellRange?

  init(_ rows: ODSRows) throws(StopError) {
    var rows = rows
    var row = ODSRow()
    while try rows.read(into: &row) {
      guard let first = row.cells.first, let last = row.cells.last else { continue }
      let (bottom, right) = (row.number + row.count - 1, last.column + last.count - 1)
      let known = extent ?? CellRange(rows: row.number...bottom, columns: first.column...right)
      extent = CellRange(
        rows: known.rows.lowerBound...max(known.rows.upperBound, bottom),
        columns: min(known.columns.lowerBound, first.column)...max(known.columns.upperBound, right))
    }
    merges = rows.merges
  }
}
