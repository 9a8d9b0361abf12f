import ILSRecord

/// The texts of the first rows, column by column, to look for what stands there in place of a value.
struct ColumnSample {
  private var cells: [Int: [[UInt8]]] = [:]
  private var rows = 0
  private var isFull: Bool { rows >= Self.rowLimit }

  private static var rowLimit: Int { 256 }

  /// Adds a JSON value of the present row.
  mutating func add(_ value: UnsafeRawBufferPointer, _ slot: Int) {
    guard !isFull, value.count > 2, value.count < 1 << 12, value[0] == UInt8(ascii: "\"") else { return }
    let text = XMLText.jsonText(UnsafeRawBufferPointer(rebasing: value[1..<(value.count - 1)]))
    cells[slot, default: []].append(Array(text.utf8))
  }

  mutating func endRow() { rows += 1 }

  func tell(_ names: [String], _ position: Position, _ emit: inout Emitter) {
    for (slot, name) in names.enumerated() {
      if let values = cells[slot] { StandIns.tell(values, name, position, &emit) }
    }
  }
}
