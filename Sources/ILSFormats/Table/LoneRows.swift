import ILSRecord

/// Rows that hold nothing but one cell, as remarks and the ends of pages do.
struct LoneRows {
  private var count = 0
  private var rows: [Int] = []

  mutating func add(_ row: Int) {
    count += 1
    if rows.count < 3 { rows.append(row) }
  }

  /// Says how many there were, unless that is how the table is.
  func tell(_ fault: some FaultCodes, of all: Int, _ position: Position, _ emit: inout Emitter) {
    guard count > 0, count * 2 <= all else { return }
    let numbers = rows.map(String.init).joined(separator: ", ") + (count > rows.count ? " ..." : "")
    emit.tell(
      Diagnostic(
        .warning, fault,
        "\(count) \(count == 1 ? "row holds" : "rows hold") nothing but one cell (\(count == 1 ? "row" : "rows") \(numbers)): "
          + "if those are remarks or ends of pages, and no records, take them out first", at: position))
  }
}
