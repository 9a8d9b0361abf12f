import ILSRecord

// What is odd about a table, and rows that are no data: the names again, and lines of totals.

extension TableWriter {
  /// Whether the record that was just written may be none of data.
  @inline(__always)
  mutating func isOdd(_ emit: borrowing Emitter) -> Bool {
    let length = emit.output.count &- bodyStart
    return length == namesAgain.count || mayBeTotals(emit.output.bytes, length)
  }

  /// Whether the first value of the record that was just written may be a word of totals.
  @inline(__always)
  private func mayBeTotals(_ written: UnsafeRawBufferPointer, _ length: Int) -> Bool {
    guard length > columns.firstValue &+ 8, let base = written.baseAddress else { return false }
    let value = base + (bodyStart &+ columns.firstValue)
    let lead = value.load(as: UInt8.self)
    if lead == UInt8(ascii: "\"") { return totalsStarts.mayBegin(value) }
    return lead == UInt8(ascii: "n") && mayBeTotalsBehindBlanks(written)
  }

  /// The same where the first cells are empty.
  @inline(never)
  private func mayBeTotalsBehindBlanks(_ written: UnsafeRawBufferPointer) -> Bool {
    var at = bodyStart
    for slot in 0..<min(columns.count, TotalsRow.reach + 1) {
      at += columns.prefix(slot).count
      if written[at] == UInt8(ascii: "\"") { return totalsStarts.mayBegin(written.baseAddress! + at) }
      guard written[at] == UInt8(ascii: "n") else { return false }
      at += 4
    }
    return false
  }

  /// Says what the record is if it is none of data. - Returns: true where it was left out, and is taken back.
  @inline(never)
  mutating func tellOdd(emit: inout Emitter) -> Bool {
    let body = UnsafeRawBufferPointer(rebasing: emit.output.bytes[bodyStart...])
    let fault: WorkbookFault
    let reason: String
    let option: CSVOptions.LeftOut
    if body.count == namesAgain.count, body.elementsEqual(namesAgain.bytes) {
      (fault, reason, option) = (.workbookHeaderAgain, "the names of the columns again", .headers)
    } else if mayBeTotals(emit.output.bytes, body.count), TotalsRow.isOne(cells(body)) {
      (fault, reason, option) = (.workbookTotals, "sums up other rows", .totals)
    } else {
      return false
    }
    blankStarts.drop(row)
    let isLeftOut = options.leftOut.contains(option)
    emit.tell(
      Diagnostic(
        isLeftOut ? .info : .warning, fault,
        isLeftOut
          ? "passed over: \(reason)"
          : "\(reason); kept as a record: --leave-out \(option == .headers ? "headers" : "totals") leaves it out",
        at: position))
    guard isLeftOut else { return false }
    emit.output.truncate(to: recordStart)
    emit.passOver(1)
    return true
  }

  /// The cells of the record whose fields are `body`.
  private func cells(_ body: UnsafeRawBufferPointer) -> [[UInt8]] {
    let fields = (try? JSONValue(parsing: [UInt8(ascii: "{")] + body.dropFirst()))?.members ?? []
    return fields.map { field in
      switch field.value {
      case .string(let text): Array(text.utf8)
      case .number(let text): Array(text.utf8)
      default: []
      }
    }
  }

  /// Says how many texts were formulas of a text, and where no formula seems to have been worked out.
  func tellFormulas(emit: inout Emitter) {
    let place = Position(file: file, sheet: sheet)
    if formulas > 0 { TextFormula.tell(formulas, WorkbookFault.workbookFormula, place, &emit) }
    guard results.all > 0, results.real == 0, results.zero == 0 || asksToCalculate else { return }
    emit.tell(
      Diagnostic(
        .warning, WorkbookFault.workbookFormula,
        "none of \(results.all) \(results.all == 1 ? "formula" : "formulas") has a result other than 0 or nothing: if they were never worked out, open the workbook and save it again",
        at: place))
  }

  /// Says where dates stand beside other values, or under a name of something else: what Excel does not understand stays text,
  /// and what looks like a date becomes one.
  func tellMixedDates(below header: Int?, emit: inout Emitter) {
    var others: [Int: (dates: Int, values: Int)] = [:]
    for slot in 0..<columns.count where traits[columns.column(slot)] & ColumnTraits.date != 0 {
      others[columns.column(slot)] = (0, 0)
    }
    for row in sample.rows[((header ?? -1) + 1)...] {
      for cell in sample.cells[row.cells] where others[cell.column] != nil {
        let text = Array(sample.name(cell).utf8)
        let kind = CellKind(text)
        // A date that was read starts with its year.
        if kind == .empty || kind == .date && text.prefix(4).allSatisfy({ $0 &- 0x30 <= 9 }) { continue }
        if kind == .date { others[cell.column]?.dates += 1 } else { others[cell.column]?.values += 1 }
      }
    }
    for (column, count) in others.sorted(by: { $0.key < $1.key }) {
      guard let reason = mixture(count, columns.name(ofColumn: column)) else { continue }
      emit.tell(
        Diagnostic(
          .warning, WorkbookFault.workbookMixedDates, reason, field: columns.name(ofColumn: column),
          at: Position(file: file, sheet: sheet)))
    }
  }

  private func mixture(_ others: (dates: Int, values: Int), _ name: String) -> String? {
    if others.dates > 0 {
      return
        "text that looks like dates (\(others.dates) in the first rows) stands beside dates: where Excel did not understand the text, it may have taken the day for the month in the others"
    }
    let isStrange = ColumnMeaning.isKey(name) || ColumnMeaning.isAcuity(name)
    guard isStrange || others.values > 0 && !ColumnMeaning.isDate(name) else { return nil }
    return "dates stand where \(isStrange ? "none should" : "other values do"): Excel makes one of 6/9, 3-1 or MAR1"
  }

  /// Says where the first rows hold what stands for no value.
  func tellStandIns(below header: Int?, emit: inout Emitter) {
    var cells: [Int: [[UInt8]]] = [:]
    for row in sample.rows[((header ?? -1) + 1)...] {
      for cell in sample.cells[row.cells] {
        let text = Array(sample.name(cell).utf8)
        if !text.isEmpty { cells[cell.column, default: []].append(text) }
      }
    }
    for slot in 0..<columns.count {
      guard let values = cells[columns.column(slot)] else { continue }
      StandIns.tell(values, columns.names[slot], Position(file: file, sheet: sheet), &emit)
    }
  }

  /// Says what the table looks like besides being one of names above records.
  func tellDoubts(_ search: HeaderSearch, _ place: Position, emit: inout Emitter) {
    TableDoubt.tellLikeness(search, place, &emit)
    let numbers = search.rows.indices.map { sample.rows[sample.position($0, in: search)].number }
    let sheet = Position(file: file, sheet: sheet)
    TableDoubt.tellSecondNames(search, row: { numbers[$0] }, sheet, &emit)
    TableDoubt.tellOnItsSide(search, sheet, &emit)
  }
}
