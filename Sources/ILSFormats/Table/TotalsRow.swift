/// Rows that sum up others, in delimited text and workbooks alike: the first of their cells that holds something says so.
enum TotalsRow {
  /// Cells in front of that one that may be blank.
  static var reach: Int { 8 }

  /// How such rows begin: the first letters of each word, in lower case.
  static let starts: [String] = Set(
    (names.union(leads).union(reckonings) + ["sous-total", "sous total", "sub-total", "sub total"]).map {
      String($0.prefix(5))
    }
  ).sorted()

  /// Whether the row sums up others.
  ///
  /// Words that may be names too (`Sum`), and those with others behind them (`Total for Ulm`), count where nothing but numbers
  /// follows.
  static func isOne(_ cells: [[UInt8]]) -> Bool {
    guard let at = cells.prefix(reach + 1).firstIndex(where: { !isBlank($0) }) else { return false }
    let words = words(cells[at])
    if names.contains(words.joined()) { return true }
    guard reckonings.contains(words.joined()) || isOfSome(words) else { return false }
    let rest = cells[(at + 1)...].filter { !isBlank($0) }
    return !rest.isEmpty && rest.allSatisfy { CellKind($0) == .number }
  }

  /// Whether a cell may begin such a row.
  static func isNamed(_ cell: [UInt8]) -> Bool {
    let words = words(cell)
    return names.contains(words.joined()) || reckonings.contains(words.joined()) || isOfSome(words)
  }

  /// `Total for Ulm`; a clinic may be called Total Eye Care.
  private static func isOfSome(_ words: [String]) -> Bool {
    let rest = words.drop { leads.contains($0) }
    return rest.count < words.count && rest.first.map(links.contains) ?? false
  }

  private static func isBlank(_ cell: [UInt8]) -> Bool { cell.allSatisfy { $0 == 0x20 } }

  /// The words of a cell in lower case, without digits and signs.
  private static func words(_ cell: [UInt8]) -> [String] {
    cell.prefix(64).split { byte in (0x21...0x3A).contains(byte) || byte == 0x20 }
      .map { String(decoding: $0, as: UTF8.self).lowercased() }
  }

  private static let names: Set<String> = [
    "total", "totals", "grandtotal", "subtotal", "subtotals", "summe", "gesamt", "gesamtsumme", "zwischensumme",
    "somme", "totalrows", "totalrecords", "totalcount", "totalpatients", "rowstotal", "sommetotale", "soustotal",
    "suma", "sumatotal", "totalgeneral", "totalgénéral", "average", "averages", "durchschnitt", "mittelwert", "moyenne",
    "promedio", "totale", "totaal", "totalt", "insgesamt", "celkem", "razem", "итого", "всего", "итог", "сумма",
  ]

  private static let leads: Set<String> = [
    "total", "totals", "grand", "subtotal", "subtotals", "summe", "gesamt", "zwischensumme", "somme", "suma", "totale",
    "итого", "всего",
  ]
  private static let links: Set<String> = [
    "for", "of", "per", "by", "all", "number", "für", "pro", "je", "pour", "par", "por", "para", "voor",
  ]

  private static let reckonings: Set<String> = ["sum", "sums", "count", "anzahl", "mean", "median", "ø"]
}
