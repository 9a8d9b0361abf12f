import ILSRecord

/// A table that ends with the last row that a spreadsheet has: what stood behind is lost.
enum FullTable {
  /// The rows of Excel since 2007, of those before, and of Excel 5.
  private static let limits = [1_048_576, 65_536, 16_384]

  static func tell(lastRow row: Int, _ position: Position, _ emit: inout Emitter) {
    guard limits.contains(row) else { return }
    emit.tell(
      Diagnostic(
        .warning, TextFault.tableFull,
        "the table ends with row \(row), the last that spreadsheets of some version have: rows behind it may be lost; ask for an export that holds all",
        at: position))
  }
}
