import ILSRecord

/// One row of an OpenDocument sheet, as its element has it: a cell stands for all that repeat it.
struct ODSRow: ~Copyable {
  enum Kind { case number, percentage, text, day, boolean, error, none }

  struct Cell {
    var column: Int
    var count = 1
    var style = 0
    var kind = Kind.none
    var isFormula = false
    /// People see no digit of the number.
    var isWorded = false
    /// The value, in `text`: of a number as it is written, of the others as JSON.
    var value = 0..<0
  }

  var number = 0
  var count = 1
  var isHidden = false
  var cells: [Cell] = []
  var text = OutputBuffer()
  /// What of it is written already.
  var written = 0

  mutating func begin(_ number: Int, count: Int, isHidden: Bool) {
    (self.number, self.count, self.isHidden, written) = (number, count, isHidden, 0)
    cells.removeAll(keepingCapacity: true)
    text.removeAll()
  }

  func value(_ cell: Cell) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text.bytes[cell.value]) }
}
