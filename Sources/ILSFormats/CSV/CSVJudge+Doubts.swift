import ILSRecord

// What the rows of a sample look like, other than they are read.

extension CSVJudge {
  /// Lines that are one quoted cell each, with a row inside: an export that was quoted twice. The first may be without quotes.
  /// - Returns: whether that was said.
  func tellWrapped(_ sniffed: CSVSniffer, _ emit: inout Emitter) -> Bool {
    let rows = sniffed.layout.rows.filter { !$0.isBlank }
    guard sniffed.layout.width == 1, sniffed.layout.quoted >= max(rows.count - 1, 1), rows.count > 1 else {
      return false
    }
    let inner = CSVSniffer.candidates.first { delimiter in
      let counts = Set(rows.map { width(of: $0.cells[0], delimiter) })
      return counts.count == 1 && counts.first! > 1
    }
    guard let inner else { return false }
    emit.tell(
      Diagnostic(
        .warning, CSVFault.csvWrapped,
        "each line is one quoted cell that holds a whole \(CSVJudge.name(inner))-separated row: take the outer quotes away first",
        at: Position(file: file)))
    return true
  }

  /// The cells that a text has inside a cell.
  private func width(of cell: [UInt8], _ delimiter: UInt8) -> Int {
    cell.withUnsafeBytes { text in
      var splitter = CSVSplitter(text, CSVDialect(delimiter: delimiter))
      return splitter.next(isWhole: true)?.count ?? 0
    }
  }

  /// Says what the table looks like besides being one of names above records.
  func tellShape(_ sniffed: CSVSniffer, _ emit: inout Emitter) {
    let base = options.skip + (sniffed.declares ? 2 : 1)
    TableDoubt.tellSecondNames(sniffed.layout.search, row: { $0 + base }, Position(file: file), &emit)
    TableDoubt.tellOnItsSide(sniffed.layout.search, Position(file: file), &emit)
    let body = sniffed.layout.rows.dropFirst(sniffed.layout.search.header + 1)
    tellWritten(body, &emit)
  }

  /// Says where cells of the first rows hold what a spreadsheet would not show: formulas, and marks of text in front of digits.
  private func tellWritten(_ rows: ArraySlice<SampleRow>, _ emit: inout Emitter) {
    let cells = rows.flatMap(\.cells).filter { $0.count > 2 }
    let formulas = cells.count { $0[0] == UInt8(ascii: "=") && CSVJudge.isFormula($0) }
    let marked = cells.count {
      $0[0] == UInt8(ascii: "'") && (0x30...0x39).contains($0[1]) && $0.last != UInt8(ascii: "'")
    }
    for (count, what) in [
      (formulas, "formulas"), (marked, "an apostrophe in front of digits, as spreadsheets mark text,"),
    ]
    where count > 0 {
      emit.tell(
        Diagnostic(
          .warning, CSVFault.csvFormula,
          "cells hold \(what) as they are written (\(count) in the first rows), and are kept so",
          at: Position(file: file)))
    }
  }

  /// An equals sign in front of a letter or digit, and a bracket, a sign of reckoning or the end behind those.
  private static func isFormula(_ cell: [UInt8]) -> Bool {
    let rest = cell.dropFirst().drop { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "$")
    }
    guard rest.count < cell.count - 1 else { return false }
    return rest.first.map { "(+-*/:&!".utf8.contains($0) } ?? true
  }

  /// Says where cells seem to be separated by something else.
  func tellDelimiter(_ sniffed: CSVSniffer, _ header: Header, _ emit: inout Emitter) {
    let rows = sniffed.layout.rows
    var doubt: String?
    if sniffed.declares, !sniffed.isDeclared, options.delimiter == nil {
      doubt =
        "the first line (sep=) names a delimiter that stands in none of the first rows: another one was looked for"
    } else if options.delimiter == nil, sniffed.layout.width == 1, sniffed.delimiter == nil {
      doubt = oneColumn(rows)
    } else if options.delimiter == nil, let delimiter = sniffed.delimiter, isDoubled(rows, sniffed.layout.width) {
      let twice = String(repeating: String(Unicode.Scalar(delimiter)), count: 2)
      doubt = "every second column is empty: if '\(twice)' separates cells, say --delimiter '\(twice)'"
    } else if let delimiter = options.delimiter, delimiter != CSVDialect.noDelimiter, sniffed.layout.width == 1 {
      doubt = "the delimiter that was named stands in none of the first rows: each is one cell"
    }
    guard let doubt else { return }
    emit.tell(Diagnostic(.warning, CSVFault.csvDelimiter, doubt, at: Position(file: file)))
  }

  /// What may separate the cells of rows that were taken for one cell each.
  private func oneColumn(_ rows: [SampleRow]) -> String {
    if let found = UnusualDelimiter.find(rows) {
      return "'\(found)' stands in all rows equally often: if it separates cells, say --delimiter '\(found)'"
    }
    let body = rows.filter { !$0.isBlank }.dropFirst().map { $0.cells.first ?? [] }
    let found = CSVSniffer.candidates.first { delimiter in
      let counts = Set(body.map { cell in cell.count { $0 == delimiter } })
      return body.count > 1 && counts.count == 1 && counts.first! > 0
        && !body.contains { UnusualDelimiter.isText(delimiter, in: $0) }
    }
    guard let found else {
      return
        "nothing seems to separate cells: each line is one value (--delimiter says what does, --delimiter none that nothing does)"
    }
    return
      "\(CSVJudge.name(found)) stands in all rows below the first equally often: if it separates cells, say --delimiter"
  }

  /// Says where another table seems to stand beside the first.
  func tellBeside(_ sniffed: CSVSniffer, _ header: Header, _ emit: inout Emitter) {
    let start = header.row - (sniffed.declares ? 1 : 0) - 1
    guard sniffed.layout.rows.indices.contains(start) else { return }
    let rows = sniffed.layout.rows[start...]
    guard let second = SideBySide.second(rows, SideBySide.blocks(rows)) else { return }
    SideBySide.tell(
      "\(second.lowerBound + 1)", "cut the columns apart first, and read each table alone", Position(file: file), &emit)
  }

  private func isDoubled(_ rows: [SampleRow], _ width: Int) -> Bool {
    width > 2 && width % 2 == 1 && rows.count { !$0.isBlank } > 1
      && rows.allSatisfy { row in stride(from: 1, to: row.width, by: 2).allSatisfy { row.kinds[$0] == .empty } }
  }

  func spelled(_ dialect: CSVDialect) -> String? {
    dialect.spelling.map { "'\(String(decoding: $0, as: UTF8.self))'" }
  }
}
