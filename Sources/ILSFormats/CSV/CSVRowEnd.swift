import ILSRecord

// What becomes of a row that is whole, or can never be.

extension CSVRows {
  /// Ends the row whose last bytes are `tail` (nil: it has no line end) and whose record starts at `recordStart` of the output.
  @inline(__always)
  mutating func endRow(_ tail: UnsafeRawBufferPointer, _ recordStart: Int, _ emit: inout Emitter) {
    if column + 1 == columns.count, faults.isSubset(of: .lineEndInQuotes), !hasHighBytes {
      emit.output.append("\"}\n" as StaticString)
      emit.countRecords(1)
      carry.removeAll()
      row.advance()
    } else {
      judgeRow(tail, recordStart, &emit)
    }
  }

  /// The rarer rows: not ASCII alone, too many or too few cells, bytes that are no text.
  @inline(never)
  private mutating func judgeRow(_ tail: UnsafeRawBufferPointer, _ recordStart: Int, _ emit: inout Emitter) {
    if !carry.isEmpty { carry.append(tail) }
    if isRemark(carry.isEmpty ? tail : carry.bytes) { return passOver(recordStart, &emit) }
    let error = fault(carry.isEmpty ? tail : carry.bytes)
    guard let error else {
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
    if error.code == "csv.unclosed_quote", !isRecovering {
      // Several lines went into one row: only the first of them is at fault.
      let endedInCR = endedInCR
      if tail.baseAddress != nil { carry.append(UInt8(ascii: endedInCR ? "\r" : "\n")) }
      phase = .quoted
      giveUp(emit: &emit)
      self.endedInCR = endedInCR
      return
    }
    emit.reject(Rejection(error), at: position, input: .raw(carry.bytes))
    carry.removeAll()
    row.advance()
  }

  private func isRemark(_ text: UnsafeRawBufferPointer) -> Bool {
    dialect.hasRemarks && column + 1 != columns.count && text.first == UInt8(ascii: "#")
      && faults.isSubset(of: .nul)
  }

  private mutating func passOver(_ recordStart: Int, _ emit: inout Emitter) {
    emit.output.truncate(to: recordStart)
    emit.tell(
      Diagnostic(
        .info, code: "csv.remark",
        "passed over: starts with #, as lines above the header do, and is no row of the table",
        at: position))
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
        code: "csv.nul", message: "byte \(at + 1) of the row is NUL, which no text holds: export the file again as text"
      )
    }
    if hasHighBytes, let at = firstInvalidUTF8(text) {
      return RecordError(
        code: "csv.encoding",
        message: "byte \(at + 1) of the row is not UTF-8: name the file's encoding with --encoding")
    }
    let cells = column + 1
    if cells != columns.count, dialect.ragged == .reject {
      return RecordError(
        code: "csv.ragged",
        message:
          "\(cells) \(cells == 1 ? "cell" : "cells") where the header has \(columns.count): mend the row, or use --ragged pad or keep"
      )
    }
    return nil
  }

  /// Gives a short row its missing cells, where the policy says so.
  private func fillUp(_ emit: inout Emitter) {
    guard dialect.ragged == .pad, column + 1 < columns.count else { return }
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
      emit.reject(
        Rejection(isQuoted ? Self.unclosedQuote : Self.tooLong), at: position,
        input: .raw(UnsafeRawBufferPointer(rebasing: line.prefix(Self.rejectLimit))))
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
      code: "csv.unclosed_quote",
      message:
        "a quote opens in this row and never closes (RFC 4180, 2.5): close or double it; reading goes on with the next line"
    )
  }

  private static var tooLong: RecordError {
    RecordError(code: "csv.too_long", message: "the row is longer than \(rowLimit >> 20) MiB; its rest is passed over")
  }
}
