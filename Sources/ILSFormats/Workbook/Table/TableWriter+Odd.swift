import ILSRecord

// What is odd about a table, and rows that are no data: the names again, and lines of totals.

extension TableWriter {
  /// Whether the record that was just written may be none of data.
  @inline(__always)
  mutating func isOdd(_ emit: borrowing Emitter) -> Bool {
    let length = emit.output.count &- bodyStart
    return length == namesAgain.count || mayBeTotals(emit.output.bytes, length)
  }

  @inline(__always)
  private func mayBeTotals(_ written: UnsafeRawBufferPointer, _ length: Int) -> Bool {
    guard length > columns.firstValue &+ 8, let base = written.baseAddress else { return false }
    let value = base + (bodyStart &+ columns.firstValue)
    return value.load(as: UInt8.self) == UInt8(ascii: "\"") && CSVOddRows.mayBeTotals(value)
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
    } else if mayBeTotals(emit.output.bytes, body.count), CSVOddRows.isTotals(firstText(body)) {
      (fault, reason, option) = (.workbookTotals, "sums up other rows", .totals)
    } else {
      return false
    }
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

  /// The inside of the string that the first field holds.
  private func firstText(_ body: UnsafeRawBufferPointer) -> [UInt8] {
    Array(body[(columns.firstValue + 1)...].prefix { $0 != UInt8(ascii: "\"") })
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
