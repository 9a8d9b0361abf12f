import ILSRecord

// What the rows of a sample look like, other than they are read.

extension CSVJudge {
  /// Lines that are one quoted cell each, with a row inside: an export that was quoted twice.
  func tellWrapped(_ sniffed: CSVSniffer, _ emit: inout Emitter) {
    let rows = sniffed.layout.rows.filter { !$0.isBlank }
    guard sniffed.layout.width == 1, sniffed.layout.quoted >= rows.count, rows.count > 1 else { return }
    let inner = CSVSniffer.candidates.first { delimiter in
      let counts = Set(rows.map { row in row.cells[0].count { $0 == delimiter } })
      return counts.count == 1 && counts.first! > 0
    }
    guard let inner else { return }
    emit.tell(
      Diagnostic(
        .warning, CSVFault.csvWrapped,
        "each line is one quoted cell that holds a whole \(CSVJudge.name(inner))-separated row: take the outer quotes away first",
        at: Position(file: file)))
  }

  /// Says where cells seem to be separated by something else.
  func tellDelimiter(_ sniffed: CSVSniffer, _ header: Header, _ emit: inout Emitter) {
    let rows = sniffed.layout.rows
    var doubt: String?
    if options.delimiter == nil, sniffed.layout.width == 1, sniffed.delimiter == nil,
      let found = UnusualDelimiter.find(rows)
    {
      doubt = "'\(found)' stands in all rows equally often: if it separates cells, say --delimiter '\(found)'"
    } else if options.delimiter == nil, let delimiter = sniffed.delimiter, isDoubled(rows, sniffed.layout.width) {
      let twice = String(repeating: String(Unicode.Scalar(delimiter)), count: 2)
      doubt = "every second column is empty: if '\(twice)' separates cells, say --delimiter '\(twice)'"
    } else if let delimiter = options.delimiter, delimiter != CSVDialect.noDelimiter, sniffed.layout.width == 1 {
      doubt = "the delimiter that was named stands in none of the first rows: each is one cell"
    }
    guard let doubt else { return }
    emit.tell(Diagnostic(.warning, CSVFault.csvDelimiter, doubt, at: Position(file: file)))
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
