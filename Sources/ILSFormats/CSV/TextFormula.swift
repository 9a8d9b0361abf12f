import ILSRecord

/// A cell `="00123"`: a formula that says a text, by which programs keep a spreadsheet from making a number of it.
enum TextFormula {
  /// What the formula says; nil where the cell is none, or one that does more.
  static func text(of cell: [UInt8]) -> [UInt8]? {
    guard cell.count >= 3, cell[0] == UInt8(ascii: "="), cell[1] == quote, cell.last == quote else { return nil }
    var text: [UInt8] = []
    var rest = cell[2..<(cell.count - 1)]
    while let byte = rest.popFirst() {
      if byte == quote, rest.popFirst() != quote { return nil }
      text.append(byte)
    }
    return text
  }

  private static let quote = UInt8(ascii: "\"")
}

extension CSVRows {
  /// Ends a cell with quotes in it, and puts the text in the place of a formula that says one.
  @inline(never)
  mutating func readFormula(_ cursor: inout Cursor) {
    hasQuote = false
    guard dialect.readsFormulas, dialect.quote == UInt8(ascii: "\"") else { return }
    let escaped = UInt16(littleEndian: 0x225C)  // \" as JSON has it
    guard (cursor.out - 2).loadUnaligned(as: UInt16.self) == escaped else { return }
    // In front of the cell stands a quote behind a colon; those inside the cell stand behind backslashes.
    var start = cursor.out - 2
    while (start - 2).loadUnaligned(as: UInt16.self) != UInt16(littleEndian: 0x223A) { start -= 1 }
    let end = cursor.out - 2
    guard end - start >= 3, start.load(as: UInt8.self) == UInt8(ascii: "="),
      (start + 1).loadUnaligned(as: UInt16.self) == escaped
    else { return }
    var text: [UInt8] = []
    var at = start + 3
    while at < end {
      let byte = at.load(as: UInt8.self)
      text.append(byte)
      at += 1
      guard byte == UInt8(ascii: "\\") else { continue }
      let isQuote = at.load(as: UInt8.self) == UInt8(ascii: "\"")
      text.append(at.load(as: UInt8.self))
      at += 1
      guard isQuote else { continue }
      guard at + 2 <= end, at.loadUnaligned(as: UInt16.self) == escaped else { return }
      at += 2
    }
    text.withUnsafeBytes { if let from = $0.baseAddress { start.copyMemory(from: from, byteCount: text.count) } }
    cursor.out = start + text.count
    formulas += 1
  }

  /// Says how many cells were formulas of a text.
  func tellFormulas(_ emit: inout Emitter) {
    if formulas > 0 { TextFormula.tell(formulas, CSVFault.csvFormula, Position(file: file), &emit) }
  }
}

extension TextFormula {
  /// Says how many cells were formulas of a text.
  static func tell(_ formulas: Int, _ fault: some FaultCodes, _ position: Position, _ emit: inout Emitter) {
    emit.note(
      Decision(
        "formulas", .init("text", certainty: 0.99),
        evidence: ["\(formulas) \(formulas == 1 ? "cell is" : "cells are") written as a formula that says a text"],
        option: "--keep-formulas", at: position))
    emit.tell(
      Diagnostic(
        .info, fault,
        "\(formulas) \(formulas == 1 ? "cell" : "cells") written like =\"00123\" read as the text that \(formulas == 1 ? "it says" : "they say"); "
          + "--keep-formulas leaves them as they are", at: position))
  }
}
