import ILSRecord

// What becomes of a row that is whole, or can never be.

extension CSVRows {
  /// Ends the row whose last bytes are `tail` (nil: it has no line end) and whose record starts at `recordStart` of the output.
  @inline(__always)
  mutating func endRow(_ tail: UnsafeRawBufferPointer, _ recordStart: Int, _ emit: inout Emitter) {
    if column + 1 == columns.count, faults.isSubset(of: .lineEndInQuotes), !hasHighBytes, !isOdd(tail) {
      emit.output.append("\"}\n" as StaticString)
      emit.countRecords(1)
      if isLone(tail) { loneRows.add(row.value) }
      noteStart(tail)
      carry.removeAll()
      row.advance()
    } else {
      judgeRow(tail, recordStart, &emit)
    }
  }

  /// The rarer rows: not ASCII alone, too many or too few cells, bytes that are no text.
  @inline(never)
  private mutating func judgeRow(_ tail: UnsafeRawBufferPointer, _ recordStart: Int, _ emit: inout Emitter) {
    looksMangled = looksMangled || (hasHighBytes && Mojibake.isLikely(in: tail))
    if !carry.isEmpty { carry.append(tail) }
    // A title may stand between an empty line and the names of another table.
    let isBeforeNames = isAfterBlank && oddRows.looksBehindBlanks && holdsOneCell(carry.isEmpty ? tail : carry.bytes)
    defer { isAfterBlank = isBeforeNames }
    dropEmptySurplus(recordStart, &emit)
    if isRemark(carry.isEmpty ? tail : carry.bytes) {
      return passOver(
        .csvRemark, "starts with #, as lines above the header do, and is no row of the table", recordStart, &emit)
    }
    let error = fault(carry.isEmpty ? tail : carry.bytes)
    guard let error else {
      if tellOdd(carry.isEmpty ? tail : carry.bytes, recordStart, &emit) { return }
      if isLone(carry.isEmpty ? tail : UnsafeRawBufferPointer(start: nil, count: 0)) { loneRows.add(row.value) }
      noteStart(carry.isEmpty ? tail : UnsafeRawBufferPointer(start: nil, count: 0))
      fillUp(&emit)
      emit.output.append("\"}\n" as StaticString)
      emit.countRecords(1)
      carry.removeAll()
      row.advance()
      return
    }
    emit.output.truncate(to: recordStart)
    partialLength = 0
    if carry.isEmpty { carry.append(tail) }
    if error.isA(CSVFault.csvUnclosedQuote), !isRecovering {
      // Several lines went into one row: only the first of them is at fault.
      let endedInCR = endedInCR
      if tail.baseAddress != nil { carry.append(UInt8(ascii: endedInCR ? "\r" : "\n")) }
      phase = .quoted
      giveUp(emit: &emit)
      self.endedInCR = endedInCR
      return
    }
    refuse(Rejection(error), carry.bytes, &emit)
    carry.removeAll()
    row.advance()
  }

  /// Whether nothing stands behind the row's first delimiter.
  private func holdsOneCell(_ text: UnsafeRawBufferPointer) -> Bool {
    let rest = text.drop { $0 != dialect.delimiter }
    return rest.allSatisfy { $0 == dialect.delimiter || $0 == 0x20 || $0 == 0x22 }
  }

  private func refuse(_ rejection: Rejection, _ row: UnsafeRawBufferPointer, _ emit: inout Emitter) {
    guard dialect.spelling != nil else { return emit.reject(rejection, at: position, input: .raw(row)) }
    dialect.spelled(row).withUnsafeBytes { emit.reject(rejection, at: position, input: .raw($0)) }
  }

  /// Cells too many that are all empty are no fault: nothing could be lost.
  private mutating func dropEmptySurplus(_ recordStart: Int, _ emit: inout Emitter) {
    guard let surplusStart, dialect.ragged == .reject else { return }
    if emit.output.count - recordStart == surplusStart, column >= columns.count { column = columns.count - 1 }
    emit.output.truncate(to: recordStart + surplusStart)
  }

  /// Whether the row may be none of data.
  @inline(__always)
  private func isOdd(_ tail: UnsafeRawBufferPointer) -> Bool {
    isAfterBlank || carry.count + tail.count == oddRows.header.count || firstBytesMayBeOdd(tail)
  }

  @inline(__always)
  private func firstBytesMayBeOdd(_ tail: UnsafeRawBufferPointer) -> Bool {
    let text = carry.isEmpty ? tail : carry.bytes
    guard text.count >= 3 else { return carry.count + tail.count >= 3 }
    return !carry.isEmpty && carry.count < 64 || oddRows.mayBeOdd(text, dialect.delimiter)
  }

  /// Says what the row is if it is none of data. - Returns: true where it was left out.
  @inline(never)
  private mutating func tellOdd(_ text: UnsafeRawBufferPointer, _ recordStart: Int, _ emit: inout Emitter) -> Bool {
    guard let start = text.baseAddress else { return false }
    let isHeader = oddRows.isHeader(start, text.count)
    let mayBeOdd = text.count >= 3 && oddRows.mayBeOdd(text, dialect.delimiter)
    guard isHeader || isAfterBlank || mayBeOdd else { return false }
    var splitter = CSVSplitter(text, dialect)
    guard let cells = splitter.next(isWhole: true) else { return false }
    if let again = isHeader ? .same : mayBeOdd ? oddRows.again(cells) : nil {
      return tellAgain(again, recordStart, &emit)
    }
    if mayBeOdd, TotalsRow.isOne(cells) {
      if oddRows.leftOut.contains(.totals) {
        passOver(.csvTotals, "sums up other rows", recordStart, &emit)
        return true
      }
      emit.tell(
        Diagnostic(
          .warning, CSVFault.csvTotals, "sums up other rows; kept as a record: --leave-out totals leaves it out",
          at: position))
    } else if isAfterBlank, oddRows.isSecondTable(SampleRow(cells)) {
      emit.tell(
        Diagnostic(
          .warning, CSVFault.csvSecondTable,
          "stands behind an empty line and looks like the names of another table; it and what follows are read under the first one's names",
          at: position))
    }
    return false
  }

  /// Says that the row is one of names. - Returns: true where it was left out.
  private mutating func tellAgain(_ again: CSVOddRows.Again, _ recordStart: Int, _ emit: inout Emitter) -> Bool {
    let reason = "the names of the columns again: files seem to have been joined"
    if again == .same, oddRows.leftOut.contains(.headers) {
      passOver(.csvHeaderAgain, reason, recordStart, &emit)
      return true
    }
    emit.tell(
      Diagnostic(
        .warning, CSVFault.csvHeaderAgain,
        again == .same
          ? "\(reason); kept as a record: --leave-out headers leaves it out"
          : "the names of the columns again, in another order: it and what follows are read under the first ones; read the files apart",
        at: position))
    return false
  }

  func encodingFault(in row: UnsafeRawBufferPointer, at byte: Int) -> RecordError {
    let reason =
      encoding == "UTF-8"
      ? "byte \(byte + 1) of the row is not UTF-8: name the file's encoding with --encoding"
      : row.contains(ForeignRows.mark)
        ? "the row is UTF-8, and the file is read as \(encoding): read it apart, with --encoding UTF-8"
        : "byte \(byte + 1) of the row means nothing in \(encoding), in which the file is read: mend it, or name another with --encoding"
    return RecordError(CSVFault.csvEncoding, message: reason)
  }

  private func isRemark(_ text: UnsafeRawBufferPointer) -> Bool {
    dialect.hasRemarks && column + 1 != columns.count && text.first == UInt8(ascii: "#")
      && faults.isSubset(of: .nul)
  }

  /// Takes back the record of a row that is no data, and says so.
  private mutating func passOver(_ fault: CSVFault, _ reason: String, _ recordStart: Int, _ emit: inout Emitter) {
    emit.output.truncate(to: recordStart)
    emit.tell(Diagnostic(.info, fault, "passed over: \(reason)", at: position))
    emit.passOver(1)
    partialLength = 0
    carry.removeAll()
    row.advance()
  }

  private func fault(_ text: UnsafeRawBufferPointer) -> RecordError? {
    // A quoted field of several lines with text behind its quote: it was closed by the quote that opens another field.
    if faults.contains(.unclosedQuote) || faults.isSuperset(of: [.textBehindQuote, .lineEndInQuotes]) {
      return Self.unclosedQuote
    }
    if faults.contains(.nul) {
      let at = text.firstIndex(of: 0) ?? 0
      return RecordError(
        CSVFault.csvNul, message: "byte \(at + 1) of the row is NUL, which no text holds: export the file again as text"
      )
    }
    if hasHighBytes, let at = firstInvalidUTF8(text) { return encodingFault(in: text, at: at) }
    if faults.contains(.textBehindQuote) {
      return RecordError(
        CSVFault.csvQuote,
        message:
          "cell \(oddCell + 1): text stands behind the closing quote; a quote inside quotes is doubled (RFC 4180, 2.7): mend the row, or name the way with --quote or --escape"
      )
    }
    if faults.contains(.tooWide) {
      return RecordError(
        CSVFault.csvTooWide,
        message: "more than \(CSVHeader.columnLimit) cells than the header has: no table is so wide")
    }
    let cells = column + 1
    if cells != columns.count, dialect.ragged == .reject, !(dialect.padsLastCell && cells == columns.count - 1) {
      return RecordError(
        CSVFault.csvRagged,
        message:
          "\(cells) \(cells == 1 ? "cell" : "cells") where the header has \(columns.count): mend the row, or use --ragged pad or keep"
      )
    }
    return nil
  }

  /// Gives a short row its missing cells, where the policy says so.
  private func fillUp(_ emit: inout Emitter) {
    guard dialect.ragged == .pad || dialect.padsLastCell, column + 1 < columns.count else { return }
    for missing in (column + 1)..<columns.count {
      let to = emit.output.reserve(columns.longest + 64)
      emit.output.commit(columns.writePrefix(missing, to) - to)
    }
  }

  /// Gives up the row that is being read: its quote never closes, or it is beyond the limit.
  ///
  /// Only its first line is refused. What its quote had swallowed is read again from the next line on.
  mutating func giveUp(emit: inout Emitter) {
    let isQuoted = !isRecovering && (phase == .quoted || phase == .escapedInQuoted || phase == .quoteInQuoted)
    let swallowed = [UInt8](carry.bytes) + [UInt8](repeating: 0, count: 16)
    dropPartial(emit: &emit)
    swallowed.withUnsafeBytes { padded in
      let text = UnsafeRawBufferPointer(rebasing: padded[..<(padded.count - 16)])
      let lineEnd = isQuoted ? text.firstIndex { $0 == 0x0A || $0 == 0x0D } : nil
      let line = UnsafeRawBufferPointer(rebasing: text[..<(lineEnd ?? text.count)])
      refuse(
        Rejection(isQuoted ? Self.unclosedQuote : Self.tooLong),
        UnsafeRawBufferPointer(rebasing: line.prefix(Self.rejectLimit)), &emit)
      guard let lineEnd else {
        phase = .skipping
        return
      }
      phase = .rowStart
      row.advance()
      endedInCR = text[lineEnd] == 0x0D
      guard !emit.isFull else { return }
      isRecovering = true
      defer { isRecovering = false }
      read(UnsafeRawBufferPointer(rebasing: text[(lineEnd + 1)...]), emit: &emit)
    }
  }

  /// Bytes of a hopeless row that its reject keeps.
  private static var rejectLimit: Int { 1 << 20 }

  private static var unclosedQuote: RecordError {
    RecordError(
      CSVFault.csvUnclosedQuote,
      message:
        "a quote opens in this row and never closes (RFC 4180, 2.5): close or double it; reading goes on with the next line"
    )
  }

  private static var tooLong: RecordError {
    RecordError(CSVFault.csvTooLong, message: "the row is longer than \(rowLimit >> 20) MiB; its rest is passed over")
  }
}
